"""One run on Rosenbrock's function of the plane: the engine with its full record, and the bare optimizer in a loop."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax

from benchmarks import loops, peers, plain
from benchmarks.clock import Effort, race
from benchmarks.table import Bar, Line
from prodigy_core import Contender, Experiment, prodigy, run

STEPS = 2000
AGREED = 60  # steps; later the run is chaotic, and rounding decides
BARS = {"prodigyopt": Bar("faster", 4000), "optax, jitted step": Bar("faster", 350), "numba": Bar("within", 1.7)}


def lines(effort: Effort) -> Iterator[Line]:
    ours = {"engine": _engine(), "bare optimizer": bare(STEPS), "without compensation": bare(STEPS, compensate=False)}
    calls: dict[str, Callable[[], Any]] = {"optax, jitted step": _optax()}
    notes = {"prodigyopt": peers.absent("torch", "prodigyopt"), "numba": peers.absent("numba")}
    if not notes["prodigyopt"]:
        calls["prodigyopt"] = _torch()
    if not notes["numba"]:
        calls |= {"numba": _numba(fastmath=False), "numba, fast math": _numba(fastmath=True)}
    with jax.enable_x64(True):
        estimates = ours["bare optimizer"]()[1][:AGREED]
        for name, call in calls.items():
            peers.agree(name, "D", estimates, np.asarray(call())[:AGREED], within=1e-5)
        slow = {name: calls[name] for name in calls if not name.startswith("numba")}
        times = race({**ours, **{name: call for name, call in calls.items() if name not in slow}}, effort) | race(slow, effort)
    if "numba" in times:  # the better of the two
        times["numba"] = min(times["numba"], times["numba, fast math"])
    for what in ours:
        for name, bar in BARS.items():
            theirs = times[name] / STEPS if name in times else None
            yield Line("run-2d", what, name, "step", times[what] / STEPS, theirs, bar, notes.get(name, ""))


def value(x: jax.Array) -> jax.Array:
    return (1 - x[0]) ** 2 + plain.B * (x[1] - x[0] ** 2) ** 2


def bare(steps: int, *, compensate: bool = True) -> Callable[[], Any]:
    """Our optimizer alone, with the loss, D and the position of each step."""
    return loops.bare(value, plain.START, steps, prodigy(compensate=compensate), places=True)


def _engine() -> Callable[[], Any]:
    experiment = Experiment("rosenbrock", contenders=(Contender("prodigy"),), steps=STEPS, start=plain.START)
    return lambda: run(experiment)[0].loss


def _optax() -> Callable[[], Any]:
    """As one writes it: a jitted step, called from Python, whose results are kept."""
    optimizer = optax.contrib.prodigy()

    @jax.jit
    def step(x: Any, state: Any) -> Any:
        loss, gradient = jax.value_and_grad(value)(x)
        updates, after = optimizer.update(gradient, state, x)
        return optax.apply_updates(x, updates), after, loss

    def whole() -> Any:
        x = jnp.asarray(plain.START)
        state = optimizer.init(x)
        d, kept = [], []
        for _ in range(STEPS):
            d.append(state.estim_lr)
            kept.append(x)
            x, state, loss = step(x, state)
            kept.append(loss)
        jax.block_until_ready(x)
        return _Later(d)

    return whole


class _Later:
    """Scalars on a device, fetched where they are looked at: not while the clock runs."""

    def __init__(self, scalars: list[Any]) -> None:
        self.scalars = scalars

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        return np.asarray([float(scalar) for scalar in self.scalars], dtype)


def _torch() -> Callable[[], Any]:
    import torch
    from prodigyopt import Prodigy

    def whole() -> Any:
        x = torch.tensor(plain.START, dtype=torch.float64, requires_grad=True)
        optimizer = Prodigy([x], use_bias_correction=True)
        d, kept = [], []
        for _ in range(STEPS):
            d.append(optimizer.param_groups[0]["d"])
            kept.append(x.detach().clone())
            optimizer.zero_grad()
            loss = (1 - x[0]) ** 2 + plain.B * (x[1] - x[0] ** 2) ** 2
            loss.backward()
            optimizer.step()
            kept.append(loss.detach())
        return np.asarray(d)

    return whole


def _numba(*, fastmath: bool) -> Callable[[], Any]:
    record = plain.numba_loops(np.float64, fastmath=fastmath).record

    def whole() -> Any:
        records = np.empty((STEPS, 4))
        record(records, 1e-6, plain.BETA3)
        return records[:, 1]

    return whole
