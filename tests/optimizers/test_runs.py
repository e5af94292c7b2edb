"""Tests of every optimizer of the catalogue. An entry added there is tested here without another line."""

from __future__ import annotations

from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from prodigy_core import schedules
from prodigy_core.param import Param, Value
from tests.compilations import compilations
from tests.optimizers.runs import BOWL, QUICK, START, VALLEY, arguments, compiled, every_optimizer, program, ran, rates

TREE = {"bias": (3,), "kernel": (2, 1, 1, 2), "scale": ()}


@every_optimizer
def test_it_finds_the_minimum_of_a_bowl(optimizer):
    """The learning-rate-free ones with every knob at its default."""
    run = ran(optimizer.name, tuple(rates(optimizer).items()))
    assert run["loss"][-1] < 1e-3 * run["loss"][0]
    np.testing.assert_allclose(run["judged"][-1], (3.0, 3.0), atol=0.1)


@every_optimizer
@pytest.mark.parametrize("dtype", ["float32", "float64", "bfloat16", "float16"])
def test_its_updates_and_its_state_keep_their_dtypes(optimizer, dtype):
    """A state that changes its type after a step cannot be looped over, and a float32 run would drift into float64."""
    with jax.enable_x64(True):
        moving, static = arguments(optimizer, {})

        def step(params: Any, hyperparameters: dict[str, Any]) -> Any:
            hyper = {**hyperparameters, **static}
            built = optimizer.transformation(hyper, schedules.of(hyper, 10.0))
            state = built.init(params)
            updates, after, info = built.update(params, state, params, value=jnp.sum(params["bias"]).astype(jnp.float32))
            return (params, state), (updates, after), info

        # Numbers as the engine passes them, weakly typed; a learning rate that it searches for is float64 itself.
        searched = {"learning_rate": np.float64(0.1)} if optimizer.search else {}
        params = {name: jax.ShapeDtypeStruct(shape, dtype) for name, shape in TREE.items()}
        before, after, info = jax.eval_shape(step, params, {**moving, **searched})
    jax.tree.map(lambda x, y: None, before, after)  # of one structure
    shapes = [[(leaf.shape, leaf.dtype) for leaf in jax.tree.leaves(tree)] for tree in (before, after)]
    assert shapes[0] == shapes[1]
    assert [leaf.shape for leaf in info.values()] == [()] * len(info)
    assert all(jnp.finfo(leaf.dtype).bits >= 32 for leaf in info.values()), "a curve would have two digits"
    assert bool(info) == (optimizer.info is not None)


@every_optimizer
def test_leaves_of_any_shape_move_as_one_long_vector_does_unless_it_is_layerwise(optimizer):
    """A model's parameters are many arrays; estimates, norms and means must go over all of them.

    And a sweep takes the point of a function apart, so the entry of one that measures each leaf by itself must say so.
    """
    moving, static = arguments(optimizer, {**rates(optimizer), "clip": 2.0})
    generator = np.random.default_rng(1)
    start = {name: generator.normal(size=shape) for name, shape in TREE.items()}
    goal = {name: generator.normal(size=shape) for name, shape in TREE.items()}

    def final(params: Any, goal: Any, hyperparameters: dict[str, Any]) -> Any:
        built = optimizer.transformation({**hyperparameters, **static}, lambda k: jnp.asarray(hyperparameters["learning_rate"]))

        def loss(params: Any) -> Any:
            return sum(jnp.sum((a - b) ** 2) for a, b in zip(jax.tree.leaves(params), jax.tree.leaves(goal), strict=True))

        def step(_: Any, carry: Any) -> Any:
            params, state = carry
            value, gradient = jax.value_and_grad(loss)(params)
            updates, state, _ = built.update(gradient, state, params, value=value)
            return jax.tree.map(jnp.add, params, updates), state

        return jax.lax.fori_loop(0, 30, step, (params, built.init(params)))[0]

    def flat(tree: Any, on: Any = np) -> Any:
        return on.concatenate([on.ravel(leaf) for leaf in jax.tree.leaves(tree)])

    with jax.enable_x64(True):
        both = jax.jit(
            lambda start, goal, hyperparameters: (
                final(start, goal, hyperparameters),
                final(flat(start, jnp), flat(goal, jnp), hyperparameters),
            ),
            compiler_options=QUICK,
        )
        tree, vector = jax.device_get(both(start, goal, moving))
    moved = np.abs(flat(tree) - flat(start))
    assert (moved > 0).all()
    assert np.allclose(flat(tree), vector, rtol=1e-9, atol=0) != optimizer.layerwise


