"""Adam with a search for its learning rate: its result, and its cost."""

from __future__ import annotations

import numpy as np
import pytest

from prodigy_core.engine.runner import run_contender
from prodigy_core.experiment import Contender
from prodigy_core.trace import Status, Trace
from tests.engine.runs import BOWL, NETWORK, STEPS, TUNED, Pairs, arrays, experiment, ran

GRID = np.geomspace(1e-3, 1.0, 3)
SEARCH: Pairs = (*TUNED, ("beta1", 0.8))
PLACES = {"plane": {}, "bowl": BOWL, "network": NETWORK}


def _tries(**fields) -> list[Trace]:
    """The runs that a person would do by hand."""
    return [run_contender(experiment(**fields), Contender("adam", {"learning_rate": rate, "beta1": 0.8})) for rate in GRID]


def _objective(trace: Trace, place: str) -> float:
    """What is minimised, at the end: of a network over all examples and with the penalty."""
    if place != "network":
        return float(trace.loss[-1])
    first, second = np.split(trace.snapshots[-1], [4 * 4 + 4])  # weights and biases of two layers
    squares = np.sum(first[:16].astype(float) ** 2) + np.sum(second[:12].astype(float) ** 2)
    return trace.final_loss + 0.1 / 2 * float(squares)


@pytest.mark.parametrize("place", list(PLACES))
def test_the_search_finds_what_a_loop_over_the_grid_finds(place):
    """An honest race against tuned Adam needs Adam at its best, and not the worst nor the last."""
    trace, tries = ran("tuned_adam", SEARCH, **PLACES[place]), _tries(**PLACES[place])
    tuning = trace.tuning
    assert tuning is not None
    losses = [_objective(each, place) for each in tries]
    np.testing.assert_allclose(tuning.values, GRID, rtol=1e-12)
    np.testing.assert_allclose(tuning.losses, losses, rtol=1e-5)
    assert tuning.knob == "learning_rate"
    best = int(np.argmin(losses))
    assert tuning.best == tuning.values[best]
    assert len(set(np.round(losses, 6))) == GRID.size
    own = {name: values for name, values in arrays(trace).items() if name not in ("tries", "found", "best")}
    for name, values in arrays(tries[best]).items():
        np.testing.assert_array_equal(own.pop(name), values, err_msg=name)
    assert not own


def test_the_best_is_not_always_the_same_end_of_the_grid():
    """Else the tests above would hold for a search that takes the first or the last."""
    tunings = {place: ran("tuned_adam", SEARCH, **fields).tuning for place, fields in PLACES.items()}
    assert len({tuning.best for tuning in tunings.values() if tuning}) > 1


def test_the_cost_of_the_search_is_every_step_of_every_try():
    """That is the price of a learning rate: the table shows it beside a method that needs none."""
    tuning = ran("tuned_adam", SEARCH).tuning
    assert tuning is not None
    assert tuning.steps == 3 * STEPS
    assert ran("adam").tuning is None


# In float16 a step of 1e6 is out of range, and from where a step of 100 leads the gradient is.
FAR: Pairs = (("search_low", 1e-2), ("search_high", 1e6), ("search_size", 3))


def test_a_try_that_diverges_has_an_infinite_loss():
    tuning = ran("tuned_adam", FAR, precision="float16").tuning
    assert tuning is not None
    assert np.isfinite(tuning.losses).tolist() == [True, False, False]
    np.testing.assert_array_equal(tuning.losses[1:], np.inf)
    assert tuning.best == tuning.values[0]


def test_where_every_try_diverges_the_run_says_so():
    trace = ran("tuned_adam", (("search_low", 2e5), *FAR[1:]), precision="float16")
    assert trace.tuning is not None
    assert np.isinf(trace.tuning.losses).all()
    assert not np.isnan(trace.tuning.losses).any()
    assert trace.tuning.best in trace.tuning.values
    assert trace.status in (Status.DIVERGED, Status.NOT_A_NUMBER)
    assert trace.stopped_at == 1


def test_nobody_can_change_what_was_found():
    tuning = ran("tuned_adam", SEARCH).tuning
    assert tuning is not None
    for values in (tuning.values, tuning.losses):
        with pytest.raises(ValueError, match="read-only"):
            values[0] = 0
