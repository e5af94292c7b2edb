"""Each rule on real runs: on those that show it, and on those that only come near."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
import pytest

from prodigy_core import diagnosis
from prodigy_core.diagnosis import MOST, REMARKS, RULES, Case, Finding, diagnose, estimate, starts
from prodigy_core.experiment import Experiment
from prodigy_core.optimizers import OPTIMIZERS
from prodigy_core.param import Value, format_number
from prodigy_core.trace import Trace
from tests.diagnosis.races import BEALE, BF16, GUARD, LINEAR, NOT_SHOWN, SHOWN, findings, race, ran, rules

NAMES = [rule.__name__ for line in (*RULES, REMARKS) for rule in line]
REAL = [name for name in NAMES if name != "not_a_number"]  # no known run leads to it: see test_partial.py
SAID = [(name, case, cures) for name, cases in SHOWN.items() for case, cures in cases]
QUIET = [(name, case) for name, cases in NOT_SHOWN.items() for case in cases]
REMARKED = {"too_slow", "better_tuned"}  # no warnings: a slow or a better rival is not a fault

HEALTHY = [
    Experiment(),
    race("prodigy", "optax_prodigy", "dadapt_adamw"),
    race("prodigy", ("adam", {"learning_rate": 0.1}), problem="sphere"),
    race("prodigy", problem="sphere", precision="bfloat16"),
    race("prodigy", problem="booth"),
    race("prodigy", problem="beale"),
    race("prodigy", problem="rastrigin"),
    race("prodigy", noise="gaussian"),
    race("prodigy", problem="sum_of_squares_at_3"),
    race(("prodigy", {"schedule": "cosine", "warmup": 0.1, **GUARD})),
    race("prodigy", **LINEAR, steps=200),
    race("prodigy", problem="formula", formula="(x - 1)**2 + abs(y)"),
]


def _finding(rule: str, case: Experiment) -> Finding:
    (finding,) = [finding for finding in findings(case) if finding.rule == rule and finding.contender == 0]
    return finding


def test_every_rule_has_runs_that_show_it_and_runs_that_do_not():
    assert set(REAL) == set(SHOWN) == set(NOT_SHOWN)


@pytest.mark.parametrize(("rule", "case", "cures"), SAID)
def test_a_run_that_shows_it_is_told_and_its_remedies_take_it_away(rule, case, cures):
    """A remedy that does not help is worse than none."""
    finding = _finding(rule, case)
    assert len(finding.remedies) >= cures
    for remedy in finding.remedies[:cures]:
        assert rule not in rules(remedy.experiment), remedy.label


@pytest.mark.parametrize(("rule", "case"), QUIET)
def test_a_run_that_does_not_show_it_is_left_in_peace(rule, case):
    assert rule not in rules(case)


@pytest.mark.parametrize("case", HEALTHY)
def test_no_false_alarm(case):
    """Who is warned of a healthy run believes no warning any more."""
    assert not {finding.rule for finding in findings(case)} - REMARKED


def test_in_a_run_without_a_fault_there_is_nothing_to_say():
    assert findings(race("prodigy", ("adam", {"learning_rate": 0.1}), problem="sphere")) == ()


def test_a_start_without_a_first_step_says_what_the_function_is_there_and_offers_the_nearest_that_has_one(monkeypatch):
    def said(formula: str, *start: float) -> tuple[str, list[str]]:
        finding = _finding("start_not_finite", race("adam", problem="formula", formula=formula, start=start, steps=50))
        return finding.text, [remedy.label for remedy in finding.remedies]

    text, remedies = said("x - log(x) + y^2", -1.5, 2.0)
    assert text.startswith("The function is no number at the start (-1.5, 2), so there is no first step.")
    assert remedies == ["Start at (0.5, 2)"], "beside it, not at the other end of the window"
    text, remedies = said("x - log(x) + y^2", 0.0, 0.0)
    assert text.startswith("The function is infinite at the start (0, 0)")
    text, remedies = said("sqrt(-1 - x^2) + y", 1.5, 1.0)
    assert "Nor has it a value and a slope at any of 440 points over its window." in text
    assert not remedies, "no start is better than another"
    monkeypatch.setattr(starts, "look", lambda experiment: starts.Start(2.0, (1.0, 1.0), 440))
    assert "The function is 2 at the start (0, 0), but it has no slope there" in said("x - log(x) + y^2", 0.0, 0.0)[0]


def test_the_guard_is_not_blamed_where_it_changes_nothing():
    """Without Adam's bias correction, and without a warm-up, the guard changes no bit of a run."""
    guarded = SHOWN["safeguard_slows_d"][0][0]
    case = Case(guarded, ran(guarded), 0)
    assert estimate.safeguard_slows_d(case)
    off = MappingProxyType({**case.knobs, "use_bias_correction": False})
    monkey = _WithKnobs(guarded, ran(guarded), 0, off)
    assert estimate.safeguard_slows_d(monkey) is None


