"""Data sets: tables split into a training and a validation part.

The classic ones come with scikit-learn. Its package costs over a second to import, so the files in its folder are read
without it, in milliseconds; a test compares them with what scikit-learn itself loads from them. The synthetic ones have
two features and a fixed seed.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

import numpy as np
from jaxtyping import Float, Int

from prodigy_core.data import synthetic
from prodigy_core.param import Fault, nearest

TargetKind = Literal["classification", "regression"]
Inputs = Float[np.ndarray, "examples features"]
Targets = Int[np.ndarray, " examples"] | Float[np.ndarray, " examples"]
RowNumbers = Int[np.ndarray, " rows"]

VALIDATION = 0.2  # fraction of the examples in the validation part
SPLIT_SEED = 0  # another seed would be another data set under the same name


@dataclass(frozen=True, eq=False, kw_only=True)
class Dataset:
    """A table split into a training and a validation part. The arrays are read-only.

    Attributes:
      name: its name in an experiment; the file's name for an upload.
      title: its name on the page.
      kind: whether the target is a class or a number.
      features: the names of the columns that a model sees.
      classes: the names of the classes, by index; empty for regression.
      train_inputs: (examples, features), float64, standardised: over the training part each column has mean 0 and
        deviation 1, or is 0 throughout where it is constant there. An image has one mean and one deviation for all pixels.
      train_targets: (examples,), the class as int32 index into `classes`, or float64 standardised like an input.
      validation_inputs, validation_targets: the same for the other examples, with the training part's mean and deviation.
      image: (height, width) where the features are the pixels of an image, row by row.
      digest: 32 hexadecimal digits over everything that a run can depend on: the values before they are standardised, the
        names of columns and classes, the split; but not `name` and `title`, since a renamed file is the same data.
    """

    name: str
    title: str
    kind: TargetKind
    features: tuple[str, ...]
    classes: tuple[str, ...]
    train_inputs: Inputs
    train_targets: Targets
    validation_inputs: Inputs
    validation_targets: Targets
    image: tuple[int, int] | None = None
    digest: str


def build_dataset(
    *,
    name: str,
    title: str,
    kind: TargetKind,
    features: tuple[str, ...],
    inputs: Inputs,
    targets: Targets,
    classes: tuple[str, ...] = (),
    image: tuple[int, int] | None = None,
) -> Dataset:
    """Return the data set of a table: split, standardised and read-only.

    Args:
      inputs: (examples, features), finite and far from the end of float64, so that differences do not overflow.
      targets: (examples,), indices into `classes`, or numbers for regression.
    """
    inputs = np.asarray(inputs, np.float64) + 0.0  # -0.0 becomes 0.0, which it is equal to
    targets = np.asarray(targets, np.int32) if kind == "classification" else np.asarray(targets, np.float64) + 0.0
    parts = split(targets, kind)
    raw_inputs, raw_targets = [inputs[rows] for rows in parts], [targets[rows] for rows in parts]
    if image is None:
        ready_inputs = _standardise(*raw_inputs)
    else:  # standardised pixel by pixel, a shade would mean something else at every pixel
        ready_inputs = [part.reshape(-1, len(features)) for part in _standardise(*(part.reshape(-1, 1) for part in raw_inputs))]
    ready_targets = raw_targets
    if kind == "regression":
        ready_targets = [part[:, 0] for part in _standardise(*(part[:, None] for part in raw_targets))]
    for array in (*ready_inputs, *ready_targets):
        array.setflags(write=False)
    return Dataset(
        name=name,
        title=title,
        kind=kind,
        features=features,
        classes=classes,
        train_inputs=ready_inputs[0],
        train_targets=ready_targets[0],
        validation_inputs=ready_inputs[1],
        validation_targets=ready_targets[1],
        image=image,
        digest=_digest((kind, features, classes, image, len(parts[0])), *raw_inputs, *raw_targets),
    )


def split(targets: Targets, kind: TargetKind) -> tuple[RowNumbers, RowNumbers]:
    """Return the rows of the training and of the validation part, both shuffled; the same everywhere for the same targets.

    A fifth of the rows is for validation. With classes it is a fifth of each class: a class of two examples or more has
    at least one in both parts, and a single example is for training.
    """
    rng = np.random.default_rng(SPLIT_SEED)
    groups = [np.arange(len(targets))]
    if kind == "classification":
        groups = [np.flatnonzero(targets == label) for label in np.unique(targets)]
    training, validation = [], []
    for group in groups:
        count = min(len(group) - 1, max(1, round(VALIDATION * len(group))))
        shuffled = rng.permutation(group)
        validation.append(shuffled[:count])
        training.append(shuffled[count:])
    return rng.permutation(np.concatenate(training)), rng.permutation(np.concatenate(validation))


def _standardise(train: Inputs, validation: Inputs) -> list[Inputs]:
    """Return both parts, shifted and scaled so that each column of the training part has mean 0 and deviation 1.

    Columns are scaled to 0..1 first: then neither a large offset nor tiny or huge units cost any digits. A column that
    is constant in the training part teaches nothing and is 0 in both. Values far outside the training part may become
    infinite; `upload.dataset_from_table` refuses it.
    """
    low, span = train.min(axis=0), np.ptp(train, axis=0)
    varies = span > 0
    with np.errstate(over="ignore"):
        train, validation = ((part - low) / np.where(varies, span, 1.0) for part in (train, validation))
    mean = train.mean(axis=0)
    deviation = np.where(varies, train.std(axis=0), 1.0)  # above 0 where the column varies: it holds both 0 and 1
    return [np.where(varies, (part - mean) / deviation, 0.0) for part in (train, validation)]


def _digest(description: tuple[object, ...], *arrays: np.ndarray) -> str:
    digest = hashlib.sha256(json.dumps(description).encode("ascii"))
    for array in arrays:
        digest.update(np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("<")).tobytes())
    return digest.hexdigest()[:32]


@dataclass(frozen=True, kw_only=True)
class _Bundled:
    """A data set among scikit-learn's files: `file` holds the inputs, and the target as last column or in `target_file`."""

    title: str
    kind: TargetKind
    file: str
    target_file: str = ""
    header: int = 0  # lines to skip
    separator: str | None = ","  # None for any white space
    examples: int
    features: tuple[str, ...]
    classes: tuple[str, ...] = ()
    image: tuple[int, int] | None = None


