"""Addition modulo p, learnt by a transformer of one block from a part of the table of sums."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int, PRNGKeyArray

from prodigy_core.data.datasets import SPLIT_SEED, Dataset
from prodigy_core.param import Param, Value
from prodigy_core.problems.models import losses, settings
from prodigy_core.problems.models.examples import with_wrong_labels
from prodigy_core.problems.models.networks import ACTIVATE, MLP, Activation, dense, draw
from prodigy_core.problems.problem import Batch, Learning, Problem, Settings

MODULAR: list[Problem] = []

MODULI = ("7", "11", "13", "23", "31", "59", "97")
TOKENS = 3  # tokens of one example: a, b and the sign =, at which the answer is read


class Transformer(eqx.Module):
    """One block with the normalisation in front (pre-norm). Only the output at the last token is computed and used."""

    tokens: eqx.nn.Embedding  # the numbers below the modulus, then the sign =
    positions: eqx.nn.Embedding
    attention_norm: eqx.nn.LayerNorm
    query: eqx.nn.Linear
    key: eqx.nn.Linear
    value: eqx.nn.Linear
    output: eqx.nn.Linear
    mlp_norm: eqx.nn.LayerNorm
    mlp: MLP
    readout_norm: eqx.nn.LayerNorm
    readout: eqx.nn.Linear
    heads: int = eqx.field(static=True)

    def __init__(self, modulus: int, width: int, heads: int, *, key: PRNGKeyArray) -> None:
        size = heads * -(-width // heads)  # all heads together: the width, rounded up to a multiple of their number
        self.tokens = eqx.nn.Embedding(modulus + 1, width, key=key)
        self.positions = eqx.nn.Embedding(TOKENS, width, key=key)
        self.attention_norm = eqx.nn.LayerNorm(width)
        self.query, self.key, self.value = (eqx.nn.Linear(width, size, use_bias=False, key=key) for _ in range(3))
        self.output = eqx.nn.Linear(size, width, use_bias=False, key=key)
        self.mlp_norm = eqx.nn.LayerNorm(width)
        self.mlp = MLP((width, 4 * width, width), key=key)
        self.readout_norm = eqx.nn.LayerNorm(width)
        self.readout = eqx.nn.Linear(width, modulus, use_bias=False, key=key)
        self.heads = heads

    def __call__(self, pairs: Int[Array, "examples 2"], activate: Activation) -> Float[Array, "examples modulus"]:
        """Return the logits of the sum of each pair."""
        sign = len(self.tokens.weight) - 1
        tokens = jnp.pad(pairs, ((0, 0), (0, 1)), constant_values=sign)
        stream = self.tokens.weight[tokens] + self.positions.weight  # (examples, TOKENS, width)
        last = stream[:, -1]
        last = last + self.attend(normalise(self.attention_norm, stream))
        last = last + self.mlp(normalise(self.mlp_norm, last), activate)
        return dense(self.readout, normalise(self.readout_norm, last))

    def attend(self, stream: Float[Array, "examples tokens width"]) -> Float[Array, "examples width"]:
        """Return the attention of the last token to all tokens, itself included."""

        def split(projected: Float[Array, "*leading size"]) -> Float[Array, "*leading heads part"]:
            return projected.reshape(*projected.shape[:-1], self.heads, -1)

        query = split(dense(self.query, stream[:, -1]))
        key, value = split(dense(self.key, stream)), split(dense(self.value, stream))
        scores = jnp.einsum("nhd,nthd->nht", query, key) / jnp.sqrt(query.shape[-1]).astype(query.dtype)
        mixed = jnp.einsum("nht,nthd->nhd", jax.nn.softmax(scores), value)
        return dense(self.output, mixed.reshape(len(stream), -1))


def normalise(layer: eqx.nn.LayerNorm, inputs: Float[Array, "*leading width"]) -> Float[Array, "*leading width"]:
    """Return many vectors, each normalised by the layer."""
    normalised: Array = jnp.vectorize(layer, signature="(n)->(n)")(inputs)
    return normalised


def examples(settings: Mapping[str, Value], upload: Dataset | None, generator: np.random.Generator) -> tuple[Batch, Batch]:
    """Return all pairs (a, b), split into training and validation; the split is the same for every generator.

    Returns:
      Batches of `pairs`, int32 (examples, 2), and `labels`, int32 (examples,).
    """
    modulus, part = int(cast(str, settings["modulus"])), cast(float, settings["train_fraction"])
    order = np.random.default_rng((SPLIT_SEED, modulus)).permutation(modulus**2)
    pairs = np.stack(np.divmod(order, modulus), axis=1).astype(np.int32)
    labels = np.asarray(pairs.sum(axis=1) % modulus, np.int32)
    cut = round(part * modulus**2)
    noisy = with_wrong_labels(labels[:cut], modulus, cast(float, settings["label_noise"]), generator)
    return {"pairs": pairs[:cut], "labels": noisy}, {"pairs": pairs[cut:], "labels": labels[cut:]}


def start(settings: Mapping[str, Value], examples: Batch, generator: np.random.Generator) -> Transformer:
    modulus, width, heads = (int(cast(str, settings[name])) for name in ("modulus", "width", "heads"))
    return draw(lambda key: Transformer(modulus, width, heads, key=key), cast(float, settings["init_scale"]), generator)


def outputs(model: Transformer, batch: Batch, settings: Settings) -> Float[Array, "examples modulus"]:
    return model(batch["pairs"], ACTIVATE[settings["activation"]])


def loss(model: Transformer, batch: Batch, settings: Settings) -> Float[Array, ""]:
    return losses.cross_entropy(*_logits_and_labels(model, batch, settings))


def metrics(model: Transformer, batch: Batch, settings: Settings) -> dict[str, Float[Array, ""]]:
    return {"accuracy": losses.accuracy(*_logits_and_labels(model, batch, settings))}


def _logits_and_labels(model: Transformer, batch: Batch, settings: Settings) -> tuple[Array, Array]:
    logits = outputs(model, batch, settings)
    return logits, jax.nn.one_hot(batch["labels"], logits.shape[1], dtype=logits.dtype)


MODULAR.append(
    Problem(
        name="transformer",
        title="Transformer for modular addition",
        formula=r"-\tfrac{1}{n}\sum_{i=1}^{n} \log \operatorname{softmax}(f(a_i, b_i))_{(a_i + b_i) \bmod p}",
        teaches="The training sums are soon known by heart; the rule behind them, and with it the unseen sums, "
        "may come much later and all at once: grokking.",
        source="Vaswani et al. (2017), Attention is all you need; Power et al. (2022), Grokking",
        family="model",
        settings=(
            Param(
                name="modulus",
                default="31",
                choices=MODULI,
                static=True,
                group=settings.DATA,
                help="The sums are taken modulo this prime; its square is the number of examples.",
            ),
            Param(
                name="train_fraction",
                default=0.8,
                low=0.1,
                high=0.9,
                static=True,
                group=settings.DATA,
                help="The part of all sums that is shown. The less is shown, the later the rule is found, if at all.",
            ),
            settings.batch("128"),
            settings.LABEL_NOISE,
            settings.width(32, help="How many numbers stand for a token; the MLP of the block is four times as wide."),
            Param(
                name="heads",
                default="4",
                choices=("1", "2", "4", "8"),
                static=True,
                group=settings.NETWORK,
                help="How many attention heads share the width among them.",
            ),
            settings.activation("relu"),
            # Small weights and a penalty make the rule appear within the usual number of steps.
            settings.init_scale(0.3),
            settings.l2(5e-5),
        ),
        learning=Learning(examples=examples, start=start, loss=loss, metrics=metrics, outputs=outputs, uses=float(TOKENS)),
        usual={"steps": 2000, "precision": "float32"},
    )
)
