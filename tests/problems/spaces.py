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
from tests.problems.chunks import in_chunks

SPACES = {problem.name: problem for problem in SPACE}
START = ("dimension", "start_at", "start_spread")  # the settings that every function has

CHUNK = 50  # points evaluated at once, 2 if they have more coordinates than this

# The runs are short: optimising the program would take longer than running it.
QUICKLY = {"xla_backend_optimization_level": 0, "xla_llvm_disable_expensive_passes": True}


class Space(NamedTuple):
    """A function of many variables with its settings, as a person would write them."""

    problem: Problem
    settings: dict[str, Value]

    @property
    def function(self) -> Callable[[jax.Array], jax.Array]:
        """The loss as a function of x alone, with all settings as constants."""
        assert self.problem.fn is not None
        fn, (static, traced) = self.problem.fn, self._arguments()
        return lambda x: fn(x, {**dict(static), **traced})

    def evaluate(self, points: Any, dtype: Any = np.float64) -> tuple[np.ndarray, np.ndarray]:
        """Return the losses and gradients at one point of shape (n,) or at many of shape (points, n), as JAX computes them."""
        static, traced = self._arguments()
        rows = np.asarray(points, dtype)
        return in_chunks(_compiled(self.problem.name, static), rows, traced, CHUNK if rows.shape[-1] <= CHUNK else 2)

    def start(self, seed: int = 0) -> Float[np.ndarray, " n"]:
        dimension, at, spread = (self.settings[name] for name in START)
        assert isinstance(dimension, int)
        assert isinstance(at, float)
        assert isinstance(spread, float)
        return at + spread * np.random.default_rng(seed).uniform(-1, 1, dimension)

    def solution(self) -> Float[np.ndarray, " n"]:
        return np.full_like(self.start(), self.problem.solution)

    def _arguments(self) -> tuple[tuple[tuple[str, Value], ...], dict[str, float | int | bool]]:
        """Return the static and the traced settings; a traced choice is its index."""
        static = tuple((param.name, self.settings[param.name]) for param in self.problem.settings if param.static)
        traced: dict[str, float | int | bool] = {}
        for param in self.problem.settings:
            value = self.settings[param.name]
            assert value is not None
            if not param.static:
                traced[param.name] = param.choices.index(value) if isinstance(value, str) else value
        return static, traced


@cache
def _compiled(name: str, static: tuple[tuple[str, Value], ...]) -> Any:
    fn = SPACES[name].fn
    assert fn is not None
    loss_and_gradient = jax.value_and_grad(lambda x, traced: fn(x, {**dict(static), **traced}))
    return jax.jit(jax.vmap(loss_and_gradient, in_axes=(0, None)))


def space(name: str, **changes: Value) -> Space:
    """Return the function of this name at its defaults, with these changes."""
    problem = SPACES[name]
    defaults = {param.name: param.default for param in problem.settings}
    assert set(changes) <= set(defaults), f"{name} has no {set(changes) - set(defaults)}"
    return Space(problem, {**defaults, **changes})


def variants(problem: Problem) -> list[dict[str, Value]]:
    """Return changes that try every setting but the start: each choice, on and off, both ends of each slider."""
    changes: list[dict[str, Value]] = [{}]
    for param in problem.settings:
        if param.name not in START:
            values = param.choices or ((True, False) if param.kind == "bool" else param.slider)
            changes += [{param.name: value} for value in values if value != param.default]
    return changes


class Run(NamedTuple):
    """The loss and the estimate of the distance after each step."""

    loss: np.ndarray
    d: np.ndarray


def run(function: Callable[[jax.Array], jax.Array], start: Any, optimizer: optax.GradientTransformation, steps: int) -> Run:
    """Return a jitted scan of one of the Prodigies, plain or chained, without noise; arrays of shape (steps,)."""
    return Run(*(values[0] for values in runs(function, start, optimizer, steps, lambda key, k: jnp.zeros(()), seeds=1)))


def runs(
    function: Callable[[jax.Array], jax.Array],
    start: Any,
    optimizer: optax.GradientTransformation,
    steps: int,
    noise: Callable[[jax.Array, jax.Array], jax.Array],
    seeds: int,
) -> Run:
    """Return the runs of many seeds, with `noise` (key, step k) added to the gradient; arrays of shape (seeds, steps)."""

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
