"""Clipping and weight decay in front of every optimizer, compared with the chain that a person would write with optax."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

import prodigy_core
from prodigy_core.optimizers import OPTIMIZERS, Optimizer
from prodigy_core.optimizers.hyperparameters import DECAYS, MASKS
from prodigy_core.optimizers.transformations import Transformation, clip_by_global_norm, matrices
from prodigy_core.param import Value
from tests.optimizers.runs import QUICK, arguments

SHAPES = {"bias": (3,), "kernel": (2, 1, 2)}
CLIP, DECAY = 1.5, 0.3


def _random(seed: int) -> dict[str, np.ndarray]:
    generator = np.random.default_rng(seed)
    return {name: generator.normal(size=shape) + 1 for name, shape in SHAPES.items()}


def _matrices(params: Any) -> dict[str, bool]:
    return {"bias": False, "kernel": True}


def _penalty(params: Any, mask: str) -> Any:
    on = {name: mask == "all" or (mask == "matrices" and _matrices(params)[name]) for name in SHAPES}
    return DECAY / 2 * sum(jnp.sum(leaf**2) for name, leaf in params.items() if on[name])


def _plain(transformation: Any) -> Any:
    """Return it as one of optax's, whose step hands back no info."""
    if not isinstance(transformation, Transformation):
        return optax.with_extra_args_support(transformation)
    return optax.GradientTransformationExtraArgs(
        transformation.init, lambda *given, **value: transformation.update(*given, **value)[:2]
    )


def _final(transformation: Any, penalty: Callable[[Any], Any] = lambda params: 0.0) -> Any:
    """The params after two steps on the bowl around 0."""
    params = jax.tree.map(jnp.asarray, _random(0))
    transformation = _plain(transformation)

    def step(_: Any, carry: Any) -> Any:
        params, state = carry
        value = sum(jnp.sum(leaf**2) for leaf in params.values()) + penalty(params)
        updates, state = transformation.update(jax.tree.map(lambda p: 2 * p, params), state, params, value=value)
        return optax.apply_updates(params, updates), state

    return jax.lax.fori_loop(0, 2, step, (params, transformation.init(params)))[0]


# name -> (knobs, (decoupled decay, mask) -> the same from optax)
CASES: dict[str, tuple[dict[str, Value], Callable[[float, Any], Any]]] = {
    "prodigy": (
        {"estim_lr0": 0.1},
        lambda w, m: prodigy_core.prodigy(estim_lr0=0.1, weight_decay=w, weight_decay_mask=m),
    ),
    "adamw": ({"learning_rate": 0.1}, lambda w, m: optax.adamw(0.1, weight_decay=w, mask=m)),
    "adan": ({"learning_rate": 0.1}, lambda w, m: optax.adan(0.1, weight_decay=w, mask=m)),
    "lion": ({"learning_rate": 0.1}, lambda w, m: optax.lion(0.1, weight_decay=w, mask=m)),
    "sgd": ({"learning_rate": 0.1}, lambda w, m: optax.sgd(0.1, momentum=0.9)),
    "dog": ({"reps_rel": 0.1}, lambda w, m: optax.contrib.dog(init_step=("heuristic", 0.1))),
}
# optax has no mask for these: what they do to a leaf must be what they do with decay or without.
UNMASKED: dict[str, tuple[dict[str, Value], Callable[[float], Any]]] = {
    "optax_prodigy": ({"estim_lr0": 0.1}, lambda w: optax.contrib.prodigy(estim_lr0=0.1, weight_decay=w)),
    "dadapt_adamw": ({"estim_lr0": 0.1}, lambda w: optax.contrib.dadapt_adamw(estim_lr0=0.1, weight_decay=w)),
    "schedule_free_adamw": ({"learning_rate": 0.1}, lambda w: optax.contrib.schedule_free_adamw(0.1, weight_decay=w)),
    "momo": ({"learning_rate": 0.2}, lambda w: optax.contrib.momo(0.2, weight_decay=w)),
    "momo_adam": ({"learning_rate": 0.1}, lambda w: optax.contrib.momo_adam(0.1, weight_decay=w)),
}


def _rate(hyper: Mapping[str, Any]) -> Callable[[Any], Any]:
    """A learning rate that stays."""
    return lambda k: jnp.asarray(hyper["learning_rate"])


