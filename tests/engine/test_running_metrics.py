"""Running metrics, entry by entry, against the same metrics of the whole list."""

from __future__ import annotations

import itertools
from typing import Any

import jax
import numpy as np
import pytest

from prodigy_core.engine import quantities
from prodigy_core.engine.running_metrics import RunningMetrics
from prodigy_core.trace import FAR, is_finite

GOOD, AT_TARGET, BEST = (5.0, 1.0), (2.0, 3.0), (-1.0, 2.0)  # the loss and the largest parameter of an entry
BROKEN = {"no loss": (np.nan, 1.0), "infinite": (np.inf, 1.0), "far": (0.5, 2 * FAR), "NaN": (np.nan, np.nan)}
TARGET = 2.0
with_entry = jax.jit(RunningMetrics.with_entry)
RUNS = [
    *itertools.product((GOOD, AT_TARGET, BEST), repeat=3),
    *((GOOD, AT_TARGET, broken, BEST, GOOD) for broken in BROKEN.values()),  # what comes after the break does not count
    *((first, *others) for first, others in itertools.product(BROKEN.values(), itertools.permutations(BROKEN.values(), 2))),
    (GOOD, BROKEN["far"], BROKEN["NaN"], BEST),
]


NAMES = quantities.final_names(("D", "effective_step"))


def _record(loss: float, largest: float) -> dict[str, Any]:
    """A record whose final quantities all differ, and follow the loss."""
    values = {name: np.float64(loss + 10 * i) for i, name in enumerate(NAMES)}
    probes = {name: values.pop(name) for name in ("D", "effective_step")}
    return {**values, "largest": np.float64(largest), "probes": probes}


@pytest.mark.parametrize("entries", RUNS, ids=str)
def test_running_metrics_are_those_of_the_entries_before_the_run_broke(entries):
    with jax.enable_x64(True):
        metrics = jax.device_get(RunningMetrics.empty(NAMES, float))
        for k, (loss, largest) in enumerate(entries):
            metrics = with_entry(metrics, _record(loss, largest), k, TARGET)
        metrics = jax.device_get(metrics)
    count = len(entries)
    broken = [not (np.isfinite(loss) and largest <= FAR) for loss, largest in entries]
    n_finite = broken.index(True) if any(broken) else count
    losses = [loss for loss, _ in entries[:n_finite]]
    nan = [bool(np.isnan(largest)) for _, largest in entries]
    reached = [loss <= TARGET for loss in losses]
    assert metrics.n_finite == n_finite
    assert (metrics.n_not_nan == metrics.n_finite) == (not any(broken) or nan[n_finite])
    assert metrics.steps_to_target == (reached.index(True) if any(reached) else count)
    assert metrics.best == min(losses, default=np.inf)
    assert metrics.total == sum(losses)
    last = losses[-1] if losses else np.nan
    np.testing.assert_array_equal([metrics.last[name] for name in NAMES], [last + 10 * i for i in range(len(NAMES))])


@pytest.mark.parametrize("loss, largest", [GOOD, *BROKEN.values()])
def test_the_host_and_the_loop_break_a_run_by_the_same_rule(loss, largest):
    """Else a race would show a run as diverged and a sweep the same run as finished."""
    expected = np.isfinite(loss) and largest <= FAR
    assert bool(is_finite(np.array([loss]), np.array([largest]))[0]) == expected
    assert bool(jax.jit(is_finite)(loss, largest)) == expected
