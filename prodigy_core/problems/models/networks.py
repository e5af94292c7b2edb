"""The parts of the networks, and the random start of their parameters.

A network is an Equinox module whose leaves are its parameters and nothing else: everything that is no array is a static
field or an argument, so that the module itself passes through jit, scan and optax.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any, TypeVar

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, PRNGKeyArray

Activation = Callable[[Array], Array]
Module = TypeVar("Module", bound=eqx.Module)

ACTIVATE: dict[str, Activation] = {
    "relu": jax.nn.relu,
    "tanh": jnp.tanh,
    "gelu": jax.nn.gelu,
    "silu": jax.nn.silu,
    "sigmoid": jax.nn.sigmoid,
}

_LAYERS = (eqx.nn.Linear, eqx.nn.Conv2d, eqx.nn.Embedding, eqx.nn.LayerNorm)


class MLP(eqx.Module):
    """A multilayer perceptron: linear layers with an activation between each two."""

    layers: tuple[eqx.nn.Linear, ...]

    def __init__(self, sizes: Sequence[int], *, key: PRNGKeyArray) -> None:
        """Build the layers; `sizes` are the numbers of units from the input to the output, at least two."""
        self.layers = tuple(eqx.nn.Linear(*pair, key=key) for pair in pairwise(sizes))

    def __call__(self, inputs: Float[Array, "examples features"], activate: Activation) -> Float[Array, "examples outputs"]:
        """Return the outputs, without an activation after the last layer."""
        *hidden, last = self.layers
        for layer in hidden:
            inputs = activate(dense(layer, inputs))
        return dense(last, inputs)


def dense(layer: eqx.nn.Linear, inputs: Float[Array, "*examples features"]) -> Float[Array, "*examples outputs"]:
    """Return the outputs of a linear layer for many examples."""
    outputs = inputs @ layer.weight.T
    return outputs if layer.bias is None else outputs + layer.bias


def draw(build: Callable[[PRNGKeyArray], Module], init_scale: float, generator: np.random.Generator) -> Module:
    """Return a network with fresh parameters, float64 NumPy arrays, without compiling anything.

    The rule is the usual one of Equinox and PyTorch: weights and biases of a layer uniform within
    1 / sqrt(inputs of one unit), embeddings standard normal, a normalisation 1 and 0. `init_scale` is a factor on weights and
    embeddings alone; for every value of it the same generator draws the same directions.

    Args:
      build: key -> the network. It is only traced, for the shapes; the key has no effect.
    """
    structure = eqx.filter_eval_shape(lambda: build(jax.random.PRNGKey(0)))
    filled: Module = jax.tree.map(
        lambda layer: _filled(layer, init_scale, generator), structure, is_leaf=lambda node: isinstance(node, _LAYERS)
    )
    return filled


def _filled(layer: Any, init_scale: float, generator: np.random.Generator) -> Any:
    """Return one layer with its parameters drawn."""
    if isinstance(layer, eqx.nn.LayerNorm):
        return eqx.tree_at(lambda norm: (norm.weight, norm.bias), layer, (np.ones(layer.shape), np.zeros(layer.shape)))
    shape = layer.weight.shape
    if isinstance(layer, eqx.nn.Embedding):
        return eqx.tree_at(lambda table: table.weight, layer, init_scale * generator.standard_normal(shape))
    bound = 1 / np.sqrt(np.prod(shape[1:]))  # the axes behind the first are the inputs of one unit: at least 1
    layer = eqx.tree_at(lambda node: node.weight, layer, init_scale * generator.uniform(-bound, bound, shape))
    if layer.bias is None:
        return layer
    return eqx.tree_at(lambda node: node.bias, layer, generator.uniform(-bound, bound, layer.bias.shape))
