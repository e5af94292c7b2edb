"""Predictions of classifiers, compared with a plain forward pass and with the metrics that the run recorded."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest

from prodigy_core.data import datasets
from prodigy_core.engine.runner import run
from prodigy_core.experiment import Contender, Experiment, ExperimentError
from prodigy_core.predictions import Boundary, Misread, boundary, misread
from prodigy_core.trace import Trace
from tests.compilations import compilations

STEPS = 60
WIDTH = 12
POINTS = 9  # points of a grid along each axis, the same for all grids of the perceptron, which share one program
NOISE = 0.2
SETTINGS: dict[str, dict[str, Any]] = {
    "mlp": {"data": "moons", "width": WIDTH, "label_noise": NOISE},
    "logistic_regression": {"data": "digits"},
}


@cache
def real(problem: str) -> tuple[Experiment, list[Trace]]:
    contenders = (Contender("sgd"), Contender("sgd", {"learning_rate": 0.01}))  # one program for both
    experiment = Experiment(problem=problem, settings=SETTINGS[problem], contenders=contenders, steps=STEPS)
    return experiment, run(experiment)


def boundary_of(*args: Any, **given: Any) -> Boundary:
    shown = boundary(*args, **given)
    assert shown is not None
    return shown


def misread_of(*args: Any, **given: Any) -> Misread:
    shown = misread(*args, **given)
    assert shown is not None
    return shown


def at_position(trace: Trace, position: np.ndarray, step: int = 7) -> Trace:
    """Return the trace with this position as its only snapshot."""
    return replace(trace, snapshots=position[None].astype(np.float32), snapshot_steps=np.array([step]))


def softmax(logits: np.ndarray) -> np.ndarray:
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


def perceptron(position: np.ndarray, inputs: np.ndarray) -> np.ndarray:
    """One hidden layer of rectified units, parameter by parameter in the order in which a trace keeps them."""
    ends = np.cumsum([2 * WIDTH, WIDTH, 2 * WIDTH, 2])
    first, bias, second, shift = np.split(position.astype(float), ends[:-1])
    hidden = np.maximum(inputs @ first.reshape(WIDTH, 2).T + bias, 0)
    return softmax(hidden @ second.reshape(2, WIDTH).T + shift)


def at(shown: Boundary, row: int, column: int) -> np.ndarray:
    return np.array([[shown.x[column], shown.y[row]]], float)


def test_a_perceptron_says_what_a_plain_forward_pass_says():
    """With rows for columns, or parameters in another order, the picture would be of a model that nobody trained."""
    experiment, traces = real("mlp")
    shown = boundary_of(experiment, traces, points=POINTS)
    for trace, regions in zip(traces, shown.regions, strict=True):
        assert regions is not None
        assert regions.probabilities.shape == (2, POINTS, POINTS)
        for row in range(POINTS):
            for column in range(POINTS):
                expected = perceptron(trace.snapshots[-1], at(shown, row, column))[0]
                np.testing.assert_allclose(regions.probabilities[:, row, column], expected, atol=1e-5)
        np.testing.assert_array_equal(regions.winner, regions.probabilities.argmax(axis=0))
    first, second = shown.regions
    assert first is not None
    assert second is not None
    assert not np.allclose(first.probabilities, second.probabilities, atol=1e-3), "each contender has its own"


def test_logistic_regression_says_what_a_plain_forward_pass_says():
    _, traces = real("mlp")
    position = np.array([2.0, -1.0, 0.5, 0.25, 0.3, -0.4])
    experiment = Experiment(problem="logistic_regression", settings={"data": "spirals"})
    shown = boundary_of(experiment, [at_position(traces[0], position)], points=5)
    (regions,) = shown.regions
    assert regions is not None
    for row in range(5):
        for column in range(5):
            expected = softmax(at(shown, row, column) @ position[:4].reshape(2, 2) + position[4:])[0]
            np.testing.assert_allclose(regions.probabilities[:, row, column], expected, atol=1e-6)
    winners = softmax(datasets.load("spirals").validation_inputs @ position[:4].reshape(2, 2) + position[4:]).argmax(axis=1)
    assert regions.right == np.sum(winners == datasets.load("spirals").validation_targets)
    assert regions.step == 7


@pytest.mark.parametrize("kept", [1, STEPS // 2, STEPS + 1])
def test_as_many_are_right_as_the_run_recorded_at_that_step(kept):
    experiment, traces = real("mlp")
    cut = [replace(trace, snapshots=trace.snapshots[:kept], snapshot_steps=trace.snapshot_steps[:kept]) for trace in traces]
    shown = boundary_of(experiment, cut, points=POINTS)
    for trace, regions in zip(traces, shown.regions, strict=True):
        assert regions is not None
        assert regions.step == trace.snapshot_steps[kept - 1] == kept - 1
        (recorded,) = trace.metrics["validation_accuracy"][trace.evaluated == regions.step]
        assert regions.right == pytest.approx(100 * recorded)


def test_the_window_and_the_points_are_those_of_the_data():
    experiment, traces = real("mlp")
    shown, data = boundary_of(experiment, traces, points=POINTS), datasets.load("moons")
    np.testing.assert_allclose(shown.train.points, data.train_inputs, rtol=1e-6)
    np.testing.assert_allclose(shown.validation.points, data.validation_inputs, rtol=1e-6)
    np.testing.assert_array_equal(shown.validation.labels, data.validation_targets)
    wrong = np.mean(shown.train.labels != data.train_targets)
    assert wrong == pytest.approx(NOISE), "the labels that it learnt from, noise and all"
    everything = np.concatenate([data.train_inputs, data.validation_inputs])
    for axis, values in ((shown.x, everything[:, 0]), (shown.y, everything[:, 1])):
        assert axis[0] < values.min() < values.max() < axis[-1]
        assert np.ptp(axis) < 1.5 * np.ptp(values)
    assert shown.features == ("x", "y")
    assert shown.classes == data.classes


def test_the_misread_digits_are_those_that_the_run_recorded_as_wrong():
    experiment, traces = real("logistic_regression")
    shown, data = misread_of(experiment, traces), datasets.load("digits")
    assert shown.of == len(data.validation_targets)
    for trace, errors in zip(traces, shown.errors, strict=True):
        assert errors is not None
        assert errors.step == STEPS
        assert errors.wrong == pytest.approx((1 - trace.metrics["validation_accuracy"][-1]) * shown.of, abs=1e-3)
        assert 0 < len(errors.images) == len(errors.meant) == len(errors.read) == len(errors.sure) == min(8, errors.wrong)


def test_each_misread_digit_is_shown_with_what_it_is_and_what_the_model_says():
    """A caption under the wrong image would teach that the data are wrong."""
    experiment, traces = real("logistic_regression")
    (errors, _), data = misread_of(experiment, traces, most=500).errors, datasets.load("digits")
    assert errors is not None
    weight, bias = np.split(traces[0].snapshots[-1].astype(float), [640])
    winners = softmax(data.validation_inputs @ weight.reshape(64, 10) + bias)
    rows = np.flatnonzero(winners.argmax(axis=1) != data.validation_targets)
    rows = rows[np.argsort(-winners[rows].max(axis=1))]
    np.testing.assert_allclose(errors.sure, winners[rows].max(axis=1), atol=1e-5)
    assert [int(label) for label in errors.meant] == data.validation_targets[rows].tolist()
    assert [int(label) for label in errors.read] == winners[rows].argmax(axis=1).tolist()
    ink = errors.images.reshape(-1, 64)
    assert ink.min() == 0
    assert ink.max() == 1
    for image, row in zip(ink, rows, strict=True):
        assert np.corrcoef(image, data.validation_inputs[row])[0, 1] == pytest.approx(1)


def test_a_run_that_kept_nothing_leaves_the_others_their_place():
    experiment, (first, second) = real("mlp")
    nothing = replace(first, snapshots=first.snapshots[:0], snapshot_steps=first.snapshot_steps[:0])
    alone = boundary_of(experiment, [second], points=POINTS).regions[0]
    assert alone is not None
    left, right = boundary_of(experiment, [nothing, second], points=POINTS).regions
    assert left is None
    assert right is not None
    np.testing.assert_array_equal(right.probabilities, alone.probabilities)
    assert boundary_of(experiment, [nothing], points=POINTS).regions == (None,)
    experiment, (first, _) = real("logistic_regression")
    nothing = replace(first, snapshots=first.snapshots[:0], snapshot_steps=first.snapshot_steps[:0])
    assert misread_of(experiment, [nothing]).errors == (None,)


def test_a_model_out_of_range_is_asked_without_a_warning():
    """Divergence is what a person came to see."""
    experiment, (trace, _) = real("mlp")
    (regions,) = boundary_of(experiment, [at_position(trace, np.full(trace.snapshots.shape[1], 1e30))], points=POINTS).regions
    assert regions is not None
    assert 0 <= regions.right <= 100
    experiment, (trace, _) = real("logistic_regression")
    (errors,) = misread_of(experiment, [at_position(trace, np.full(650, 3e38))]).errors
    assert errors is not None
    assert np.isfinite(errors.sure).all()


def test_another_contender_or_setting_compiles_nothing():
    experiment, (trace, other) = real("mlp")
    boundary_of(experiment, [trace], points=POINTS)
    with compilations() as shown:
        boundary_of(experiment, [trace, other, trace], points=POINTS)
        boundary_of(replace(experiment, seed=5, settings={**experiment.settings, "l2": 0.1}), [other], points=POINTS)
    assert not shown


@pytest.mark.parametrize(
    "problem, settings",
    [
        ("rosenbrock", {}),
        ("linear_regression", {}),
        ("mlp", {"data": "diabetes"}),
        ("mlp", {"data": "iris"}),
        ("transformer", {}),
        ("autoencoder", {}),
        ("mlp", {"data": "upload"}),
    ],
)
def test_other_models_than_classifiers_of_two_features_or_of_images_have_no_figure(problem, settings):
    experiment = Experiment(problem=problem, settings=settings)
    _, traces = real("mlp")
    assert boundary(experiment, traces) is None
    assert misread(experiment, traces) is None


@cache
def _upload(features: int = 2, kind: datasets.TargetKind = "classification") -> datasets.Dataset:
    rng = np.random.default_rng(0)
    targets = np.arange(60) % 3
    classes = ("a", "b", "c") if kind == "classification" else ()
    names = tuple("pqr"[:features])
    inputs = rng.normal(size=(60, features)) + targets[:, None]
    return datasets.build_dataset(
        name="u", title="u", kind=kind, features=names, inputs=inputs, targets=targets, classes=classes
    )


def test_uploaded_data_of_two_features_and_any_number_of_classes_are_shown():
    _, (trace, _) = real("mlp")
    upload = _upload()
    experiment = Experiment(problem="logistic_regression", settings={"data": "upload"}, data=upload.digest)
    position = np.array([1.0, 0.0, -1.0, 0.5, 0.0, -0.5, 0.0, 0.1, 0.2])
    shown = boundary_of(experiment, [at_position(trace, position)], upload, points=3)
    (regions,) = shown.regions
    assert regions is not None
    assert shown.classes == ("a", "b", "c")
    assert shown.features == ("p", "q")
    expected = softmax(at(shown, 0, 2) @ position[:6].reshape(2, 3) + position[6:])[0]
    np.testing.assert_allclose(regions.probabilities[:, 0, 2], expected, atol=1e-6)
    assert misread(experiment, [at_position(trace, position)], upload) is None
    assert boundary(experiment, [trace], _upload(3)) is None
    assert boundary(experiment, [trace], _upload(2, "regression")) is None
    with pytest.raises(ExperimentError, match="upload it again"):
        boundary(replace(experiment, data="0" * 32), [at_position(trace, position)], upload)
