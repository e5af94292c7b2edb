"""Params spread over devices: the same numbers as on one, and optax's own tests. Eight devices need a process of their own."""

import functools
import importlib
import inspect
import os
import subprocess
import sys
import unittest
import warnings
from typing import Any

import jax
import numpy as np
import pytest
from jax.sharding import AxisType, NamedSharding
from jax.sharding import PartitionSpec as P

from prodigy_core.prodigy import prodigy
from tests.prodigy.runs import run, step

STEPS = 60
SPECS = {"w": P("x", None), "b": P()}
SETTING: dict[str, Any] = {"weight_decay": 1e-3, "weight_decay_mask": {"w": True, "b": False}}
WHOLE = prodigy(**SETTING)


def start() -> Any:
    return {"w": np.arange(8, dtype=np.float32).reshape(4, 2) / 8, "b": np.ones(3, np.float32)}


def gradient(params: Any) -> Any:
    return {"w": params["w"] - 3.0, "b": 0.1 * (params["b"] + 2.0)}


def check(done: Any, known: Any) -> None:
    np.testing.assert_allclose(np.asarray(done.d), np.asarray(known.d), rtol=2e-5)
    assert np.asarray(done.d)[-1] > 0.1
    for key in ("w", "b"):
        np.testing.assert_allclose(np.asarray(done.params[key]), np.asarray(known.params[key]), rtol=1e-4)


def global_arrays(kind: AxisType) -> None:
    mesh = jax.make_mesh((2,), ("x",), axis_types=(kind,))
    known = run(WHOLE, gradient, start(), STEPS)
    with jax.set_mesh(mesh):
        params = {key: jax.device_put(leaf, NamedSharding(mesh, SPECS[key])) for key, leaf in start().items()}
        state = WHOLE.init(params)
        for field in (state.exp_avg, state.exp_avg_sq, state.grad_sum, state.params0, state.residual):
            assert field["w"].sharding.is_equivalent_to(params["w"].sharding, 2), field["w"].sharding
        check(run(WHOLE, gradient, params, STEPS, state), known)
        if kind is AxisType.Auto:
            sliced = prodigy(slice_p=2, **SETTING)
            done = run(sliced, gradient, params, STEPS)
            alone = run(sliced, gradient, start(), STEPS)
            np.testing.assert_allclose(np.asarray(done.d), np.asarray(alone.d), rtol=2e-5)


def inside_shard_map(compensate: bool) -> None:
    """Each device holds a part of every leaf, and only `axis_name` can put the sums together."""
    mesh = jax.make_mesh((2,), ("x",), axis_types=(AxisType.Auto,))
    params = {"w": start()["w"], "b": np.arange(4, dtype=np.float32) / 4}
    known = run(prodigy(compensate=compensate), gradient, params, STEPS)

    @jax.jit
    @functools.partial(jax.shard_map, mesh=mesh, in_specs=P("x"), out_specs=(P("x"), P()))
    def local(params: Any) -> tuple[Any, jax.Array]:
        optimizer = prodigy(axis_name="x", compensate=compensate)

        def body(carry: Any, _: None) -> tuple[Any, jax.Array]:
            params, state = carry
            _, state, params = step(optimizer, gradient(params), state, params)
            return (params, state), state.estim_lr

        (params, _), d = jax.lax.scan(body, (params, optimizer.init(params)), length=STEPS)
        return params, d

    params, d = local(params)
    check(known._replace(params=params, d=d), known)


def optax_suite() -> None:
    """optax's sharding tests of Adam, with this Prodigy in its place."""
    with warnings.catch_warnings(action="ignore"):
        suite = importlib.import_module("optax._src.sharding_test").ShardingTest
    names = [name for name in unittest.TestLoader().getTestCaseNames(suite) if name.endswith("_adam")]
    assert len(names) == 3, names
    jax.__version__ = "0.9"  # the suite compares versions as strings: to it, 0.10 is older than 0.7
    for name in names:
        inspect.unwrap(getattr(suite, name))(suite(), prodigy())  # the test under absl's parametrization


CHECKS = {
    "auto": functools.partial(global_arrays, AxisType.Auto),
    "explicit": functools.partial(global_arrays, AxisType.Explicit),
    "shard_map": functools.partial(inside_shard_map, True),
    "shard_map plain": functools.partial(inside_shard_map, False),
}
SUITE = "optax's own"


def main() -> None:
    """Runs every check on two devices, optax's on its eight, and prints the names of those that held."""
    warnings.simplefilter("error")
    assert len(jax.devices()) == 8
    for name, checked in (CHECKS | {SUITE: optax_suite}).items():
        try:
            checked()
            print("held:", name, flush=True)
        except Exception as error:
            print("broke:", name, repr(error), flush=True)


@pytest.fixture(scope="module")
def report() -> str:
    flags = f"{os.environ.get('XLA_FLAGS', '')} --xla_force_host_platform_device_count=8"
    done = subprocess.run(
        [sys.executable, "-c", f"from {__name__} import main; main()"],
        env={**os.environ, "XLA_FLAGS": flags.strip(), "JAX_PLATFORMS": "cpu"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("name", CHECKS)
def test_it_is_the_run_on_one_device(report: str, name: str) -> None:
    """On several devices D would be that of one shard, or the program would not compile."""
    assert f"held: {name}\n" in report, report


def test_optax_accepts_ours(report: str) -> None:
    """Training on several devices would move or reshard the state from one step to the next."""
    assert f"held: {SUITE}\n" in report, report
