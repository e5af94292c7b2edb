"""Results of a sweep, beside the engine's own run of each of its experiments."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from prodigy_core.engine.runner import run_contender
from prodigy_core.experiment import Contender, Experiment
from prodigy_core.param import Value
from prodigy_core.sweep.result import Grid, SweepTrace
from prodigy_core.sweep.runner import run
from prodigy_core.sweep.spec import Axis
from prodigy_core.trace import STATUSES, Status, Trace

PRODIGY = Contender("prodigy")
# Programs of other shapes round elsewhere, in the last of sixteen digits; so few steps blow that up by ten thousand at most.
STEPS = 30
CLOSE = 1e-11


def alone(problem: str = "rosenbrock", contender: Contender = PRODIGY, **fields: Any) -> Experiment:
    """An experiment with one contender, in float64."""
    return Experiment(problem, **{"steps": STEPS, "precision": "float64", "contenders": (contender,), **fields})


def axis(knob: str, *values: Value, contender: int | None = 0) -> Axis:
    return Axis(knob, values, contender)


def swept(experiment: Experiment, *axes: Axis, seeds: tuple[int, ...] = (0,), entries: int = 0) -> SweepTrace:
    return run(experiment, axes, seeds, entries=entries)


def pairs(result: SweepTrace, contender: int = 0) -> Iterator[tuple[tuple[int, ...], Grid, Trace]]:
    """Each run's place in the grid, the grid, and the trace of the engine."""
    grid = result.grids[contender]
    for place in np.ndindex(*grid.status.shape):
        experiment = result.sweep.at(contender, place[:-1], place[-1])
        yield place, grid, run_contender(experiment, experiment.contenders[contender])


def assert_same(result: SweepTrace, contender: int = 0, within: float = CLOSE) -> None:
    """Every run of the contender is the engine's, but for rounding."""
    seen = 0
    for place, grid, trace in pairs(result, contender):
        seen += 1
        assert (STATUSES[grid.status[place]], grid.stopped_at[place]) == (trace.status, trace.stopped_at), place
        for name, expected in expected_metrics(result, trace).items():
            np.testing.assert_allclose(
                grid.metrics[name][place], expected, rtol=within, atol=1e-290, err_msg=f"{name} at {place}"
            )
        if result.sweep.entries:
            assert_same_trace(grid, place, trace, within)
    assert seen == grid.status.size


def expected_metrics(result: SweepTrace, trace: Trace) -> dict[str, float]:
    """What a sweep should say of a run, from all that the engine recorded of it."""
    whole = trace.status is Status.FINISHED
    experiment = result.sweep.experiment
    target = (experiment.definition.minimum or 0.0) + experiment.tolerance
    reached = trace.steps_to(target)
    expected = {
        "final_loss": trace.final_loss if whole else np.inf,
        "distance_linf": trace.distance_linf[-1],
        "effective_step": trace.probes["effective_step"][-1],
        **({"D": trace.probes["D"][-1]} if "D" in trace.probes else {}),
    }
    if experiment.definition.learning is None:  # of a model, the last entry's loss is that of all data, not of a batch
        expected |= {
            "best_loss": trace.loss.min(),
            "mean_loss": trace.loss.mean() if whole else np.inf,
            "steps_to": np.inf if reached is None else reached,
        }
    if whole:
        expected |= {name: values[-1] for name, values in trace.metrics.items() if experiment.definition.learning}
    return {name: float(value) for name, value in expected.items()}


def assert_same_trace(grid: Grid, place: tuple[int, ...], trace: Trace, within: float) -> None:
    """The entries that were kept, and nothing after a break."""
    kept = int(np.searchsorted(grid.steps, trace.steps[-1], side="right"))
    entries = np.searchsorted(trace.steps, grid.steps[:kept])
    columns = {"loss": trace.loss, "distance_linf": trace.distance_linf, "position": trace.position}
    columns |= {name: trace.probes[name] for name in ("D", "effective_step") if name in trace.probes}
    assert set(grid.traces) == set(columns)
    for name, values in columns.items():
        np.testing.assert_allclose(grid.traces[name][place][:kept], values[entries], rtol=within, atol=1e-12, err_msg=name)
        assert np.isnan(grid.traces[name][place][kept:]).all()
