"""One contender's run made ready on the host: where it starts, what it learns from, and how it is cut into chunks.

Everything here is NumPy, so that nothing compiles before the first step. What is drawn at random comes from the seed and
the number of the epoch alone: no chunk changes it.
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

LENGTHS = (128, 512, 2048, 8192)  # room for this many entries in one chunk
EVALUATIONS = 128  # of a model in a run, at most, and one at the end
ROOMS = (8, 32, EVALUATIONS + 1)  # for this many evaluations in one chunk

Batch = dict[str, np.ndarray]


@dataclass(frozen=True)
class PreparedRun:
    """One contender's run, made ready on the host.

    Attributes:
      program, inputs: of the jitted loop.
      examples: how many a model learns from; 0 of a function.
      batch: how many of them make a step's batch; `examples` for all.
      steps: of the run.
      seed: the experiment's.
      chunk: the steps of a chunk.
      length: room for this many entries in a chunk.
      stride: every so manieth entry is kept.
      every: a model is judged before every so manieth step.
      evaluations: room for this many in a chunk; 0 where nothing is evaluated.
      parameters: how many there are.
      work: of a step, all tries of a search together, in the units of `limits`.
      rarely: the position is kept whole at every so manieth evaluation.
    """

    program: StaticSpec
    inputs: Inputs
    examples: int
    batch: int
    steps: int
    seed: int
    chunk: int
    length: int
    stride: int
    every: int
    evaluations: int
    parameters: int
    work: float
    rarely: int

    def chunks(self) -> Iterator[tuple[int, int]]:
        """(first step, how many): the last is the entry after the last step, alone where that needs an evaluation."""
        end = self.steps if self.evaluations else self.steps + 1
        yield from ((at, min(self.chunk, end - at)) for at in range(0, end, self.chunk))
        if self.evaluations:
            yield self.steps, 1

    def indices(self, at: int, count: int) -> Int[np.ndarray, "length batch"] | None:
        """The batches of these steps: each epoch goes through a new order of all examples, and leaves out what is over."""
        if self.batch == self.examples:
            return None
        an_epoch = self.examples // self.batch
        found = np.zeros((self.length, self.batch), np.int32)
        order, of_epoch = np.arange(0), -1
        for row, k in enumerate(range(at, at + count)):
            if k // an_epoch != of_epoch:
                of_epoch = k // an_epoch
                order = np.random.default_rng((self.seed, of_epoch)).permutation(self.examples)
            first = k % an_epoch * self.batch
            found[row] = order[first : first + self.batch]
        return found


def prepare(experiment: Experiment, contender: Contender, upload: Dataset | None) -> PreparedRun:
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
    examples = len(next(iter(train.values()))) if train else 0
    asked = str(experiment.settings.get("batch", "full"))
    batch = examples if asked == "full" else min(examples, int(asked))
    tries = optimizer.search.grid(contender.knobs).size if optimizer.search else 0
    uses = problem.learning.uses if problem.learning else 1
    work = parameters * max(batch, 1) * uses * (1 + tries)  # of a step
    if fault := limits.fault(experiment.steps, parameters, batch, work):
        raise ExperimentError([fault])
    planar = problem.domain is not None
    every = 1 if planar else -(-experiment.steps // EVALUATIONS)
    chunk = min(experiment.steps + 1, LENGTHS[-1], max(1, int(limits.CHUNK_WORK / max(work, limits.OVERHEAD))))
    chunk = max(chunk // every, 1) * every
    length = next((size for size in LENGTHS if size >= chunk), chunk)
    precision = experiment.precision
    data = "float64" if precision == "float64" else "float32"
    inputs = Inputs(
        start=host(start, precision),
        settings=settings,
        knobs=knobs,
        steps=float(experiment.steps),
        seed=np.uint32(experiment.seed),
        noise_size=experiment.noise_size,
        noise_at=np.int32(experiment.noise_at),
        train=host(train, data),
        validation=host(validation, data),
        directions=None if planar else _directions(start, problem, data),
    )
    return PreparedRun(
        program=program,
        inputs=inputs,
        examples=examples,
        batch=batch,
        steps=experiment.steps,
        seed=experiment.seed,
        chunk=chunk,
        length=length,
        stride=-(-experiment.steps // limits.ENTRIES),
        every=every,
        evaluations=0 if planar else next(size for size in ROOMS if size >= chunk // every),
        parameters=parameters,
        work=work,
        rarely=experiment.steps // every // max(limits.SNAPSHOT_BYTES // (4 * parameters) - 1, 1) + 1,
    )


def _start(experiment: Experiment, upload: Dataset | None) -> tuple[Any, Batch | None, Batch | None]:
    """The parameters to start from, and a model's examples, in NumPy."""
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
    """Two orthonormal directions: towards the minimiser where it is known, and one at random; else both at random."""
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
    """NumPy leaves, the floating-point ones in this dtype."""
    kind = jnp.dtype(dtype)
    return jax.tree.map(
        lambda leaf: np.asarray(leaf, kind if np.issubdtype(np.asarray(leaf).dtype, np.floating) else None), tree
    )
