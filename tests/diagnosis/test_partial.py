"""Runs that have hardly begun, were cancelled or broke off: every optimizer, every family, every status."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

import numpy as np
import pytest

from prodigy_core.diagnosis import diagnose
from prodigy_core.diagnosis.case import gap, number
from prodigy_core.experiment import Experiment
from prodigy_core.optimizers import OPTIMIZERS
from prodigy_core.problems import PROBLEMS
from prodigy_core.trace import Status, Trace
from tests.diagnosis.races import BF16, LINEAR, cut, findings, race, ran
from tests.traces import hand_made

FAMILIES = {
    "plane": {"problem": "sphere", "steps": 130},
    "space": {"problem": "quadratic_nd", "settings": {"dimension": 5}, "steps": 40},
    "model": {**LINEAR, "steps": 130},
    "formula": {"problem": "formula", "formula": "x1**2 + x2**2 + x3**4", "steps": 40},
}
LENGTHS = (0, 1, 2, 3, 5, 21, 40)
every_status = pytest.mark.parametrize("status", list(Status))


@every_status
@pytest.mark.parametrize("family", list(FAMILIES))
def test_any_part_of_a_real_run_can_be_looked_at(family, status):
    case = race("prodigy", "adam", **FAMILIES[family])
    assert case.definition.family == family
    for entries in LENGTHS:
        diagnose(case, [cut(trace, entries, status) for trace in ran(case)])


def _made(entries: int, status: Status, last: float, projected: bool) -> Trace:
    """A run of these many entries whose last gradient and step may be out of range."""
    falling = np.geomspace(1.0, 0.1, entries) if entries else np.zeros(0)
    broken = falling.copy()
    broken[-1:] = last
    probes = dict.fromkeys(("D", "d_hat", "effective_step"), broken)
    kept = np.ones((min(entries, 3), 5))
    return hand_made(
        entries,
        loss=falling,
        position=np.ones((entries, 2)),
        projected=projected,
        **dict.fromkeys(("gradient_norm", "update_norm"), broken),
        **dict.fromkeys(("distance_linf", "distance_l2"), 1 - falling),
        probes=MappingProxyType(probes),
        evaluated=np.arange(len(kept)),
        metrics=MappingProxyType({"train_loss": falling[: len(kept)]} if projected else {}),
        snapshots=kept if projected else np.zeros((0, 5)),
        snapshot_steps=np.arange(len(kept)) if projected else np.zeros(0, int),
        status=status,
    )


@every_status
@pytest.mark.parametrize("problem", ["sphere", "quadratic_nd", "mlp", "formula", "monkey_saddle"])
def test_no_optimizer_and_no_number_breaks_a_rule(problem, status):
    for name in OPTIMIZERS:
        case = race(name, problem=problem, precision="float16", steps=40)
        for entries in (0, 1, 2, 21):
            for last in (0.0, np.inf, np.nan):
                trace = _made(entries, status, last, PROBLEMS[problem].family in ("space", "model"))
                for finding in diagnose(case, [trace]):
                    assert finding.text
                    assert finding.contender == 0


def test_a_run_that_has_just_begun_is_not_judged():
    """Else the page would cry for help at the first chunk of every run."""
    case = race("optax_prodigy", **BF16)
    early = cut(ran(case)[0], 5, Status.RUNNING)
    assert diagnose(case, [early]) == ()
    assert [finding.rule for finding in diagnose(case, [cut(ran(case)[0], 50, Status.RUNNING)])] == ["stuck_by_rounding"]
    assert diagnose(race("adam", **BF16), [cut(ran(race("adam", **BF16))[0], 50, Status.RUNNING)]) == ()
    few = race("prodigy", steps=20)
    for status in (Status.RUNNING, Status.CANCELLED):
        assert diagnose(few, [replace(ran(few)[0], status=status)]) == (), "the run did not end by itself"
    slow = race("adam")
    assert diagnose(slow, [replace(ran(slow)[0], status=Status.CANCELLED)]) == ()


def test_a_nan_without_a_known_cause_is_told_all_the_same():
    case = race("adam")
    trace = cut(ran(case)[0], 30, Status.NOT_A_NUMBER)
    (finding,) = diagnose(case, [trace])
    assert finding.rule == "not_a_number"
    assert "The step from step 29 is NaN" in finding.text
    assert [remedy.label for remedy in finding.remedies] == ["Turn learning_rate to 0.0001"]


def test_only_a_loss_far_below_zero_has_no_bound():
    case = race("sgd", problem="monkey_saddle")
    trace = replace(_made(30, Status.DIVERGED, 0.1, False), loss=np.linspace(3.0, -50.0, 30))
    assert [finding.rule for finding in diagnose(case, [trace])] == ["diverged"]


def test_a_model_that_was_never_judged_is_told_by_its_batches():
    case = race("adam", problem="mlp", precision="bfloat16", steps=29)
    probes = MappingProxyType({"effective_step": np.full(30, 1e-6)})
    trace = replace(_made(30, Status.FINISHED, 0.1, True), loss=np.ones(30), update_norm=np.full(30, 1e-6), probes=probes)
    for judged in (trace, replace(trace, metrics=MappingProxyType({"train_loss": np.zeros(0)}))):
        assert [finding.rule for finding in diagnose(case, [judged])] == ["rounded_away"] * (judged is not trace)


def test_a_search_that_diverged_is_told_to_look_lower():
    case = race("tuned_adam", steps=40)
    trace = cut(ran(race("adam"))[0], 30, Status.DIVERGED)
    assert [remedy.label for remedy in diagnose(case, [trace])[0].remedies] == ["Turn search_low to 1e-07"]


def test_without_a_known_minimum_clearly_better_is_a_tenth_of_the_fall():
    case = race("prodigy", ("adam", {"learning_rate": 0.1}), **FAMILIES["formula"])
    adam, better = (_made(40, Status.FINISHED, 0.1, False) for _ in range(2))
    for final, told in ((0.25, True), (0.12, False)):
        prodigy = replace(adam, loss=np.geomspace(1.0, final, 40))
        assert ("better_tuned" in [finding.rule for finding in diagnose(case, [prodigy, better])]) is told


@pytest.mark.parametrize(("precision", "dtype"), [("float64", np.float64), ("float32", np.float32), ("float16", np.float16)])
def test_the_gap_is_the_distance_to_the_next_smaller_number(precision, dtype):
    sizes = np.array([1.0, 1.5, 2.0, 0.75, 100.0, 1e-3, 300.0], dtype)
    expected = sizes.astype(float) - np.nextafter(sizes, dtype(0)).astype(float)
    np.testing.assert_array_equal(gap(sizes.astype(float), precision), expected)
    assert gap(np.zeros(1), precision)[0] == 0


def test_numbers_are_written_with_two_digits():
    assert [number(x) for x in (1.234e-6, 0.2669, 1234.0, 12.0, 3.44e16)] == ["1.2e-06", "0.27", "1200", "12", "3.4e+16"]


def test_a_start_at_zero_in_many_dimensions_is_moved_by_its_setting():
    case = race("prodigy", problem="quadratic_nd", settings={"dimension": 5, "start_at": 0.0}, steps=40)
    (finding,) = findings(case)
    assert finding.rule == "zero_gradient"
    assert "The start is a minimum already" in finding.text
    assert [remedy.label for remedy in finding.remedies] == ["Turn start_at to 1"]
    assert findings(finding.remedies[0].experiment) == ()
    assert isinstance(finding.remedies[0].experiment, Experiment)
