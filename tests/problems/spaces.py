"""Functions of many variables at chosen settings, and plain runs of an optimizer on them."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax
from jaxtyping import Float

from prodigy_core.param import Value
from prodigy_core.problems import Problem
from prodigy_core.problems.space import SPACE
from tests.problems.rooms import in_rooms

SPACES = {problem.name: problem for problem in SPACE}
START = ("dimension", "start_at", "start_spread")  # the knobs that all have

ROOM = 50  # points that are evaluated at once; of large ones 2

# The plain runs are short: to optimise one would take longer than to run it.
QUICKLY = {"xla_backend_optimization_level": 0, "xla_llvm_disable_expensive_passes": True}


class Space(NamedTuple):
    """A function of many variables with its settings, as a person would write them."""

    problem: Problem
    settings: dict[str, Value]

    @property
    def function(self) -> Callable[[jax.Array], jax.Array]:
        """The loss of x alone; the settings that are not static are constants of it."""
        assert self.problem.fn is not None
        fn, (fixed, moving) = self.problem.fn, self._arguments()
        return lambda x: fn(x, {**dict(fixed), **moving})

    def evaluate(self, points: Any, dtype: Any = np.float64) -> tuple[np.ndarray, np.ndarray]:
        """The losses and gradients at one point of shape (n,) or at many of shape (points, n), as JAX gives them."""
        fixed, moving = self._arguments()
        where = np.asarray(points, dtype)
        return in_rooms(_compiled(self.problem.name, fixed), where, moving, ROOM if where.shape[-1] <= ROOM else 2)

    def start(self, seed: int = 0) -> Float[np.ndarray, " n"]:
        dimension, at, spread = (self.settings[name] for name in START)
        assert isinstance(dimension, int)
        assert isinstance(at, float)
        assert isinstance(spread, float)
        return at + spread * np.random.default_rng(seed).uniform(-1, 1, dimension)

    def solution(self) -> Float[np.ndarray, " n"]:
        return np.full_like(self.start(), self.problem.solution)

    def _arguments(self) -> tuple[tuple[tuple[str, Value], ...], dict[str, float | int | bool]]:
        """What the function is compiled for, and what is traced: numbers, and a choice as its index."""
        fixed = tuple((param.name, self.settings[param.name]) for param in self.problem.settings if param.static)
        moving: dict[str, float | int | bool] = {}
        for param in self.problem.settings:
            value = self.settings[param.name]
            assert value is not None
            if not param.static:
                moving[param.name] = param.choices.index(value) if isinstance(value, str) else value
        return fixed, moving


@cache
def _compiled(name: str, fixed: tuple[tuple[str, Value], ...]) -> Any:
    fn = SPACES[name].fn
    assert fn is not None
    both = jax.value_and_grad(lambda x, moving: fn(x, {**dict(fixed), **moving}))
    return jax.jit(jax.vmap(both, in_axes=(0, None)))


def space(name: str, **changes: Value) -> Space:
    """The function of this name at its defaults but for the changes."""
    problem = SPACES[name]
    defaults = {param.name: param.default for param in problem.settings}
    assert set(changes) <= set(defaults), f"{name} has no {set(changes) - set(defaults)}"
    return Space(problem, {**defaults, **changes})


def variants(problem: Problem) -> list[dict[str, Value]]:
    """Changes that try every setting of its own: each choice, on and off, both ends of each slider."""
    changes: list[dict[str, Value]] = [{}]
    for param in problem.settings:
        if param.name not in START:
            values = param.choices or ((True, False) if param.kind == "bool" else param.slider)
            changes += [{param.name: value} for value in values if value != param.default]
    return changes


class Run(NamedTuple):
    """What holds after each of the steps: the loss, and the estimate of the distance."""

    loss: np.ndarray
    d: np.ndarray


def run(function: Callable[[jax.Array], jax.Array], start: Any, optimizer: optax.GradientTransformation, steps: int) -> Run:
    """A jitted scan of one of the Prodigies, plain or chained, without noise; arrays of shape (steps,)."""
    return Run(*(values[0] for values in runs(function, start, optimizer, steps, lambda key, k: jnp.zeros(()), seeds=1)))


def runs(
    function: Callable[[jax.Array], jax.Array],
    start: Any,
    optimizer: optax.GradientTransformation,
    steps: int,
    noise: Callable[[jax.Array, jax.Array], jax.Array],
    seeds: int,
) -> Run:
    """The same for many seeds at once, with `noise` (key, step k) added to the gradient; arrays of shape (seeds, steps)."""

    def step(key: jax.Array, carry: tuple[jax.Array, Any], k: jax.Array) -> tuple[tuple[jax.Array, Any], Run]:
        x, state = carry
        gradient = jax.grad(function)(x) + noise(jax.random.fold_in(key, k), k).astype(x.dtype)
        updates, state = optimizer.update(gradient, state, x)
        x = jnp.asarray(optax.apply_updates(x, updates))
        return (x, state), Run(function(x), optax.tree_utils.tree_get(state, "estim_lr"))  # type: ignore[arg-type]

    def scan(seed: jax.Array) -> Run:
        x = jnp.asarray(start)
        return jax.lax.scan(partial(step, jax.random.key(seed)), (x, optimizer.init(x)), jnp.arange(steps))[1]

    return Run(*map(np.asarray, jax.jit(jax.vmap(scan), compiler_options=QUICKLY)(jnp.arange(seeds))))
