"""No list of optimizers stands outside their entries: a new one would be missing in it, and nobody would notice."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from prodigy_core.optimizers import FAMILIES, OPTIMIZERS
from prodigy_core.optimizers.traits import Story

ROOT = Path(__file__).resolve().parents[2]
ENTRIES = ROOT / "prodigy_core" / "optimizers"
FILES = [
    path
    for folder, ending in (("prodigy_core", "py"), ("app", "py"), ("app", "js"))
    for path in sorted((ROOT / folder).rglob(f"*.{ending}"))
    if ENTRIES not in path.parents
]
MODULES = {family.__name__.rpartition(".")[2] for family in FAMILIES}
TITLES = {optimizer.title for optimizer in OPTIMIZERS.values()}

# Python file by its path, or JavaScript file by its name -> the names that may stand in it: each a choice that somebody
# made, not a trait that an entry could have.
ALLOWED = {
    "prodigy_core/__init__.py": {"prodigy"},  # the function of this name is exported
    "prodigy_core/experiment/experiment.py": {"prodigy", "adam"},  # the race of whoever chooses nothing
    "prodigy_core/landscape/plane.py": {"adam"},  # anyone: only the start and the examples count
    "prodigy_core/predictions.py": {"sgd"},  # anyone: only the examples and the parameters' shapes count
    "app/views/race/first_minute.py": {"prodigy", "adam"},  # the two that a new visitor is told of
    "app/views/scoreboard.py": {"tuned_adam"},  # the rival of whoever chooses nothing
    "why.js": {Story.PRODIGY.value},  # the name of a story
}


def _key(path: Path) -> str:
    return str(path.relative_to(ROOT)) if path.suffix == ".py" else path.name


def _of_python(source: str) -> set[str]:
    """Return the optimizers and their modules that code names; texts and comments do not count."""
    tree = ast.parse(source)
    texts = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}  # docstrings
    named = {
        *(str(node.value) for node in ast.walk(tree) if isinstance(node, ast.Constant) and id(node) not in texts),
        *(str(node.arg) for node in ast.walk(tree) if isinstance(node, ast.keyword)),
    }
    imported = {
        alias.name.rpartition(".")[2]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import) or (isinstance(node, ast.ImportFrom) and (node.module or "").endswith("optimizers"))
        for alias in node.names
        if not isinstance(node, ast.Import) or "optimizers" in alias.name
    }
    modules = {
        (node.module or "").rpartition(".")[2]
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and ".optimizers." in f".{node.module}."
    }
    return (named & (set(OPTIMIZERS) | TITLES)) | ((imported | modules) & MODULES)


def _of_javascript(source: str) -> set[str]:
    code = re.sub(r"/\*.*?\*/|(?<!:)//[^\n]*", "", source, flags=re.DOTALL)
    names = {name: re.escape(name) for name in {*OPTIMIZERS, *TITLES}}
    return {name for name, word in names.items() if re.search(rf"([\"'`]){word}\1|(?<![\w.]){word}\s*[:(]", code)}


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_optimizer_is_named_outside_its_entry(path):
    read = _of_python if path.suffix == ".py" else _of_javascript
    named = read(path.read_text(encoding="utf-8"))
    assert named == ALLOWED.get(_key(path), set()), "an entry's trait should say it, or ALLOWED why not"


def test_what_is_allowed_is_in_files_that_are_there():
    assert set(ALLOWED) <= set(map(_key, FILES))


@pytest.mark.parametrize(
    "source, named",
    [
        ('FAST = {"adam", "lion"}', {"adam", "lion"}),
        ("STYLES = dict(adam=1)", {"adam"}),
        ('if optimizer == "dog":\n    pass', {"dog"}),
        ('def f():\n    """adam"""\n    return {"MoMo": 1}', {"MoMo"}),
        ("from prodigy_core.optimizers import adams, OPTIMIZERS", {"adams"}),
        ("from prodigy_core.optimizers.adams import RATE", {"adams"}),
        ("import prodigy_core.optimizers.momo", {"momo"}),
        ('"""adam"""\n# lion\ntext = "such as adam or lion"\nimport optax\noptax.adam', set()),
    ],
)
def test_the_check_sees_a_new_list_in_python(source, named):
    assert _of_python(source) == named


@pytest.mark.parametrize(
    "source, named",
    [
        ('const FAST = ["adam", "lion"];', {"adam", "lion"}),
        ("const COLOURS = { adam: 1, dog: 2 };", {"adam", "dog"}),
        ("const STORIES = { momo(read) {} };", {"momo"}),
        ("// adam: lion\n/* dog: */ read.prodigy; `text of adam and lion`; Prodigy’s", set()),
    ],
)
def test_the_check_sees_a_new_list_in_javascript(source, named):
    assert _of_javascript(source) == named
