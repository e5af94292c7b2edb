"""What all figures share: the size, the axes, and how many points of a long run are worth sending."""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go
from jaxtyping import Float, Int

HEIGHT = 290  # pixels; two rows and the table fit on a laptop's screen
MOST_POINTS = 1_200  # of one curve: about two a pixel


def figure(title: str, traces: list[dict[str, Any]], xaxis: dict[str, Any], yaxis: dict[str, Any], **layout: Any) -> go.Figure:
    """A figure in the common frame. Colours of text, ground and grid are Streamlit's, which knows light from dark."""
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
                "margin": {"l": 48, "r": 12, "t": 30, "b": 44},
                "showlegend": False,
                "hovermode": "closest",
                "xaxis": xaxis,
                "yaxis": yaxis,
                **layout,
            },
        }
    )


def log_axis() -> dict[str, Any]:
    """A logarithmic axis with ticks at powers of ten."""
    return {"type": "log", "exponentformat": "power", "nticks": 7}


def step_axis() -> dict[str, Any]:
    return {"title": {"text": "step", "standoff": 10}, "rangemode": "tozero"}


def thin(entries: int) -> Int[np.ndarray, " kept"]:
    """Which of a run's entries to draw: all of a short run; of a long one the first steps, the last, and a regular choice."""
    if entries <= MOST_POINTS:
        return np.arange(entries)
    first = np.arange(MOST_POINTS // 4)
    return np.unique(np.concatenate([first, np.linspace(0, entries - 1, MOST_POINTS - first.size).round().astype(int)]))


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
