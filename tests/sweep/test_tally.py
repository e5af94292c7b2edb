"""What is noted of a run, entry by entry, against what one reads off the whole list."""

from __future__ import annotations

import itertools

import jax
import numpy as np
import pytest
from prodigy_core.sweep.running_metrics import NOTED, RunningMetrics

from prodigy_core.engine.runner import FAR

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


@pytest.mark.parametrize("entries", RUNS, ids=str)
def test_it_is_what_stands_in_the_entries_before_the_run_broke(entries):
    with jax.enable_x64(True):
        tally = jax.device_get(RunningMetrics.empty(NOTED, float))
        for k, (loss, largest) in enumerate(entries):
            entry = {name: np.float64(loss + 10 * i) for i, name in enumerate(NOTED)} | {"largest": np.float64(largest)}
            tally = with_entry(tally, entry, k, TARGET)
        tally = jax.device_get(tally)
    count = len(entries)
    broken = [not (np.isfinite(loss) and largest <= FAR) for loss, largest in entries]
    lived = broken.index(True) if any(broken) else count
    losses = [loss for loss, _ in entries[:lived]]
    nan = [bool(np.isnan(largest)) for _, largest in entries]
    reached = [loss <= TARGET for loss in losses]
    assert tally.lived == lived
    assert (tally.sane == tally.lived) == (not any(broken) or nan[lived])
    assert tally.waited == (reached.index(True) if any(reached) else count)
    assert tally.best == min(losses, default=np.inf)
    assert tally.total == sum(losses)
    last = losses[-1] if losses else np.nan
    np.testing.assert_array_equal([tally.last[name] for name in NOTED], [last + 10 * i for i in range(len(NOTED))])
