"""What a model has that a function has not: losses and scores on two parts of its data, judged at some of the steps."""

from __future__ import annotations

from functools import cache
from types import MappingProxyType

import numpy as np
import plotly.graph_objects as go
import pytest

from app.figures import curves
from prodigy_core.experiment import Contender, Experiment
from prodigy_core.trace import Trace
from tests.figures.runs import SIX, lines, looks_of, named, shift, trace_of

DOTTED = "1.5px,3px"


@cache
def model_runs(optimizers: tuple[str, ...] = ("prodigy", "adam")) -> tuple[Experiment, list[Trace]]:
    """Runs of 5,001 steps of which every fifth was recorded, and every fortieth judged."""
    experiment = Experiment(problem="mlp", contenders=tuple(Contender(name) for name in optimizers), steps=5_000)
    n = 1_001
    position = np.stack([np.linspace(0, 1, n), np.linspace(0, -1, n)], axis=1)
    found = []
    for i, name in enumerate(optimizers):
        drawn = trace_of(position, np.geomspace(3, 0.1, n), with_d="prodigy" in name, steps=5 * np.arange(n), projected=True)
        judged = {name: values[::8] + i / 100 for name, values in _metrics(n).items()}
        found.append(
            trace_of(
                position,
                drawn.loss,
                with_d="prodigy" in name,
                steps=drawn.steps,
                projected=True,
                evaluated=drawn.steps[::8],
                metrics=MappingProxyType(judged),
                gradient_norm=np.geomspace(2 + i, 0.01, n),
            )
        )
    return experiment, found


def _metrics(n: int) -> dict[str, np.ndarray]:
    names = ("train_loss", "validation_loss", "train_accuracy", "validation_accuracy")
    return {name: np.linspace(0.9 - 0.1 * i, 0.2 + 0.1 * i, n) for i, name in enumerate(names)}


def test_the_learning_curves_are_both_losses_at_the_steps_at_which_they_were_taken():
    """Drawn over 0, 1, 2 ..., or validation for training, the picture would tell of another run."""
    experiment, traces = model_runs()
    figure = curves.learning(traces, looks_of(experiment))
    assert len(lines(figure)) == 4
    for trace, look in zip(traces, looks_of(experiment), strict=True):
        for part in ("train", "validation"):
            line = named(figure, f"{look.label}, {part}")
            np.testing.assert_array_equal(line.x, trace.evaluated)
            np.testing.assert_array_equal(line.y, trace.metrics[f"{part}_loss"])
            assert line.line.color == look.colour
            assert line.line.dash == (DOTTED if part == "train" else look.dash)
    assert named(figure, "Prodigy, train").x[-1] == 5_000
    assert figure.layout.yaxis.type == "log"


def test_the_score_is_what_the_metrics_say_on_an_axis_that_ends_at_one():
    experiment, traces = model_runs()
    figure = curves.score(traces, looks_of(experiment))
    assert isinstance(figure, go.Figure)
    for trace, look in zip(traces, looks_of(experiment), strict=True):
        for part in ("train", "validation"):
            line = named(figure, f"{look.label}, {part}")
            np.testing.assert_array_equal(line.x, trace.evaluated)
            np.testing.assert_array_equal(line.y, trace.metrics[f"{part}_accuracy"])
    assert "accuracy" in figure.layout.title.text
    low, high = figure.layout.yaxis.range
    lowest = min(trace.metrics["validation_accuracy"].min() for trace in traces)
    assert max(0, lowest - 0.2) <= low < lowest
    assert 1 < high < 1.1
    assert figure.layout.yaxis.type != "log"


@pytest.mark.parametrize("name, title", [("r_squared", "r squared"), ("relative_error", "relative error")])
def test_a_model_that_predicts_numbers_is_judged_by_its_own_score(name, title):
    """An R² below 0 is no error, and must not be cut off as an accuracy would be."""
    experiment, (first, _) = model_runs()
    values = np.linspace(-3, 0.5, first.evaluated.size)
    metrics = {"train_loss": values**2, "validation_loss": values**2, f"train_{name}": values, f"validation_{name}": values}
    trace = trace_of(first.position, first.loss, evaluated=first.evaluated, metrics=MappingProxyType(metrics))
    assert curves.score_name(trace) == name
    figure = curves.score([trace], looks_of(experiment)[:1])
    assert isinstance(figure, go.Figure)
    assert title in figure.layout.title.text
    assert figure.layout.yaxis.range is None
    np.testing.assert_array_equal(named(figure, "Prodigy, validation").y, values)


def test_a_model_with_losses_alone_has_no_score():
    experiment, (first, _) = model_runs()
    losses = {name: values for name, values in first.metrics.items() if name.endswith("loss")}
    trace = trace_of(first.position, first.loss, evaluated=first.evaluated, metrics=MappingProxyType(losses))
    assert curves.score([trace], looks_of(experiment)[:1]) is None
    assert curves.score_name(trace_of(first.position, first.loss, metrics={"loss": np.zeros(1)})) is None, "nor a function"


def test_a_run_of_which_nothing_was_judged_leaves_room_for_the_others():
    """It broke off at its start; the others did not."""
    experiment, (first, second) = model_runs()
    nothing = trace_of(first.position[:0], first.loss[:0])
    for traces in ([nothing, second], [nothing, nothing]):
        assert isinstance(curves.score(traces, looks_of(experiment)), go.Figure)
        assert curves.learning(traces, looks_of(experiment))
    np.testing.assert_array_equal(
        named(curves.learning([nothing, second], looks_of(experiment)), "Adam, validation").y, second.metrics["validation_loss"]
    )


def test_the_gradient_is_drawn_as_each_contender_met_it():
    experiment, traces = model_runs()
    figure = curves.gradient(traces, looks_of(experiment))
    for trace, look in zip(traces, looks_of(experiment), strict=True):
        line = named(figure, look.label)
        np.testing.assert_array_equal(line.x, trace.steps)
        np.testing.assert_array_equal(line.y, trace.gradient_norm)
        assert (line.line.color, line.line.dash) == (look.colour, look.dash)
    at_rest = trace_of(traces[0].position, traces[0].loss, gradient_norm=np.zeros(1_001))
    assert np.isnan(named(curves.gradient([at_rest, traces[1]], looks_of(experiment)), "Prodigy").y).all(), "0 has no logarithm"


@pytest.mark.parametrize("builder", [curves.effective_step, curves.gradient])
def test_a_curve_of_which_every_fifth_entry_was_kept_stands_over_its_steps(builder):
    experiment, traces = model_runs()
    for line in lines(builder(traces, looks_of(experiment))):
        np.testing.assert_array_equal(line.x, 5 * np.arange(1_001))


def test_the_distance_and_the_loss_stand_over_their_steps_too():
    experiment, traces = model_runs()
    for builder in (curves.distance, curves.loss):
        for line in lines(builder(experiment, traces, looks_of(experiment))):
            assert line.x[-1] == 5_000


def test_six_models_are_told_apart():
    experiment, traces = model_runs(SIX)
    figure = curves.learning([shift(trace, i) for i, trace in enumerate(traces)], looks_of(experiment))
    assert len({(line.line.color, line.line.dash) for line in lines(figure) if line.line.dash != DOTTED}) == 6
    assert len({line.y[0] for line in lines(figure) if line.name.endswith("validation")}) == 6
