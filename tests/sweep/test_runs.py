"""The axes of a sweep, and the results of each run."""

from __future__ import annotations

from collections.abc import Sequence

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from prodigy_core.engine.runner import run_contender
from prodigy_core.experiment import Contender, Experiment
from prodigy_core.optimizers import OPTIMIZERS
from prodigy_core.optimizers.traits import GridSearch
from prodigy_core.param import Value
from prodigy_core.problems import PROBLEMS
from prodigy_core.problems.formula.problem import OWN
from prodigy_core.sweep.spec import Axis
from prodigy_core.trace import FINISHED, STATUSES, Status
from tests.compilations import compilations
from tests.sweep.runs import CLOSE, PRODIGY, STEPS, alone, assert_same, axis, expected_metrics, swept

FLOWERS = {"data": "iris", "batch": "16"}
CLIPPED = Contender("prodigy", {"clip": 3.0})
SGD = Contender("sgd", {"learning_rate": 1e-4})


def _turned(
    estimates: Sequence[Value] = (1e-6,), guards: Sequence[Value] = (False,), schedules: Sequence[Value] = ("constant",)
) -> tuple[Axis, ...]:
    """Axes of a number, a switch and a choice: one program for whoever turns one of them."""
    return axis("estim_lr0", *estimates), axis("safeguard_warmup", *guards), axis("schedule", *schedules)


# --- axes ----------------------------------------------------------------------------------------------------------


def test_numbers_switches_and_choices_of_a_contender():
    result = swept(alone(contender=CLIPPED), *_turned((1e-6, 1e-2), (False, True), ("constant", "cosine")))
    assert result.grids[0].shape == (2, 2, 2)
    assert_same(result)


def test_the_start_the_settings_of_the_plane_and_knobs_that_are_off_by_default():
    of_all = [
        axis(name, *values, contender=None) for name, values in {"start.x": (-2.0, 1.5), "settings.b": (1.0, 100.0)}.items()
    ]
    assert_same(swept(alone(), *of_all, axis("clip", None, 0.1, 10.0), axis("weight_decay", 0.0, 0.1)))


def test_a_static_knob_has_a_program_for_each_value_and_every_seed_its_own_start():
    experiment = alone("rosenbrock_nd", settings={"dimension": 6, "start_spread": 1.0})
    axes = axis("settings.dimension", 4, 6, contender=None), axis("beta3", 0.9, 0.999)
    assert_same(swept(experiment, *axes, seeds=(3, 1), entries=5))


def test_a_number_of_steps():
    steps = axis("steps", 1, 7, STEPS, contender=None)
    assert_same(swept(alone(contender=CLIPPED), steps, *_turned(schedules=("linear", "restarts"))))


def test_a_knob_is_as_exact_in_every_precision_as_in_a_race():
    """An array's numbers are not Python's: as they are, they would lift all that they meet to their own precision."""
    precisions = axis("precision", "float64", "float32", "bfloat16", "float16", contender=None)
    result = swept(alone(steps=20), precisions, axis("estim_lr0", 1e-6, 1e-2), axis("beta1", 0.5, 0.9))
    assert_same(result, within=1e-5)  # in float32 one step's rounding, 6e-8, has twenty steps to grow
    for losses in result.grids[0].metrics["final_loss"].reshape(4, 4).T:
        assert len(set(losses.tolist())) == 4


def test_each_contender_has_its_own_axes():
    experiment = Experiment(contenders=(PRODIGY, SGD, Contender("sgd", {"momentum": 0.5})), steps=STEPS)
    result = swept(
        experiment, axis("estim_lr0", 1e-6, 1e-3), axis("learning_rate", 1e-3, 1e-5, contender=1),
        axis("start.y", 0.0, 2.0, contender=None),
    )  # fmt: skip
    assert [grid.shape for grid in result.grids] == [(2, 2), (2, 2), (2,)]
    for contender in range(3):
        assert_same(result, contender)


def test_no_axis_is_a_run():
    result = swept(alone())
    assert result.grids[0].shape == ()
    assert_same(result)


# --- seeds ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("noise", ["gaussian", "heavy tails", "one bad batch"])
def test_every_seed_has_its_own_noise(noise):
    result = swept(
        alone(contender=SGD, noise=noise, noise_size=0.1, noise_at=10),
        axis("noise_size", 0.01, 1.0, contender=None),
        seeds=(0, 7, 8),
    )
    assert_same(result)
    assert len(set(result.grids[0].metrics["final_loss"].ravel().tolist())) == 6


def test_what_no_seed_changes_is_run_once():
    result = swept(alone(contender=CLIPPED), *_turned(estimates=(1e-6, 1e-3)), seeds=(3, 1, 2))
    assert_same(result)
    assert (np.ptp(result.grids[0].metrics["final_loss"], axis=-1) == 0).all()


# --- models --------------------------------------------------------------------------------------------------------


def test_a_model_has_each_seeds_start_batches_and_labels():
    experiment = alone("logistic_regression", settings=FLOWERS)
    result = swept(
        experiment,
        axis("estim_lr0", 1e-6, 1e-2),
        axis("settings.label_noise", 0.0, 0.3, contender=None),
        seeds=(0, 5),
        entries=9,
    )
    assert {"train_loss", "validation_loss", "train_accuracy", "validation_accuracy"} <= set(result.grids[0].metrics)
    assert_same(result)