class _WithKnobs(Case):
    """A case whose contender has other hyperparameters than its optimizer knows."""

    def __init__(self, experiment: Experiment, traces: tuple[Trace, ...], index: int, knobs: Mapping[str, Value]) -> None:
        super().__init__(experiment, traces, index)
        object.__setattr__(self, "_knobs", knobs)

    @property
    def knobs(self) -> Mapping[str, Value]:
        knobs: Mapping[str, Value] = self.__dict__["_knobs"]
        return knobs


# --- the remedies ----------------------------------------------------------------------------------------------------


def _leaves(value: object, path: tuple[object, ...] = ()) -> dict[tuple[object, ...], object]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else None
    if items is None:
        return {path: value}
    return {key: leaf for name, inner in items for key, leaf in _leaves(inner, (*path, name)).items()}


@pytest.mark.parametrize(("rule", "case", "cures"), SAID)
def test_a_remedy_changes_what_its_label_says_and_nothing_else(rule, case, cures):
    for remedy in _finding(rule, case).remedies:
        before, after = (_leaves(json.loads(one.to_json())) for one in (case, remedy.experiment))
        changed = {path: after.get(path) for path in before | after if before.get(path) != after.get(path)}
        assert changed
        assert Experiment.from_json(remedy.experiment.to_json()) == remedy.experiment
        if remedy.label.startswith("Take "):
            more = {path: value for path, value in after.items() if path not in before and value is not None}
            assert changed == {("contenders", 0, "optimizer"): "prodigy"} | more
            assert {str(path[-1]): value for path, value in more.items()}.items() <= OPTIMIZERS["prodigy"].defaults.items()
            titles = [OPTIMIZERS[one.contenders[0].optimizer].title for one in (remedy.experiment, case)]
            assert remedy.label == "Take {} instead of {}".format(*titles)
        elif remedy.label.startswith("Start at "):
            assert {path[0] for path in changed} == {"start"}
            assert remedy.label == f"Start at ({', '.join(map(format_number, remedy.experiment.start or ()))})"
        else:
            words = {f"{path[-1]} {_words(value)}" for path, value in changed.items()}
            assert set(remedy.label.removeprefix("Turn ").split(" and ")) == words


def _words(value: object) -> str:
    if value is None or isinstance(value, bool):
        return "on" if value else "off"
    return "to " + (format_number(value) if isinstance(value, float) else str(value))


def test_a_remedy_is_for_the_contender_that_needs_it():
    case = race("prodigy", ("optax_prodigy", {"warmup": 0.1, "beta2": 0.99}), "prodigy")
    (finding,) = [finding for finding in findings(case) if finding.rule == "warmup_from_zero"]
    assert finding.contender == 1
    for remedy in finding.remedies:
        assert [remedy.experiment.contenders[i] for i in (0, 2)] == [case.contenders[i] for i in (0, 2)]
    assert finding.remedies[-1].experiment.contenders[1].knobs["beta2"] == 0.99, "its own knobs are kept"


def test_no_remedy_is_beyond_what_a_knob_allows():
    case = race("prodigy", steps=20)
    labels = [remedy.label for remedy in _finding("too_few_steps", case).remedies]
    assert labels == ["Turn steps to 100", "Turn estim_lr0 to 0.001"]
    case = race(("sgd", {"learning_rate": 1e-300}), start=(1.0, 1.0))
    assert [remedy.label for remedy in findings(case)[0].remedies] == ["Start at (-1.5, 2)"]


def test_a_larger_beta3_holds_d_back_from_an_outlier():
    """A smaller one would only hide the jump in a D that never settles, and ends higher."""
    case = SHOWN["outlier_raised_d"][0][0]
    remedy = next(remedy for remedy in _finding("outlier_raised_d", case).remedies if "beta3" in remedy.label)
    assert ran(remedy.experiment)[0].probes["D"][-1] < 0.5 * ran(case)[0].probes["D"][-1]


def test_where_a_knob_does_not_go_so_far_there_is_no_remedy():
    case = race("adam", problem="sphere", start=(1e6, 1e6), steps=1)
    assert _finding("too_slow", case).remedies == (), "5e6 is no learning rate"


