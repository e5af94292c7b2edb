"""The preparation of one contender's run on the host: its start, its examples, and its cut into chunks.

Everything here is NumPy, so that nothing compiles before the first step. Random numbers come from the seed and the number of
the epoch alone: no chunk changes them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Int

from prodigy_core import limits
from prodigy_core.data.datasets import Dataset
from prodigy_core.engine.loop import Inputs, StaticSpec, arguments
from prodigy_core.experiment import Contender, Experiment, ExperimentError
from prodigy_core.optimizers import OPTIMIZERS
from prodigy_core.param import Fault
from prodigy_core.problems import Problem
from prodigy_core.tree import flatten, unflatten

LENGTHS = (128, 512, 2048, 8192)  # numbers of rows that a chunk's records may have
EVALUATIONS = 128  # number of a model's evaluations in a run, at most, and one more at the end
ROOMS = (8, 32, EVALUATIONS + 1)  # numbers of evaluations that a chunk may have room for

Batch = dict[str, np.ndarray]


@dataclass(frozen=True)
class Batches:
    """The mini-batches of a model: each epoch goes through a new order of all examples, and leaves out the remainder.

    Attributes:
      examples: number of examples that a model learns from; 0 for a function.
      size: number of examples in a batch; `examples` for all of them.
      seed: the experiment's.
    """

    examples: int
    size: int
    seed: int

    def indices(self, at: int, count: int, length: int) -> Int[np.ndarray, "length batch"] | None:
        """Return the examples of `count` steps from step `at` on, zeros after them; None where a batch has all examples."""
        if self.size == self.examples:
            return None
        steps_of_epoch = self.examples // self.size
        table = np.zeros((length, self.size), np.int32)
        order, epoch = np.arange(0), -1
        for row, k in enumerate(range(at, at + count)):
            if k // steps_of_epoch != epoch:
                epoch = k // steps_of_epoch
                order = np.random.default_rng((self.seed, epoch)).permutation(self.examples)
            first = k % steps_of_epoch * self.size
            table[row] = order[first : first + self.size]
        return table


@dataclass(frozen=True)
class Chunks:
    """The cut of a run into chunks, and what is kept of it.

    Attributes:
      steps: number of steps of the run.
      size: number of steps of a chunk.
      length: number of rows of a chunk's records.
      evaluations: number of evaluations that a chunk has room for; 0 where there are none.
      record_every: every n-th record is kept.
      eval_every: an evaluation comes before every n-th step.
      snapshot_every: the whole position is kept at every n-th evaluation.
    """

    steps: int
    size: int
    length: int
    evaluations: int
    record_every: int
    eval_every: int
    snapshot_every: int

    def ranges(self) -> Iterator[tuple[int, int]]:
        """Yield (first step, number of steps): the last is the record after the last step, alone if evaluated."""
        end = self.steps if self.evaluations else self.steps + 1
        yield from ((at, min(self.size, end - at)) for at in range(0, end, self.size))
        if self.evaluations:
            yield self.steps, 1


@dataclass(frozen=True)
class PreparedRun:
    """One contender's run, prepared on the host.

    Attributes:
      program, inputs: of the jitted loop.
      batches: a model's mini-batches.
      chunks: the cut into chunks.
      parameters: number of parameters.
      work: work of a step, all runs of a search together, in the units of `limits`.
    """

    program: StaticSpec
    inputs: Inputs
    batches: Batches
    chunks: Chunks
    parameters: int
    work: float

    @property
    def steps(self) -> int:
        """Number of steps of the run."""
        return self.chunks.steps

    def indices(self, at: int, count: int) -> Int[np.ndarray, "length batch"] | None:
        """Return the batches of these steps, in a table as long as a chunk's records. None where a batch has all examples."""
        return self.batches.indices(at, count, self.chunks.length)


