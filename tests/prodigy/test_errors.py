"""Bad arguments are refused where they are given, and the message says which, what it was and what is allowed."""

import functools
import re
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from prodigy_core.prodigy import prodigy

NAN, INF = float("nan"), float("inf")
REFUSED: list[tuple[str, Any, str, str]] = [
    # argument, value, its name in the message, what is allowed
    ("estim_lr0", 0.0, "estim_lr0", "> 0"),
    ("estim_lr0", -1e-6, "estim_lr0", "> 0"),
    ("estim_lr0", INF, "estim_lr0", "finite"),
    ("estim_lr0", NAN, "estim_lr0", "finite"),
    ("estim_lr_coef", 0.0, "estim_lr_coef", "> 0"),
    ("estim_lr_coef", -1.0, "estim_lr_coef", "> 0"),
    ("estim_lr_coef", NAN, "estim_lr_coef", "> 0"),
    ("betas", (1.0, 0.999), "betas[0]", "[0, 1)"),
    ("betas", (-0.1, 0.999), "betas[0]", "[0, 1)"),
    ("betas", (0.9, 1.0), "betas[1]", "[0, 1)"),
    ("betas", (0.9, -0.5), "betas[1]", "[0, 1)"),
    ("betas", (NAN, 0.9), "betas[0]", "[0, 1)"),
    ("beta3", 1.1, "beta3", "[0, 1]"),
    ("beta3", -0.1, "beta3", "[0, 1]"),
    ("eps", -1e-8, "eps", ">= 0"),
    ("eps", NAN, "eps", ">= 0"),
    ("weight_decay", -0.1, "weight_decay", ">= 0"),
    ("learning_rate", -1.0, "learning_rate", ">= 0"),
    ("learning_rate", INF, "learning_rate", "finite"),
    ("learning_rate", NAN, "learning_rate", "finite"),
    ("growth_rate", 0.99, "growth_rate", ">= 1"),
    ("growth_rate", NAN, "growth_rate", ">= 1"),
]


@pytest.mark.parametrize("argument, value, name, allowed", REFUSED)
@pytest.mark.parametrize("kind", ["python", "numpy", "jax"])
def test_numbers_out_of_range(argument: str, value: Any, name: str, allowed: str, kind: str) -> None:
    """A typo would show as NaN after an hour of training."""
    given = jax.tree.map({"python": float, "numpy": np.float64, "jax": jnp.float32}[kind], value)
    with pytest.raises(ValueError, match=re.escape(name)) as error:
        prodigy(**{argument: given})
    message = str(error.value)
    bad = given if argument != "betas" else given[int(name[6])]
    assert repr(bad) in message
    assert allowed in message


@pytest.mark.parametrize("betas", [0.9, (0.9,), (0.9, 0.99, 0.999), None])
def test_betas_must_be_a_pair(betas: Any) -> None:
    """beta3 is an argument of its own; three betas would drop one silently."""
    with pytest.raises(ValueError, match="pair") as error:
        prodigy(betas=betas)
    assert repr(betas) in str(error.value)
    assert "betas" in str(error.value)
    assert "[0, 1)" in str(error.value)


@pytest.mark.parametrize("slice_p", [0, -1, 1.0, 2.5, True, "2"])
def test_slice_p_must_be_a_positive_int(slice_p: Any) -> None:
    """A float stride would fail later, deep inside an update."""
    with pytest.raises(ValueError, match="slice_p") as error:
        prodigy(slice_p=slice_p)
    assert repr(slice_p) in str(error.value)
    assert "int >= 1" in str(error.value)


def test_slice_p_as_an_array_points_to_static_args() -> None:
    """inject_hyperparams makes an array of it; the message must say how to prevent that."""
    with pytest.raises(TypeError, match=r"slice_p.*static_args"):
        prodigy(slice_p=jnp.array(2))  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r"slice_p.*static_args"):
        optax.inject_hyperparams(prodigy)(slice_p=2).init(jnp.ones(3))


