"""The engine's loop alone: what trains, with all that it records of each step, without the evaluations between; and a loop of
nothing but an optimizer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import jax
import numpy as np
import optax

from prodigy_core import Experiment
from prodigy_core.engine import devices, xla
from prodigy_core.engine.loop import advance, begin, compiled
from prodigy_core.engine.prepare import PreparedRun, prepare


def prepared(experiment: Experiment) -> PreparedRun:
    """The first contender's run, in one chunk."""
    made = prepare(experiment, experiment.contenders[0], None)
    return replace(made, chunks=replace(made.chunks, size=experiment.steps, length=experiment.steps))


def training(experiment: Experiment) -> Callable[[], Any]:
    """All steps of the first contender's run; the batches are drawn beforehand, as the peers' are."""
    made = prepared(experiment)
    steps = np.int32(experiment.steps)
    indices = made.indices(0, experiment.steps)
    device = devices.of(made.work)[0]
    first, more = (compiled(function, made.program, device.platform) for function in (begin, advance))

    def call() -> Any:
        with devices.on(device):
            carry = first(made.inputs)
            return more(carry, np.int32(0), steps, np.int32(1), indices, made.inputs, length=experiment.steps, evaluations=0)

    return call


def bare(
    value: Callable[[jax.Array], jax.Array], start: Any, steps: int, optimizer: Any, *, places: bool = False
) -> Callable[[], Any]:
    """So many steps of a Prodigy alone, with the loss and D before each, and with `places` the position."""

    def step(carry: Any, _: None) -> tuple[Any, Any]:
        x, state = carry
        loss, gradient = jax.value_and_grad(value)(x)
        updates, after = optimizer.update(gradient, state, x)
        found = (loss, state.estim_lr, x) if places else (loss, state.estim_lr)
        return (optax.apply_updates(x, updates), after), found

    def whole(start: jax.Array) -> Any:
        return jax.lax.scan(step, (start, optimizer.init(start)), None, length=steps)[1]

    compiled = jax.jit(whole, compiler_options=xla.options("cpu", learns=False))
    first = np.asarray(start)

    def call() -> Any:
        with jax.default_device(devices.processors()[0]):
            return compiled(first)

    return call