def _ours(name: str, **hyperparameters: Value) -> dict[str, Any]:
    """mask -> the params at the end with each kind of decay that it has: traced, so that they are one program."""
    optimizer = OPTIMIZERS[name]
    moving, static = arguments(optimizer, {"weight_decay": DECAY, "clip": CLIP, **hyperparameters})

    def end(mask: str, kind: Any) -> Any:
        hyper = {**moving, **static, "decay": kind, "decay_mask": mask}
        return _final(optimizer.transformation(hyper, _rate(hyper)))

    return {mask: jax.lax.map(partial(end, mask), jnp.arange(len(_kinds(optimizer)))) for mask in MASKS}


def _kinds(optimizer: Optimizer) -> tuple[str, ...]:
    return DECAYS if optimizer.decays else ("coupled",)


def _row(stacked: dict[str, np.ndarray], i: int) -> dict[str, np.ndarray]:
    return {name: leaf[i] for name, leaf in stacked.items()}


def _assert_same(outcome: Any, expected: Any) -> None:
    for name in SHAPES:
        np.testing.assert_allclose(outcome[name], expected[name], rtol=1e-9, err_msg=name)


def test_matrices_are_the_leaves_of_two_axes_or_more():
    """Biases and scales stay out of the decay; stacks of matrices, as in a convolution, do not."""
    leaves = {axes: jax.ShapeDtypeStruct((2,) * axes, np.float32) for axes in range(5)}
    assert matrices(leaves) == {axes: axes >= 2 for axes in leaves}


@pytest.mark.parametrize("name", list(CASES))
def test_it_is_the_chain_of_clipping_then_coupled_decay_then_the_optimizer(name):
    hyperparameters, build = CASES[name]
    amounts = {"coupled": (DECAY, 0.0), "decoupled": (0.0, DECAY), "no": (0.0, 0.0)}

    def end(mask: Any, amount: Any) -> Any:
        coupled, decoupled = amount
        return _final(
            optax.chain(optax.clip_by_global_norm(CLIP), optax.add_decayed_weights(coupled, mask), build(decoupled, mask))
        )

    def both() -> Any:
        chains = {"all": None, "matrices": _matrices}
        given = jnp.asarray(list(amounts.values()))
        return _ours(name, **hyperparameters), {name: jax.lax.map(partial(end, mask), given) for name, mask in chains.items()}

    with jax.enable_x64(True):
        ours, theirs = jax.device_get(jax.jit(both, compiler_options=QUICK)())
    rows = list(amounts)
    for mask in MASKS:
        for i, kind in enumerate(_kinds(OPTIMIZERS[name])):
            expected = _row(theirs["all"], rows.index("no")) if mask == "none" else _row(theirs[mask], rows.index(kind))
            _assert_same(_row(ours[mask], i), expected)
    weights = [float(weight) for outcome in ours.values() for weight in outcome["kernel"].sum((1, 2, 3))]
    assert len({round(weight, 6) for weight in weights}) >= 2


@pytest.mark.parametrize("name", list(UNMASKED))
def test_where_optax_has_no_mask_only_the_leaves_of_the_mask_decay(name):
    hyperparameters, build = UNMASKED[name]
    optimizer = OPTIMIZERS[name]

    def second_step(built: Any) -> Any:
        """Its updates, after a step along another gradient: the averages of Schedule-free and the moments are under way."""
        built = _plain(built)
        params = jax.tree.map(jnp.asarray, _random(0))

        def step(state: Any, given: Any) -> Any:
            updates, state = built.update(given[0], state, params, value=given[1])
            return state, updates

        given = jax.tree.map(lambda *each: np.stack(each), _random(1), _random(0)), np.array([3.0, 2.0])
        return jax.tree.map(lambda updates: updates[1], jax.lax.scan(step, built.init(params), given)[1])

    def both() -> Any:
        moving, _ = arguments(optimizer, {"weight_decay": DECAY, **hyperparameters})
        masked = [{**moving, "decay_mask": mask} for mask in MASKS]
        ours = [second_step(optimizer.transformation(hyper, _rate(hyper))) for hyper in masked]
        return ours, jax.lax.map(lambda decay: second_step(build(decay)), jnp.array([DECAY, 0.0]))

    with jax.enable_x64(True):
        ours, theirs = jax.device_get(jax.jit(both, compiler_options=QUICK)())
    outcome = dict(zip(MASKS, ours, strict=True)) | {"with decay": _row(theirs, 0), "without": _row(theirs, 1)}
    _assert_same(outcome["all"], outcome["with decay"])
    _assert_same(outcome["none"], outcome["without"])
    shrunk = float(hyperparameters.get("learning_rate", 0.0)) * DECAY  # type: ignore[arg-type]
    for leaf, decays in _matrices(None).items():
        spared = outcome["without"][leaf]
        if "momo" in name:  # one length of step for all leaves, which counts the decay; a spared leaf is not shrunk
            spared = outcome["with decay"][leaf] + shrunk / (1 + shrunk) * _random(0)[leaf]
        np.testing.assert_allclose(outcome["matrices"][leaf], outcome["with decay"][leaf] if decays else spared, rtol=1e-9)
        assert np.abs(outcome["with decay"][leaf] - outcome["without"][leaf]).max() > 1e-6


