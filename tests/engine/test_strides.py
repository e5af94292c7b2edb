"""Runs too long to keep every entry of."""

from __future__ import annotations

import numpy as np
import pytest

from prodigy_core import limits
from prodigy_core.engine import prepare
from prodigy_core.engine.runner import follow, run_contender
from prodigy_core.experiment import Contender
from prodigy_core.trace import Status, Trace
from tests.engine.runs import BOWL, STEPS, arrays, experiment, ran


def _strided(monkeypatch: pytest.MonkeyPatch, entries: int, **fields) -> Trace:
    monkeypatch.setattr(limits, "ENTRIES", entries)
    return run_contender(experiment(**fields), Contender("prodigy"))


@pytest.mark.parametrize("chunk", [None, 1, 7, 16])
@pytest.mark.parametrize("steps, stride", [(90, 3), (99, 4), (STEPS, 4), (101, 4), (30, 1)])
def test_a_long_run_keeps_the_first_entry_every_nth_and_the_last(steps, stride, chunk, monkeypatch):
    """A hundred thousand entries in each of six curves would take the browser down; without the last the end is a guess."""
    whole = ran("prodigy", steps=steps)
    if chunk:
        monkeypatch.setattr(limits, "CHUNK_WORK", chunk * limits.OVERHEAD)
    trace = _strided(monkeypatch, 30, steps=steps)
    expected = sorted({*range(0, steps + 1, stride), steps})
    np.testing.assert_array_equal(trace.steps, expected)
    assert trace.steps.size <= 30 + 2
    everything = arrays(whole)
    for name, values in arrays(trace).items():
        if values.shape[0]:
            np.testing.assert_array_equal(values, everything[name][expected], err_msg=name)
    assert trace.stopped_at == steps
    assert trace.ending == whole.ending


def test_steps_to_a_loss_are_steps_of_the_run(monkeypatch):
    """The index of an entry, shown as a number of steps, would make a long run look four times faster."""
    whole = ran("prodigy", **BOWL)
    trace = _strided(monkeypatch, 30, **BOWL)
    first = int(np.flatnonzero(trace.loss <= trace.loss[0] / 2)[0])
    assert trace.steps_to(float(trace.loss[0]) / 2) == 4 * first
    exact = whole.steps_to(float(trace.loss[0]) / 2)
    assert exact is not None
    assert 4 * first - 4 < exact <= 4 * first
    np.testing.assert_array_equal(trace.evaluated, whole.evaluated)


def test_a_run_that_breaks_off_between_two_kept_entries_still_says_exactly_when(monkeypatch):
    knobs = (("learning_rate", 0.01),)
    whole = ran("sgd", knobs)
    monkeypatch.setattr(limits, "ENTRIES", 30)
    for chunk in (200, 3):
        monkeypatch.setattr(limits, "CHUNK_WORK", chunk * limits.OVERHEAD)
        trace = run_contender(experiment(), Contender("sgd", dict(knobs)))
        assert whole.status is trace.status is Status.DIVERGED
        assert trace.stopped_at == whole.stopped_at
        assert trace.stopped_at % 4
        np.testing.assert_array_equal(trace.steps, np.arange(0, whole.stopped_at, 4))
        assert np.isfinite(trace.loss).all()


def test_what_is_seen_on_the_way_of_a_long_run_is_strided_too(monkeypatch):
    monkeypatch.setattr(limits, "ENTRIES", 30)
    monkeypatch.setattr(prepare, "LENGTHS", (20, 40))
    parts = [each.result for each in follow(experiment(), Contender("prodigy"))]
    assert [part.steps.tolist() for part in parts if part] == [
        list(range(0, 40, 4)),
        list(range(0, 80, 4)),
        list(range(0, 101, 4)),
    ]
