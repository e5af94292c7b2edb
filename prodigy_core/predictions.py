"""What models have learned: what each says of its inputs, at the last position of its trace that was kept whole."""

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

POINTS = 72  # of the grid, along each axis
MARGIN = 0.08  # of the data's extent, that the grid shows around them
MOST = 8  # images that were misread
ANYBODY = Contender("sgd")  # the examples and the shape of the parameters are the same for every contender


@dataclass(frozen=True, eq=False)
class Part:
    """Points of two features, and the index of the class of each: of training points the one that was learnt, noise and all."""

    points: Float[np.ndarray, "examples 2"]
    labels: Int[np.ndarray, " examples"]


@dataclass(frozen=True, eq=False)
class Regions:
    """Which class one model says where. Entry [..., i, j] of an array stands at (x[j], y[i]) of the `Boundary`.

    Attributes:
      step: after how many steps.
      winner: the index of the class.
      probabilities: of each class; NaN where the model's outputs left the range of numbers.
      right: how many of the validation points are in their class's region.
    """

    step: int
    winner: Int[np.ndarray, "rows columns"]
    probabilities: Float[np.ndarray, "classes rows columns"]
    right: int


@dataclass(frozen=True, eq=False)
class Boundary:
    """What classifiers of two features say over the window of their data.

    Attributes:
      x, y: the grid, in the units that the model sees: standardised.
      features, classes: their names.
      train, validation: the data.
      regions: of each trace; None where it kept no position.
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
    """What one model reads wrongly among the validation images.

    Attributes:
      step: after how many steps.
      wrong: how many there are.
      images: some of them, those of which it is most sure first; from 0, the ground, to 1, the darkest ink.
      meant, read: the classes that they are, and what the model says instead.
      sure: the probability that it gives to what it says.
    """

    step: int
    wrong: int
    images: Float[np.ndarray, "some height width"]
    meant: tuple[str, ...]
    read: tuple[str, ...]
    sure: Float[np.ndarray, " some"]


@dataclass(frozen=True, eq=False)
class Misread:
    """The images that models read wrongly, of so many in the validation part; None where a trace kept no position."""

    of: int
    errors: tuple[Errors | None, ...]


def boundary(
    experiment: Experiment, traces: Sequence[Trace], upload: Dataset | None = None, points: int = POINTS
) -> Boundary | None:
    """What each contender's classifier says on a grid of `points` times `points`; None where it does not see two features.

    Raises ExperimentError where the upload is not the one that the experiment is about.
    """
    data = _data(experiment, upload)
    if data is None or len(data.features) != 2:
        return None
    task = prepare(experiment, ANYBODY, upload)
    train, validation = _part(task.inputs.train), _part(task.inputs.validation)
    everything = np.concatenate([train.points, validation.points])
    low, high = everything.min(axis=0), everything.max(axis=0)
    margin = MARGIN * (high - low)
    x, y = np.linspace(low - margin, high + margin, points, dtype=np.float32).T
    grid = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
    regions: list[Regions | None] = [None] * len(traces)
    for i, winner, probabilities in _answers(task, traces, np.concatenate([grid, validation.points])):
        regions[i] = Regions(
            step=int(traces[i].snapshot_steps[-1]),
            winner=winner[: len(grid)].reshape(points, points),
            probabilities=probabilities[: len(grid)].T.reshape(-1, points, points),
            right=int(np.sum(winner[len(grid) :] == validation.labels)),
        )
    return Boundary(x, y, (data.features[0], data.features[1]), data.classes, train, validation, tuple(regions))


def misread(experiment: Experiment, traces: Sequence[Trace], upload: Dataset | None = None, most: int = MOST) -> Misread | None:
    """The validation images that each contender's classifier reads wrongly; None where it sees none. Raises as `boundary`."""
    data = _data(experiment, upload)
    if data is None or data.image is None:
        return None
    inputs, labels = data.validation_inputs, data.validation_targets
    low, span = data.train_inputs.min(), np.ptp(data.train_inputs)  # above 0: it is standardised
    errors: list[Errors | None] = [None] * len(traces)
    for i, winner, probabilities in _answers(prepare(experiment, ANYBODY, upload), traces, inputs):
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
    """The table that a classifier learns from; None of anything else."""
    learning = experiment.definition.learning
    if learning is None or learning.outputs is None or learning.dataset is None:
        return None
    if experiment.needs_upload and upload is None:
        return None
    data = learning.dataset(experiment.settings, upload)
    return data if data.kind == "classification" else None


def _part(batch: Any) -> Part:
    return Part(np.asarray(batch["inputs"], np.float32), np.asarray(batch["labels"]).argmax(axis=1))


def _answers(
    task: PreparedRun, traces: Sequence[Trace], inputs: Float[np.ndarray, "inputs features"]
) -> Iterator[tuple[int, Int[np.ndarray, " inputs"], Float[np.ndarray, "inputs classes"]]]:
    """The winning class and all probabilities of each input, for each trace that kept a position."""
    kept = [i for i, trace in enumerate(traces) if len(trace.snapshots)]
    # Always room for as many contenders as there may be: one more adds no compilation.
    places = np.zeros((max(len(kept), MAX_CONTENDERS), task.parameters), np.float32)
    for row, i in enumerate(kept):
        places[row] = traces[i].snapshots[-1]
    judge = _judge(task.program.problem, task.program.settings)
    with devices.on(devices.processors()[0]):
        said = judge(unflatten(places, task.inputs.start), host({"inputs": inputs}, "float32"), task.inputs.settings)
    winner, probabilities = jax.device_get(said)
    yield from ((i, winner[row], probabilities[row]) for row, i in enumerate(kept))


@lru_cache(maxsize=64)
def _judge(problem: str, static: Static) -> Callable[..., tuple[Array, Array]]:
    """(parameters of many, inputs, the traced settings) -> the winning class and the probabilities of all classes."""
    learning = PROBLEMS[problem].learning
    outputs = learning.outputs if learning else None
    assert outputs is not None

    def one(params: Any, batch: Any, settings: Any) -> tuple[Array, Array]:
        logits = outputs(params, batch, {**settings, **dict(static)})
        return jnp.argmax(logits, axis=1), jax.nn.softmax(logits)  # of equal logits the first wins, as in `accuracy`

    return jax.jit(jax.vmap(one, in_axes=(0, None, None)))
