"""The rooms of the house: imports go down only, and each library is known to one side."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

# Each room may import those in the lines above its own, and itself. A name stands for a module or a whole package.
STOREYS: tuple[tuple[str, ...], ...] = (
    (
        "prodigy_core.param",
        "prodigy_core.trace",
        "prodigy_core.progress",
        "prodigy_core.table",
        "prodigy_core.tree",
        "prodigy_core.prodigy",
    ),
    ("prodigy_core.limits", "prodigy_core.noise", "prodigy_core.schedules"),
    ("prodigy_core.data",),
    ("prodigy_core.problems", "prodigy_core.optimizers"),
    ("prodigy_core.experiment",),
    ("prodigy_core.engine",),
    ("prodigy_core.sweep", "prodigy_core.landscape", "prodigy_core.diagnosis", "prodigy_core.catalogue"),
    ("prodigy_core.scoreboard", "prodigy_core.predictions"),
    ("prodigy_core",),  # the public names
    ("prodigy_core.cli",),
    ("app.theme", "app.state", "app.jobs"),
    ("app.cache", "app.figures"),
    ("app.sidebar", "app.arena", "app.colours"),
    ("app.views",),
    ("app.main",),
)
# These import nothing of ours.
LEAVES = ("prodigy_core.param", "prodigy_core.trace", "prodigy_core.progress", "prodigy_core.table", "prodigy_core.tree")
STREAMLIT_FREE = ("prodigy_core", "app.figures", "app.theme")


def _name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


FILES = {_name(path): path for folder in ("prodigy_core", "app") for path in sorted((ROOT / folder).rglob("*.py"))}
every_module = pytest.mark.parametrize("module", list(FILES))


@cache
def _nodes(module: str) -> tuple[ast.AST, ...]:
    return tuple(ast.walk(ast.parse(FILES[module].read_text(encoding="utf-8"))))


@cache
def _imports(module: str) -> tuple[str, ...]:
    """Every module that this one imports, anywhere in it, by its full name."""
    package = module if FILES[module].name == "__init__.py" else module.rpartition(".")[0]
    names: list[str] = []
    for node in _nodes(module):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            found = ".".join([*base, *([node.module] if node.module else [])])
            for alias in node.names:
                inner = f"{found}.{alias.name}"
                names.append(inner if inner in FILES else found)
    return tuple(names)


def _room(module: str) -> str | None:
    """The room that a module of ours belongs to: the longest name above that it begins with."""
    rooms = [room for storey in STOREYS for room in storey if room != "prodigy_core" or module == "prodigy_core"]
    found = [room for room in rooms if module == room or module.startswith(f"{room}.")]
    return max(found, key=len, default=None)


def _storey(room: str) -> int:
    return next(i for i, storey in enumerate(STOREYS) if room in storey)


def _ours(module: str) -> list[str]:
    return [name for name in _imports(module) if name in FILES and name != "app"]


@every_module
def test_imports_go_down_only(module):
    """An arrow back up means that a library needs its app, and soon that nothing can be used or tested alone."""
    if module == "app":
        assert not _ours(module)
        return
    room = _room(module)
    assert room is not None, f"{module} is in no room: give it a place in STOREYS, or better one of the rooms that are there"
    for name in _ours(module):
        below = _room(name)
        assert below is not None, name
        assert below == room or _storey(below) < _storey(room), f"{module} imports {name}, which is not below it"


@pytest.mark.parametrize("module", LEAVES)
def test_the_ground_floor_imports_nothing_of_ours(module):
    assert not _ours(module)


def test_the_check_of_the_imports_sees_them():
    """Else the tests above would hold whatever is written."""
    assert {"prodigy_core.experiment", "prodigy_core.engine.prepare"} <= set(_ours("prodigy_core.engine.runner"))
    assert "prodigy_core.noise" in _ours("prodigy_core.engine.loop")
    assert {"app.cache", "app.sidebar.editor", "app.figures.arena.scene"} <= set(_ours("app.views.race.page"))
    assert "app.theme" in _ours("app.figures.learned.boundary")
    assert "streamlit" in _imports("app.main")


@every_module
def test_the_core_and_the_figures_do_not_know_streamlit(module):
    """A figure must be drawn in a notebook, a run on a cluster, without a web server."""
    outside = {name.partition(".")[0] for name in _imports(module)}
    if module.startswith(STREAMLIT_FREE):
        assert "streamlit" not in outside
    if module.startswith("prodigy_core"):
        assert not outside & {"plotly", "app", "prodigy_lab"}


@every_module
def test_the_app_names_itself_only_relatively(module):
    """Installed, the folder has another name: `import app` would find nothing, or a stranger."""
    names = [alias.name for node in _nodes(module) if isinstance(node, ast.Import) for alias in node.names]
    names += [node.module or "" for node in _nodes(module) if isinstance(node, ast.ImportFrom) and not node.level]
    assert not [name for name in names if name.partition(".")[0] in ("app", "prodigy_lab")]


def _mentioned(module: str) -> set[str]:
    """Every attribute and name in the code; comments and texts do not count."""
    found = {node.attr for node in _nodes(module) if isinstance(node, ast.Attribute)}
    return found | {node.id for node in _nodes(module) if isinstance(node, ast.Name)}


@every_module
def test_one_module_keeps_the_state_and_one_the_caches(module):
    """State written in two places is two truths; a cache without a bound is a server out of memory."""
    mentioned = _mentioned(module)
    assert module == "app.state" or not mentioned & {"session_state", "query_params"}
    assert module == "app.cache" or not mentioned & {"cache_data", "cache_resource"}
    assert module.startswith("prodigy_core") or not mentioned & {"lru_cache"}


def test_every_cache_of_the_app_that_takes_arguments_is_bounded():
    for node in _nodes("app.cache"):
        if isinstance(node, ast.FunctionDef) and node.args.args:
            for decorator in node.decorator_list:
                assert isinstance(decorator, ast.Call), node.name
                assert "max_entries" in {keyword.arg for keyword in decorator.keywords}, node.name


@every_module
def test_every_cache_of_the_core_says_how_much_it_keeps(module):
    """Formulas and settings are typed by strangers: what is kept of each for ever fills the server."""
    calls = {id(node.func): node for node in _nodes(module) if isinstance(node, ast.Call)}
    for node in _nodes(module):
        if isinstance(node, ast.Name) and node.id == "lru_cache":
            assert id(node) in calls, f"{module} has a cache of a size that nobody chose"
            (size,) = (keyword.value for keyword in calls[id(node)].keywords if keyword.arg == "maxsize")
            assert not (isinstance(size, ast.Constant) and size.value is None), module
