"""Adam with the D of a run of Prodigy before it: its result, its cost, and the same in a sweep."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

from prodigy_core.engine.runner import follow, run_contender
from prodigy_core.experiment import Contender
from prodigy_core.sweep.runner import run as sweep
from prodigy_core.sweep.spec import Axis
from prodigy_core.trace import Status
from tests.engine.runs import BOWL, LOGISTIC, NETWORK, STEPS, arrays, assert_same, experiment, ran

PLACES: dict[str, dict[str, Any]] = {
    "plane": {"problem": "booth", "start": (-8.0, -5.0)},
    "double": {"problem": "himmelblau", "start": (0.0, 0.0), "precision": "float64"},
    "bowl": BOWL,
    "network": NETWORK,
}


@pytest.mark.parametrize("place", list(PLACES))
def test_it_is_adam_at_the_d_that_prodigy_has_in_the_same_race(place):
    """A person would type the number of one row of the table into another."""
    fields = PLACES[place]
    trace, prodigy = ran("adam_at_d", (("factor", 0.5), ("beta1", 0.8)), **fields), ran("prodigy", **fields)
    rate = 0.5 * float(prodigy.probes["D"][-1])
    by_hand = run_contender(experiment(**fields), Contender("adam", {"learning_rate": rate, "beta1": 0.8}))
    tuning = trace.tuning
    assert tuning is not None
    assert (tuning.knob, tuning.best, tuning.scout) == ("learning_rate", rate, "Prodigy")
    assert tuning.values.tolist() == [rate]
    assert tuning.losses.tolist() == [prodigy.final_loss]
    assert tuning.steps == STEPS, "the run before has its price"
    own = {name: values for name, values in arrays(trace).items() if name not in ("tries", "found", "best")}
    assert list(own) == list(arrays(by_hand))
    for name, values in arrays(by_hand).items():
        np.testing.assert_array_equal(own[name], values, err_msg=name)


ARRIVES: dict[str, tuple[float, float]] = {
    "himmelblau": (0.0, 0.0),
    "booth": (-8.0, -5.0),
    "rotated_quadratic": (-4.0, 1.0),
    "matyas": (8.0, 7.0),
    "beale": (1.0, 1.0),
    "shifted_sphere": (0.0, 0.0),
    "sphere": (-4.0, 3.0),
    "ill_conditioned_quadratic": (-4.0, 2.0),
}


@pytest.mark.parametrize("problem", list(ARRIVES))
def test_adam_at_d_arrives_and_adam_by_default_does_not(problem):
    """The number that must be found by hand is found by Prodigy. All of these have a minimum of 0."""
    fields: dict[str, Any] = {"problem": problem, "start": ARRIVES[problem], "steps": 200, "precision": "float64"}
    at_d, by_default = (ran(name, **fields) for name in ("adam_at_d", "adam"))
    assert at_d.steps_to(1e-6) is not None
    assert by_default.loss[-1] > 1e-3


def test_a_scout_that_breaks_off_leaves_what_it_had():
    trace = ran("adam_at_d", problem="formula", formula="sqrt(x) + y^2", start=(0.001, 1.0), steps=300)
    assert trace.tuning is not None
    assert trace.tuning.losses.tolist() == [np.inf]
    assert trace.tuning.steps < 300
    assert trace.tuning.best > 0


def test_a_scout_without_an_entry_leaves_no_rate():
    trace = ran("adam_at_d", problem="formula", formula="sqrt(x) + y^2", start=(-1.0, 1.0))
    assert trace.tuning is not None
    assert np.isnan(trace.tuning.best)
    assert trace.status is not Status.FINISHED
    assert trace.stopped_at == 0


@pytest.mark.parametrize("fields", [PLACES["plane"], BOWL, LOGISTIC], ids=["plane", "bowl", "model"])
def test_it_reports_while_the_scout_runs_and_its_chunks_change_nothing(fields, monkeypatch):
    whole = ran("adam_at_d", **fields)
    monkeypatch.setattr("prodigy_core.limits.CHUNK_WORK", 1)
    reports = list(follow(experiment(**{**fields, "steps": STEPS}), Contender("adam_at_d")))
    fractions = [report.fraction for report in reports]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1
    before = [report for report in reports if report.result is None]
    assert len(before) > 3
    assert before[-1].fraction == pytest.approx(0.5, abs=0.02)
    assert reports[-1].result is not None
    assert_same(reports[-1].result, whole)


def test_whoever_takes_no_more_reports_has_cancelled_the_scout(monkeypatch):
    monkeypatch.setattr("prodigy_core.limits.CHUNK_WORK", 1)
    reports = follow(experiment(**NETWORK), Contender("adam_at_d"))
    assert all(report.result is None for report in itertools.islice(reports, 2))
    reports.close()  # type: ignore[attr-defined]  # a generator


# --- a sweep ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("place", list(PLACES))
def test_every_cell_and_every_seed_of_a_sweep_has_a_scout_of_its_own(place):
    fields = {**PLACES[place], "precision": "float64", "contenders": (Contender("adam_at_d", {"beta1": 0.8}),), "steps": 40}
    moving = Axis("start.x", (-8.0, 4.0)) if place == "plane" else Axis("beta1", (0.5, 0.9), 0)
    axes = (Axis("factor", (0.5, 2.0), 0), moving)
    result = sweep(experiment(**fields), axes, (0, 3), entries=5)
    (grid,) = result.grids
    seen = set()
    for at in np.ndindex(*grid.status.shape):
        one = result.sweep.at(0, at[:-1], at[-1])
        trace = run_contender(one, one.contenders[0])
        assert trace.tuning is not None
        np.testing.assert_allclose(grid.metrics["tuned"][at], trace.tuning.best, rtol=1e-9)
        np.testing.assert_allclose(grid.metrics["final_loss"][at], trace.final_loss, rtol=1e-6)
        assert grid.metrics["tries"][at] == 1
        seen.add(round(trace.tuning.best, 9))
    assert len(seen) >= 4 if place in ("plane", "bowl", "network") else len(seen) == 2


def test_a_sweep_without_an_axis_of_the_scout_computes_it_in_chunks_too(monkeypatch):
    wanted = sweep(experiment(contenders=(Contender("adam_at_d"),)), (Axis("factor", (0.5, 1.0), 0),), (0,)).grids[0]
    monkeypatch.setattr("prodigy_core.sweep.plan.BLOCK_WORK", 20_000)
    cut = sweep(experiment(contenders=(Contender("adam_at_d"),)), (Axis("factor", (0.5, 1.0), 0),), (0,)).grids[0]
    for name, values in wanted.metrics.items():
        np.testing.assert_array_equal(values, cut.metrics[name], err_msg=name)
