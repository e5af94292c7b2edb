"""How much one run may ask for, and what a person is told who asks for more."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from prodigy_core import limits
from prodigy_core.engine.runner import follow, run, run_contender
from prodigy_core.experiment import Contender, ExperimentError
from prodigy_core.param import Fault
from tests.compilations import compilations
from tests.engine.runs import NETWORK, TUNED, experiment

ROOT = Path(__file__).resolve().parents[2]
PARAMETERS, BATCH = 35, 16
STEP = PARAMETERS * BATCH  # the work of a step of NETWORK


def _refused(monkeypatch: pytest.MonkeyPatch, work: float, contender: Contender, **fields) -> Fault:
    monkeypatch.setattr(limits, "MAX_WORK", work)
    with compilations() as compiled, pytest.raises(ExperimentError) as raised:
        run_contender(experiment(**fields), contender)
    assert not compiled, "it is refused before anything is computed"
    (fault,) = raised.value.faults
    return fault


def test_a_run_that_is_too_large_is_refused_with_what_would_fit(monkeypatch):
    """A link with a large network and many steps would else keep the server busy for all others."""
    fault = _refused(monkeypatch, 60 * STEP, Contender("adam"), **NETWORK)
    assert (fault.field, fault.value) == ("steps", 100)
    assert "at most 60" in fault.allowed
    assert "35 parameters" in fault.allowed
    assert "batches of 16" in fault.allowed
    assert "PRODIGY_LAB_MAX_WORK" in fault.allowed
    assert run_contender(experiment(**{**NETWORK, "steps": 60}), Contender("adam")).stopped_at == 60


def test_every_try_of_a_search_counts(monkeypatch):
    fault = _refused(monkeypatch, 60 * STEP * 4, Contender("tuned_adam", dict(TUNED)), **NETWORK)
    assert "at most 60" in fault.allowed
    assert "at most 2" in _refused(monkeypatch, 60 * STEP, Contender("tuned_adam"), **NETWORK).allowed, "26 runs each"


def test_all_examples_count_where_they_are_the_batch(monkeypatch):
    settings = (*NETWORK["settings"], ("batch", "full"))
    fault = _refused(monkeypatch, 60 * PARAMETERS * 120, Contender("adam"), **{**NETWORK, "settings": settings})
    assert "at most 60" in fault.allowed
    assert "batches of 120" in fault.allowed


def test_a_kernel_counts_at_every_place_where_it_is_used(monkeypatch):
    cnn = experiment(problem="cnn")
    assert cnn.definition.learning is not None
    assert cnn.definition.learning.uses > 1
    monkeypatch.setattr(limits, "MAX_WORK", 1)
    with pytest.raises(ExperimentError, match="not even one step fits"):
        run(cnn)


def test_a_function_has_no_batch_to_speak_of(monkeypatch):
    space = {"problem": "quadratic_nd", "settings": (("dimension", 1000),)}
    fault = _refused(monkeypatch, 99_999, Contender("adam"), **space)
    assert "at most 99 with 1,000 parameters;" in fault.allowed
    monkeypatch.setattr(limits, "MAX_WORK", 100_000)
    assert limits.fault(100, 1000, 0, 1000) is None, "exactly as much as is allowed is allowed"


def test_follow_refuses_before_its_first_word(monkeypatch):
    monkeypatch.setattr(limits, "MAX_WORK", 1)
    with pytest.raises(ExperimentError, match="steps is 100"):
        next(follow(experiment(), Contender("adam")))


def test_an_operator_sets_the_limits_by_the_environment():
    """Read under another name, they would be those of somebody else's server."""
    names = {
        "PRODIGY_LAB_MAX_STEPS": "limits.MAX_STEPS",
        "PRODIGY_LAB_MAX_WORK": "limits.MAX_WORK",
        "PRODIGY_LAB_TRACE_ENTRIES": "limits.ENTRIES",
        "PRODIGY_LAB_SNAPSHOT_BYTES": "limits.SNAPSHOT_BYTES",
        "PRODIGY_LAB_MAX_UPLOAD_BYTES": "limits.MAX_BYTES",
        "PRODIGY_LAB_MAX_ROWS": "limits.MAX_ROWS",
        "PRODIGY_LAB_MAX_COLUMNS": "limits.MAX_COLUMNS",
        "PRODIGY_LAB_MAX_CELLS": "limits.MAX_CELLS",
        "PRODIGY_LAB_MAX_CLASSES": "limits.MAX_CLASSES",
    }
    environment = os.environ | {name: str(1000 + i) for i, name in enumerate(names)}
    code = (
        "from prodigy_core import limits; from prodigy_core.experiment import STEPS; "
        f"print({', '.join(names.values())}, int(STEPS.high), int(STEPS.slider[1]), bool(STEPS.fault(1001, '')))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == [*(str(1000 + i) for i in range(len(names))), "1000", "1000", "True"]
