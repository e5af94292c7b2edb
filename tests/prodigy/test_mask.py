"""What `weight_decay_mask` may be."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from prodigy_core.prodigy import prodigy
from tests.prodigy.runs import step

PARAMS = {"layer": {"w": jnp.full((2, 2), 2.0), "b": jnp.full(2, 3.0)}, "scale": jnp.full((), 5.0)}


@jax.tree_util.register_pytree_node_class
class Module:
    """A tree that can be called, as every Equinox module is."""

    def __init__(self, w: Any, b: Any) -> None:
        self.w, self.b = w, b

    def __call__(self, x: Any) -> Any:
        raise AssertionError("a module given as data was called")

    def tree_flatten(self) -> tuple[tuple[Any, Any], None]:
        return (self.w, self.b), None

    @classmethod
    def tree_unflatten(cls, _: None, children: tuple[Any, Any]) -> "Module":
        return cls(*children)


@jax.tree_util.register_pytree_node_class
class Rule(Module):
    """A callable whose leaves are callables: a rule made of rules."""

    def __call__(self, params: Any) -> Any:
        return jax.tree.map(lambda leaf, rule: rule(leaf), params, Module(self.w, self.b))


def decayed(mask: Any, params: Any) -> Any:
    """The share of each leaf that one step takes off where there is no gradient: 0.1 under decay, else 0."""
    optimizer = prodigy(weight_decay=0.1, weight_decay_mask=mask, estim_lr0=1.0, use_bias_correction=False)
    updates, state, _ = jax.jit(lambda p: step(optimizer, jax.tree.map(jnp.zeros_like, p), optimizer.init(p), p))(params)
    structures = {jax.tree.structure(tree) for tree in (params, updates, state.exp_avg)}
    assert len(structures) == 1
    return jax.tree.map(lambda u, p: round(-float(np.mean(u / p)), 6), updates, params)


def all_leaves(w: Any, b: Any, scale: Any) -> Any:
    return {"layer": {"w": w, "b": b}, "scale": scale}


@pytest.mark.parametrize(
    "mask, known",
    [
        (None, all_leaves(0.1, 0.1, 0.1)),
        (True, all_leaves(0.1, 0.1, 0.1)),
        (False, all_leaves(0.0, 0.0, 0.0)),
        (np.bool_(False), all_leaves(0.0, 0.0, 0.0)),
        (all_leaves(True, False, True), all_leaves(0.1, 0.0, 0.1)),
        (all_leaves(jnp.array(True), np.array(False), np.True_), all_leaves(0.1, 0.0, 0.1)),
        ({"layer": False, "scale": True}, all_leaves(0.0, 0.0, 0.1)),
        (lambda params: jax.tree.map(lambda p: p.ndim > 1, params), all_leaves(0.1, 0.0, 0.0)),
        (lambda params: {"layer": True, "scale": False}, all_leaves(0.1, 0.1, 0.0)),
        (lambda params: False, all_leaves(0.0, 0.0, 0.0)),
    ],
    ids=["None", "True", "False", "numpy", "tree", "arrays", "prefix", "function", "function to prefix", "function to bool"],
)
def test_where_decay_applies(mask: Any, known: Any) -> None:
    """Biases would be decayed, or weights not."""
    assert decayed(mask, PARAMS) == known


def test_a_module_of_booleans_is_data() -> None:
    """An Equinox user's mask is a module, and a module is callable."""
    params = Module(jnp.full(3, 2.0), jnp.full(2, 3.0))
    got = decayed(Module(True, False), params)
    assert (got.w, got.b) == (0.1, 0.0)


def test_a_callable_made_of_callables_is_called() -> None:
    """A rule object with function-valued leaves is not a mask itself."""
    params = Module(jnp.full(3, 2.0), jnp.full(2, 3.0))
    got = decayed(Rule(lambda p: p.size < 3, lambda p: p.size < 3), params)
    assert (got.w, got.b) == (0.0, 0.1)


@pytest.mark.parametrize("hole", [None, optax.MaskedNode()], ids=["None", "MaskedNode"])
@pytest.mark.parametrize(
    "mask", [True, {"a": True, "b": True}, lambda p: jax.tree.map(lambda _: True, p)], ids=["bool", "tree", "function"]
)
def test_holes_in_the_params(hole: Any, mask: Any) -> None:
    """optax.partition and filtered models leave holes in the tree; a mask that names them must pass."""
    assert decayed(mask, {"a": jnp.ones(3), "b": hole}) == {"a": 0.1, "b": hole}


def test_inside_optax_partition() -> None:
    """One rule for the biases, this optimizer with a mask for the rest."""
    labels = {"layer": {"w": "fit", "b": "still"}, "scale": "fit"}
    ours = prodigy(weight_decay=0.1, weight_decay_mask={"layer": True, "scale": False}, estim_lr0=1.0, eps=0.0)
    optimizer = optax.partition({"fit": ours, "still": optax.set_to_zero()}, labels)
    state = optimizer.init(PARAMS)
    updates, state = jax.jit(optimizer.update)(jax.tree.map(jnp.zeros_like, PARAMS), state, PARAMS)
    assert jnp.all(updates["layer"]["w"] < 0)
    assert jnp.all(updates["layer"]["b"] == 0)
    assert updates["scale"] == 0


def test_the_decay_is_times_the_step_size_and_of_the_old_params() -> None:
    """AdamW's decay, decoupled: dlr weight_decay p, beside the same Adam step."""
    optimizers = [prodigy(0.5, weight_decay=w, estim_lr0=0.1, use_bias_correction=False) for w in (0.0, 0.2)]
    p, g = jnp.array([2.0, -3.0]), jnp.array([1.0, 1.0])
    plain, both = (step(o, g, o.init(p), p)[0] for o in optimizers)
    np.testing.assert_allclose(both - plain, -0.2 * 0.1 * 0.5 * p, rtol=1e-5)


def test_coupled_decay_is_a_chain() -> None:
    """prodigyopt's `decouple=False`, as the documentation says: the decay enters the gradient."""
    optimizer = optax.chain(optax.add_decayed_weights(0.2), prodigy())
    p, g = jnp.array([2.0, -3.0]), jnp.array([1.0, 1.0])
    updates, _ = optimizer.update(g, optimizer.init(p), p)
    known, _ = prodigy().update(g + 0.2 * p, prodigy().init(p), p)
    np.testing.assert_allclose(updates, known, rtol=1e-6)
