"""The landscape with the paths of all contenders over it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go
from jaxtyping import Float

from prodigy_core.experiment import Experiment
from prodigy_core.landscape import Landscape
from prodigy_core.problems import PROBLEMS
from prodigy_core.trace import Status, Trace

from ..theme import BACKGROUNDS, GROUND, REFERENCE, Look
from .frame import figure, single, thin
from .window import window, within

DECADES = 6  # how far below the highest loss the levels of a logarithmic landscape reach
LEVELS = 18
OUTSIDE = 50.0  # widths of the window around it in which a path is still drawn; browsers cannot draw far beyond


def levels(experiment: Experiment, loss: Float[np.ndarray, "rows columns"]) -> Float[np.ndarray, "rows columns"]:
    """The height that is drawn: the loss, or the decades it stands above the minimum."""
    problem = PROBLEMS[experiment.problem]
    if problem.levels == "linear" or problem.minimum is None:
        return loss
    above = loss - problem.minimum
    highest = above.max()  # > 0: a landscape is not flat
    height: np.ndarray = np.log10(np.maximum(above, highest * 10.0**-DECADES))
    return height


def paths(
    experiment: Experiment, ground: Landscape, traces: Sequence[Trace], looks: Sequence[Look], mode: str = "light"
) -> go.Figure:
    """Contours of the loss, the known minimisers, the start, and each contender's path to where it ended."""
    problem = PROBLEMS[experiment.problem]
    height = levels(experiment, ground.loss)
    logarithmic = height is not ground.loss
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
            + ("loss − minimum: 10<sup>%{z:.1f}</sup>" if logarithmic else "loss: %{z:.4g}")
            + "<extra></extra>",
        },
        _points(problem.minimisers, "minimiser", "star", 12, REFERENCE, BACKGROUNDS[mode]),
    ]
    for trace, look in zip(traces, looks, strict=True):
        kept = thin(trace.loss.size)
        place = np.where(within(trace, shown, OUTSIDE)[:, None], trace.position, np.nan)[kept]
        drawn.append(
            {
                "type": "scatter",
                "x": single(place[:, 0]),
                "y": single(place[:, 1]),
                "customdata": np.stack([kept, trace.loss[kept]], axis=1),
                "mode": "lines",
                "name": look.label,
                "line": {"color": look.colour, "width": 2.5, "dash": look.dash},
                "hovertemplate": "step %{customdata[0]:,}<br>(%{x:.4g}, %{y:.4g})<br>loss %{customdata[1]:.4g}",
            }
        )
    for trace, look in zip(traces, looks, strict=True):
        if within(trace, shown, 0)[-1:].all() and trace.loss.size:
            symbol = "circle" if trace.status is Status.FINISHED else "x"
            drawn.append(_points([trace.position[-1]], f"{look.label}, end", symbol, 10, look.colour, BACKGROUNDS[mode]))
    drawn.append(_points([experiment.start or problem.start], "start", "circle-open", 11, REFERENCE, REFERENCE))
    return figure(
        "Landscape and paths",
        drawn,
        {"range": list(shown[0]), "title": {"text": "x", "standoff": 10}, "showgrid": False, "zeroline": False},
        {"range": list(shown[1]), "showgrid": False, "zeroline": False},
    )


def _points(
    at: Sequence[Sequence[float]] | Sequence[np.ndarray], name: str, symbol: str, size: int, colour: str, outline: str
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
