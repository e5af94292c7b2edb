"""A person's own table: read from a file, checked, and turned into a data set.

`files` reads the cells of a file; here the cells become numbers or text. Names from the file stay plain data: whoever
shows them must escape them.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import get_args

import numpy as np
from jaxtyping import Float, Shaped

from prodigy_core.data.datasets import Dataset, TargetKind, build_dataset
from prodigy_core.data.files import (
    Cells,
    UploadError,
    clean,
    count,
    decode,
    listed,
    looks_like_svmlight,
    quoted,
    read_csv,
    read_svmlight,
    shorten,
)
from prodigy_core.limits import MAX_CLASSES
from prodigy_core.param import Fault, nearest

__all__ = ["MAX_CLASSES", "Table", "UploadError", "dataset_from_table", "read_table"]

MIN_ROWS = 10
MAX_NUMBER = 1e100  # largest magnitude: differences and squares of such numbers are still finite
MAX_STANDARDISED = 1e15  # most deviations from the mean: the square of more may overflow float32 in a loss
FEW_VALUES = 20  # different integers that are taken for classes, at most

TARGET_NAMES = ("target", "label", "class", "y")
MISSING = frozenset({"", "?", "-", "na", "n/a", "#n/a", "nan", "null", "none"})  # cells among numbers, in lower case
SVMLIGHT_ENDINGS = (".svm", ".libsvm", ".svmlight", ".t")

_PUNCTUATED = re.compile(r"[+-]?\d{1,3}(?:[,.'_ \u00a0\u2019\u202f]\d{3})+(?:[.,]\d*)?|[+-]?\d+,\d+")


@dataclass(frozen=True, eq=False)
class Table:
    """The columns of a file.

    Attributes:
      name: the file's name.
      columns: by name, in the order of the file; float64 numbers, all finite, or text (of dtype object, "" where a cell
        is empty). All have the same length. Read-only.
      notes: a sentence for everything that was left out or interpreted.
    """

    name: str
    columns: Mapping[str, Shaped[np.ndarray, " rows"]]
    notes: tuple[str, ...] = ()

    @property
    def rows(self) -> int:
        return len(next(iter(self.columns.values())))

    @cached_property
    def numeric(self) -> tuple[str, ...]:
        """The columns that a model can learn from: numbers that are not all the same."""
        return tuple(name for name, values in self.columns.items() if values.dtype != object and np.ptp(values) > 0)

    @cached_property
    def targets(self) -> tuple[str, ...]:
        """The columns that a model can predict: those of `numeric`, and text of two to `MAX_CLASSES` different words."""
        texts = {name: set(values) for name, values in self.columns.items() if values.dtype == object}
        words = {name for name, values in texts.items() if 2 <= len(values) <= MAX_CLASSES and "" not in values}
        return tuple(name for name in self.columns if name in words or name in self.numeric)

    @property
    def guess(self) -> str:
        """The most likely target: a column called target, label, class or y, else the last."""
        named = [name for word in TARGET_NAMES for name in self.targets if name.lower() == word]
        return (named or self.targets[-1:])[0]

    def proposal(self, target: str) -> TargetKind:
        """Return the likely kind of a target: text and few different integers are classes, other numbers a regression."""
        values = self.columns[target]
        if values.dtype == object:
            return "classification"
        distinct = np.unique(values)
        few = len(distinct) <= min(FEW_VALUES, self.rows / 5)  # at least five rows each, on average
        return "classification" if few and np.array_equal(distinct, np.floor(distinct)) else "regression"


def read_table(name: str, content: bytes) -> Table:
    """Return the table in a file.

    Args:
      name: the file's name; its ending decides between svmlight and CSV if the content leaves a doubt.
      content: the file's bytes.

    Raises:
      UploadError: the file is too large, is no text, or has no table that a model could learn from.
    """
    text, notes = decode(content)
    svmlight = looks_like_svmlight(text) or name.lower().endswith(SVMLIGHT_ENDINGS)
    cells = read_svmlight(text) if svmlight else read_csv(text)
    if len(cells.lines) < MIN_ROWS:
        raise UploadError(f"The file has {count(len(cells.lines), 'row')} of data; {MIN_ROWS} are the least. Add rows.")
    columns, notes_on_columns = _columns(cells)
    table = Table(clean(name), MappingProxyType(columns), (*notes, *cells.notes, *notes_on_columns))
    if not table.numeric:
        raise UploadError("No column holds numbers that differ from row to row. " + " ".join(notes_on_columns))
    return table


def dataset_from_table(table: Table, target: str, kind: TargetKind) -> Dataset:
    """Return the data set that predicts the column `target` from the other numeric columns of a table.

    Raises:
      UploadError: there is no such column or kind, or the column cannot be learnt as this kind.
    """
    if target not in tuple(table.columns):
        small = {name.lower(): name for name in table.columns}
        match = small.get(nearest(target, list(small)), "")
        raise UploadError(str(Fault("target", target, f"one of the columns {quoted(list(table.columns))}", match)))
    if kind not in get_args(TargetKind):
        raise UploadError(str(Fault("kind", kind, "classification or regression", nearest(kind, get_args(TargetKind)))))
    features = tuple(name for name in table.numeric if name != target)
    if not features:
        raise UploadError(f"Besides the target {target!r} no column holds numbers that differ. Add one to learn from.")
    targets, classes = _classes(table, target) if kind == "classification" else (_numbers_of(table, target), ())
    inputs = np.column_stack([table.columns[name] for name in features])
    dataset = build_dataset(
        name=table.name, title=table.name, kind=kind, features=features, inputs=inputs, targets=targets, classes=classes
    )
    largest = np.maximum(np.abs(dataset.train_inputs).max(axis=0), np.abs(dataset.validation_inputs).max(axis=0))
    extreme = [name for name, size in zip(features, largest, strict=True) if size > MAX_STANDARDISED]
    if (
        kind == "regression"
        and max(np.abs(dataset.train_targets).max(), np.abs(dataset.validation_targets).max()) > MAX_STANDARDISED
    ):
        extreme.append(target)
    if extreme:
        raise UploadError(
            f"A number in {quoted(extreme)} is so far from all others that they look equal. Correct or remove it."
        )
    if not dataset.train_inputs.any() or (kind == "regression" and not dataset.train_targets.any()):
        subject = f"the target {target!r} does" if dataset.train_inputs.any() else "the columns beside the target do"
        raise UploadError(f"In the rows that a model would learn from {subject} not differ. Add rows that do.")
    return dataset


def _classes(table: Table, target: str) -> tuple[Shaped[np.ndarray, " rows"], tuple[str, ...]]:
    """Return the class of each row as an index, and the names of the classes in ascending order."""
    values = table.columns[target]
    if values.dtype == object and (empty := np.flatnonzero(values == "")).size:
        raise UploadError(f"The target {target!r} is empty in {count(empty.size, 'row')}. Fill them in or remove these rows.")
    distinct, indices, counts = np.unique(values, return_inverse=True, return_counts=True)
    if len(distinct) == 1:
        raise UploadError(f"The target {target!r} has one class only. There must be two or more: choose another target.")
    if len(distinct) > MAX_CLASSES:
        hint = "choose a column with fewer." if values.dtype == object else "is this a regression?"
        raise UploadError(f"The target {target!r} has {len(distinct):,} classes; at most {MAX_CLASSES} are allowed: {hint}")
    names = tuple(clean(value) if isinstance(value, str) else _whole(value) for value in distinct.tolist())
    if single := [name for name, rows in zip(names, counts, strict=True) if rows == 1]:
        raise UploadError(
            f"Only one row has the class {quoted(single)} in the target {target!r}; each class needs two, one to learn from "
            "and one to be judged by. Add rows, or remove those of the class."
        )
    return indices, names


def _numbers_of(table: Table, target: str) -> Float[np.ndarray, " rows"]:
    values = table.columns[target]
    if values.dtype == object:
        raise UploadError(
            f"The target {target!r} holds text; a regression needs numbers. Choose classification or another target."
        )
    if np.ptp(values) == 0:
        raise UploadError(f"The target {target!r} is the same number in all rows. Choose another target.")
    return values


def _columns(cells: Cells) -> tuple[dict[str, Shaped[np.ndarray, " rows"]], list[str]]:
    """Return the columns as numbers or text, without empty ones, and notes on those that no model can learn from.

    Raises:
      UploadError: cells among numbers are missing, too large, or have thousands separators; all columns are reported at once.
    """
    columns: dict[str, Shaped[np.ndarray, " rows"]] = {}
    empty: list[str] = []
    constant: list[str] = []
    texts: list[str] = []
    missing: list[str] = []
    large: list[str] = []
    punctuated: list[str] = []
    for name, given in zip(cells.names, cells.columns, strict=True):
        values = _numbers(given)
        if values is None:
            odd = {line: cell for line, cell in zip(cells.lines, given, strict=True) if _numbers([cell]) is None}
            line, cell = next(iter(odd.items()))
            (punctuated if all(map(_PUNCTUATED.fullmatch, odd.values())) else texts).append(
                f"{name!r} ({shorten(cell)} in row {line})"
            )
            values = np.array(given, dtype=object)
        elif np.isnan(values).all():
            empty.append(repr(name))
            continue
        elif (gaps := np.flatnonzero(np.isnan(values))).size:
            missing.append(f"{name!r} ({count(gaps.size, 'row')}, first row {cells.lines[gaps[0]]})")
        elif (outside := np.flatnonzero(np.abs(values) > MAX_NUMBER)).size:
            large.append(f"{name!r} (row {cells.lines[outside[0]]})")
        elif np.ptp(values) == 0:
            constant.append(repr(name))
        values.setflags(write=False)
        columns[name] = values
    faults = _sentences(
        ("Cells are missing in {}. Fill them in, or remove these rows or columns.", missing),
        (f"Numbers must lie between {-MAX_NUMBER:g} and {MAX_NUMBER:g}, but not all do in {{}}. Correct them.", large),
        ("Numbers have a thousands separator or a decimal comma in {}. Write them like 1234.5.", punctuated),
    )
    if faults:
        raise UploadError("\n".join(faults))
    return columns, _sentences(
        ("Empty columns were left out: {}.", empty),
        ("No model can learn from a column that is the same in all rows: {}.", constant),
        ("No model can learn from text, which can only be the target: {}. Write numbers instead to use it.", texts),
    )


def _sentences(*templates: tuple[str, list[str]]) -> list[str]:
    return [sentence.format(listed(phrases)) for sentence, phrases in templates if phrases]


def _numbers(cells: Sequence[str] | Float[np.ndarray, " rows"]) -> Float[np.ndarray, " rows"] | None:
    """Return cells as numbers, NaN for a missing one; None if any cell is neither a number nor missing."""
    if isinstance(cells, np.ndarray):
        return cells
    if any("_" in cell for cell in cells):  # Python would parse 1_000 as a number
        return None
    try:
        return np.array([float(cell) for cell in cells])
    except ValueError:
        pass
    try:
        return np.array([math.nan if cell.lower() in MISSING else float(cell) for cell in cells])
    except ValueError:
        return None


def _whole(value: float) -> str:
    """Return the name of a class that is a number: 3, not 3.0."""
    return f"{value + 0.0:.0f}" if abs(value) < 1e15 and value == int(value) else repr(value)
