"""The state: its dtypes, its buffers, and that it can be carried, donated and described before it exists."""

import functools
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from prodigy_core import prodigy as exported
from prodigy_core.prodigy import prodigy
from tests.prodigy.runs import dtypes, run, step

TREES = {
    "float16": {"a": "float16"},
    "bfloat16": {"a": "bfloat16"},
    "float32": {"a": "float32"},
    "float64": {"a": "float64"},
    "complex64": {"a": "complex64"},
    "complex128": {"a": "complex128"},
    "halves": {"a": "bfloat16", "b": "float16"},
    "mixed": {"a": "float32", "b": "bfloat16", "c": "complex64"},
    "wide": {"a": "bfloat16", "b": "float64", "c": "complex64"},
}
OPTIONS: list[dict[str, Any]] = [{}, {"compensate": False}, {"slice_p": 2}, {"growth_rate": 1.5, "safeguard_warmup": True}]


def test_the_package_exports_it() -> None:
    """`from prodigy_core import prodigy`, as the README has it."""
    assert exported is prodigy


@pytest.mark.parametrize("option", OPTIONS, ids=lambda option: "-".join(option) or "defaults")
@pytest.mark.parametrize("kinds", TREES.values(), ids=TREES)
@pytest.mark.usefixtures("x64")
def test_dtypes_stay(kinds: dict[str, str], option: dict[str, Any]) -> None:
    """A state whose dtype drifts recompiles a training loop, or cannot be the carry of a scan."""
    optimizer = prodigy(weight_decay=0.1, **option)
    params = {key: jax.ShapeDtypeStruct((3, 2), kind) for key, kind in kinds.items()}
    state = jax.eval_shape(optimizer.init, params)
    wide = {key: jnp.promote_types(kind, jnp.float32) for key, kind in kinds.items()}
    real = {key: jnp.finfo(kind).dtype for key, kind in wide.items()}
    scalar = jnp.float64 if any(kind in ("float64", "complex128") for kind in kinds.values()) else jnp.float32
    shape = (3, 2) if option.get("slice_p") is None else (3,)
    for key, kind in kinds.items():
        assert state.exp_avg[key].dtype == state.grad_sum[key].dtype == wide[key]
        assert state.exp_avg_sq[key].dtype == real[key]
        assert state.params0[key].dtype == kind
        assert state.grad_sum[key].shape == state.params0[key].shape == shape
        if state.residual is not None:
            assert state.residual[key].dtype == wide[key]
    scalars = (state.estim_lr, state.estim_lr_max, state.estim_lr_prev, state.numerator_weighted)
    assert {x.dtype for x in scalars} == {jnp.dtype(scalar)}
    assert state.count.dtype == jnp.int32

    updates, new = jax.eval_shape(optimizer.update, params, state, params)
    assert dtypes(updates) == dtypes(params)
    assert dtypes(new) == dtypes(state)
    assert len({jax.tree.structure(tree) for tree in (new, state)}) == 1


@pytest.mark.parametrize("of_gradient, of_params", [("float32", "bfloat16"), ("bfloat16", "float32"), ("float16", "bfloat16")])
def test_the_update_has_the_dtype_of_the_params(of_gradient: str, of_params: str) -> None:
    """Gradients come in another dtype from mixed-precision training; params must keep theirs."""
    gradient, params = (jax.ShapeDtypeStruct((3,), kind) for kind in (of_gradient, of_params))
    before = jax.eval_shape(prodigy().init, params)
    updates, state = jax.eval_shape(prodigy().update, gradient, before, params)
    assert updates.dtype == of_params
    assert dtypes(state) == dtypes(before)


def test_weakly_typed_and_python_params() -> None:
    """`init(1.0)` at the prompt."""

    def two_steps() -> Any:
        _, state, params = step(prodigy(), 1.0, prodigy().init(1.0), 1.0)
        return state, step(prodigy(), 1.0, state, params)[1]

    state, again = jax.eval_shape(two_steps)
    assert dtypes(again) == dtypes(state)


def buffers(tree: Any) -> list[int]:
    return [x.unsafe_buffer_pointer() for x in jax.tree.leaves(tree)]


