"""The networks against the same formulas written in plain NumPy."""

from __future__ import annotations

from typing import Any

import jax
import numpy as np
import pytest
from scipy.signal import correlate2d  # type: ignore[import-untyped, unused-ignore]
from scipy.special import erf, expit, log_softmax, softmax  # type: ignore[import-untyped, unused-ignore]

from prodigy_core.problems.models import images, networks
from tests.problems.models.training import loss_and_metrics, model_of

# Any, since NumPy arrays stand here where the annotations name JAX arrays.
convolve: Any = images.convolve
ACTIVATE: dict[str, Any] = {**networks.ACTIVATE}

ACTIVATIONS = {
    "relu": lambda x: np.maximum(x, 0),
    "tanh": np.tanh,
    "gelu": lambda x: 0.5 * x * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3))),
    "silu": lambda x: x * expit(x),
    "sigmoid": expit,
}


@pytest.fixture(autouse=True)
def _float64():
    with jax.enable_x64(True):
        yield


def _mlp(network, x, activate):
    for layer in network.layers[:-1]:
        x = activate(x @ layer.weight.T + layer.bias)
    return x @ network.layers[-1].weight.T + network.layers[-1].bias


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activations_are_what_they_are_called(name):
    x = np.linspace(-4, 4, 41)
    values = jax.jit(ACTIVATE[name])(x)
    np.testing.assert_allclose(values, ACTIVATIONS[name](x), atol=1e-12)
    if name == "gelu":  # the usual approximation of x times the normal distribution function
        np.testing.assert_allclose(values, x * (1 + erf(x / np.sqrt(2))) / 2, atol=1e-3)


@pytest.mark.parametrize("depth", [0, 1, 3])
def test_mlp_is_layer_after_layer(depth):
    model = model_of("mlp", depth=depth, width=7, activation="tanh")
    batch = {key: array[:20] for key, array in model.train.items()}
    logits = _mlp(model.params, batch["inputs"], np.tanh)
    expected = -np.mean(log_softmax(logits, axis=1)[batch["labels"] == 1])
    loss, metrics = loss_and_metrics(model, model.params, batch)
    assert loss == pytest.approx(expected, rel=1e-12)
    assert metrics["accuracy"] == pytest.approx(np.mean(logits.argmax(1) == batch["labels"].argmax(1)))


def test_mlp_on_numbers_has_the_squared_error():
    model = model_of("mlp", data="diabetes", activation="relu")
    outputs = _mlp(model.params, model.train["inputs"], ACTIVATIONS["relu"])[:, 0]
    errors, targets = outputs - model.train["targets"], model.train["targets"]
    loss, metrics = loss_and_metrics(model, model.params, model.train)
    assert loss == pytest.approx(np.mean(errors**2), rel=1e-12)
    r2 = 1 - np.sum(errors**2) / np.sum((targets - targets.mean()) ** 2)
    assert metrics["r2"] == pytest.approx(r2, rel=1e-12)


@pytest.mark.parametrize("layer", [0, 1])
def test_convolution_is_that_of_scipy(layer):
    """Stride 1 on one channel and stride 2 on several, against a correlation channel by channel."""
    convolution = model_of("cnn", width=4).params.convolutions[layer]
    pictures = np.random.default_rng(1).normal(size=(convolution.in_channels, 8, 8, 3))
    expected = np.zeros((4, 8, 8, 3))
    for n in range(3):
        for out in range(4):
            for channel in range(convolution.in_channels):
                expected[out, :, :, n] += correlate2d(pictures[channel, :, :, n], convolution.weight[out, channel], mode="same")
    expected = expected[:, :: layer + 1, :: layer + 1] + convolution.bias[..., None]
    np.testing.assert_allclose(jax.jit(convolve)(convolution, pictures), expected, atol=1e-12)


