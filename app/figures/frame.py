"""What all figures share: the size, the axes, and how many points of a long run are worth sending."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
from jaxtyping import Float, Int

HEIGHT = 268  # pixels; two rows and the top of the table fit on a screen of 800
MOST_POINTS = 1_200  # of one curve: about two a pixel


def figure(title: str, traces: list[dict[str, Any]], xaxis: dict[str, Any], yaxis: dict[str, Any], **layout: Any) -> go.Figure:
    """A figure in the common frame. Colours of text, ground and grid are Streamlit's, which knows light from dark.

    Plotly's own check of every property would take two thirds of the time; the tests do it once instead.
    """
    return go.Figure(
        {
            "data": traces,
            "layout": {
                "title": {
                    "text": title,
                    "x": 0,
                    "xref": "container",
                    "xanchor": "left",
                    "y": 0.98,
                    "yanchor": "top",
                    "font": {"size": 14},
                },
                "height": HEIGHT,
                "margin": {"l": 48, "r": 12, "t": 34, "b": 44},
                "showlegend": False,
                "hovermode": "closest",
                "xaxis": xaxis,
                "yaxis": yaxis,
                **layout,
            },
        },
        _validate=False,
    )


def log_axis(drawn: Sequence[dict[str, Any]], *levels: float, most: float = math.inf) -> dict[str, Any]:
    """A logarithmic axis over all that is drawn, ticked at whole decades, or at 1, 2, 5 where there are few.

    Args:
      drawn: the curves; values that are not above 0 count as gaps.
      levels: further values that must be seen.
      most: what is higher is cut off.
    """
    values = np.concatenate([np.asarray(line["y"], float) for line in drawn] + [np.asarray(levels, float)])
    values = values[(values > 0) & (values <= most)]
    low, high = (float(np.log10(end)) for end in (values.min(), values.max())) if values.size else (-1.0, 0.0)
    margin = max(0.04 * (high - low), 0.05)
    span = (low - margin, high + margin)
    decades = span[1] - span[0]
    axis = {"type": "log", "exponentformat": "power", "range": list(span)}
    return axis | (_few(*span) if decades < 1.6 else {"dtick": math.ceil(decades / 6)})


def _few(low: float, high: float) -> dict[str, Any]:
    """Ticks at 1, 2 and 5 times a decade, each written out: Plotly would leave the decade to be guessed.

    Where that makes fewer than three, the axis is so short that evenly spaced ones do.

    Args:
      low, high: the ends of the axis, as powers of ten.
    """
    decades = range(math.floor(low), math.ceil(high) + 1)
    ticks = [digit * 10.0**decade for decade in decades for digit in (1, 2, 5) if low <= math.log10(digit) + decade <= high]
    if len(ticks) < 3 and -300 < low < high < 300:  # beyond them a power of ten is no float
        start, end = 10.0**low, 10.0**high
        steps = (digit * 10.0**decade for decade in range(math.ceil(high), math.floor(low) - 3, -1) for digit in (5, 2, 1))
        step = next(step for step in steps if math.floor(end / step) - math.ceil(start / step) >= 2)
        ticks = [i * step for i in range(math.ceil(start / step), math.floor(end / step) + 1)]

    def text(value: float) -> str:
        decade = math.floor(math.log10(value) + 1e-9)
        if -3 <= decade <= 3:
            return f"{value:g}"
        digit = f"{value / 10.0**decade:g}"
        return f"10<sup>{decade}</sup>" if digit == "1" else f"{digit}×10<sup>{decade}</sup>"

    return {"tickvals": ticks, "ticktext": [text(value) for value in ticks]}


def step_axis() -> dict[str, Any]:
    return {"title": {"text": "step", "standoff": 10}, "rangemode": "tozero"}


def thin(entries: int) -> Int[np.ndarray, " kept"]:
    """Which of a run's entries to draw: all of a short run; of a long one the first steps, the last, and a regular choice."""
    if entries <= MOST_POINTS:
        return np.arange(entries)
    first = np.arange(MOST_POINTS // 4)
    return np.unique(np.concatenate([first, np.linspace(0, entries - 1, MOST_POINTS - first.size).round().astype(int)]))


def single(values: Float[np.ndarray, "..."]) -> Float[np.ndarray, "..."]:
    """Half the bytes, exact enough for a pixel; a diverged path keeps its direction up to the last float32."""
    most = np.finfo(np.float32).max
    narrow: np.ndarray = np.clip(values, -most, most).astype(np.float32)
    return narrow


def curve(
    steps: Int[np.ndarray, " kept"], values: Float[np.ndarray, " kept"], name: str, colour: str, **line: Any
) -> dict[str, Any]:
    """One contender's line over steps."""
    return {
        "type": "scatter",
        "x": steps,
        "y": values,
        "mode": "lines",
        "name": name,
        "line": {"color": colour, "width": 2, **line},
        "hovertemplate": "step %{x:,}<br>%{y:.4g}",
    }
