"""Runs of a model, held against a plain Python loop over the same batches."""

from __future__ import annotations

from functools import cache
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

import prodigy_core
from prodigy_core.data.datasets import load
from tests.engine.runs import EPOCH, LOGISTIC, NETWORK, STEPS, experiment, ran

MODELS = {"network": NETWORK, "logistic regression": LOGISTIC}
SEED = 5
PLAIN: dict[str, tuple[Any, Any]] = {
    "adam": ((("learning_rate", 0.02),), lambda: optax.adam(0.02)),
    "prodigy": ((("estim_lr0", 1e-3),), lambda: prodigy_core.prodigy(estim_lr0=1e-3)),
}


def _outputs(params: dict[str, Any], inputs: Any) -> Any:
    """A network with one hidden layer, or none: matrices w0, w1 and biases b0, b1."""
    if "w1" in params:
        inputs = jax.nn.relu(inputs @ params["w0"].T + params["b0"])
        return inputs @ params["w1"].T + params["b1"]
    return inputs @ params["w0"].T + params["b0"]


def _loss(params: dict[str, Any], inputs: Any, labels: Any) -> Any:
    outputs = _outputs(params, inputs)
    chosen = jnp.take_along_axis(outputs, labels[:, None], axis=1)[:, 0]
    return jnp.mean(jax.nn.logsumexp(outputs, axis=1) - chosen)


def _penalty(params: dict[str, Any]) -> Any:
    return 0.1 / 2 * sum(jnp.sum(leaf**2) for name, leaf in params.items() if name.startswith("w"))


def _start(model: str) -> dict[str, Any]:
    of = experiment(**MODELS[model])
    learning = of.definition.learning
    assert learning is not None
    train, _ = learning.examples(of.settings, None, np.random.default_rng((SEED, 0)))
    start = learning.start(of.settings, train, np.random.default_rng((SEED, 1)))
    if model == "logistic regression":
        return {"w0": start.weight.T, "b0": start.bias}
    first, second = start.layers
    return {"w0": first.weight, "b0": first.bias, "w1": second.weight, "b1": second.bias}


def _flat(params: dict[str, Any], model: str) -> np.ndarray:
    """The parameters in the order in which a snapshot has them."""
    weights = (
        [params["w0"].T, params["b0"]] if model == "logistic regression" else [params[k] for k in ("w0", "b0", "w1", "b1")]
    )
    return np.concatenate([np.ravel(leaf) for leaf in weights])


def _judged(params: dict[str, Any]) -> dict[str, Any]:
    data = load("iris")
    metrics: dict[str, Any] = {}
    parts = {
        "train": (data.train_inputs, data.train_targets),
        "validation": (data.validation_inputs, data.validation_targets),
    }
    for part, (inputs, labels) in parts.items():
        metrics[f"{part}_loss"] = _loss(params, inputs, labels)
        metrics[f"{part}_accuracy"] = jnp.mean(jnp.argmax(_outputs(params, inputs), axis=1) == labels, dtype=float)
    return metrics


