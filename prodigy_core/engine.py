"""Experiment -> Traces: one jitted scan for each contender.

Static, and so compiled once each: the problem, the optimizer, the precision, and a length rounded up to one of a few
sizes. Everything else is traced: the start, the problem's settings, every knob, the number of steps.
"""

from __future__ import annotations

from functools import partial
from types import MappingProxyType
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
from jax.typing import ArrayLike
from jaxtyping import Array, Float

from prodigy_core import schedules
from prodigy_core.experiment import Contender, Experiment
from prodigy_core.optimizers import OPTIMIZERS
from prodigy_core.param import Param, Value
from prodigy_core.problems import PROBLEMS
from prodigy_core.trace import Status, Trace

LENGTHS = (128, 512, 2048, 8192, 32768)  # entries of a trace; longer runs are rounded up to the last one's multiples

FAR = 1e12  # a parameter beyond this has left for good: starts and domains end a million times nearer


def run(experiment: Experiment) -> list[Trace]:
    """Runs every contender from the same start. Divergence is a `Status` of its Trace, not an exception."""
    return [run_contender(experiment, contender) for contender in experiment.contenders]


def run_contender(experiment: Experiment, contender: Contender) -> Trace:
    """One contender's run of this experiment, whether or not the experiment lists it."""
    problem, optimizer = PROBLEMS[experiment.problem], OPTIMIZERS[contender.optimizer]
    with jax.enable_x64(True):  # for this call alone: the importing program keeps its own setting
        recorded = jax.device_get(
            _scan(
                np.asarray(experiment.start, experiment.precision),
                {param.name: traced(param, experiment.settings[param.name]) for param in problem.settings},
                {param.name: traced(param, contender.knobs[param.name]) for param in optimizer.params},
                float(experiment.steps),
                problem=problem.name,
                optimizer=optimizer.name,
                length=length(experiment.steps + 1),
            )
        )
    return _cut(recorded, experiment.steps)


def traced(param: Param, value: Value) -> float | int | bool:
    """A knob's value as an argument of a jitted function: one type for each kind, so that no value adds a compilation.

    Numbers stay Python's, and so weakly typed: they take on the precision of what they meet.
    """
    if value is None:
        return float("nan")
    if isinstance(value, str):
        return param.choices.index(value)
    return value


def length(entries: int) -> int:
    """The number of entries to compute for a trace of this many: the next of a few sizes."""
    last = LENGTHS[-1]
    return next((size for size in LENGTHS if size >= entries), -(-entries // last) * last)


@partial(jax.jit, static_argnames=("problem", "optimizer", "length"))
def _scan(
    start: Float[Array, " dim"],
    settings: dict[str, ArrayLike],
    knobs: dict[str, ArrayLike],
    steps: float,
    *,
    problem: str,
    optimizer: str,
    length: int,
) -> dict[str, Any]:
    """All that is recorded, for `length` steps of which the caller keeps the first `steps` + 1 entries."""
    loss_and_grad = jax.value_and_grad(PROBLEMS[problem].fn)
    entry = OPTIMIZERS[optimizer]
    rate = schedules.schedule(knobs["learning_rate"], knobs["schedule"], knobs["warmup"], steps)
    transformation = entry.build(knobs, rate)

    def step(carry: tuple[Any, Any], k: Array) -> tuple[tuple[Any, Any], dict[str, Any]]:
        x, state = carry
        loss, gradient = loss_and_grad(x, settings)
        updates, next_state = transformation.update(gradient, state, x)
        travelled = x - start
        entries = {
            "loss": loss,
            "position": x,
            "gradient_norm": _norm(gradient),
            "update_norm": _norm(updates),
            "distance_linf": jnp.max(jnp.abs(travelled)),
            "distance_l2": _norm(travelled),
            "probes": entry.probe(state, knobs, k, rate(k)),
        }
        return (optax.apply_updates(x, updates), next_state), entries

    _, recorded = jax.lax.scan(step, (start, transformation.init(start)), jnp.arange(length, dtype=jnp.int32))
    return recorded


def _norm(x: Float[Array, " dim"]) -> Float[Array, ""]:
    """The L2 norm, also where the squares of the entries leave the range of numbers."""
    largest = jnp.max(jnp.abs(x))
    scale = jnp.where((largest > 0) & jnp.isfinite(largest), largest, 1)
    return jnp.asarray(scale * jnp.linalg.norm(x / scale))


def _cut(recorded: dict[str, Any], steps: int) -> Trace:
    """The entries that were asked for, up to the first that is not finite."""
    loss, position = recorded["loss"][: steps + 1], recorded["position"][: steps + 1]
    near = (np.abs(position) <= FAR).all(axis=1)  # false for NaN
    broken = np.flatnonzero(~(np.isfinite(loss) & near))
    status, stopped_at, kept = Status.FINISHED, steps, steps + 1
    if broken.size:
        stopped_at = kept = int(broken[0])
        # Where the loss blows up, it or the position is large before anything is NaN; a sudden NaN is the optimizer's.
        status = Status.NOT_A_NUMBER if np.isnan(position[stopped_at]).any() else Status.DIVERGED

    def keep(values: np.ndarray) -> np.ndarray:
        values = np.array(values[:kept])
        values.setflags(write=False)
        return values

    probes = MappingProxyType({name: keep(values) for name, values in recorded.pop("probes").items()})
    arrays = {name: keep(values) for name, values in recorded.items()}
    return Trace(**arrays, probes=probes, status=status, stopped_at=stopped_at)
