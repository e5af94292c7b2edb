"""What the pages say must be what the program does."""

import re
import tomllib
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import pytest

from docs import pages
from docs.layout import heights, needed, place
from docs.picture import picture, storeys
from docs.rooms import ROOMS, arrows
from prodigy_core import catalogue

ROOT = Path(__file__).resolve().parents[1]


def test_the_catalogue_page_is_that_of_the_entries():
    """A reader of docs/catalogue.md would be told of knobs, limits or problems that are not there."""
    assert (ROOT / "docs" / "catalogue.md").read_text(encoding="utf-8") == catalogue.page(), "run `make docs`"


EXAMPLES = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)


@pytest.mark.parametrize("example", EXAMPLES)
def test_every_example_of_the_readme_runs(example):
    """It would fail for the first person who tries it."""
    exec(compile(example, "README.md", "exec"), {"__name__": "example"})


def test_the_library_in_ten_lines_has_no_more():
    (section,) = re.findall(
        r"## The library in ten lines\n+```python\n(.*?)```", (ROOT / "README.md").read_text("utf-8"), re.DOTALL
    )
    assert len(section.strip().splitlines()) <= 10


def test_the_readme_shows_the_algorithm_that_the_tests_run():
    """A reader would copy lines that nothing ever checked."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert pages.readme(readme) == readme, "run `make docs`"
    assert f"```python\n{pages.IN_NUMPY.read_text(encoding='utf-8')}```" in readme


def test_a_readme_without_a_place_for_the_algorithm_is_refused():
    with pytest.raises(ValueError, match="lacks"):
        pages.readme("# Prodigy Lab\n")


def test_the_picture_is_that_of_the_rooms():
    """A newcomer would look for rooms and ways that are not there."""
    assert (ROOT / "docs" / "rooms.svg").read_text(encoding="utf-8") == picture(), "run `make docs`"


def test_every_room_and_every_way_is_in_the_picture():
    graph, at = arrows(), storeys(arrows())
    drawn = ElementTree.fromstring(picture())
    names = [text.text for text in drawn.iter("{http://www.w3.org/2000/svg}text")]
    assert len(names) == len(set(names)) == len(ROOMS) + len({"app", "prodigy_core"})
    assert all(at[room] > at[below] for room in graph for below in graph[room]), "an arrow would lead up"

    def reached(room: str, ways: dict[str, frozenset[str]]) -> set[str]:
        return set(ways[room]).union(*(reached(below, ways) for below in ways[room]))

    fewer = needed(graph)
    assert all(reached(room, fewer) == reached(room, graph) for room in graph)
    paths = [path for path in drawn.iter("{http://www.w3.org/2000/svg}path") if path.get("class") == "arrow"]
    assert len(paths) == sum(map(len, fewer.values())) < sum(map(len, graph.values()))


def test_no_box_of_the_picture_hides_another():
    boxes = [
        (float(rect.get("y", 0)), float(rect.get("x", 0)), float(rect.get("width", 0)))
        for rect in ElementTree.fromstring(picture()).iter("{http://www.w3.org/2000/svg}rect")
        if rect.get("class") in ("app", "core")
    ]
    assert len(boxes) == len(ROOMS)
    for (y, x, width), (other_y, other_x, _) in pairwise(sorted(boxes)):
        assert y != other_y or x + width < other_x


def test_the_picture_leaves_out_what_a_longer_way_implies_and_nothing_else():
    graph = {"a": frozenset("bcd"), "b": frozenset("c"), "c": frozenset(), "d": frozenset()}
    assert needed(graph) == graph | {"a": frozenset("bd")}
    assert heights(graph) == {"a": 2, "b": 1, "c": 0, "d": 0}


def test_boxes_of_the_picture_do_not_overlap_and_arrows_pass_beside_them():
    graph = {"top": frozenset(["middle", "below"]), "middle": frozenset(["below"]), "below": frozenset(), "alone": frozenset()}
    storey = {"top": 2, "middle": 1, "below": 0, "alone": 0}
    x, paths = place(graph, storey, dict.fromkeys(graph, 100.0))
    assert abs(x["below"] - x["alone"]) > 100
    (passing,) = (at for path in paths for at, number in path[1:-1] if number == 1)
    assert abs(passing - x["middle"]) > 50
    assert len({path[-1] for path in paths}) == len(paths), "two arrows would end in one"


def test_the_architecture_tells_of_every_room():
    """A room that no table names is found by nobody; a row for none sends a reader looking."""
    table = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8").partition("## Rooms")[2].partition("\n## ")[0]
    named = re.findall(r"^\| `([a-z_]+)(?:\.py|/)`", table, re.MULTILINE)
    assert sorted(named) == sorted(room.partition(".")[2] for room in ROOMS if "." in room)


@pytest.mark.parametrize("page", ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "docs/cluster.md", "docs/benchmarks.md"])
def test_the_files_that_a_page_names_are_there(page):
    """Moved in the code and not on the page, a file is looked for in vain."""
    text = (ROOT / page).read_text(encoding="utf-8")
    names = re.findall(r"`([a-z_/]+(?:\.(?:py|js|css|md|toml)|/))`", text) + re.findall(r"\]\(([^)#:]+)\)", text)
    roots = (ROOT, ROOT / "prodigy_core", ROOT / "app", (ROOT / page).parent)
    missing = [name for name in names if not any((root / name).exists() for root in roots)]
    assert not missing


def test_the_pages_name_the_versions_of_python_that_the_package_takes():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    versions = re.findall(r"Python :: (3\.\d+)", " ".join(project["classifiers"]))
    promise = f"Python {versions[0]} to {versions[-1]}"
    last = int(versions[-1].partition(".")[2])
    assert project["requires-python"] == f">={versions[0]},<3.{last + 1}"
    assert all(promise in (ROOT / page).read_text(encoding="utf-8") for page in ("README.md", "CONTRIBUTING.md"))
    assert f"({versions[0]} to {versions[-1]})" in (ROOT / "Makefile").read_text(encoding="utf-8")


def test_the_two_commands_are_in_the_makefile():
    readme, makefile = ((ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "Makefile"))
    for command in ("make app", "make test"):
        assert command in readme
        assert f"\n{command.split()[1]}:" in makefile
