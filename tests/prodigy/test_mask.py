"""What `weight_decay_mask` may be."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from prodigy_core.prodigy import prodigy
from tests.prodigy.runs import step

PARAMS: Any = {"layer": {"w": np.full((2, 2), 2.0), "b": np.full(2, 3.0)}, "scale": np.array(5.0)}


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


def decayed(params: Any, **masks: Any) -> dict[str, Any]:
    """The share of each leaf that one step takes off where there is no gradient: 0.1 under decay, else 0. All masks in one
    program."""

    def first(params: Any, mask: Any) -> Any:
        optimizer = prodigy(weight_decay=0.1, weight_decay_mask=mask, estim_lr0=1.0, use_bias_correction=False)
        updates, state, _ = step(optimizer, jax.tree.map(jnp.zeros_like, params), optimizer.init(params), params)
        structures = {jax.tree.structure(tree) for tree in (params, updates, state.exp_avg)}
        assert len(structures) == 1
        return updates

    found = jax.device_get(jax.jit(lambda params: {name: first(params, mask) for name, mask in masks.items()})(params))
    return {
        name: jax.tree.map(lambda u, p: round(-float(np.mean(u / p)), 6), updates, params) for name, updates in found.items()
    }


def all_leaves(w: Any, b: Any, scale: Any) -> Any:
    return {"layer": {"w": w, "b": b}, "scale": scale}


CASES: dict[str, tuple[Any, Any]] = {
    "None": (None, all_leaves(0.1, 0.1, 0.1)),
    "True": (True, all_leaves(0.1, 0.1, 0.1)),
    "False": (False, all_leaves(0.0, 0.0, 0.0)),
    "numpy": (np.bool_(False), all_leaves(0.0, 0.0, 0.0)),
    "tree": (all_leaves(True, False, True), all_leaves(0.1, 0.0, 0.1)),
    "arrays": (all_leaves(jnp.array(True), np.array(False), np.True_), all_leaves(0.1, 0.0, 0.1)),
    "prefix": ({"layer": False, "scale": True}, all_leaves(0.0, 0.0, 0.1)),
    "function": (lambda params: jax.tree.map(lambda p: p.ndim > 1, params), all_leaves(0.1, 0.0, 0.0)),
    "function to prefix": (lambda params: {"layer": True, "scale": False}, all_leaves(0.1, 0.1, 0.0)),
    "function to bool": (lambda params: False, all_leaves(0.0, 0.0, 0.0)),
}


@pytest.fixture(scope="module")
def shares() -> dict[str, Any]:
    return decayed(PARAMS, **{name: mask for name, (mask, _) in CASES.items()})


@pytest.mark.parametrize("name", CASES)
def test_where_decay_applies(shares: dict[str, Any], name: str) -> None:
    """Biases would be decayed, or weights not."""
    assert shares[name] == CASES[name][1]


MODULE = Module(np.full(3, 2.0), np.full(2, 3.0))


def test_a_module_of_booleans_is_data() -> None:
    """An Equinox user's mask is a module, and a module is callable."""
    got = decayed(MODULE, mask=Module(True, False))["mask"]
    assert (got.w, got.b) == (0.1, 0.0)


def test_a_callable_made_of_callables_is_called() -> None:
    """A rule object with function-valued leaves is not a mask itself."""
    got = decayed(MODULE, mask=Rule(lambda p: p.size < 3, lambda p: p.size < 3))["mask"]
    assert (got.w, got.b) == (0.0, 0.1)


@pytest.mark.parametrize("hole", [None, optax.MaskedNode()], ids=["None", "MaskedNode"])
def test_holes_in_the_params(hole: Any) -> None:
    """optax.partition and filtered models leave holes in the tree; a mask that names them must pass."""
    masks = {"bool": True, "tree": {"a": True, "b": True}, "function": lambda p: jax.tree.map(lambda _: True, p)}
    found = decayed({"a": np.ones(3), "b": hole}, **masks)
    assert found == {name: {"a": 0.1, "b": hole} for name in masks}


def test_inside_optax_partition() -> None:
    """One rule for the biases, this optimizer with a mask for the rest."""
    labels = {"layer": {"w": "fit", "b": "still"}, "scale": "fit"}
    ours = prodigy(weight_decay=0.1, weight_decay_mask={"layer": True, "scale": False}, estim_lr0=1.0, eps=0.0)
    optimizer = optax.partition({"fit": ours, "still": optax.set_to_zero()}, labels)
    first = jax.jit(lambda p: optimizer.update(jax.tree.map(jnp.zeros_like, p), optimizer.init(p), p)[0])
    updates = jax.device_get(first(PARAMS))
    assert np.all(updates["layer"]["w"] < 0)
    assert np.all(updates["layer"]["b"] == 0)
    assert updates["scale"] == 0


P, G = np.array([2.0, -3.0]), np.array([1.0, 1.0])


def first_updates(*optimizers: Any) -> Any:
    """At P, by the gradient G."""
    return jax.device_get(jax.jit(lambda p, g: [step(o, g, o.init(p), p)[0] for o in optimizers])(P, G))


def test_the_decay_is_times_the_step_size_and_of_the_old_params() -> None:
    """AdamW's decay, decoupled: dlr weight_decay p, beside the same Adam step."""
    optimizers = [prodigy(0.5, weight_decay=w, estim_lr0=0.1, use_bias_correction=False) for w in (0.0, 0.2)]
    plain, both = first_updates(*optimizers)
    np.testing.assert_allclose(both - plain, -0.2 * 0.1 * 0.5 * P, rtol=1e-5)


def test_coupled_decay_is_a_chain() -> None:
    """prodigyopt's `decouple=False`, as the documentation says: the decay enters the gradient."""
    chain = optax.chain(optax.add_decayed_weights(0.2), prodigy())
    by_hand = optax.GradientTransformation(prodigy().init, lambda g, state, p: prodigy().update(g + 0.2 * p, state, p))
    updates, known = first_updates(chain, by_hand)
    np.testing.assert_allclose(updates, known, rtol=1e-6)
