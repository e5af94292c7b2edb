"""Matrix factorisation: the unseen entries of a matrix of low rank, from some of its entries."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

import equinox as eqx
import numpy as np
from jaxtyping import Array, Float

from prodigy_core.data.datasets import Dataset
from prodigy_core.param import Param, Value
from prodigy_core.problems.models import losses, settings
from prodigy_core.problems.problem import Batch, Learning, Problem, Settings

FACTORISATION: list[Problem] = []

# Two words, the second not 0, so that no experiment's seed, which is one word, draws the same numbers as a start.
TRUTH_SEED = (2009, 263)


class Factors(eqx.Module):
    """U and V of the approximation U V^T."""

    left: Float[Array, "size rank"]
    right: Float[Array, "size rank"]

    def entries(self, batch: Batch) -> Float[Array, " examples"]:
        # The full product, then its entries: gathering rows of U for each entry is slower, its gradient even more so.
        return (self.left @ self.right.T)[batch["row"], batch["column"]]


def truth(size: int, rank: int) -> tuple[Float[np.ndarray, "size rank"], Float[np.ndarray, "size rank"]]:
    """Return the factors A and B of the true matrix A B^T: normal numbers, scaled so that its entries have variance 1."""
    generator = np.random.default_rng(TRUTH_SEED)
    left, right = generator.standard_normal((2, size, rank)) / rank**0.25
    return left, right


def examples(settings: Mapping[str, Value], upload: Dataset | None, generator: np.random.Generator) -> tuple[Batch, Batch]:
    """Return the observed entries, with noise, and the others without; every generator observes the same ones.

    Returns:
      Batches of `row` and `column`, int32 (examples,), and `value`, (examples,).
    """
    size = cast(int, settings["size"])
    left, right = truth(size, cast(int, settings["rank"]))
    order = np.random.default_rng(TRUTH_SEED).permutation(size**2)
    row, column = (index.astype(np.int32) for index in np.divmod(order, size))
    value = (left @ right.T)[row, column]
    noisy = value + cast(float, settings["noise"]) * generator.standard_normal(size**2)
    cut = round(cast(float, settings["observed"]) * size**2)
    return (
        {"row": row[:cut], "column": column[:cut], "value": noisy[:cut]},
        {"row": row[cut:], "column": column[cut:], "value": value[cut:]},
    )


def start(settings: Mapping[str, Value], examples: Batch, generator: np.random.Generator) -> Factors:
    """Return normal numbers, scaled like the truth; U = V = 0 would be a saddle where every gradient is 0."""
    size, rank = cast(int, settings["size"]), cast(int, settings["fitted_rank"])
    left, right = cast(float, settings["init_scale"]) * generator.standard_normal((2, size, rank)) / rank**0.25
    return Factors(left, right)


def loss(model: Factors, batch: Batch, settings: Settings) -> Float[Array, ""]:
    return losses.mean_squared_error(model.entries(batch), batch["value"])


def metrics(model: Factors, batch: Batch, settings: Settings) -> dict[str, Float[Array, ""]]:
    return {"relative_error": losses.relative_error(model.entries(batch), batch["value"])}


def _rank(name: str, label: str, default: int, help: str) -> Param:
    return Param(name=name, label=label, default=default, low=1, high=16, static=True, group=settings.DATA, help=help)


FACTORISATION.append(
    Problem(
        name="matrix_factorisation",
        title="Matrix factorisation",
        formula=r"\tfrac{1}{|\Omega|}\sum_{(i,j)\in\Omega} \left((U V^\top)_{ij} - M_{ij}\right)^2",
        teaches="Not convex, yet mild: where enough entries are seen all minima are equally good, one turned into the other "
        "by turning U and V together, and between them lie saddles.",
        source="Koren, Bell & Volinsky (2009), Matrix factorization techniques for recommender systems",
        family="model",
        settings=(
            Param(
                name="size",
                default=32,
                low=4,
                high=64,
                scale="log",
                static=True,
                group=settings.DATA,
                help="The matrix M has this many rows and as many columns.",
            ),
            _rank("rank", "rank of M", 3, "The rank of M: how many patterns its rows are mixed from."),
            _rank("fitted_rank", "fitted rank", 3, "How many columns U and V have; below the rank of M they cannot match it."),
            Param(
                name="observed",
                default=0.5,
                low=0.1,
                high=0.9,
                static=True,
                group=settings.DATA,
                help="The part of the entries of M that is shown. Too few do not determine the rest.",
            ),
            Param(
                name="noise",
                default=0.0,
                low=0.0,
                high=1.0,
                group=settings.DATA,
                help="The standard deviation of what is added to the entries that are shown; the entries themselves have 1.",
            ),
            settings.batch("full"),
            settings.init_scale(),
            settings.l2(),
        ),
        learning=Learning(examples=examples, start=start, loss=loss, metrics=metrics),
        usual={"steps": 1000, "precision": "float32"},
    )
)
