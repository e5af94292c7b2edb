"""Fields of some problems only: a formula, data, a start of many variables, their own usual steps and precision."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from prodigy_core.experiment import Experiment, ExperimentError
from prodigy_core.problems import PROBLEMS
from prodigy_core.problems.formula.grammar import EXAMPLE
from prodigy_core.problems.formula.problem import OWN
from tests.experiment.samples import DIGESTS, FORMULAS, faults_of, json_of

UPLOADED = DIGESTS[1]
HARD: tuple[Any, ...] = (None, True, 1, 0.5, ["x"], {"x": 1}, [])

every_problem = pytest.mark.parametrize("problem", [pytest.param(problem, id=name) for name, problem in PROBLEMS.items()])


@every_problem
def test_an_experiment_of_any_problem_comes_back_from_a_link_that_says_no_more_than_its_name(problem):
    usual = Experiment(problem=problem.name, contenders=())
    text = usual.to_json(full=False)
    expected = {"version", "problem", "contenders"}
    assert set(json.loads(text)) == (expected | {"formula"} if problem.name == OWN else expected)
    assert Experiment.from_json(text) == usual
    assert Experiment.from_json(usual.to_json()) == usual
    assert json.loads(usual.to_json())["start"] == list(problem.start)


@every_problem
def test_steps_and_precision_stand_where_the_problem_usually_has_them(problem):
    """A network in float64 for 20 steps would teach nothing; and a link to what is usual must stay short and true."""
    usual = Experiment(problem=problem.name)
    assert usual.steps == problem.usual.get("steps", 500)
    assert usual.precision == problem.usual.get("precision", "float64")
    other = Experiment(problem=problem.name, steps=499, precision="bfloat16")
    data = json.loads(other.to_json(full=False))
    assert (data["steps"], data["precision"]) == (499, "bfloat16")
    assert Experiment.from_json(other.to_json(full=False)) == other


def test_the_general_default_is_written_out_where_the_problem_has_another():
    """Left out, 500 steps in float64 would come back as 1,000 in float32."""
    other = Experiment(problem="autoencoder", steps=500, precision="float64")
    assert {"steps": 500, "precision": "float64"}.items() <= json.loads(other.to_json(full=False)).items()
    assert Experiment.from_json(other.to_json(full=False)) == other


@pytest.mark.parametrize("text", FORMULAS)
def test_a_formula_says_how_many_numbers_a_start_has(text):
    experiment = Experiment(problem=OWN, formula=text)
    assert experiment.start == experiment.definition.start
    assert len(experiment.start) == len(experiment.definition.start_params)
    assert Experiment.from_json(experiment.to_json(full=False)) == experiment
    assert "formula" in json.loads(experiment.to_json(full=False))
    with pytest.raises(ExperimentError, match="start"):
        Experiment(problem=OWN, formula=text, start=(1.0,) * (len(experiment.start) + 1))


def test_a_formula_is_run_as_it_was_typed_and_an_empty_one_is_the_example():
    assert Experiment(problem=OWN).formula == EXAMPLE
    assert Experiment(problem=OWN) == Experiment(problem=OWN, formula=EXAMPLE)
    three = Experiment(problem=OWN, formula="x1 + x2*x3", start=(1, 2, 3))
    assert three.start == (1.0, 2.0, 3.0)
    assert three.definition.fn is not None
    assert three.definition.fn(np.array(three.start), {}) == pytest.approx(7.0)  # type: ignore[arg-type]
    assert Experiment(problem=OWN, formula="x + y") != Experiment(problem=OWN, formula="x - y")


@pytest.mark.parametrize(
    "text", ["", "x +", "import os", "__import__('os')", "x" * 5_000, "(" * 900, "1/0", "7", "z", "\ud800"]
)
def test_a_text_that_is_no_formula_is_a_fault_of_the_field_formula(text):
    """The page shows it under the box in which the formula was typed."""
    if text == "":
        assert Experiment.from_json(json_of(problem=OWN, formula="")).formula == EXAMPLE
        return
    faults = faults_of(json_of(problem=OWN, formula=text, steps=0))
    assert set(faults) == {"formula", "steps"}
    assert "a formula:" in faults["formula"].allowed
    assert len(str(faults["formula"])) < 600


@pytest.mark.parametrize("wrong", HARD, ids=repr)
@pytest.mark.parametrize("problem", [OWN, "booth", "mlp"])
def test_a_formula_of_another_type_is_a_fault_whatever_the_problem(wrong, problem):
    """Lists cannot be looked up in a cache: one in a link would otherwise be a traceback."""
    assert set(faults_of(json_of(problem=problem, formula=wrong))) == {"formula"}


def test_a_formula_beside_another_problem_is_a_fault():
    """It would be ignored in silence, and the page would show a formula that is not run."""
    for problem in ("rosenbrock", "mlp", "quadratic_nd"):
        assert "formula" in faults_of(json_of(problem=problem, formula="x + y"))["formula"].allowed


@pytest.mark.parametrize("wrong", [*HARD, "0" * 31, "0" * 33, "0" * 32 + "\n", "G" * 32, "A" * 32, "../" * 8, " "], ids=repr)
def test_data_are_named_by_their_digest_and_by_nothing_else(wrong):
    assert set(faults_of(json_of(problem="mlp", data=wrong))) == {"data"}


def test_an_experiment_on_an_upload_knows_that_it_needs_one():
    """Opened in another browser, the page must ask for the file rather than run something else."""
    experiment = Experiment(problem="mlp", settings={"data": "upload"}, data=UPLOADED)
    assert experiment.needs_upload
    assert Experiment.from_json(experiment.to_json(full=False)) == experiment
    assert json.loads(experiment.to_json(full=False))["data"] == UPLOADED
    assert not Experiment(problem="mlp").needs_upload
    assert not Experiment(problem="cnn").needs_upload
    assert not Experiment().needs_upload


@pytest.mark.parametrize("field, wrong", [("noise", "gausian"), ("noise_size", -1), ("noise_size", 1e7), ("noise_at", -1)])
def test_noise_that_cannot_be_is_a_fault(field, wrong):
    faults = faults_of(json_of(**{field: wrong}))
    assert set(faults) == {field}
    assert faults[field].nearest == ("gaussian" if field == "noise" else "")


@pytest.mark.parametrize("problem", [p for p in PROBLEMS.values() if p.family in ("space", "model")], ids=lambda p: p.name)
def test_a_start_is_refused_where_the_settings_say_it(problem):
    """Two numbers for a network's thousand weights mean nothing."""
    assert Experiment(problem=problem.name, start=()).start == ()
    shapes: list[Any] = [[0.0, 0.0], [1.0], "", {}, 0]
    for wrong in shapes:
        assert "settings" in faults_of(json_of(problem=problem.name, start=wrong))["start"].allowed