# --- the words -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("rule", "case", "cures"), SAID)
def test_a_text_is_short_and_its_numbers_are_as_people_write_them(rule, case, cures):
    text = _finding(rule, case).text
    assert text.endswith(".")
    assert text[0].isupper() or text.startswith(("clip", "learning_rate"))
    assert 1 <= len(re.findall(r"[.:?!](?: |$)", text)) <= 5
    assert len(text) < 420
    for digits in re.findall(r"\d+\.\d+", text):
        assert len(digits.replace(".", "").lstrip("0")) <= 2, text
    assert not re.search(r"\bnan\b|\binf\b|None|\d{7}", text), text


def test_the_texts_have_the_numbers_of_the_run():
    stuck = _finding("stuck_by_rounding", race("optax_prodigy", **BF16)).text
    assert "D stayed at 1e-06 for all 200 steps" in stuck
    assert "around 1 bfloat16 numbers lie 0.0039 apart" in stuck
    slow = race("adam", "prodigy")
    estimate = f"{ran(slow)[1].probes['D'][-1]:.2g}"
    assert f"Prodigy's D here is {estimate}" in _finding("too_slow", slow).text
    assert [remedy.label for remedy in _finding("too_slow", slow).remedies] == [f"Turn learning_rate to {estimate}"]
    assert "500 steps with learning_rate 0.001 go at most about 0.5" in _finding("too_slow", slow).text
    stopped = _finding("too_slow", race("adam", ("prodigy", {"stop_d_at": 20})))
    assert "Prodigy's D" not in stopped.text, "it was kept from growing, so it is no estimate"
    overshot = _finding("d_overshot", race(("prodigy", {"estim_lr0": 1e4}), **BEALE)).text
    assert "D came to 10000, but the nearest minimiser is 2 away" in overshot


def test_what_tuning_cost_is_said():
    """That a tuned Adam is better is no news without its price."""
    tuned = race("prodigy", "tuned_adam")
    text, tuning = _finding("better_tuned", tuned).text, ran(tuned)[1].tuning
    assert tuning is not None
    assert f"the best of {tuning.values.size}" in text
    assert f"{tuning.steps:,} steps; Prodigy took 500" in text
    assert "Tuned Adam is simply better here: it ends at a loss of" in text


def test_what_a_scout_cost_is_said_and_that_somebody_else_ran():
    scouted = race("prodigy", "adam_at_d", problem="himmelblau", start=(0.0, 0.0), steps=160)
    text, tuning = _finding("better_tuned", scouted).text, ran(scouted)[1].tuning
    assert tuning is not None
    assert f"is what a run of {tuning.scout} before it came to, which took 160 steps more." in text
    assert "the best of" not in text


# --- their order -----------------------------------------------------------------------------------------------------


def test_the_gravest_comes_first_whoever_it_is_about():
    case = race(("prodigy", {"clip": 1.0}), ("optax_prodigy", {"warmup": 0.1}), ("prodigy", {"learning_rate": 100.0}))
    assert [(finding.rule, finding.contender) for finding in findings(case)][:2] == [
        ("warmup_from_zero", 1),
        ("learning_rate_far_from_1", 2),
    ]
    assert ("clipping_inflates_d", 0) in [(finding.rule, finding.contender) for finding in findings(case)]


def test_nobody_hears_more_than_a_few_things(monkeypatch):
    case = race("prodigy", "adam")
    always = [(lambda case, i=i: case.finding(f"rule {i}", "Something."),) for i in range(MOST + 2)]
    monkeypatch.setattr(diagnosis, "RULES", tuple(always))
    assert [finding.rule for finding in diagnose(case, ran(case))] == [
        "rule 0",
        "rule 0",
        "rule 1",
        "rule 1",
        "rule 2",
        "rule 2",
    ]


def test_that_another_is_better_is_only_said_of_a_healthy_one():
    assert rules(race(("prodigy", {"learning_rate": 0.01}), ("adam", {"learning_rate": 1.0}))) == ["learning_rate_far_from_1"]


def test_of_a_race_that_has_not_begun_for_all_the_first_are_looked_at():
    case = race(("optax_prodigy", {"warmup": 0.1}), "prodigy")
    assert [finding.rule for finding in diagnose(case, ran(case)[:1])] == ["warmup_from_zero"]
    assert diagnose(case, ()) == ()


def test_nothing_is_run():
    """The page asks at every redraw."""
    case = race(("prodigy", {"clip": 1.0}))
    traces = ran(case)
    kept = [values.copy() for values in (traces[0].loss, traces[0].probes["D"])]
    assert diagnose(case, traces) == diagnose(case, traces)
    np.testing.assert_array_equal(kept[0], traces[0].loss)
    np.testing.assert_array_equal(kept[1], traces[0].probes["D"])
