"""The loop, to be jitted. What is static, and so compiled once each, stands in a `StaticSpec`; all else is traced.

The number of steps is traced too: a call takes any number of steps, up to the length of its arrays, and hands back where
it stands, so that a long run goes in chunks without another number coming out.
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
from prodigy_core.engine.recorder import Recorder
from prodigy_core.optimizers import OPTIMIZERS
from prodigy_core.optimizers.transformations import at_least_float32
from prodigy_core.param import Param, Value
from prodigy_core.problems import Problem, find

PROBE, VECTOR = "probes/", "vectors/"  # before the name of a probe or a vector, among what is recorded
Static = tuple[tuple[str, Value], ...]


COMPILED = 400  # jitted functions that are kept, two or four to a program; a person may type any number of formulas
STATIC = ("length", "evaluations", "knob")  # arguments of the functions below, beside the program


@dataclass(frozen=True)
class StaticSpec:
    """What a compilation depends on, beside the shapes and dtypes of its arguments."""

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
    """What stays the same over a run, all of it traced.

    Attributes:
      start: the parameters at the start.
      settings, knobs: those that are not static.
      steps: how many the whole run has.
      seed, noise_size, noise_at: of the noise.
      train, validation: a model's examples; None of a function.
      directions: two directions to project the position on, each a pytree like the parameters; None where it is kept whole.
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
    """Where a run stands."""

    params: Any
    state: Any


def arguments(params: tuple[Param, ...], values: Mapping[str, Value]) -> tuple[dict[str, Any], Static]:
    """The values of knobs as a jitted function takes them: the traced ones, and the static ones as a hashable tuple."""
    moving = {param.name: traced(param, values[param.name]) for param in params if not param.static}
    return moving, tuple((param.name, values[param.name]) for param in params if param.static)


def traced(param: Param, value: Value) -> float | int | bool:
    """A knob's value as an argument of a jitted function: one type for each kind, so that no value adds a compilation.

    Numbers stay Python's, and so weakly typed: they take on the precision of what they meet.
    """
    if value is None:
        return float("nan")
    if isinstance(value, str):
        return param.choices.index(value)
    return value


@lru_cache(maxsize=COMPILED)
def compiled(function: Callable[..., Any], program: StaticSpec, platform: str) -> Callable[..., Any]:
    """One of the functions below, jitted for a program: all that belongs to it goes when it was not used for long.

    To be called within `devices.on` a device of this platform.
    """
    names = [name for name in inspect.signature(function).parameters if name in STATIC]
    options = xla.options(platform, learns=program.learns)
    return jax.jit(partial(function, program=program), static_argnames=names, compiler_options=options)


def begin(inputs: Inputs, *, program: StaticSpec) -> Carry:
    """Where a run stands before its first step."""
    return Loop(program, inputs).first()