@cache
def _looped(model: str, optimizer: str) -> list[dict[str, Any]]:
    """What holds after k = 0, 1, ... steps."""
    data, transformation = load("iris"), PLAIN[optimizer][1]()

    @jax.jit
    def step(params, state, inputs, labels):
        def objective(params):
            return _loss(params, inputs, labels) + _penalty(params)

        loss, gradient = jax.value_and_grad(objective)(params)
        updates, after = transformation.update(gradient, state, params)
        entry = {"loss": loss, "gradient": optax.tree.norm(gradient), "params": params, **_judged(params)}
        return entry, optax.apply_updates(params, updates), after

    entries: list[dict[str, Any]] = []
    with jax.enable_x64(True):
        params = _start(model)
        state = jax.jit(transformation.init)(params)
        for k in range(STEPS + 1):
            if k % EPOCH == 0:
                order = np.random.default_rng((SEED, k // EPOCH)).permutation(120)
            rows = order[16 * (k % EPOCH) :][:16]
            entry, after, next_state = step(params, state, data.train_inputs[rows], data.train_targets[rows])
            entries.append(jax.device_get({**entry, "D": getattr(state, "estim_lr", 0.0)}))
            params, state = after, next_state
    return entries


@pytest.mark.parametrize("optimizer", list(PLAIN))
@pytest.mark.parametrize("model", list(MODELS))
def test_a_model_learns_as_in_a_plain_loop(model, optimizer):
    """A person who writes the loop themselves, over the same batches, must see the same run, step by step."""
    trace = ran(optimizer, PLAIN[optimizer][0], **MODELS[model], seed=SEED, precision="float64")
    loop = _looped(model, optimizer)
    np.testing.assert_allclose(trace.loss, [entry["loss"] for entry in loop], rtol=1e-8)
    np.testing.assert_allclose(trace.gradient_norm, [entry["gradient"] for entry in loop], rtol=1e-8)
    positions = np.array([_flat(entry["params"], model) for entry in loop])
    np.testing.assert_allclose(trace.snapshots, positions, rtol=1e-6, atol=1e-7)
    travelled = positions - positions[0]
    np.testing.assert_allclose(trace.distance_linf, np.abs(travelled).max(axis=1), rtol=1e-8, atol=1e-12)
    np.testing.assert_allclose(trace.distance_l2, np.linalg.norm(travelled, axis=1), rtol=1e-8, atol=1e-12)
    np.testing.assert_allclose(trace.update_norm[:-1], np.linalg.norm(np.diff(positions, axis=0), axis=1), rtol=1e-8)
    if optimizer == "prodigy":
        np.testing.assert_allclose(trace.probes["D"], [entry["D"] for entry in loop], rtol=1e-8)
    assert trace.metrics["train_loss"][-1] < trace.metrics["train_loss"][0]


@pytest.mark.parametrize("model", list(MODELS))
def test_a_model_is_judged_on_all_data_before_each_step_and_without_the_penalty(model):
    """A loss with the penalty in it cannot be compared between two penalties, nor with what others report."""
    trace = ran("adam", PLAIN["adam"][0], **MODELS[model], seed=SEED, precision="float64")
    loop = _looped(model, "adam")
    np.testing.assert_array_equal(trace.evaluated, np.arange(STEPS + 1))
    assert set(trace.metrics) == {"train_loss", "train_accuracy", "validation_loss", "validation_accuracy"}
    for name, values in trace.metrics.items():
        np.testing.assert_allclose(values, [entry[name] for entry in loop], rtol=1e-8, err_msg=name)
    assert not np.allclose(trace.metrics["train_loss"], trace.metrics["validation_loss"])


@pytest.mark.parametrize("steps, every", [(128, 1), (129, 2), (300, 3)])
def test_a_longer_run_is_judged_at_every_nth_step_and_at_its_end(steps, every):
    """At every step it would cost more than the run itself; without the end the table would report an older model."""
    trace = ran("adam", **NETWORK, steps=steps)
    expected = [*range(0, steps, every), steps]
    np.testing.assert_array_equal(trace.evaluated, expected)
    np.testing.assert_array_equal(trace.snapshot_steps, expected)
    assert trace.metrics["train_loss"].shape == (len(expected),)
    common = trace.evaluated < STEPS
    whole = ran("adam", **NETWORK)
    at = trace.evaluated[common]
    np.testing.assert_allclose(trace.metrics["train_loss"][common], whole.metrics["train_loss"][at], rtol=1e-4)
    np.testing.assert_array_equal(trace.metrics["train_loss"][0], whole.metrics["train_loss"][0])


def test_a_function_of_many_variables_is_judged_without_its_noise():
    settings = (("dimension", 10), ("start_at", 2.0))
    trace = ran("adam", problem="quadratic_nd", settings=settings, noise="gaussian", noise_size=50.0)
    np.testing.assert_array_equal(trace.metrics["loss"], trace.loss)


def test_a_model_in_float32_is_computed_in_float32():
    trace = ran("adam", **NETWORK)
    assert {values.dtype for values in (trace.loss, trace.position, trace.snapshots, *trace.metrics.values())} == {
        np.dtype("float32")
    }
