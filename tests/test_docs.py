"""What the pages say must be what the program does."""

from pathlib import Path

from prodigy_core import catalogue

ROOT = Path(__file__).resolve().parents[1]


def test_the_catalogue_page_is_that_of_the_entries():
    """A reader of docs/catalogue.md would be told of knobs, limits or problems that are not there."""
    assert (ROOT / "docs" / "catalogue.md").read_text(encoding="utf-8") == catalogue.page(), "run `make docs`"


def test_the_library_in_ten_lines_runs():
    """The README's example would fail for the first person who tries it."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    example = readme.split("```python\n")[1].split("```")[0]
    assert len(example.strip().splitlines()) <= 10
    exec(compile(example, "README.md", "exec"), {})


def test_the_two_commands_are_in_the_makefile():
    readme, makefile = ((ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "Makefile"))
    for command in ("make app", "make test"):
        assert command in readme
        assert f"\n{command.split()[1]}:" in makefile