def prepare(experiment: Experiment, contender: Contender, upload: Dataset | None) -> PreparedRun:
    """Prepare one contender's run.

    Raises:
      ExperimentError: the run would be larger than the limits allow, or the upload is missing or does not suit.
    """
    problem, optimizer = experiment.definition, OPTIMIZERS[contender.optimizer]
    settings, static_settings = arguments(problem.settings, experiment.settings)
    knobs, static_knobs = arguments(optimizer.params, contender.knobs)
    program = StaticSpec(
        problem=problem.name,
        formula=experiment.formula,
        settings=static_settings,
        optimizer=optimizer.name,
        knobs=static_knobs,
        noise=experiment.noise,
    )
    start, train, validation = _start(experiment, upload)
    parameters = sum(np.size(leaf) for leaf in jax.tree.leaves(start))
    batches = _batches(experiment, len(next(iter(train.values()))) if train else 0)
    tries = optimizer.search.tries(contender.knobs) if optimizer.search else 0
    uses = problem.learning.uses if problem.learning else 1
    work = parameters * max(batches.size, 1) * uses * (1 + tries)
    if fault := limits.fault(experiment.steps, parameters, batches.size, work):
        raise ExperimentError([fault])
    data = "float64" if experiment.precision == "float64" else "float32"
    inputs = Inputs(
        start=host(start, experiment.precision),
        settings=settings,
        knobs=knobs,
        steps=float(experiment.steps),
        seed=np.uint32(experiment.seed),
        noise_size=experiment.noise_size,
        noise_at=np.int32(experiment.noise_at),
        train=host(train, data),
        validation=host(validation, data),
        directions=None if problem.domain is not None else _directions(start, problem, data),
    )
    chunks = _chunks(experiment.steps, parameters, work, evaluated=problem.domain is None)
    return PreparedRun(program, inputs, batches, chunks, parameters, work)


def room_for(steps: int) -> int:
    """Return the smallest of `LENGTHS` with room for so many steps; the number itself beyond the largest."""
    return next((length for length in LENGTHS if length >= steps), steps)


def _batches(experiment: Experiment, examples: int) -> Batches:
    asked = str(experiment.settings.get("batch", "full"))
    return Batches(examples, examples if asked == "full" else min(examples, int(asked)), experiment.seed)


def _chunks(steps: int, parameters: int, work: float, *, evaluated: bool) -> Chunks:
    """Return the cut of a run whose steps do so much work each."""
    eval_every = -(-steps // EVALUATIONS) if evaluated else 1
    size = min(steps + 1, LENGTHS[-1], max(1, int(limits.CHUNK_WORK / max(work, limits.OVERHEAD))))
    size = max(size // eval_every, 1) * eval_every
    snapshots = max(limits.SNAPSHOT_BYTES // (4 * parameters) - 1, 1)  # number that the budget of bytes allows
    return Chunks(
        steps=steps,
        size=size,
        length=room_for(size),
        evaluations=next(room for room in ROOMS if room >= size // eval_every) if evaluated else 0,
        record_every=-(-steps // limits.ENTRIES),
        eval_every=eval_every,
        snapshot_every=steps // eval_every // snapshots + 1,
    )


def _start(experiment: Experiment, upload: Dataset | None) -> tuple[Any, Batch | None, Batch | None]:
    """Return the parameters at the start, and a model's examples for training and validation, in NumPy."""
    settings, learning = experiment.settings, experiment.definition.learning
    if learning is None:
        return experiment.origin, None, None
    if settings.get("data") == "upload" and (upload is None or upload.digest != experiment.data):
        raise ExperimentError([Fault("data", experiment.data or "nothing", "a file that was uploaded here: upload it again")])
    try:
        train, validation = learning.examples(settings, upload, np.random.default_rng((experiment.seed, 0)))
    except ValueError as error:
        raise ExperimentError([Fault("data", upload.name if upload else settings.get("data"), str(error))]) from None
    start = learning.start(settings, train, np.random.default_rng((experiment.seed, 1)))
    return start, dict(train), dict(validation)


def _directions(start: Any, problem: Problem, dtype: str) -> tuple[Any, Any]:
    """Return two orthonormal directions: towards a known minimiser and a random one; without a minimiser both random."""
    flat = flatten(start)
    random = np.random.default_rng(0)
    first, second = random.normal(size=(2, flat.size))
    if (way := problem.to_minimiser(flat)) is not None and way.any():
        first = way
    first = first / np.linalg.norm(first)
    second -= (second @ first) * first
    second /= np.linalg.norm(second)
    return host(unflatten(first, start), dtype), host(unflatten(second, start), dtype)


def host(tree: Any, dtype: str) -> Any:
    """Return the tree with NumPy leaves, the floating-point ones in this dtype."""
    kind = jnp.dtype(dtype)
    return jax.tree.map(
        lambda leaf: np.asarray(leaf, kind if np.issubdtype(np.asarray(leaf).dtype, np.floating) else None), tree
    )
