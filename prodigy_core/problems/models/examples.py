"""From the setting `data` to the examples of a run, with the noise on its labels."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

import numpy as np
from jaxtyping import Int

from prodigy_core.data.datasets import Dataset, TargetKind, load
from prodigy_core.param import Value
from prodigy_core.problems.problem import Batch

Labels = Int[np.ndarray, " examples"]


def dataset_of(settings: Mapping[str, Value], upload: Dataset | None) -> Dataset:
    """Return the data set that the setting `data` names: one of the catalogue, or the upload."""
    if settings["data"] != "upload":
        return load(cast(str, settings["data"]))
    assert upload is not None, "an experiment on uploaded data comes with them"
    return upload


def check_kind(data: Dataset, kind: TargetKind, model: str) -> None:
    """Raise a ValueError for a person if this model cannot learn targets of the data's kind."""
    if data.kind == kind:
        return
    targets = {"classification": "classes", "regression": "numbers"}
    raise ValueError(
        f"{model} learns {targets[kind]}, and the target of {data.name!r} is {targets[data.kind]} ({data.kind}). "
        f"Choose another model, or prepare the data for {kind}."
    )


def labelled(data: Dataset, noise: float, generator: np.random.Generator) -> tuple[Batch, Batch]:
    """Return the training part, with noise on its labels, and the clean validation part.

    Returns:
      Batches of `inputs`, (examples, features), with `labels`, one-hot (examples, classes), or for regression `targets`,
      (examples,). One-hot labels tell a model how many classes there are, even where a part has no example of one.
    """
    train, validation = {"inputs": data.train_inputs}, {"inputs": data.validation_inputs}
    if data.kind == "classification":
        one_hot = np.eye(len(data.classes))
        train["labels"] = one_hot[with_wrong_labels(data.train_targets, len(data.classes), noise, generator)]
        validation["labels"] = one_hot[data.validation_targets]
    else:
        train["targets"] = data.train_targets + noise * generator.standard_normal(len(data.train_targets))
        validation["targets"] = data.validation_targets
    return train, validation


def with_wrong_labels(labels: Labels, classes: int, fraction: float, generator: np.random.Generator) -> Labels:
    """Return the labels with this fraction of them moved to another class, every other class equally likely.

    All random numbers are drawn whatever the fraction, so that more noise keeps the wrong labels of less noise.
    """
    order = generator.permutation(len(labels))
    moves = generator.integers(1, classes, len(labels), dtype=np.int32)
    moved = order[: round(fraction * len(labels))]
    noisy = labels.copy()
    noisy[moved] = (labels[moved] + moves[moved]) % classes
    return noisy
