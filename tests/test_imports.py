"""The imports of a fresh process: the library, the command line, all data sets, one after the other; and the public names."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any, get_args, get_type_hints

import pytest

import prodigy_core

ROOT = Path(__file__).resolve().parent.parent

CODE = """
import json, sys

def packages():
    return sorted({name.partition(".")[0] for name in sys.modules})

import prodigy_core, prodigy_core.landscape.plane
library = packages()
import prodigy_core.cli
from jax._src import xla_bridge
started = xla_bridge.backends_are_initialized()
from prodigy_core.data import datasets
for name in datasets.NAMES:
    datasets.load(name)
print(json.dumps({"library": library, "xla started": started, "data sets": packages()}))
"""


@pytest.fixture(scope="module")
def fresh() -> Any:
    process = subprocess.run([sys.executable, "-c", CODE], cwd=ROOT, capture_output=True, text=True, check=False)
    assert process.returncode == 0, process.stderr
    return json.loads(process.stdout)


def test_every_public_name_is_listed():
    """What is imported for others but not listed is private to a type checker, and missing from `import *` and the docs."""
    public = {name for name, value in vars(prodigy_core).items() if not (name.startswith("_") or isinstance(value, ModuleType))}
    assert public == set(prodigy_core.__all__)
    assert len(prodigy_core.__all__) == len(public)


def test_what_the_public_functions_take_and_hand_out_is_public():
    """A person who annotates a variable with it would import from a module that may move."""
    functions = (prodigy_core.run, prodigy_core.follow, prodigy_core.diagnose, prodigy_core.Trace, prodigy_core.SweepTrace)
    hints = [hint for function in functions for hint in get_type_hints(function).values()]
    kinds = {kind for hint in hints for kind in (hint, *get_args(hint))}
    names = {kind.__name__ for kind in kinds if getattr(kind, "__module__", "").startswith("prodigy_core")}
    assert {"Trace", "Tuning", "Finding", "Grid", "Dataset"} <= names
    assert names <= set(prodigy_core.__all__)


def test_the_library_loads_no_web_server_and_no_data_science(fresh):
    """Each of them costs a second or more before the first picture, and a cluster worker has none of them."""
    assert "prodigy_core" in fresh["library"]
    assert not {"streamlit", "plotly", "sklearn", "pandas", "app", "matplotlib"} & set(fresh["library"])


def test_neither_the_library_nor_the_command_line_starts_xla(fresh):
    """Else the page would come too late to tell it anything."""
    assert fresh["xla started"] is False


def test_the_bundled_data_sets_load_no_scikit_learn(fresh):
    """Its import costs over a second, before the first picture."""
    assert not {"sklearn", "pandas"} & set(fresh["data sets"])
