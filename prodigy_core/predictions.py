"""The predictions of trained classifiers, at the last snapshot of each trace."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int

from prodigy_core.data.datasets import Dataset
from prodigy_core.engine import devices
from prodigy_core.engine.loop import Static
from prodigy_core.engine.prepare import PreparedRun, host, prepare
from prodigy_core.experiment import MAX_CONTENDERS, Contender, Experiment
from prodigy_core.problems import PROBLEMS
from prodigy_core.trace import Trace
from prodigy_core.tree import unflatten

POINTS = 72  # points of the grid along each axis
MARGIN = 0.08  # width of the grid's border, as a part of the data's extent
MOST = 8  # misread images to return, at most
ANY_CONTENDER = Contender("sgd")  # the examples and the shapes of the parameters are the same for every contender


@dataclass(frozen=True, eq=False)
class Part:
    """Points of two features with the indices of their classes; label noise included, since a model learns from it."""

    points: Float[np.ndarray, "examples 2"]
    labels: Int[np.ndarray, " examples"]


@dataclass(frozen=True, eq=False)
class Regions:
    """The predictions of one model on the grid. [..., i, j] of an array belongs to (x[j], y[i]) of the `Boundary`.

    Attributes:
      step: the steps that the model has taken.
      winner: the index of the most probable class.
      probabilities: the probability of each class; NaN where the model's outputs are not finite.
      right: the number of validation points in their class's region.
    """

    step: int
    winner: Int[np.ndarray, "rows columns"]
    probabilities: Float[np.ndarray, "classes rows columns"]
    right: int


@dataclass(frozen=True, eq=False)
class Boundary:
    """The predictions of classifiers of two features over the window of their data.

    Attributes:
      x, y: the grid, in the standardised units of the model's inputs.
      features, classes: their names.
      train, validation: the data.
      regions: those of each trace; None if it has no snapshot.
    """

    x: Float[np.ndarray, " columns"]
    y: Float[np.ndarray, " rows"]
    features: tuple[str, str]
    classes: tuple[str, ...]
    train: Part
    validation: Part
    regions: tuple[Regions | None, ...]


@dataclass(frozen=True, eq=False)
class Errors:
    """The validation images that one model misreads.

    Attributes:
      step: the steps that the model has taken.
      wrong: the number of misread images.
      images: some of them, the most confident errors first; from 0, the background, to 1, the darkest ink.
      meant, read: their classes, and the model's predictions.
      sure: the probabilities of these predictions.
    """

    step: int
    wrong: int
    images: Float[np.ndarray, "some height width"]
    meant: tuple[str, ...]
    read: tuple[str, ...]
    sure: Float[np.ndarray, " some"]


@dataclass(frozen=True, eq=False)
class Misread:
    """The misread images of each trace, None if it has no snapshot; `of` is the number of validation images."""

    of: int
    errors: tuple[Errors | None, ...]


def boundary(
    experiment: Experiment, traces: Sequence[Trace], upload: Dataset | None = None, points: int = POINTS
) -> Boundary | None:
    """Return each contender's predictions on a grid of `points` times `points`; None if there are not two features.

    Raises ExperimentError if the upload is not that of the experiment.
    """
    data = _data(experiment, upload)
    if data is None or len(data.features) != 2:
        return None
    prepared = prepare(experiment, ANY_CONTENDER, upload)
    train, validation = _part(prepared.inputs.train), _part(prepared.inputs.validation)
    everything = np.concatenate([train.points, validation.points])
    low, high = everything.min(axis=0), everything.max(axis=0)
    margin = MARGIN * (high - low)
    x, y = np.linspace(low - margin, high + margin, points, dtype=np.float32).T
    grid = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
    regions: list[Regions | None] = [None] * len(traces)
    for i, winner, probabilities in _predictions(prepared, traces, np.concatenate([grid, validation.points])):
        regions[i] = Regions(
            step=int(traces[i].snapshot_steps[-1]),
            winner=winner[: len(grid)].reshape(points, points),
            probabilities=probabilities[: len(grid)].T.reshape(-1, points, points),
            right=int(np.sum(winner[len(grid) :] == validation.labels)),
        )
    return Boundary(x, y, (data.features[0], data.features[1]), data.classes, train, validation, tuple(regions))


def misread(experiment: Experiment, traces: Sequence[Trace], upload: Dataset | None = None, most: int = MOST) -> Misread | None:
    """Return the validation images that each contender misreads; None without images. Raises as `boundary` does."""
    data = _data(experiment, upload)
    if data is None or data.image is None:
        return None
    inputs, labels = data.validation_inputs, data.validation_targets
    low, span = data.train_inputs.min(), np.ptp(data.train_inputs)  # above 0, since the inputs are standardised
    errors: list[Errors | None] = [None] * len(traces)
    for i, winner, probabilities in _predictions(prepare(experiment, ANY_CONTENDER, upload), traces, inputs):
        wrong = np.flatnonzero(winner != labels)
        sure = np.nan_to_num(probabilities[wrong, winner[wrong]])
        surest = np.argsort(-sure, kind="stable")[:most]
        rows = wrong[surest]
        errors[i] = Errors(
            step=int(traces[i].snapshot_steps[-1]),
            wrong=wrong.size,
            images=np.clip((inputs[rows] - low) / span, 0, 1).reshape(-1, *data.image),
            meant=tuple(data.classes[label] for label in labels[rows]),
            read=tuple(data.classes[label] for label in winner[rows]),
            sure=sure[surest],
        )
    return Misread(len(labels), tuple(errors))


def _data(experiment: Experiment, upload: Dataset | None) -> Dataset | None:
    """Return the table that a classifier learns from; None for every other problem."""
    learning = experiment.definition.learning
    if learning is None or learning.outputs is None or learning.dataset is None:
        return None
    if experiment.needs_upload and upload is None:
        return None
    data = learning.dataset(experiment.settings, upload)
    return data if data.kind == "classification" else None


def _part(batch: Any) -> Part:
    return Part(np.asarray(batch["inputs"], np.float32), np.asarray(batch["labels"]).argmax(axis=1))


def _predictions(
    prepared: PreparedRun, traces: Sequence[Trace], inputs: Float[np.ndarray, "inputs features"]
) -> Iterator[tuple[int, Int[np.ndarray, " inputs"], Float[np.ndarray, "inputs classes"]]]:
    """Yield (index, most probable class, probabilities) of the inputs for each trace that has a snapshot."""
    with_snapshot = [i for i, trace in enumerate(traces) if len(trace.snapshots)]
    # Padded to the most contenders, so that adding one compiles nothing.
    positions = np.zeros((max(len(with_snapshot), MAX_CONTENDERS), prepared.parameters), np.float32)
    for row, i in enumerate(with_snapshot):
        positions[row] = traces[i].snapshots[-1]
    predict = _predict(prepared.program.problem, prepared.program.settings)
    with devices.on(devices.processors()[0]):
        predictions = predict(
            unflatten(positions, prepared.inputs.start), host({"inputs": inputs}, "float32"), prepared.inputs.settings
        )
    winner, probabilities = jax.device_get(predictions)
    yield from ((i, winner[row], probabilities[row]) for row, i in enumerate(with_snapshot))


@lru_cache(maxsize=64)
def _predict(problem: str, static: Static) -> Callable[..., tuple[Array, Array]]:
    """Return the jitted (parameters of many, inputs, traced settings) -> most probable class, probabilities of all classes."""
    learning = PROBLEMS[problem].learning
    outputs = learning.outputs if learning else None
    assert outputs is not None

    def one(params: Any, batch: Any, settings: Any) -> tuple[Array, Array]:
        logits = outputs(params, batch, {**settings, **dict(static)})
        return jnp.argmax(logits, axis=1), jax.nn.softmax(logits)  # among equal logits the first class wins, as in `accuracy`

    return jax.jit(jax.vmap(one, in_axes=(0, None, None)))