def advance(
    carry: Carry,
    at: Any,
    count: Any,
    every: Any,
    indices: Int[Array, "length batch"] | None,
    inputs: Inputs,
    *,
    program: StaticSpec,
    length: int,
    evaluations: int,
) -> tuple[Carry, Recorder, tuple[Recorder, Array] | None]:
    """Takes `count` steps from step `at` on.

    Args:
      carry: where the run stands.
      at: the number of the first step.
      count: how many to take, at most `length`.
      every: an evaluation comes before the first step and then before every so manieth.
      indices: which examples each step's batch has; None for all.
      inputs: what stays the same.
      program, length: static. The length is that of the table that is recorded.
      evaluations: static: how many evaluations there is room for; 0 for none at all.

    Returns:
      Where the run stands then; what was recorded before each step; what the evaluations found, and the whole
      positions there.
    """
    loop = Loop(program, inputs)
    one_step, evaluate = jax.jit(loop.step, inline=True), jax.jit(loop.evaluate, inline=True)

    def step(i: Any, carried: tuple[Carry, Recorder]) -> tuple[Carry, Recorder]:
        now, records = carried
        after, entry = one_step(now, at + i, None if indices is None else indices[i])
        return after, records.put(i, entry)

    def block(
        j: Any, carried: tuple[Carry, Recorder, tuple[Recorder, Array]]
    ) -> tuple[Carry, Recorder, tuple[Recorder, Array]]:
        now, records, (found, places) = carried
        metrics, place = evaluate(now)
        found, places = found.put(j, metrics), places.at[j].set(place)
        now, records = jax.lax.fori_loop(j * every, jnp.minimum((j + 1) * every, count), step, (now, records))
        return now, records, (found, places)

    first = None if indices is None else indices[0]
    records = Recorder.empty(length, one_step.eval_shape(carry, jnp.asarray(at), first)[1])
    if not evaluations:
        return *jax.lax.fori_loop(0, count, step, (carry, records)), None
    metrics, place = evaluate.eval_shape(carry)
    found = Recorder.empty(evaluations, metrics), jnp.zeros((evaluations, *place.shape), place.dtype)
    done: tuple[Carry, Recorder, tuple[Recorder, Array]]
    done = jax.lax.fori_loop(0, (count + every - 1) // every, block, (carry, records, found))
    return done


def begin_tries(values: Float[Array, " tries"], inputs: Inputs, *, program: StaticSpec, knob: str) -> Carry:
    """Where the runs of a search stand before their first step."""
    return jax.vmap(lambda value: Loop(program, _with(inputs, knob, value)).first())(values)


def advance_tries(
    carry: Carry,
    values: Float[Array, " tries"],
    at: Any,
    count: Any,
    indices: Int[Array, "length batch"] | None,
    inputs: Inputs,
    *,
    program: StaticSpec,
    knob: str,
) -> tuple[Carry, Float[Array, " tries"]]:
    """`advance` for every value of one knob at once, recording nothing: where they stand then, and the loss there."""

    def one(now: Carry, value: Any) -> tuple[Carry, Float[Array, ""]]:
        loop = Loop(program, _with(inputs, knob, value))

        def step(i: Any, carried: Carry) -> Carry:
            return loop.step(carried, at + i, None if indices is None else indices[i])[0]

        now = jax.lax.fori_loop(0, count, step, now)
        return now, loop.objective(loop.evaluation_params(now), inputs.train)

    return jax.vmap(one)(carry, values)


def _with(inputs: Inputs, knob: str, value: Any) -> Inputs:
    return inputs._replace(knobs={**inputs.knobs, knob: value})


class Loop:
    """The functions of one run, inside a trace."""

    def __init__(self, program: StaticSpec, inputs: Inputs) -> None:
        self.inputs, self.program = inputs, program
        self.problem: Problem = find(program.problem, program.formula)
        self.optimizer = OPTIMIZERS[program.optimizer]
        self.settings = {**inputs.settings, **dict(program.settings)}
        self.knobs = {**inputs.knobs, **dict(program.knobs)}
        self.rate = schedules.of(self.knobs, inputs.steps)
        self.transformation = self.optimizer.transformation(self.knobs, self.rate)

    def first(self) -> Carry:
        """Where the run stands before its first step."""
        first = Carry(self.inputs.start, self.transformation.init(self.inputs.start))
        # A number of the state that is weakly typed at first, as a knob is, and then no more has JAX trace the loop twice.
        strong: Carry = jax.tree.map(lambda leaf: jax.lax.convert_element_type(leaf, jnp.result_type(leaf)), first)
        return strong

    def objective(self, params: Any, batch: Mapping[str, Any] | None) -> Float[Array, ""]:
        """What is minimised: the function, or the mean loss of a batch and the L2 penalty."""
        return self.problem.objective(at_least_float32(params), batch, self.settings)

    def evaluation_params(self, carry: Carry) -> Any:
        """The parameters that a run would hand over now."""
        return self.optimizer.evaluation_params(carry.state, carry.params) if self.optimizer.evaluation_params else carry.params

    def step(self, carry: Carry, k: Any, indices: Int[Array, " batch"] | None) -> tuple[Carry, dict[str, Any]]:
        """One step, and what holds before it."""
        x, state = carry
        batch = self.inputs.train
        if batch is not None and indices is not None:
            batch = jax.tree.map(lambda values: values[indices], batch)
        loss, gradient = jax.value_and_grad(self.objective)(x, batch)
        gradient = noise.perturb(
            gradient, self.program.noise, self.inputs.noise_size, self.inputs.noise_at, self.inputs.seed, k
        )
        updates, after, info = self.transformation.update(gradient, state, x, value=loss)
        place = self.evaluation_params(carry)
        # For a model this would be another pass over the data at every step.
        if self.optimizer.evaluation_params and self.problem.learning is None:
            loss = self.objective(place, batch)
        travelled = jax.tree.map(jnp.subtract, at_least_float32(place), at_least_float32(self.inputs.start))
        entry = {
            "loss": loss,
            "largest": _largest(place),
            "position": self._position(place, travelled),
            "gradient_norm": _norm(at_least_float32(gradient)),
            "update_norm": _norm(at_least_float32(updates)),
            "distance_linf": _largest(travelled),
            "distance_l2": _norm(travelled),
        }
        for name, value in self.optimizer.probe(state, self.knobs, k, self.rate(k)).items():
            entry[PROBE + name] = value
        entry |= {PROBE + name: value for name, value in info.items()}
        if self.problem.domain is not None:
            inside = self.optimizer.vectors(state, self.knobs) if self.optimizer.vectors else {}
            entry |= {VECTOR + name: value for name, value in {"gradient": gradient, "update": updates, **inside}.items()}
        return Carry(optax.apply_updates(x, updates), after), entry

    def evaluate(self, carry: Carry) -> tuple[dict[str, Any], Float[Array, " parameters"]]:
        """What a model does on all its data, or the loss of a function; and the whole position."""
        place = at_least_float32(self.evaluation_params(carry))
        whole = jnp.concatenate([leaf.ravel().astype(jnp.float32) for leaf in jax.tree.leaves(place)])
        if (learning := self.problem.learning) is None:
            return {"loss": self.objective(place, None)}, whole
        metrics: dict[str, Any] = {}
        for part in ("train", "validation"):
            examples = getattr(self.inputs, part)
            metrics[f"{part}_loss"] = learning.loss(place, examples, self.settings)
            found = learning.metrics(place, examples, self.settings)
            metrics |= {f"{part}_{name}": value for name, value in found.items()}
        return metrics, whole

    def _position(self, place: Any, travelled: Any) -> Float[Array, " dim"]:
        if self.inputs.directions is None:  # a function of the plane: one vector
            return jnp.asarray(at_least_float32(place))
        along = (jax.tree.map(lambda a, b: jnp.sum(a * b), travelled, direction) for direction in self.inputs.directions)
        return jnp.stack([jnp.asarray(sum(jax.tree.leaves(parts))) for parts in along])


def _largest(tree: Any) -> Float[Array, ""]:
    """The L-infinity norm of all leaves together; NaN where any entry is."""
    return jnp.max(jnp.stack([jnp.max(jnp.abs(leaf)) for leaf in jax.tree.leaves(at_least_float32(tree))]))


def _norm(tree: Any) -> Float[Array, ""]:
    """The L2 norm of all leaves together, also where the squares of the entries leave the range of numbers."""
    largest = _largest(tree)
    scale = jnp.where((largest > 0) & jnp.isfinite(largest), largest, 1)
    squares = sum(jnp.sum((leaf / scale) ** 2) for leaf in jax.tree.leaves(tree))
    return jnp.asarray(scale * jnp.sqrt(squares))
