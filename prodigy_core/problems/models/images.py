"""Models on images of handwritten digits: a convolutional network that names them and an autoencoder that redraws them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, PRNGKeyArray

from prodigy_core.data.datasets import Dataset, load
from prodigy_core.param import Param, Value
from prodigy_core.problems.models import losses, settings
from prodigy_core.problems.models.examples import labelled
from prodigy_core.problems.models.networks import ACTIVATE, MLP, Activation, dense, draw
from prodigy_core.problems.problem import Batch, Learning, Problem, Settings

IMAGES: list[Problem] = []

SIDE = 8  # pixels along each side of an image
CLASSES = 10


class CNN(eqx.Module):
    """3 x 3 convolutions, the first with stride 1 and each further one with stride 2, and one dense layer."""

    convolutions: tuple[eqx.nn.Conv2d, ...]
    readout: eqx.nn.Linear

    def __init__(self, channels: int, depth: int, *, key: PRNGKeyArray) -> None:
        self.convolutions = tuple(
            eqx.nn.Conv2d(channels if i else 1, channels, 3, stride=2 if i else 1, padding=1, key=key) for i in range(depth)
        )
        positions = (SIDE // 2 ** (depth - 1)) ** 2
        self.readout = eqx.nn.Linear(channels * positions, CLASSES, key=key)

    def __call__(self, inputs: Float[Array, "examples pixels"], activate: Activation) -> Float[Array, "examples classes"]:
        images = inputs.T.reshape(1, SIDE, SIDE, -1)
        for layer in self.convolutions:
            images = activate(convolve(layer, images))
        return dense(self.readout, images.transpose(3, 1, 2, 0).reshape(len(inputs), -1))


def convolve(
    layer: eqx.nn.Conv2d, images: Float[Array, "channels height width examples"]
) -> Float[Array, "channels2 height2 width2 examples"]:
    """Return the convolution of many images, the examples last, with a 3 x 3 kernel and a border of zeros.

    It is one matrix product over the nine shifted copies of the images: for images as small as these, within a scan on a
    CPU, that is ten times faster than XLA's own convolution and its gradient. The shifts move whole rows of examples.
    """
    height, width, stride = *images.shape[1:3], layer.stride[0]
    padded = jnp.pad(images, ((0, 0), (1, 1), (1, 1), (0, 0)))
    shifted = jnp.concatenate([padded[:, i : i + height : stride, j : j + width : stride] for i in range(3) for j in range(3)])
    kernel = layer.weight.transpose(0, 2, 3, 1).reshape(layer.out_channels, -1)  # channel out x (row, column, channel in)
    outputs = (kernel @ shifted.reshape(len(shifted), -1)).reshape(-1, *shifted.shape[1:])
    return outputs if layer.bias is None else outputs + layer.bias[..., None]


def digits(settings: Mapping[str, Value], upload: Dataset | None) -> Dataset:
    """Return the data set of these models, whatever the settings."""
    return load("digits")


def cnn_examples(settings: Mapping[str, Value], upload: Dataset | None, generator: np.random.Generator) -> tuple[Batch, Batch]:
    return labelled(digits(settings, upload), cast(float, settings["label_noise"]), generator)


def cnn_start(settings: Mapping[str, Value], examples: Batch, generator: np.random.Generator) -> CNN:
    channels, depth = cast(int, settings["width"]), cast(int, settings["depth"])
    return draw(lambda key: CNN(channels, depth, key=key), cast(float, settings["init_scale"]), generator)


def cnn_outputs(model: CNN, batch: Batch, settings: Settings) -> Float[Array, "examples classes"]:
    return model(batch["inputs"], ACTIVATE[settings["activation"]])


def cnn_loss(model: CNN, batch: Batch, settings: Settings) -> Float[Array, ""]:
    return losses.cross_entropy(cnn_outputs(model, batch, settings), batch["labels"])


def cnn_metrics(model: CNN, batch: Batch, settings: Settings) -> dict[str, Float[Array, ""]]:
    return {"accuracy": losses.accuracy(cnn_outputs(model, batch, settings), batch["labels"])}


IMAGES.append(
    Problem(
        name="cnn",
        title="Convolutional network",
        formula=r"-\tfrac{1}{n}\sum_{i=1}^{n} \log \operatorname{softmax}(W h_L + b)_{y_i},\quad"
        r" h_l = \sigma(K_l * h_{l-1} + b_l),\quad h_0 = x_i",
        teaches="One small kernel serves every position of the image: few parameters, each with a gradient summed over "
        "many places, in one network with a dense layer of many parameters.",
        source="LeCun et al. (1989), Backpropagation applied to handwritten zip code recognition",
        family="model",
        settings=(
            settings.batch("64"),
            settings.LABEL_NOISE,
            settings.width(16, high=64, help="How many channels each convolution has."),
            settings.depth(2, low=1, high=3, help="How many convolutions there are; each after the first halves the image."),
            settings.activation("relu"),
            settings.init_scale(),
            settings.l2(),
        ),
        # A kernel is used at each of 64 pixels, at 16 after a stride; most parameters are in the dense layer.
        learning=Learning(
            examples=cnn_examples,
            start=cnn_start,
            loss=cnn_loss,
            metrics=cnn_metrics,
            outputs=cnn_outputs,
            dataset=digits,
            uses=16.0,
        ),
        usual={"steps": 500, "precision": "float32"},
    )
)


class Autoencoder(eqx.Module):
    """An encoder from the pixels to a short code and a decoder back, each with one hidden layer."""

    encoder: MLP
    decoder: MLP

    def __init__(self, pixels: int, width: int, code: int, *, key: PRNGKeyArray) -> None:
        self.encoder = MLP((pixels, width, code), key=key)
        self.decoder = MLP((code, width, pixels), key=key)

    def __call__(self, inputs: Float[Array, "examples pixels"], activate: Activation) -> Float[Array, "examples pixels"]:
        return self.decoder(self.encoder(inputs, activate), activate)


def autoencoder_examples(
    settings: Mapping[str, Value], upload: Dataset | None, generator: np.random.Generator
) -> tuple[Batch, Batch]:
    data = digits(settings, upload)
    return {"inputs": data.train_inputs}, {"inputs": data.validation_inputs}


def autoencoder_start(settings: Mapping[str, Value], examples: Batch, generator: np.random.Generator) -> Autoencoder:
    pixels, width, code = examples["inputs"].shape[1], cast(int, settings["width"]), cast(int, settings["code"])
    return draw(lambda key: Autoencoder(pixels, width, code, key=key), cast(float, settings["init_scale"]), generator)


def autoencoder_loss(model: Autoencoder, batch: Batch, settings: Settings) -> Float[Array, ""]:
    return losses.mean_squared_error(model(batch["inputs"], ACTIVATE[settings["activation"]]), batch["inputs"])


def autoencoder_metrics(model: Autoencoder, batch: Batch, settings: Settings) -> dict[str, Float[Array, ""]]:
    reconstructed = model(batch["inputs"], ACTIVATE[settings["activation"]])
    return {"explained_variance": losses.r_squared(reconstructed, batch["inputs"])}


IMAGES.append(
    Problem(
        name="autoencoder",
        title="Autoencoder",
        formula=r"\tfrac{1}{n}\sum_{i=1}^{n} \tfrac{1}{64}\left\|g(f(x_i)) - x_i\right\|^2,\quad"
        r" f : \mathbb{R}^{64} \to \mathbb{R}^{c},\quad g : \mathbb{R}^{c} \to \mathbb{R}^{64}",
        teaches="All must pass through a narrow code: the decoder can only draw what the encoder tells it, "
        "so that the two must learn together, and no label helps.",
        source="Hinton & Salakhutdinov (2006), Reducing the dimensionality of data with neural networks",
        family="model",
        settings=(
            settings.batch("64"),
            settings.width(64),
            Param(
                name="code",
                label="code size",
                default=8,
                low=1,
                high=64,
                scale="log",
                static=True,
                group=settings.NETWORK,
                help="How many numbers are left of the 64 pixels in the middle of the network.",
            ),
            settings.activation("relu"),
            settings.init_scale(),
            settings.l2(),
        ),
        learning=Learning(
            examples=autoencoder_examples, start=autoencoder_start, loss=autoencoder_loss, metrics=autoencoder_metrics
        ),
        usual={"steps": 1000, "precision": "float32"},
    )
)
