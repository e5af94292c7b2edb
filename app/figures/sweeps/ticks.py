"""A hyperparameter along an axis: the positions of its values, and which of them are written."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from jaxtyping import Float

from prodigy_core.param import Param, Value, format_number, value_text

MOST = 7  # labels below an axis


def kind(param: Param, values: Sequence[Value]) -> str:
    """The spread of the values: "log", "log1m", "linear" or "words". A logarithmic hyperparameter at 0 or None has no log."""
    if param.kind in ("bool", "choice"):
        return "words"
    numbers = [value for value in values if isinstance(value, int | float)]
    if len(numbers) < len(values):
        return "words" if len(values) <= MOST else param.scale
    return "linear" if param.scale == "log" and min(numbers, default=1) <= 0 and len(values) <= 3 else param.scale


def positions(kind: str, values: Sequence[Value]) -> Float[np.ndarray, " values"]:
    """The positions of values on an axis of this kind; NaN where there is none."""
    if kind == "words":
        return np.arange(len(values), dtype=float)
    numbers = np.array([math.nan if value is None else float(value) for value in values])
    numbers = 1 - numbers if kind == "log1m" else numbers
    return np.where(numbers > 0, numbers, np.nan) if kind != "linear" else numbers


def axis(kind: str, values: Sequence[Value]) -> dict[str, Any]:
    """A figure's axis of this kind."""
    if kind == "words":
        places = list(range(len(values)))
        return {"tickvals": places, "ticktext": [value_text(value) for value in values], "range": [-0.5, len(values) - 0.5]}
    if kind == "log":
        return {"type": "log", "exponentformat": "power", "dtick": None}
    if kind == "log1m":
        decades = [10.0**-k for k in range(9)]
        return {
            "type": "log", "autorange": "reversed", "tickvals": decades, "ticktext": [format_number(1 - at) for at in decades],
        }  # fmt: skip
    return {}


def place(kind: str, values: Sequence[Value], value: Value) -> float | None:
    """The place of a value along cells, one for each of the others: also between two; None where it lies outside."""
    if value in values:
        return float(values.index(value))
    if kind == "words" or value is None:
        return None
    spread, (at,) = positions(kind, values), positions(kind, [value])
    spread, at = (np.log10(spread), math.log10(at)) if kind != "linear" and at > 0 else (spread, at)
    order = np.argsort(spread)
    order = order[np.isfinite(spread[order])]
    inside = order.size > 0 and spread[order[0]] <= at <= spread[order[-1]]
    return float(np.interp(at, spread[order], order.astype(float))) if inside else None


def index(values: Sequence[Value], value: Value) -> int | None:
    """The index of a value among others, None where it is not among them; False is not 0."""
    same = (i for i, other in enumerate(values) if other == value and isinstance(other, bool) == isinstance(value, bool))
    return next(same, None)


def decades(low: float, high: float) -> list[float]:
    """Round numbers along a logarithmic axis between two powers of ten, given by their exponents."""
    powers = range(math.ceil(low - 1e-9), math.floor(high + 1e-9) + 1)
    if len(powers) > 2:
        return [10.0**power for power in powers[:: -(-len(powers) // MOST)]]
    numbers = [digit * 10.0**power for power in range(math.floor(low), math.floor(high) + 1) for digit in (1, 2, 5)]
    return [value for value in numbers if low <= math.log10(value) <= high] or [10**low, 10**high]


def ends(values: Sequence[Value]) -> str:
    """The values of a hyperparameter in a sentence."""
    if len(values) > 1 and all(isinstance(value, int | float) and not isinstance(value, bool) for value in values):
        return f"from {short(values[0])} to {short(values[-1])}"
    return " or ".join(map(value_text, values))


def cells(kind: str, values: Sequence[Value], most: int = MOST) -> tuple[list[float], list[str]]:
    """The places and texts of the labels along an axis of cells, one a value: whole decades, between the cells around them."""
    places = np.arange(len(values), dtype=float)
    spread = positions(kind, values)
    if kind == "linear" and len(values) > most:
        return _round(values, places, most)
    if kind not in ("log", "log1m") or len(values) <= most:
        some = places[:: -(-len(values) // most)]
        return some.tolist(), [short(values[int(i)]) for i in some]
    positive = np.isfinite(spread) & (spread > 0)
    exponents = np.log10(spread[positive])
    decades = np.arange(math.ceil(exponents.min() - 1e-9), math.floor(exponents.max() + 1e-9) + 1)
    decades = decades[:: -(-len(decades) // most)]
    if len(decades) < 2:
        some = places[:: -(-len(values) // most)]
        return some.tolist(), [short(values[int(i)]) for i in some]
    order = np.argsort(exponents)
    at = np.interp(decades, exponents[order], places[positive][order])
    words = [format_number(10.0**k) if kind == "log" else format_number(1 - 10.0**k) for k in decades.tolist()]
    zero = [(float(i), "0") for i in places[~positive]] if kind == "log" else []
    return [*(place for place, _ in zero), *at.tolist()], [*(word for _, word in zero), *words]


def _round(values: Sequence[Value], places: Float[np.ndarray, " values"], most: int) -> tuple[list[float], list[str]]:
    """Round numbers along evenly spread values, between the cells around them."""
    numbers = np.array([float(value) for value in values if value is not None])
    width = float(numbers[-1] - numbers[0])
    decade = 10.0 ** math.floor(math.log10(width / (most - 1)))
    step = next(decade * nice for nice in (1, 2, 5, 10) if width / (decade * nice) <= most - 1 + 1e-9)
    first, last = math.ceil(numbers[0] / step - 1e-9), math.floor(numbers[-1] / step + 1e-9)
    marks = [step * k for k in range(first, last + 1)]
    return np.interp(marks, numbers, places).tolist(), [f"{mark:.6g}" for mark in marks]


def short(value: Value) -> str:
    """A value where there is little room, to three digits; close to 1, to as many as tell it from 1."""
    if not isinstance(value, float):
        return value_text(value)
    return f"{1 - float(f'{1 - value:.2g}'):.12g}" if 0.9 < value < 1 else f"{value:.3g}"
