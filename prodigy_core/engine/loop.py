"""The loop of one run, to be jitted. A `StaticSpec` is compiled once; everything else is traced.

The number of steps is traced too: a call takes any number of steps, up to the length of its arrays, and returns the state
after them, so that a long run goes in chunks and gives the same numbers.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import optax
from jax.typing import ArrayLike
from jaxtyping import Array, Float, Int

from prodigy_core import noise, schedules
from prodigy_core.engine import xla
from prodigy_core.engine.quantities import StepView, computed, largest
from prodigy_core.engine.recorder import Recorder
from prodigy_core.optimizers import OPTIMIZERS
from prodigy_core.optimizers.transformations import Layers, at_least_float32
from prodigy_core.param import Param, Value
from prodigy_core.problems import Problem, find

Static = tuple[tuple[str, Value], ...]  # hyperparameters that shape a program, by name
# The record of a step, nested: every quantity by its name, "largest" (the L-infinity norm of the parameters), and under
# "probes" and "vectors" the optimizer's own.
Record = dict[str, Any]

COMPILED = 400  # number of jitted functions that are kept, two or four for a program; a person may type any number of formulas
STATIC = ("length", "evaluations")  # static arguments of the functions below, beside the program


@dataclass(frozen=True)
class StaticSpec:
    """All that a compilation depends on, beside the shapes and dtypes of its arguments."""

    problem: str
    formula: str
    settings: Static
    optimizer: str
    knobs: Static
    noise: str

    @property
    def learns(self) -> bool:
        return find(self.problem, self.formula).learning is not None


class Inputs(NamedTuple):
    """The constants of a run, all of them traced.

    Attributes:
      start: the parameters at the start.
      settings, knobs: the problem's and the optimizer's hyperparameters that are not static.
      steps: number of steps of the whole run.
      seed, noise_size, noise_at: of the noise.
      train, validation: a model's examples; None for a function.
      directions: two directions to project the position on, each a pytree like the parameters; None in the plane.
    """

    start: Any
    settings: Mapping[str, Any]
    knobs: Mapping[str, Any]
    steps: ArrayLike
    seed: ArrayLike
    noise_size: ArrayLike
    noise_at: ArrayLike
    train: Mapping[str, Any] | None
    validation: Mapping[str, Any] | None
    directions: tuple[Any, Any] | None


class Carry(NamedTuple):
    """The state of a run between two steps: its parameters and the optimizer's state."""

    params: Any
    state: Any


class Evaluations(NamedTuple):
    """The evaluations of some steps, one a row: the metrics, and the whole positions in float32."""

    metrics: Recorder
    positions: Float[Array, "evaluations parameters"]


class Advanced(NamedTuple):
    """The result of `advance`: the state after its steps, the record before each, and the evaluations if there were any."""

    carry: Carry
    records: Recorder
    evaluations: Evaluations | None


def arguments(params: tuple[Param, ...], values: Mapping[str, Value]) -> tuple[dict[str, Any], Static]:
    """Return the values of hyperparameters for a jitted function: the traced ones, and the static ones as a hashable tuple."""
    moving = {param.name: traced(param, values[param.name]) for param in params if not param.static}
    return moving, tuple((param.name, values[param.name]) for param in params if param.static)


def traced(param: Param, value: Value) -> float | int | bool:
    """Return the value of a hyperparameter as an argument of a jitted function: one type for each kind of hyperparameter, so
    that no value adds a compilation.

    Numbers stay Python's, and so weakly typed: they take on the precision of the arrays that they meet.
    """
    if value is None:
        return float("nan")
    if isinstance(value, str):
        return param.choices.index(value)
    return value


@lru_cache(maxsize=COMPILED)
def compiled(function: Callable[..., Any], program: StaticSpec, platform: str) -> Callable[..., Any]:
    """Return one of the functions below, jitted for a program. Its compilations go when it was not used for long.

    Call it within `devices.on` a device of this platform.
    """
    names = [name for name in inspect.signature(function).parameters if name in STATIC]
    options = xla.options(platform, learns=program.learns)
    return jax.jit(partial(function, program=program), static_argnames=names, compiler_options=options)


def begin(inputs: Inputs, *, program: StaticSpec) -> Carry:
    """Return the state of a run before its first step."""
    return Loop(program, inputs).first()