LEGAL: dict[str, Any] = {
    "learning_rate 0.0": {"learning_rate": 0.0},
    "learning_rate 0": {"learning_rate": 0},
    "a schedule": {"learning_rate": lambda count: -1.0},
    "betas": {"betas": (0, 0)},
    "a list": {"betas": [0.9, 0.99]},
    "an array": {"betas": np.array([0.9, 0.99])},
    "an array of JAX": {"betas": jnp.array([0.9, 0.99])},
    "beta3 0": {"beta3": 0.0},
    "beta3 1": {"beta3": 1.0},
    "eps": {"eps": 0.0},
    "weight_decay": {"weight_decay": 0},
    "growth_rate 1": {"growth_rate": 1.0},
    "growth_rate inf": {"growth_rate": INF},
    "slice_p": {"slice_p": 1},
}


@functools.cache
def first_updates() -> dict[str, Any]:
    optimizers = {name: prodigy(**setting) for name, setting in LEGAL.items()}
    first = jax.jit(lambda x: {name: each.update(x, each.init(x), x)[0] for name, each in optimizers.items()})
    step: dict[str, Any] = jax.device_get(first(np.ones(2, np.float32)))
    return step


@pytest.mark.parametrize("name", LEGAL)
def test_the_ends_of_the_ranges_are_legal(name: str) -> None:
    """A learning rate of 0 is a warm-up's first value; beta3 = 1 never forgets."""
    prodigy(**LEGAL[name])
    assert np.all(np.isfinite(first_updates()[name]))


@pytest.mark.parametrize("argument, value", [(argument, value) for argument, value, _, _ in REFUSED])
def test_traced_numbers_are_not_checked(argument: str, value: Any) -> None:
    """Under jit a value is not known: asking for it would be an error of JAX's own."""

    @jax.jit
    def first(number: Any) -> Any:
        optimizer = prodigy(**{argument: number})
        return optimizer.update(jnp.ones(2), optimizer.init(jnp.ones(2)), jnp.ones(2))[0]

    assert jax.eval_shape(first, value).shape == (2,)


def test_update_needs_the_params() -> None:
    """optax's `update` allows leaving them out; D is measured from them."""
    optimizer = prodigy()
    with pytest.raises(ValueError, match="params"):
        optimizer.update(jnp.ones(2), optimizer.init(jnp.ones(2)))


@pytest.mark.parametrize("leaf", [jnp.arange(3), jnp.array([True]), np.arange(2), 3], ids=["int", "bool", "numpy", "python"])
def test_whole_number_params_are_refused_with_their_place(leaf: Any) -> None:
    """A step of 1e-6 on an integer is none: the model would not train, silently."""
    with pytest.raises(TypeError, match=r"\['head'\]\[1\].*(int|bool)"):
        prodigy().init({"head": [jnp.ones(2), leaf], "body": jnp.ones(3)})
    with pytest.raises(TypeError, match=r"the params.*(int|bool)"):
        prodigy().init(leaf)


@pytest.mark.parametrize("leaf", [1, 0.1, "w", jnp.ones(()), np.int32(1)], ids=["int", "float", "str", "jax", "numpy"])
def test_a_mask_must_hold_booleans(leaf: Any) -> None:
    """A mask of weights, or of strings as in optax.partition, would count as True everywhere."""
    optimizer = prodigy(weight_decay=0.1, weight_decay_mask={"w": leaf, "b": True})
    params = {"w": jnp.ones(2), "b": jnp.ones(2)}
    state = optimizer.init(params)
    with pytest.raises(TypeError, match=r"weight_decay_mask.*booleans.*\['w'\]") as error:
        optimizer.update(params, state, params)
    assert repr(leaf) in str(error.value)
    with pytest.raises(TypeError, match="the whole mask"):
        prodigy(weight_decay_mask=lambda params: leaf).update(params, state, params)
