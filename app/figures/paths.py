"""The landscape with the paths of all contenders over it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
from jaxtyping import Float, Int

from prodigy_core.experiment import Experiment
from prodigy_core.landscape import Landscape
from prodigy_core.trace import Status, Trace

from ..theme import BACKGROUNDS, GROUND, REFERENCE, Look
from .frame import figure, single, thin
from .window import window, within

DECADES = 6  # how far below the highest loss the levels of a logarithmic landscape reach
LEVELS = 18
BROKEN = (Status.DIVERGED, Status.NOT_A_NUMBER)
FLAT = 1e-3  # of a path's length: what it strays across by less than this is drawn as straight
OUTSIDE = 50.0  # widths of the window around it in which a path is still drawn; browsers cannot draw far beyond


def levels(experiment: Experiment, loss: Float[np.ndarray, "rows columns"]) -> Float[np.ndarray, "rows columns"]:
    """The height that is drawn: the loss, or the decades it stands above the minimum.

    Nobody knows the minimum of a formula that was just typed: the lowest point of the landscape stands for it.
    """
    problem = experiment.entry
    if problem.levels == "linear" or (problem.minimum is None and problem.family != "formula"):
        return loss
    finite = np.where(np.isfinite(loss), loss, np.nan)
    above = finite - (np.nanmin(finite, initial=np.inf) if problem.minimum is None else problem.minimum)
    highest = np.nanmax(above, initial=0)
    if not highest > 0:  # a formula may be flat, or defined nowhere here
        return loss
    height: np.ndarray = np.log10(np.maximum(above, highest * 10.0**-DECADES))
    return height


def paths(
    experiment: Experiment, ground: Landscape, traces: Sequence[Trace], looks: Sequence[Look], mode: str = "light"
) -> go.Figure:
    """Contours of the loss, the known minimisers, the start, and each contender's path to where it ended."""
    problem = experiment.entry
    height = levels(experiment, ground.loss)
    logarithmic = height is not ground.loss
    lowest = "lowest here" if problem.minimum is None else "minimum"
    colours, shown = GROUND[mode], window(experiment)
    drawn = [
        {
            "type": "contour",
            "x": single(ground.x),
            "y": single(ground.y),
            "z": single(height),
            "ncontours": LEVELS,
            "colorscale": [[i / (len(colours) - 1), colour] for i, colour in enumerate(colours)],
            "showscale": False,
            "line": {"width": 0.6, "color": BACKGROUNDS[mode]},
            "hovertemplate": "(%{x:.3g}, %{y:.3g})<br>"
            + (f"loss − {lowest}: 10<sup>%{{z:.1f}}</sup>" if logarithmic else "loss: %{z:.4g}")
            + "<extra></extra>",
        },
        _points(problem.minimisers, "minimiser", "star", 12, REFERENCE, BACKGROUNDS[mode]),
    ]
    for trace, look in zip(traces, looks, strict=True):
        kept = thin(trace.loss.size)
        place = np.where(within(trace, shown, OUTSIDE)[:, None], trace.position, np.nan)[kept]
        drawn.append(_path(trace, kept, place, look))
    for trace, look in zip(traces, looks, strict=True):
        if within(trace, shown, 0)[-1:].all() and trace.loss.size:
            symbol = "x" if trace.status in BROKEN else "circle"
            drawn.append(_points([trace.position[-1]], f"{look.label}, end", symbol, 10, look.colour, BACKGROUNDS[mode]))
    drawn.append(_points([experiment.start or problem.start], "start", "circle-open", 11, REFERENCE, REFERENCE))
    return figure(
        "Landscape and paths",
        drawn,
        {"range": list(shown[0]), "title": {"text": "x", "standoff": 10}, "showgrid": False, "zeroline": False},
        {"range": list(shown[1]), "showgrid": False, "zeroline": False},
    )


def projection(experiment: Experiment, traces: Sequence[Trace], looks: Sequence[Look], mode: str = "light") -> go.Figure:
    """Each contender's path through many parameters, seen along two fixed directions; the start is at (0, 0)."""
    drawn = []
    origin = experiment.origin
    way = None if origin is None else experiment.entry.to_minimiser(origin)
    if way is not None:  # the first direction leads to it
        at = [(float(np.linalg.norm(way)), 0.0)]
        drawn.append(_points(at, "minimiser", "star", 12, REFERENCE, BACKGROUNDS[mode]))
    for trace, look in zip(traces, looks, strict=True):
        kept = thin(trace.loss.size)
        drawn.append(_path(trace, kept, trace.position[kept], look))
    for trace, look in zip(traces, looks, strict=True):
        symbol = "x" if trace.status in BROKEN else "circle"
        drawn.append(_points(trace.position[-1:], f"{look.label}, end", symbol, 10, look.colour, BACKGROUNDS[mode]))
    drawn.append(_points([(0.0, 0.0)], "start", "circle-open", 11, REFERENCE, REFERENCE))
    words = ("one random direction", "another") if way is None else ("towards the minimiser", "one direction across")
    return figure(
        "The path, seen along two directions",
        drawn,
        {"title": {"text": words[0], "standoff": 10}, "zeroline": False, "exponentformat": "power"},
        {"title": {"text": words[1], "standoff": 8}, "zeroline": False, "exponentformat": "power", **_wide(drawn)},
        margin={"l": 66, "r": 12, "t": 34, "b": 44},
    )


def _wide(drawn: Sequence[dict[str, Any]]) -> dict[str, object]:
    """A range for the second direction where a path hardly leaves the first: rounding must not look like a spiral."""
    along, across = (
        max((float(np.nanmax(np.abs(line[axis]), initial=0)) for line in drawn if len(line[axis])), default=0.0)
        for axis in "xy"
    )
    return {} if across >= FLAT * along else {"range": [-FLAT * along, FLAT * along]}


def _path(trace: Trace, kept: Int[np.ndarray, " kept"], place: Float[np.ndarray, "kept 2"], look: Look) -> dict[str, Any]:
    return {
        "type": "scatter",
        "x": single(place[:, 0]),
        "y": single(place[:, 1]),
        "customdata": np.stack([trace.steps[kept], trace.loss[kept]], axis=1),
        "mode": "lines",
        "name": look.label,
        "line": {"color": look.colour, "width": 2.5, "dash": look.dash},
        "hovertemplate": "step %{customdata[0]:,}<br>(%{x:.4g}, %{y:.4g})<br>loss %{customdata[1]:.4g}",
    }


def _points(
    at: Sequence[Sequence[float]] | Sequence[np.ndarray] | np.ndarray,
    name: str,
    symbol: str,
    size: int,
    colour: str,
    outline: str,
) -> dict[str, object]:
    where = np.asarray(at, float).reshape(-1, 2)
    return {
        "type": "scatter",
        "x": where[:, 0],
        "y": where[:, 1],
        "mode": "markers",
        "name": name,
        "marker": {"symbol": symbol, "size": size, "color": colour, "line": {"width": 1.5, "color": outline}},
        "hovertemplate": "(%{x:.4g}, %{y:.4g})",
    }