def test_a_model_that_diverges():
    experiment = alone("linear_regression", Contender("sgd"), steps=40)
    result = swept(experiment, axis("learning_rate", 1e-3, 1e3, 1e6))
    assert_same(result)
    assert result.grids[0].broke_off.any()


def test_a_network_of_another_width():
    experiment = alone("mlp", Contender("adam"), settings={**FLOWERS, "width": 5}, steps=20)
    assert_same(swept(experiment, axis("settings.width", 4, contender=None), axis("learning_rate", 1e-3, 0.1), seeds=(0, 1)))


# --- searches ------------------------------------------------------------------------------------------------------


def test_a_search_takes_the_best_of_its_own_tries():
    experiment = alone(contender=Contender("tuned_adam", {"search_low": 1e-4}))
    result = swept(experiment, axis("search_size", 3, 4), axis("beta1", 0.5, 0.9))
    metrics, search = result.grids[0].metrics, OPTIMIZERS["tuned_adam"].search
    assert isinstance(search, GridSearch)
    assert metrics["tries"].ravel().tolist() == [3, 3, 4, 4]
    for place in np.ndindex(2, 2):
        knobs = result.sweep.at(0, place).contenders[0].knobs
        rates = search.grid(knobs)
        tries = [run_contender(experiment, Contender("adam", {"beta1": knobs["beta1"], search.knob: rate})) for rate in rates]
        best = int(np.argmin([each.final_loss for each in tries]))
        expected = {**expected_metrics(result, tries[best]), "tuned": rates[best]}
        assert result.grids[0].status[*place, 0] == FINISHED
        for name, value in expected.items():
            np.testing.assert_allclose(metrics[name][*place, 0], value, rtol=CLOSE, err_msg=name)


def test_a_models_search_judges_by_all_examples_and_the_penalty():
    experiment = alone("logistic_regression", Contender("tuned_adam"), settings={**FLOWERS, "l2": 1.0}, steps=30)
    result = swept(experiment, axis("beta1", 0.0, 0.9), seeds=(0, 1))
    for place in np.ndindex(2, 2):
        alike = result.sweep.at(0, place[:1], place[1])
        tuning = run_contender(alike, alike.contenders[0]).tuning
        assert tuning is not None
        assert result.grids[0].metrics["tuned"][place] == tuning.best


# --- endings and traces --------------------------------------------------------------------------------------------


def test_runs_that_break_off_stand_beside_those_that_do_not():
    result = swept(alone(contender=Contender("sgd")), axis("learning_rate", 1e-5, 1e-3, 1e-1, 1e3), entries=13)
    statuses = {STATUSES[code] for code in result.grids[0].status.ravel()}
    assert statuses == {Status.FINISHED, Status.DIVERGED}
    assert_same(result)


def test_a_run_that_becomes_nan():
    """Prodigy as optax has it divides 0 by 0 where the learning rate begins at 0."""
    result = swept(alone(contender=Contender("optax_prodigy", {"warmup_from": 0.0})), axis("warmup", 0.0, 0.2))
    assert [STATUSES[code] for code in result.grids[0].status.ravel()] == [Status.FINISHED, Status.NOT_A_NUMBER]
    assert_same(result)


@pytest.mark.parametrize("entries", [2, 9, 31, 500])
def test_traces_begin_at_the_start_and_end_at_the_end(entries):
    result = swept(alone(), axis("estim_lr0", 1e-6, 1e-2), entries=entries)
    steps = result.grids[0].steps
    assert (steps[0], steps[-1]) == (0, STEPS)
    assert len(steps) <= entries + 1
    assert_same(result)


@pytest.mark.parametrize("name", [name for name, problem in PROBLEMS.items() if problem.domain is not None and name != OWN])
def test_a_function_of_the_plane_takes_a_pair_of_numbers(name):
    """As a sweep has its coordinates. What a function did with the whole point, it would do otherwise to a pair."""
    problem = PROBLEMS[name]
    assert problem.fn is not None
    settings = {param.name: param.default for param in problem.settings}
    with jax.enable_x64(True):
        at = jnp.array([0.3, -0.7])
        loss, slope = jax.value_and_grad(problem.fn)(at, settings)
        alone, pair = jax.value_and_grad(problem.fn)((at[0], at[1]), settings)
    assert float(alone) == float(loss)
    np.testing.assert_array_equal(np.asarray(pair), np.asarray(slope))


# --- speed ---------------------------------------------------------------------------------------------------------


def test_other_values_compile_nothing():
    swept(alone(contender=CLIPPED), *_turned((1e-6, 1e-2), (False, True)))
    with compilations() as compiled:
        swept(alone(contender=CLIPPED), *_turned(np.geomspace(1e-8, 1e-3, 40).tolist(), (True,), ("cosine",)))
        other = Contender("prodigy", {"clip": 4.0, "beta2": 0.9, "learning_rate": 0.5})
        swept(alone(contender=other, start=(1.0, 1.0), steps=9), *reversed(_turned((1.0,), (True,))))
    assert not compiled
