"""Arrays of weakly typed numbers: they take on the precision of the arrays that they meet, as Python's numbers do in JAX."""

from __future__ import annotations

import warnings
from functools import lru_cache
from typing import Any

import jax
import jax.numpy as jnp


def weak(value: Any) -> Any:
    """Return an array of a traced function with a weak type and the same values; one of bools unchanged."""
    if jnp.result_type(value) == jnp.bool_:
        return value
    return _convert(value) if _converts() else _set(value)


def _convert(value: Any) -> Any:
    """Convert for free. JAX makes this primitive public, but not its parameters."""
    return jax.lax.convert_element_type_p.bind(value, new_dtype=jnp.result_type(value), weak_type=True, sharding=None)


def _set(value: Any) -> Any:
    """Convert by documented means: numbers that are set in an array take on its type, a weak one too."""
    zero = jnp.asarray(0.0 if jnp.issubdtype(jnp.result_type(value), jnp.floating) else 0)
    return jnp.broadcast_to(zero, jnp.shape(value)).at[...].set(value)


@lru_cache(maxsize=1)
def _converts() -> bool:
    """Whether this version of JAX takes the primitive's parameters; warn if it does not."""
    try:
        converted = jax.eval_shape(_convert, jax.ShapeDtypeStruct((), jnp.float32))
        if converted.weak_type:
            return True
    except (AttributeError, TypeError, ValueError):
        pass
    warnings.warn(
        f"jax {jax.__version__} converts to weak types in another way than this prodigy-lab knows: sweeps are computed in a "
        "slower one. Install the newest prodigy-lab, or jax 0.10.",
        RuntimeWarning,
        stacklevel=2,
    )
    return False