@every_optimizer
def test_many_runs_at_once_are_the_same_as_one_after_the_other(optimizer):
    """A sweep runs the same program under vmap: a knob read as a Python number there would be the same for all."""
    names = [param.name for param in optimizer.params if param.kind == "float" and not param.static]
    rows: list[dict[str, Value]] = [rates(optimizer), *(rates(optimizer) | {name: _other(optimizer, name)} for name in names)]
    static = tuple(arguments(optimizer, {})[1].items())
    stacked = [arguments(optimizer, row)[0] for row in rows]
    with jax.enable_x64(True):
        together = {name: np.asarray([row[name] for row in stacked]) for name in stacked[0]}
        # Without what else is recorded, of which nothing is compared, there is half as much to compile.
        path = program(optimizer.name, static, whole=False)
        many = jax.vmap(partial(path, start=np.asarray(START), weights=np.asarray(BOWL)))
        at_once = np.asarray(jax.jit(many, compiler_options=QUICK)(together)["x"])
    for row, in_batch in zip(rows, at_once[:, 50], strict=True):  # later, some dance about the minimum on rounding errors
        alone = ran(optimizer.name, tuple(row.items()))["x"][50]
        np.testing.assert_allclose(in_batch, alone, rtol=1e-6, atol=1e-9, err_msg=str(row))
    assert len(np.unique(at_once[:, 50].round(9), axis=0)) >= min(len(rows), 4)  # the rows are different runs


EXTREME: dict[str, Value] = {
    "schedule": "cosine",
    "warmup": 0.2,
    "weight_decay": 1.0,
    "clip": 0.01,
    "lower_bound": 0.5,
    "learning_rate": 0.25,
    "growth_rate": 1.1,
    "stop_d_at": 5.0,
}


def _other(optimizer: Any, name: str) -> Value:
    """A value that makes a difference."""
    param: Param = next(param for param in optimizer.params if param.name == name)
    if param.kind == "bool":
        return not param.default
    if param.name in EXTREME:
        return EXTREME[param.name]
    if param.kind == "choice":
        return param.choices[1]
    if param.kind == "int":
        return 20 if name == "hand_over_at" else 2
    if param.name in ("estim_lr0", "reps_rel", "s_init"):
        return 1e-3
    if param.name == "threshold":
        return 50.0
    return 20.0 if param.name == "alpha" else 0.3


# Values of other hyperparameters without which a hyperparameter does nothing.
CONTEXT: dict[str, dict[str, Value]] = {
    "cycles": {"schedule": "restarts"},
    "end_fraction": {"schedule": "exponential"},
    "warmup_from": {"warmup": 0.2},
    "safeguard_warmup": {"warmup": 0.2},
    "weight_lr_power": {"warmup": 0.2},
    "decay": {"weight_decay": 0.3},
    "decay_mask": {"weight_decay": 0.3},
    "adapt_lower_bound": {"lower_bound": -5.0},
    "cocob.eps": {"clip": 0.1},  # else it is smaller than the first gradients, which replace it
    "amsgrad.beta2": {"learning_rate": 1.0},  # else no gradient is larger than the first one
}


@every_optimizer
def test_every_knob_is_connected_and_turning_it_compiles_nothing(optimizer):
    """A slider that moves nothing is worse than none, and with a compilation at every stop it is no instrument."""
    searched = {value for value in vars(optimizer.search).values() if isinstance(value, str)} if optimizer.search else set()
    ran(optimizer.name, (), VALLEY)
    static = tuple(arguments(optimizer, {})[1].items())
    with compilations() as compiled_anew:
        for param in optimizer.params:
            if param.static or param.name in searched:  # of the runs before, or what they find
                continue
            context = rates(optimizer) | CONTEXT.get(param.name, {}) | CONTEXT.get(f"{optimizer.name}.{param.name}", {})
            before = ran(optimizer.name, tuple(context.items()), VALLEY)
            after = ran(optimizer.name, tuple((context | {param.name: _other(optimizer, param.name)}).items()), VALLEY)
            assert not np.array_equal(after["x"], before["x"]), param.name
            if param.none_means:
                ran(optimizer.name, ((param.name, param.instead),), VALLEY)
    assert not compiled_anew
    assert compiled(optimizer.name, static)._cache_size() == 1


@pytest.mark.parametrize("name", ["dadapt_adamw", "prodigy", "dog", "dowg", "cocob", "mechanic_adam", "momo"])
@pytest.mark.parametrize("shape", schedules.SHAPES)
def test_a_learning_rate_free_one_bears_a_warm_up_from_nothing(name, shape):
    """A first step of no length leaves nothing to divide by."""
    run = ran(name, (("warmup", 0.1), ("schedule", shape)))
    assert np.isfinite(run["x"]).all()
    assert run["loss"][-1] < run["loss"][0]