def test_cnn_is_convolutions_and_one_dense_layer():
    model = model_of("cnn", width=4, depth=3, activation="relu")
    pixels = model.train["inputs"][:5]
    pictures = np.moveaxis(pixels.reshape(5, 8, 8, 1), 0, -1).transpose(2, 0, 1, 3)
    for layer in model.params.convolutions:
        pictures = np.maximum(jax.jit(convolve)(layer, pictures), 0)
    assert pictures.shape == (4, 2, 2, 5)
    expected = np.moveaxis(pictures, (3, 0), (0, 3)).reshape(5, -1) @ model.params.readout.weight.T + model.params.readout.bias
    outputs = jax.jit(lambda network, pixels: network(pixels, ACTIVATE["relu"]))(model.params, pixels)
    np.testing.assert_allclose(outputs, expected, atol=1e-12)


def test_autoencoder_is_an_encoder_and_a_decoder():
    model = model_of("autoencoder", code=3, activation="silu")
    x = model.train["inputs"][:9]
    code = _mlp(model.params.encoder, x, ACTIVATIONS["silu"])
    assert code.shape == (9, 3)
    expected = np.mean((_mlp(model.params.decoder, code, ACTIVATIONS["silu"]) - x) ** 2)
    loss, metrics = loss_and_metrics(model, model.params, {"inputs": x})
    assert loss == pytest.approx(expected, rel=1e-12)
    explained = 1 - expected / np.mean((x - x.mean(axis=0)) ** 2)
    assert metrics["explained_variance"] == pytest.approx(explained, rel=1e-10)


def _normalised(layer, x):
    return (x - x.mean()) / np.sqrt(x.var() + layer.eps) * layer.weight + layer.bias


@pytest.mark.parametrize("heads", [1, 4])
def test_transformer_is_one_block_read_at_its_last_token(heads):
    model = model_of("transformer", modulus="7", width=8, heads=str(heads), activation="tanh")
    t, size = model.params, 8 // heads
    pairs = model.train["pairs"][:6]
    for pair, logits in zip(pairs, jax.device_get(jax.jit(lambda t, pairs: t(pairs, ACTIVATE["tanh"]))(t, pairs)), strict=True):
        stream = t.tokens.weight[[*pair, 7]] + t.positions.weight
        normal = np.array([_normalised(t.attention_norm, token) for token in stream])
        query, key, value = normal @ t.query.weight.T, normal @ t.key.weight.T, normal @ t.value.weight.T
        mixed = np.zeros((3, 8))
        for head in range(heads):
            part = slice(head * size, (head + 1) * size)
            mixed[:, part] = softmax(query[:, part] @ key[:, part].T / np.sqrt(size), axis=1) @ value[:, part]
        last = (stream + mixed @ t.output.weight.T)[-1]
        last = last + _mlp(t.mlp, _normalised(t.mlp_norm, last), np.tanh)
        np.testing.assert_allclose(logits, t.readout.weight @ _normalised(t.readout_norm, last), atol=1e-10)


def test_fresh_layers_are_uniform_within_the_root_of_their_inputs():
    """The rule of PyTorch and Equinox, so that a run of theirs can be compared with one of ours."""
    cnn = model_of("cnn", width=64).params
    for weight, bias, inputs in (
        (cnn.convolutions[1].weight, cnn.convolutions[1].bias, 9 * 64),
        (cnn.readout.weight, cnn.readout.bias, 16 * 64),
    ):
        bound = 1 / np.sqrt(inputs)
        assert 0.99 * bound < np.abs(weight).max() <= bound
        assert 0.5 * bound < np.abs(bias).max() <= bound
        assert weight.std() == pytest.approx(bound / np.sqrt(3), rel=0.05)
    transformer = model_of("transformer", width=64, init_scale=1.0).params
    assert transformer.tokens.weight.std() == pytest.approx(1, rel=0.1)
    assert (transformer.mlp_norm.weight == 1).all()
    assert not transformer.mlp_norm.bias.any()
    assert not np.array_equal(transformer.query.weight, transformer.key.weight)