def _spread(seed: int, **settings: float) -> np.ndarray:
    origin = Experiment(problem="quadratic_nd", settings={"dimension": 1000, **settings}, seed=seed).origin
    assert origin is not None
    return origin


def test_the_start_of_many_variables_is_what_its_settings_say():
    np.testing.assert_array_equal(_spread(3, start_at=2.5), np.full(1000, 2.5))
    wide = _spread(3, start_at=2.5, start_spread=0.5)
    assert np.abs(wide - 2.5).max() <= 0.5
    assert np.abs(wide - 2.5).max() > 0.49
    assert wide.mean() == pytest.approx(2.5, abs=0.05)
    np.testing.assert_array_equal(wide, _spread(3, start_at=2.5, start_spread=0.5))
    assert not np.array_equal(wide, _spread(4, start_at=2.5, start_spread=0.5)), "the seed draws it"
    np.testing.assert_allclose(_spread(3, start_at=-1.0, start_spread=1.0), 2 * (wide - 2.5) - 1.0)


def test_a_function_starts_where_the_experiment_says_and_a_model_at_weights_of_its_own():
    np.testing.assert_array_equal(Experiment(start=(0.5, -2)).origin, (0.5, -2.0))
    assert Experiment(problem="mlp").origin is None


def test_every_family_of_the_catalogue_is_among_these_tests():
    assert {problem.family for problem in PROBLEMS.values()} == {"plane", "space", "model", "formula"}
