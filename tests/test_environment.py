"""Environment variables: an operator sets them, reads of them in the docs, and learns at the start when one is wrong."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from docs import pages
from prodigy_core import environment
from prodigy_core.environment import VARIABLES, EnvironmentVariableError, Variable
from prodigy_core.sweep.cluster import ClusterError
from prodigy_core.sweep.executors import choose

ROOT = Path(__file__).resolve().parents[1]
EXAMPLE = Variable("LAB_TEST", 7, "apples", "Apples of a day.")


def test_a_variable_is_what_the_environment_says_and_else_its_default(monkeypatch):
    monkeypatch.delenv("LAB_TEST", raising=False)
    assert EXAMPLE.number() == 7
    monkeypatch.setenv("LAB_TEST", "12")
    assert EXAMPLE.number() == 12
    monkeypatch.setenv("LAB_TEST", "1")
    assert EXAMPLE.number() == 1


@pytest.mark.parametrize("text", ["0", "-3", "5MB", "", "1.5", "1e3", "nan", "9" * 5_000])
def test_a_wrong_number_stops_the_start_and_names_the_variable_the_value_and_what_is_allowed(monkeypatch, text):
    """Ignored in silence, it would leave a server open to what its operator meant to forbid."""
    monkeypatch.setenv("LAB_TEST", text)
    with pytest.raises(EnvironmentVariableError) as error:
        EXAMPLE.number()
    assert "LAB_TEST" in str(error.value)
    assert repr(text[:60]) in str(error.value)
    assert "a whole number of at least 1, or unset for 7 apples" in str(error.value)
    assert len(str(error.value)) < 200


def test_an_empty_text_counts_as_not_set(monkeypatch):
    """`PRODIGY_LAB_DASK=` in a file of settings means no cluster, not one at no address."""
    monkeypatch.setenv("LAB_TEST", "")
    assert Variable("LAB_TEST", "here", "", "A place.").text() == "here"


def test_all_wrong_variables_are_named_at_once(monkeypatch):
    """One at a time, an operator would start the server once for each of them."""
    monkeypatch.setenv("PRODIGY_LAB_MAX_STEPS", "abc")
    monkeypatch.setenv("PRODIGY_LAB_MAX_ROWS", "0")
    with pytest.raises(EnvironmentVariableError) as error:
        environment.check()
    first, second = str(error.value).splitlines()
    assert first.startswith("PRODIGY_LAB_MAX_STEPS is 'abc'")
    assert second.startswith("PRODIGY_LAB_MAX_ROWS is '0'")


def test_nothing_of_ours_starts_with_a_wrong_variable(monkeypatch):
    monkeypatch.setenv("PRODIGY_LAB_MAX_CLASSES", "many")
    process = subprocess.run(
        [sys.executable, "-m", "prodigy_core.cli", "--version"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert process.returncode != 0
    assert (
        process.stderr.strip().splitlines()[-1].endswith("it must be a whole number of at least 1, or unset for 100 classes.")
    )


def test_every_variable_in_the_project_is_declared():
    """One that is read or praised but not declared stands in no table, and nobody finds it."""
    declared = {variable.name for variable in VARIABLES}
    strange = {
        f"{path.relative_to(ROOT)}: {name}"
        for path in _files()
        for name in re.findall(r"PRODIGY_LAB_[A-Z0-9_]+", path.read_text(encoding="utf-8"))
        if name not in declared
    }
    assert not strange, f"declare it in prodigy_core/environment.py: {sorted(strange)}"


def _files() -> list[Path]:
    folders = ("app", "benchmarks", "docs", "prodigy_core", "tests")
    inside = [path for folder in folders for path in (ROOT / folder).rglob("*")]
    suffixes = {".py", ".js", ".md", ".toml", ".html", ".css"}
    alone = [path for path in ROOT.iterdir() if path.name in {"Dockerfile", "Makefile"} or path.suffix in suffixes]
    return [path for path in [*inside, *alone] if path.is_file() and (path.suffix in suffixes or path in alone)]


@pytest.mark.parametrize("variable", VARIABLES, ids=lambda variable: variable.name)
def test_every_declared_variable_is_read_and_explained(variable):
    """A row of the table that nothing reads would be a promise."""
    (constant,) = (name for name, value in vars(environment).items() if value is variable)
    sources = [path.read_text(encoding="utf-8") for folder in ("app", "prodigy_core") for path in (ROOT / folder).rglob("*.py")]
    assert any(f"environment.{constant}." in source for source in sources)
    assert variable.name.startswith("PRODIGY_LAB_")
    assert variable.help.endswith(".")
    assert bool(variable.unit) == isinstance(variable.default, int)


def test_the_page_of_the_variables_is_that_of_the_declarations():
    """An operator would set a limit by a number that does not hold, or not find it at all."""
    assert (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8") == pages.configuration(), "run `make docs`"


def test_a_wrong_address_of_a_cluster_names_the_variable(monkeypatch):
    """Who did not type the address must learn where it comes from."""
    monkeypatch.setenv("PRODIGY_LAB_DASK", "10.0.0.5")
    with pytest.raises(ClusterError, match=r"PRODIGY_LAB_DASK: .*'10\.0\.0\.5'; it must be like tcp://10\.0\.0\.5:8786"):
        choose()
