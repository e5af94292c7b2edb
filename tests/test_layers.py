"""The rooms of the house: imports go down only, and each library is known to one side.

docs/rooms.py says which rooms there are, and parses the imports.
"""

from __future__ import annotations

import ast

import pytest

from docs import rooms
from docs.rooms import FILES, ROOMS, STOREYS, circles, imports, nodes, own_imports, room_of, storey_of

# These import nothing of ours.
LEAVES = tuple(f"prodigy_core.{room}" for room in ("param", "trace", "progress", "table", "tree", "environment"))
STREAMLIT_FREE = ("prodigy_core", "app.figures", "app.theme", "app.lessons")
SHADOWED = {("prodigy_core", "prodigy")}  # `from prodigy_core import prodigy` is the optimizer; its module bears its name

HOUSE = [module for module in FILES if module.partition(".")[0] in ("prodigy_core", "app")]
every_module = pytest.mark.parametrize("module", HOUSE)


@every_module
def test_imports_go_down_only(module):
    """An arrow back up means that a library needs its app, and soon that nothing can be used or tested alone."""
    if module == "app":
        assert not own_imports(module)
        return
    room = room_of(module)
    assert room is not None, (
        f"{module} is in no room: give it a place in docs/rooms.py, or better one of the rooms that are there"
    )
    for name in own_imports(module):
        below = room_of(name)
        assert below is not None, name
        assert below == room or storey_of(below) < storey_of(room), f"{module} imports {name}, which is not below it"


@pytest.mark.parametrize("room", ROOMS)
def test_every_room_is_there(room):
    """A storey for a room that is gone, or not yet built, tells a newcomer of a house that does not stand."""
    assert room in FILES
    assert sum(room in storey for storey in STOREYS) == 1


def test_no_modules_import_each_other_in_a_circle():
    """Which of them works would depend on which is imported first; within a room nothing else forbids it."""
    assert not circles(FILES)


@pytest.mark.parametrize("module", LEAVES)
def test_the_ground_floor_imports_nothing_ofown_imports(module):
    assert not own_imports(module)


def test_the_check_of_the_imports_sees_them():
    """Else the tests above would hold whatever is written."""
    assert {"prodigy_core.experiment", "prodigy_core.engine.prepare"} <= set(own_imports("prodigy_core.engine.runner"))
    assert "prodigy_core.noise" in own_imports("prodigy_core.engine.loop")
    assert {"app.cache", "app.sidebar.editor", "app.views.race.guide"} <= set(own_imports("app.views.race.page"))
    assert "app.theme" in own_imports("app.figures.learned.boundary")
    assert "streamlit" in imports("app.main")
    assert "benchmarks.plain" in own_imports("benchmarks.rows.sweep_2d")


def test_the_check_for_circles_sees_one(monkeypatch):
    below = {"a": ["b"], "b": ["c", "d"], "c": ["a"], "d": []}
    monkeypatch.setattr(rooms, "own_imports", below.get)
    assert rooms.circles(below) == [["a", "b", "c"]]


@every_module
def test_the_core_and_the_figures_do_not_know_streamlit(module):
    """A figure must be drawn in a notebook, a run on a cluster, without a web server."""
    outside = {name.partition(".")[0] for name in imports(module)}
    if module.startswith(STREAMLIT_FREE):
        assert "streamlit" not in outside
    if module.startswith("prodigy_core"):
        assert not outside & {"plotly", "app", "prodigy_lab"}


@every_module
def test_the_app_names_itself_only_relatively(module):
    """Installed, the folder has another name: `import app` would find nothing, or a stranger."""
    names = [alias.name for node in nodes(module) if isinstance(node, ast.Import) for alias in node.names]
    names += [node.module or "" for node in nodes(module) if isinstance(node, ast.ImportFrom) and not node.level]
    assert not [name for name in names if name.partition(".")[0] in ("app", "prodigy_lab")]


@pytest.mark.parametrize("package", [module for module in HOUSE if FILES[module].name == "__init__.py"])
def test_no_module_bears_the_name_of_a_function_of_its_package(package):
    """`import package.name` would give the one or the other, by what was imported before."""
    beside = {module.rpartition(".")[2] for module in FILES if module.rpartition(".")[0] == package}
    shadowed = {(package, name) for name in beside & _bound(package)}
    assert shadowed <= SHADOWED, f"give the modules other names: {sorted(shadowed - SHADOWED)}"


def _bound(package: str) -> set[str]:
    """Return the names that a package itself holds, without its own modules: what it defines and imports from elsewhere."""
    defined = {node.name for node in nodes(package) if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    pairs = [(alias, node) for node in nodes(package) if isinstance(node, ast.ImportFrom) for alias in node.names]
    source = {False: package.rpartition(".")[0], True: package}
    return defined | {
        alias.asname or alias.name
        for alias, node in pairs
        if f"{node.module or source[node.level == 1]}.{alias.name}" not in FILES
    }


def test_the_check_for_shadowed_modules_sees_the_one_there_is():
    assert "prodigy" in _bound("prodigy_core")
    assert "race" not in _bound("prodigy_core.diagnosis")


def _mentioned(module: str) -> set[str]:
    """Return every attribute and name in the code; comments and texts do not count."""
    attributes = {node.attr for node in nodes(module) if isinstance(node, ast.Attribute)}
    return attributes | {node.id for node in nodes(module) if isinstance(node, ast.Name)}


@every_module
def test_one_module_keeps_the_state_and_one_the_caches(module):
    """State written in two places is two truths; a cache without a bound is a server out of memory."""
    mentioned = _mentioned(module)
    assert module.startswith("app.state") or not mentioned & {"session_state", "query_params"}
    assert module == "app.cache" or not mentioned & {"cache_data", "cache_resource"}
    assert module.startswith(("prodigy_core", "app.sight")) or not mentioned & {"lru_cache"}, "colours depend on colours alone"


def test_every_cache_of_the_app_that_takes_arguments_is_bounded():
    for node in nodes("app.cache"):
        if isinstance(node, ast.FunctionDef) and node.args.args:
            for decorator in node.decorator_list:
                assert isinstance(decorator, ast.Call), node.name
                assert "max_entries" in {keyword.arg for keyword in decorator.keywords}, node.name


@every_module
def test_every_cache_of_the_core_says_how_much_it_keeps(module):
    """Formulas and settings are typed by strangers: what is kept of each for ever fills the server."""
    calls = {id(node.func): node for node in nodes(module) if isinstance(node, ast.Call)}
    for node in nodes(module):
        if isinstance(node, ast.Name) and node.id == "lru_cache":
            assert id(node) in calls, f"{module} has a cache of a size that nobody chose"
            (size,) = (keyword.value for keyword in calls[id(node)].keywords if keyword.arg == "maxsize")
            assert not (isinstance(size, ast.Constant) and size.value is None), module
