"""What a fresh process loads and starts: the library alone, the command line, all bundled data sets, one after the other."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

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
    done = subprocess.run([sys.executable, "-c", CODE], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


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