@pytest.mark.usefixtures("x64")
@pytest.mark.parametrize("slice_p", [None, 2])
@pytest.mark.parametrize("compiled", [False, True])
def test_no_two_leaves_share_a_buffer(slice_p: int | None, compiled: bool) -> None:
    """Donating a shared buffer twice is an error, and params0 would change with the params. Nor do dtypes drift outside
    of a compiled program."""
    kinds = {"half": "bfloat16", "turning": "complex64", "wide": "float64"}
    params, gradient = (
        {key: jnp.asarray(np.full(1, value, jnp.dtype(kind))) for key, kind in kinds.items()} for value in (1.0, 0.5)
    )
    optimizer = prodigy(jnp.asarray(np.float64(1.0)), estim_lr0=jnp.asarray(np.float64(1e-6)), slice_p=slice_p)
    init, update = (jax.jit(optimizer.init), jax.jit(optimizer.update)) if compiled else optimizer
    state = init(params)
    first = buffers((params, state))
    assert len(set(first)) == len(first)
    kind = dtypes(state)
    for _ in range(2):
        updates, state = update(gradient, state, params)
    later = buffers((params, state))
    assert len(set(later)) == len(later)
    assert dtypes(state) == kind
    assert dtypes(updates) == dtypes(params)


@functools.cache
def donating(slice_p: int | None) -> tuple[Any, Any, Any]:
    """The optimizer, a step that takes params and state for its own, and a run that does not."""
    optimizer = prodigy(slice_p=slice_p)

    def gradient(p: Any) -> Any:
        return jax.tree.map(lambda x: x - 3.0, p)

    @functools.partial(jax.jit, donate_argnums=(0, 1))
    def one(params: Any, state: Any) -> tuple[Any, Any]:
        _, state, params = step(optimizer, gradient(params), state, params)
        return params, state

    return optimizer, one, run(optimizer, gradient, start(), 30)


def start() -> Any:
    return {"a": jnp.asarray(np.zeros(5, np.float32)), "b": jnp.asarray(np.ones((2, 2), np.float32))}


@pytest.mark.parametrize("slice_p", [None, 2])
@pytest.mark.parametrize("jit_init", [False, True])
def test_state_and_params_can_be_donated(slice_p: int | None, jit_init: bool) -> None:
    """Large models donate both; p0 must survive the params it was copied from."""
    optimizer, one, known = donating(slice_p)
    params = start()
    state = (jax.jit(optimizer.init) if jit_init else optimizer.init)(params)
    for _ in range(30):
        params, state = one(params, state)
    np.testing.assert_allclose(state.estim_lr, np.asarray(known.d)[-1], rtol=1e-5)
    jax.tree.map(np.testing.assert_array_equal, state.params0, known.state.params0)


def test_params0_is_a_copy() -> None:
    """With params donated elsewhere, p0 would be a deleted array."""
    params = jnp.asarray(np.arange(4.0, dtype=np.float32))
    state = prodigy().init(params)
    params.delete()
    np.testing.assert_array_equal(state.params0, np.arange(4.0))


@pytest.mark.parametrize("option", OPTIONS, ids=lambda option: "-".join(option) or "defaults")
def test_init_of_abstract_params(option: dict[str, Any]) -> None:
    """Checkpoints are restored into a state that is only described; sharding rules are derived from it."""
    params = {"a": np.ones((3, 2), jnp.bfloat16), "b": None, "c": np.ones(5, np.float32), "d": optax.MaskedNode()}
    optimizer = prodigy(**option)
    abstract = optimizer.init(jax.eval_shape(lambda: params))
    state = optimizer.init(params)
    assert len({jax.tree.structure(tree) for tree in (abstract, state)}) == 1
    shapes = [(x.shape, x.dtype) for x in jax.tree.leaves(abstract)]
    assert shapes == [(x.shape, x.dtype) for x in jax.tree.leaves(state)]
    outer = jax.eval_shape(optimizer.init, params)
    assert shapes == [(x.shape, x.dtype) for x in jax.tree.leaves(outer)]


def test_the_state_can_be_mapped_over_the_params() -> None:
    """optax.tree.map_params shards and freezes states with it: it must find what is shaped like the params."""
    state = prodigy().init({"a": jnp.ones(3)})
    marked = optax.tree.map_params(prodigy(), lambda x: "param", state, transform_non_params=lambda x: "scalar")
    assert marked.exp_avg == marked.exp_avg_sq == marked.grad_sum == marked.params0 == marked.residual == {"a": "param"}
    assert marked.estim_lr == marked.count == marked.numerator_weighted == "scalar"


def test_d_can_be_read_by_name() -> None:
    """`optax.tree.get(state, "estim_lr")` is how one logs D, also inside a chain."""
    optimizer = optax.chain(optax.clip_by_global_norm(1.0), prodigy(estim_lr0=1e-3))
    assert optax.tree.get(optimizer.init(jnp.ones(2)), "estim_lr") == np.float32(1e-3)
