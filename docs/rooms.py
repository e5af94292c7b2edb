"""The rooms of the house, and what their imports say.

`STOREYS` is the law: which rooms there are and what each may import. tests/test_layers.py holds the code to it, and
`docs.picture` draws the rooms from the same imports.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

# Each room may import those in the lines above its own, and itself. A name stands for a module or a whole package.
STOREYS: tuple[tuple[str, ...], ...] = (
    (
        "prodigy_core.param",
        "prodigy_core.trace",
        "prodigy_core.progress",
        "prodigy_core.table",
        "prodigy_core.tree",
        "prodigy_core.prodigy",
        "prodigy_core.environment",
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
    ("app.handout", "app.lessons", "app.sight"),
    ("app.theme", "app.state", "app.jobs"),
    ("app.cache", "app.figures"),
    ("app.sidebar", "app.arena", "app.colours"),
    ("app.views",),
    ("app.main",),
)
ROOMS = tuple(room for storey in STOREYS for room in storey)


def modules(*folders: str) -> dict[str, Path]:
    """Return every module below these folders of the project: its full name and its file."""
    return {_name(path): path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))}


def _name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


FILES = modules("prodigy_core", "app", "benchmarks", "docs")


@cache
def nodes(module: str) -> tuple[ast.AST, ...]:
    """Return all nodes of a module's syntax tree."""
    return tuple(ast.walk(ast.parse(FILES[module].read_text(encoding="utf-8"))))


@cache
def imports(module: str) -> tuple[str, ...]:
    """Return the full name of every module that this one imports, anywhere in it."""
    package = module if FILES[module].name == "__init__.py" else module.rpartition(".")[0]
    names: list[str] = []
    for node in nodes(module):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            source = ".".join([*base, *([node.module] if node.module else [])])
            for alias in node.names:
                inner = f"{source}.{alias.name}"
                names.append(inner if inner in FILES else source)
    return tuple(names)


def own_imports(module: str) -> list[str]:
    """Return those imports that are modules of this project, without the app's package, which holds nothing."""
    return [name for name in imports(module) if name in FILES and name != "app"]


def room_of(module: str) -> str | None:
    """Return the room that a module belongs to: the longest name in `STOREYS` that it begins with."""
    named = [room for room in ROOMS if room != "prodigy_core" or module == "prodigy_core"]
    return max((room for room in named if module == room or module.startswith(f"{room}.")), key=len, default=None)


def storey_of(room: str) -> int:
    """Return the line of `STOREYS` in which a room stands, 0 for the lowest."""
    return next(i for i, storey in enumerate(STOREYS) if room in storey)


def arrows() -> dict[str, frozenset[str]]:
    """Return for every room the other rooms whose modules its own import."""
    below: dict[str, set[str]] = {room: set() for room in ROOMS}
    for module in FILES:
        room = room_of(module)
        if room is not None:
            below[room] |= {other for name in own_imports(module) if (other := room_of(name)) not in (None, room)}
    return {room: frozenset(others) for room, others in below.items()}


def circles(names: Iterable[str]) -> list[list[str]]:
    """Return every circle of modules that import each other, each as a sorted list.

    A package counts as its `__init__`, whose imports of the package's own modules are left out: they are how it exports them.
    """
    graph = {
        name: [other for other in own_imports(name) if not other.startswith(f"{name}.") and other != name] for name in names
    }
    reached = {name: _reachable(name, graph) for name in graph}
    together = {
        tuple(sorted(other for other in reached[name] if name in reached.get(other, ())))
        for name in graph
        if name in reached[name]
    }
    return sorted(list(circle) for circle in together)


def _reachable(start: str, graph: dict[str, list[str]]) -> set[str]:
    reached: set[str] = set()
    waiting = list(graph[start])
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached.add(name)
            waiting += graph.get(name, [])
    return reached
