"""Models on tables: logistic regression, linear regression and the multilayer perceptron."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

import equinox as eqx
import numpy as np
from jaxtyping import Array, Float

from prodigy_core.data.datasets import SYNTHETIC, Dataset
from prodigy_core.param import Value
from prodigy_core.problems.models import losses, settings
from prodigy_core.problems.models.examples import check_kind, dataset_of, labelled
from prodigy_core.problems.models.networks import ACTIVATE, MLP, draw
from prodigy_core.problems.problem import Batch, Learning, Problem, Settings

TABULAR: list[Problem] = []


class Linear(eqx.Module):
    """One linear map of the features: (features, outputs) and (outputs,)."""

    weight: Float[Array, "features outputs"]
    bias: Float[Array, " outputs"]

    def __call__(self, inputs: Float[Array, "examples features"]) -> Float[Array, "examples outputs"]:
        return inputs @ self.weight + self.bias


def linear_start(settings: Mapping[str, Value], examples: Batch, generator: np.random.Generator) -> Linear:
    """Return zeros, as is usual for convex models: the start does not decide where a run ends."""
    features, outputs = examples["inputs"].shape[1], _outputs(examples)
    return Linear(np.zeros((features, outputs)), np.zeros(outputs))  # type: ignore[arg-type]


def linear_outputs(model: Linear, batch: Batch, settings: Settings) -> Float[Array, "examples outputs"]:
    return model(batch["inputs"])


def classification_loss(model: Linear, batch: Batch, settings: Settings) -> Float[Array, ""]:
    return losses.cross_entropy(linear_outputs(model, batch, settings), batch["labels"])


def classification_metrics(model: Linear, batch: Batch, settings: Settings) -> dict[str, Float[Array, ""]]:
    return {"accuracy": losses.accuracy(linear_outputs(model, batch, settings), batch["labels"])}


def classification_examples(
    settings: Mapping[str, Value], upload: Dataset | None, generator: np.random.Generator
) -> tuple[Batch, Batch]:
    data = dataset_of(settings, upload)
    check_kind(data, "classification", "Logistic regression")
    return labelled(data, cast(float, settings["label_noise"]), generator)


TABULAR.append(
    Problem(
        name="logistic_regression",
        title="Logistic regression",
        formula=r"-\tfrac{1}{n}\sum_{i=1}^{n} \log \operatorname{softmax}(W^\top x_i + b)_{y_i}",
        teaches="A convex loss on real data; where a plane separates the classes it has no minimum, "
        "and the weights grow for ever unless a penalty holds them.",
        source="Cox (1958), The regression analysis of binary sequences",
        family="model",
        settings=(
            settings.data("breast_cancer", "iris", "wine", "digits", *SYNTHETIC),
            settings.batch("64"),
            settings.LABEL_NOISE,
            settings.l2(1e-3),
        ),
        learning=Learning(
            examples=classification_examples,
            start=linear_start,
            loss=classification_loss,
            metrics=classification_metrics,
            outputs=linear_outputs,
            dataset=dataset_of,
        ),
        usual={"steps": 500, "precision": "float32"},
    )
)


def regression_examples(
    settings: Mapping[str, Value], upload: Dataset | None, generator: np.random.Generator
) -> tuple[Batch, Batch]:
    data = dataset_of(settings, upload)
    check_kind(data, "regression", "Linear regression")
    return labelled(data, cast(float, settings["label_noise"]), generator)


def regression_loss(model: Linear, batch: Batch, settings: Settings) -> Float[Array, ""]:
    return losses.mean_squared_error(model(batch["inputs"])[:, 0], batch["targets"])


def regression_metrics(model: Linear, batch: Batch, settings: Settings) -> dict[str, Float[Array, ""]]:
    return {"r2": losses.r_squared(model(batch["inputs"])[:, 0], batch["targets"])}


TABULAR.append(
    Problem(
        name="linear_regression",
        title="Linear regression",
        formula=r"\tfrac{1}{n}\sum_{i=1}^{n} \left(w^\top x_i + b - y_i\right)^2",
        teaches="A quadratic bowl whose curvatures come from real, correlated measurements; "
        "least squares gives its minimum exactly, so nothing hides how near an optimizer comes.",
        source="Legendre (1805), Nouvelles méthodes pour la détermination des orbites des comètes; data of Efron et al. (2004)",
        family="model",
        settings=(
            settings.data("diabetes"),
            settings.batch("64"),
            settings.LABEL_NOISE,
            settings.l2(),
        ),
        learning=Learning(
            examples=regression_examples,
            start=linear_start,
            loss=regression_loss,
            metrics=regression_metrics,
        ),
        usual={"steps": 500, "precision": "float32"},
    )
)


def mlp_examples(settings: Mapping[str, Value], upload: Dataset | None, generator: np.random.Generator) -> tuple[Batch, Batch]:
    return labelled(dataset_of(settings, upload), cast(float, settings["label_noise"]), generator)


def mlp_start(settings: Mapping[str, Value], examples: Batch, generator: np.random.Generator) -> MLP:
    hidden = [cast(int, settings["width"])] * cast(int, settings["depth"])
    sizes = [examples["inputs"].shape[1], *hidden, _outputs(examples)]
    return draw(lambda key: MLP(sizes, key=key), cast(float, settings["init_scale"]), generator)


def mlp_outputs(model: MLP, batch: Batch, settings: Settings) -> Float[Array, "examples outputs"]:
    return model(batch["inputs"], ACTIVATE[settings["activation"]])


def mlp_loss(model: MLP, batch: Batch, settings: Settings) -> Float[Array, ""]:
    """The cross-entropy of labels, or the mean squared error of targets."""
    outputs = mlp_outputs(model, batch, settings)
    if "labels" in batch:
        return losses.cross_entropy(outputs, batch["labels"])
    return losses.mean_squared_error(outputs[:, 0], batch["targets"])


def mlp_metrics(model: MLP, batch: Batch, settings: Settings) -> dict[str, Float[Array, ""]]:
    outputs = mlp_outputs(model, batch, settings)
    if "labels" in batch:
        return {"accuracy": losses.accuracy(outputs, batch["labels"])}
    return {"r2": losses.r_squared(outputs[:, 0], batch["targets"])}


TABULAR.append(
    Problem(
        name="mlp",
        title="Multilayer perceptron",
        formula=r"-\tfrac{1}{n}\sum_{i=1}^{n} \log \operatorname{softmax}(f(x_i))_{y_i},\quad"
        r" f(x) = W_L\,\sigma(\cdots\sigma(W_1 x + b_1)\cdots) + b_L",
        teaches="The smallest network that is not convex: layers multiply, so the scale of the start, the width and the "
        "depth change how far there is to go. Numbers as targets are learnt by the mean squared error instead.",
        source="Rumelhart, Hinton & Williams (1986), Learning representations by back-propagating errors",
        family="model",
        settings=(
            settings.data("digits", "breast_cancer", "iris", "wine", "diabetes", *SYNTHETIC),
            settings.batch("64"),
            settings.LABEL_NOISE,
            settings.width(64),
            settings.depth(1),
            settings.activation("relu"),
            settings.init_scale(),
            settings.l2(),
        ),
        learning=Learning(
            examples=mlp_examples, start=mlp_start, loss=mlp_loss, metrics=mlp_metrics, outputs=mlp_outputs, dataset=dataset_of
        ),
        usual={"steps": 500, "precision": "float32"},
    )
)


def _outputs(examples: Batch) -> int:
    """Return the number of a model's outputs: one for each class, or one for a number."""
    return int(examples["labels"].shape[1]) if "labels" in examples else 1