@pytest.mark.parametrize("mask", ["all", "matrices"])
def test_polyaks_step_is_told_the_penalty_whose_gradient_it_is_given(mask):
    """Told the loss alone beside the gradient of both, MoMo would aim below the lower bound."""
    optimizer = OPTIMIZERS["momo"]

    def run() -> Any:
        moving, _ = arguments(optimizer, {"weight_decay": DECAY, "decay": "coupled"})
        hyper = {**moving, "decay_mask": mask}
        ours = _final(optimizer.transformation(hyper, _rate(hyper)))
        chain = optax.chain(optax.add_decayed_weights(DECAY, None if mask == "all" else _matrices), optax.contrib.momo())
        return ours, _final(chain, lambda params: _penalty(params, mask)), _final(chain)

    with jax.enable_x64(True):
        ours, theirs, untold = jax.device_get(jax.jit(run, compiler_options=QUICK)())
    _assert_same(ours, theirs)
    assert not np.allclose(ours["kernel"], untold["kernel"])


# --- clipping ------------------------------------------------------------------------------------------------------


@partial(jax.jit, compiler_options=QUICK)
def _clipped(limit: Any, gradient: Any) -> Any:
    return clip_by_global_norm(limit).update(gradient, optax.EmptyState())[0]


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32", "float64"])
def test_clipping_shortens_what_is_longer_and_nothing_else(dtype):
    gradient = {"a": np.asarray([3.0, 0.0], jnp.dtype(dtype)), "b": np.asarray(4.0, jnp.dtype(dtype))}
    with jax.enable_x64(True):
        for limit, factor in ((10.0, 1.0), (5.5, 1.0), (2.5, 0.5), (float("nan"), 1.0)):
            clipped = jax.device_get(_clipped(limit, gradient))
            for name, leaf in gradient.items():
                assert clipped[name].dtype == leaf.dtype
                np.testing.assert_array_equal(clipped[name].astype(float), factor * leaf.astype(float))


@pytest.mark.parametrize("dtype, huge", [("float16", 3e4), ("bfloat16", 1e30), ("float32", 1e30), ("float64", 1e200)])
def test_an_exploding_gradient_is_clipped_although_its_square_is_infinite(dtype, huge):
    """This is what clipping is there for; optax's own gives zeros or NaN here."""
    with jax.enable_x64(True):
        for gradient, expected in (([huge, 0.0, huge], [np.sqrt(2), 0, np.sqrt(2)]), ([0.0] * 3, [0.0] * 3)):
            clipped = jax.device_get(_clipped(2.0, np.asarray(gradient, jnp.dtype(dtype))))
            np.testing.assert_allclose(clipped.astype(float), expected, rtol=1e-2)


def test_without_clipping_an_infinite_norm_changes_nothing():
    """SGD on a steep wall in float32: the squares overflow, the step itself does not."""
    moving, static = arguments(OPTIMIZERS["sgd"], {"learning_rate": 1e-20})

    def first(hyperparameters: Any, params: Any, gradient: Any) -> Any:
        built = OPTIMIZERS["sgd"].transformation({**hyperparameters, **static}, _rate(hyperparameters))
        return built.update(gradient, built.init(params), params, value=jnp.asarray(1.0))[0]

    with jax.enable_x64(True):
        updates = jax.jit(first, compiler_options=QUICK)(moving, np.ones(2, np.float32), np.full(2, 1e25, np.float32))
        np.testing.assert_allclose(updates, -1e5, rtol=1e-6)