_CELL = (
    "radius", "texture", "perimeter", "area", "smoothness", "compactness", "concavity", "concave points", "symmetry",
    "fractal dimension",
)  # fmt: skip

_BUNDLED = {
    "digits": _Bundled(
        title="Handwritten digits",
        kind="classification",
        file="digits.csv.gz",
        examples=1797,
        features=tuple(f"pixel_{row}_{column}" for row in range(8) for column in range(8)),
        classes=tuple("0123456789"),
        image=(8, 8),
    ),
    "breast_cancer": _Bundled(
        title="Breast cancer",
        kind="classification",
        file="breast_cancer.csv",
        header=1,
        examples=569,
        features=tuple(words.format(cell) for words in ("mean {}", "{} error", "worst {}") for cell in _CELL),
        classes=("malignant", "benign"),
    ),
    "iris": _Bundled(
        title="Iris flowers",
        kind="classification",
        file="iris.csv",
        header=1,
        examples=150,
        features=("sepal length (cm)", "sepal width (cm)", "petal length (cm)", "petal width (cm)"),
        classes=("setosa", "versicolor", "virginica"),
    ),
    "wine": _Bundled(
        title="Wines of three growers",
        kind="classification",
        file="wine_data.csv",
        header=1,
        examples=178,
        features=(
            "alcohol", "malic_acid", "ash", "alcalinity_of_ash", "magnesium", "total_phenols", "flavanoids",
            "nonflavanoid_phenols", "proanthocyanins", "color_intensity", "hue", "od280/od315_of_diluted_wines", "proline",
        ),
        classes=("class_0", "class_1", "class_2"),
    ),
    "diabetes": _Bundled(
        title="Progression of diabetes",
        kind="regression",
        file="diabetes_data_raw.csv.gz",
        target_file="diabetes_target.csv.gz",
        separator=None,
        examples=442,
        features=("age", "sex", "bmi", "bp", "s1", "s2", "s3", "s4", "s5", "s6"),
    ),
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class _Synthetic:
    """A data set of two features that is generated on first use."""

    title: str
    generate: Callable[[], tuple[synthetic.Points, synthetic.Labels]]
    classes: tuple[str, ...]


_SYNTHETIC = {
    "moons": _Synthetic(title="Two moons", generate=synthetic.moons, classes=("upper moon", "lower moon")),
    "spirals": _Synthetic(title="Spirals", generate=synthetic.spirals, classes=("one arm", "other arm")),
}

BUNDLED, SYNTHETIC = tuple(_BUNDLED), tuple(_SYNTHETIC)
NAMES = (*BUNDLED, *SYNTHETIC)


@cache
def load(name: str) -> Dataset:
    """Return a data set of the catalogue, read or generated once.

    Raises:
      ValueError: no data set has this name.
      RuntimeError: scikit-learn is not installed, or its file is missing or not the known one.
    """
    if name not in NAMES:
        raise ValueError(str(Fault("data set", name, "one of " + ", ".join(NAMES), nearest(name, NAMES))))
    if name in _SYNTHETIC:
        recipe = _SYNTHETIC[name]
        inputs, targets = recipe.generate()
        return build_dataset(
            name=name,
            title=recipe.title,
            kind="classification",
            features=("x", "y"),
            inputs=inputs,
            targets=targets,
            classes=recipe.classes,
        )
    bundled = _BUNDLED[name]
    table = _table(bundled.file, bundled.header, bundled.separator)
    if bundled.target_file:
        table = np.column_stack([table, _table(bundled.target_file, 0, None)])
    if table.shape != (bundled.examples, len(bundled.features) + 1):
        raise RuntimeError(f"{bundled.file} of the installed scikit-learn is not the file we know. Install release 1.9 of it.")
    return build_dataset(
        name=name,
        title=bundled.title,
        kind=bundled.kind,
        features=bundled.features,
        inputs=table[:, :-1],
        targets=table[:, -1],
        classes=bundled.classes,
        image=bundled.image,
    )


def _table(file: str, header: int, separator: str | None) -> Float[np.ndarray, "examples columns"]:
    package = importlib.util.find_spec("sklearn")  # finds the folder, imports nothing
    if package is None or not package.submodule_search_locations:
        raise RuntimeError("The bundled data sets are files of scikit-learn, which is not installed. Install scikit-learn.")
    path = Path(package.submodule_search_locations[0], "datasets", "data", file)
    try:
        return np.loadtxt(path, delimiter=separator, skiprows=header, ndmin=2)
    except (OSError, ValueError) as error:
        raise RuntimeError(f"{path} cannot be read ({error}). Install release 1.9 of scikit-learn again.") from error