def advance(
    carry: Carry,
    at: Any,
    count: Any,
    eval_every: Any,
    indices: Int[Array, "length batch"] | None,
    inputs: Inputs,
    *,
    program: StaticSpec,
    length: int,
    evaluations: int,
) -> Advanced:
    """Take `count` steps from step `at` on.

    Args:
      carry: the state of the run.
      at: number of the first step.
      count: number of steps, at most `length`.
      eval_every: an evaluation comes before the first of these steps and before every n-th after it.
      indices: the examples of each step's batch; None for all.
      inputs: the constants of the run.
      program, length: static. The length is the number of rows of the records.
      evaluations: static: the number of rows of the evaluations; 0 for none.
    """
    loop = Loop(program, inputs)
    one_step, evaluate = jax.jit(loop.step, inline=True), jax.jit(loop.evaluate, inline=True)

    def step(i: Any, carried: tuple[Carry, Recorder]) -> tuple[Carry, Recorder]:
        carry, records = carried
        carry, record = one_step(carry, at + i, None if indices is None else indices[i])
        return carry, records.put(i, record)

    def evaluate_and_step(j: Any, carried: Advanced) -> Advanced:
        carry, records, before = carried
        assert before is not None
        metrics, position = evaluate(carry)
        judged = Evaluations(before.metrics.put(j, metrics), before.positions.at[j].set(position))
        end = jnp.minimum((j + 1) * eval_every, count)
        carry, records = jax.lax.fori_loop(j * eval_every, end, step, (carry, records))
        return Advanced(carry, records, judged)

    first_batch = None if indices is None else indices[0]
    records = Recorder.empty(length, one_step.eval_shape(carry, jnp.asarray(at), first_batch)[1])
    if not evaluations:
        carry, records = jax.lax.fori_loop(0, count, step, (carry, records))
        return Advanced(carry, records, None)
    metrics, position = evaluate.eval_shape(carry)
    positions = jnp.zeros((evaluations, *position.shape), position.dtype)
    room = Advanced(carry, records, Evaluations(Recorder.empty(evaluations, metrics), positions))
    result: Advanced = jax.lax.fori_loop(0, (count + eval_every - 1) // eval_every, evaluate_and_step, room)
    return result


class Loop:
    """The functions of one run, inside a trace."""

    def __init__(self, program: StaticSpec, inputs: Inputs) -> None:
        self.inputs, self.program = inputs, program
        self.problem: Problem = find(program.problem, program.formula)
        self.optimizer = OPTIMIZERS[program.optimizer]
        self.settings = {**inputs.settings, **dict(program.settings)}
        self.knobs = {**inputs.knobs, **dict(program.knobs)}
        self.rate = schedules.of(self.knobs, inputs.steps)
        layers = None if self.problem.learning else Layers(self.problem.split, jnp.concatenate)
        self.transformation = self.optimizer.transformation(self.knobs, self.rate, layers)

    def first(self) -> Carry:
        """Return the state before the first step."""
        first = Carry(self.inputs.start, self.transformation.init(self.inputs.start))
        # Strip weak types, as hyperparameters have: a carry that changes its type after a step is traced twice.
        strong: Carry = jax.tree.map(lambda leaf: jax.lax.convert_element_type(leaf, jnp.result_type(leaf)), first)
        return strong

    def objective(self, params: Any, batch: Mapping[str, Any] | None) -> Float[Array, ""]:
        """Return what is minimised: the function, or the mean loss of a batch and the L2 penalty."""
        return self.problem.objective(at_least_float32(params), batch, self.settings)

    def evaluation_params(self, carry: Carry) -> Any:
        """Return the parameters that the run would hand over now."""
        return self.optimizer.evaluation_params(carry.state, carry.params) if self.optimizer.evaluation_params else carry.params

    def probes(self, carry: Carry, k: Any) -> dict[str, Any]:
        """Return what the optimizer's entry records before step k, by name."""
        return self.optimizer.probe(carry.state, self.knobs, k, self.rate(k))

    def travelled(self, place: Any) -> Any:
        """Return the way from the start to parameters, in at least float32."""
        return jax.tree.map(jnp.subtract, at_least_float32(place), at_least_float32(self.inputs.start))

    def step(self, carry: Carry, k: Any, indices: Int[Array, " batch"] | None) -> tuple[Carry, Record]:
        """Take step k. Return the state after it, and the record before it."""
        batch = self.inputs.train
        if batch is not None and indices is not None:
            batch = jax.tree.map(lambda values: values[indices], batch)
        loss, gradient = jax.value_and_grad(self.objective)(carry.params, batch)
        gradient = noise.perturb(
            gradient, self.program.noise, self.inputs.noise_size, self.inputs.noise_at, self.inputs.seed, k
        )
        updates, state, info = self.transformation.update(gradient, carry.state, carry.params, value=loss)
        place = self.evaluation_params(carry)
        # For a model this would be another pass over the data at every step.
        if self.optimizer.evaluation_params and self.problem.learning is None:
            loss = self.objective(place, batch)
        view = StepView(loss, place, self.travelled(place), gradient, updates, self.inputs.directions)
        vectors: dict[str, Any] = {}
        if self.problem.domain is not None:
            inner = self.optimizer.vectors(carry.state, self.knobs) if self.optimizer.vectors else {}
            vectors = {"gradient": gradient, "update": updates, **inner}
        record = {
            "largest": largest(place),
            **computed(view),
            "probes": {**self.probes(carry, k), **info},
            "vectors": vectors,
        }
        return Carry(optax.apply_updates(carry.params, updates), state), record

    def evaluate(self, carry: Carry) -> tuple[dict[str, Any], Float[Array, " parameters"]]:
        """Return a model's metrics on all its data, or the loss of a function, by name; and the whole position."""
        place = at_least_float32(self.evaluation_params(carry))
        position = jnp.concatenate([leaf.ravel().astype(jnp.float32) for leaf in jax.tree.leaves(place)])
        if (learning := self.problem.learning) is None:
            return {"loss": self.objective(place, None)}, position
        metrics: dict[str, Any] = {}
        for part in ("train", "validation"):
            examples = getattr(self.inputs, part)
            metrics[f"{part}_loss"] = learning.loss(place, examples, self.settings)
            scores = learning.metrics(place, examples, self.settings)
            metrics |= {f"{part}_{name}": value for name, value in scores.items()}
        return metrics, position
