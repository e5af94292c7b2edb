"""Numbers of an array that take on the precision of what they meet, whatever this JAX calls the conversion."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from prodigy_core.engine import weak as module
from prodigy_core.engine.weak import weak


@pytest.fixture(params=["primitive", "documented"])
def way(request, monkeypatch):
    """Both ways of the conversion."""
    monkeypatch.setattr(module, "_converts", lambda: request.param == "primitive")


@pytest.mark.parametrize("dtype", [jnp.float16, jnp.bfloat16, jnp.float32, jnp.float64])
@pytest.mark.parametrize("values", [np.array([0.1, 1e-30]), np.array([3, 7], np.int32)])
def test_a_number_takes_on_the_precision_of_what_it_meets(way, values, dtype):
    """Else an axis over float64 numbers would turn a float32 run into another one than the race."""
    with jax.enable_x64(True):
        products = jax.jit(jax.vmap(lambda value: weak(value) * jnp.ones((), dtype)))(values)
        assert products.dtype == dtype
        np.testing.assert_array_equal(products, values.astype(dtype))


def test_a_switch_stays_one(way):
    assert jax.jit(jax.vmap(weak))(np.array([True, False])).dtype == bool


def broken(*given, **parameters):
    raise TypeError("no parameter 'weak_type'")


def test_a_jax_with_another_primitive_is_slower_and_says_so(monkeypatch):
    module._converts.cache_clear()
    monkeypatch.setattr(module, "_convert", broken)
    with pytest.warns(RuntimeWarning, match="Install the newest prodigy-lab"):
        assert not module._converts()
    assert weak(jnp.float32(0.5)).weak_type
    monkeypatch.undo()
    module._converts.cache_clear()
    assert module._converts()
