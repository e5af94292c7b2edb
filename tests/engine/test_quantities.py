"""The recorded quantities: one entry each, from which everything else follows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields

import numpy as np
import pytest

from prodigy_core.engine import loop, quantities, runner
from prodigy_core.engine.quantities import QUANTITIES, Quantity
from prodigy_core.experiment import Contender
from prodigy_core.sweep.metrics import METRICS
from prodigy_core.trace import Trace
from tests.engine.runs import experiment, ran


def test_each_computed_quantity_is_a_field_of_a_trace():
    """Else no run could be recorded."""
    names = {each.name for each in fields(Trace)}
    assert {each.name for each in QUANTITIES if each.compute} <= names


def test_each_probe_among_them_is_one_that_a_run_has():
    trace = ran("prodigy")
    assert {each.name for each in QUANTITIES if not each.compute} <= set(trace.probes)


def test_each_final_quantity_is_a_metric():
    """Else a sweep would compute it for nobody."""
    assert {each.name for each in QUANTITIES if each.final} == {each.quantity for each in METRICS if each.quantity}


@pytest.mark.parametrize("kind", ["title", "unit"])
def test_each_has_a_name_for_a_person_and_a_unit(kind):
    for each in (*QUANTITIES, *METRICS):
        assert getattr(each, kind)


def test_names_and_channels_are_of_one_quantity_each():
    channels = [channel for each in QUANTITIES for channel in each.channels]
    assert len(set(channels)) == len(channels)
    for entries in (QUANTITIES, METRICS):
        assert len({each.name for each in entries}) == len(entries)


@pytest.fixture
def programs_anew() -> Iterator[None]:
    """No program that was compiled with other entries is taken, here and afterwards."""
    loop.compiled.cache_clear()
    yield
    loop.compiled.cache_clear()


def test_a_new_quantity_is_recorded_by_its_entry_alone(monkeypatch, programs_anew):
    """With its field in a trace: what forgets that field cannot run."""
    extra = Quantity(name="loss_twice", title="Twice", unit="the problem's", compute=lambda step: 2 * step.loss)
    monkeypatch.setattr(quantities, "QUANTITIES", (*QUANTITIES, extra))
    recorded: dict[str, np.ndarray] = {}

    def trace(loss_twice: np.ndarray, **values) -> Trace:
        recorded["loss_twice"] = loss_twice
        return Trace(**values)

    monkeypatch.setattr(runner, "Trace", trace)
    result = runner.run_contender(experiment(problem="booth", steps=7), Contender("adam"))
    np.testing.assert_array_equal(recorded["loss_twice"], 2 * result.loss)
