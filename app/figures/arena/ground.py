"""What lies under the paths: the landscape of a function of the plane, a plane through many dimensions, or bare axes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from jaxtyping import Float

from prodigy_core.experiment import Experiment
from prodigy_core.landscape.grid import Landscape
from prodigy_core.landscape.plane import Plane
from prodigy_core.trace import Trace

from ...theme import Style
from .channels import Pack
from .window import window

DECADES = 6  # how far below the highest loss the levels of a logarithmic landscape reach
LEVELS = 18
WIDE = 30.0  # times the lowest loss of a plane: where the highest is more, its levels are logarithmic

# What can lie beneath the paths of many parameters.
BENEATH = {"none": "Two directions", "pca": "Principal plane", "random": "Random plane"}

Map = dict[str, Any]


def heights(
    loss: Float[np.ndarray, "rows columns"], lowest: float | None
) -> tuple[Float[np.ndarray, "rows columns"], list[float]]:
    """What is drawn of a landscape: the loss, or the decades it stands above `lowest`; and its contour levels."""
    finite = np.where(np.isfinite(loss), loss, np.nan)
    height = finite
    if lowest is not None:
        above = finite - lowest
        highest = np.nanmax(above, initial=0)
        if highest > 0:  # a formula may be flat, or defined nowhere here
            height = np.log10(np.maximum(above, highest * 10.0**-DECADES))
    if not np.isfinite(height).any():
        return height, []
    low, high = float(np.nanmin(height)), float(np.nanmax(height))
    return height, [low + (high - low) * (i + 1) / LEVELS for i in range(LEVELS - 1)] if high > low else []


def function(experiment: Experiment, ground: Landscape, traces: Sequence[Trace], styles: Sequence[Style], pack: Pack) -> Map:
    """A function of the plane.

    Nobody knows the minimum of a formula that was just typed: the lowest point of the landscape stands for it.
    """
    problem, shown = experiment.definition, window(experiment)
    logarithmic = problem.levels == "log" and (problem.minimum is not None or problem.family == "formula")
    lowest = problem.minimum
    if lowest is None and logarithmic:
        lowest = float(np.min(ground.loss, where=np.isfinite(ground.loss), initial=np.inf))
    height, levels = heights(ground.loss, lowest if logarithmic else None)
    ends = ", ".join(
        f"{style.label} at ({trace.position[-1][0]:.3g}, {trace.position[-1][1]:.3g})"
        for trace, style in zip(traces, styles, strict=True)
        if trace.loss.size
    )
    measure = "loss" if not logarithmic or not lowest else f"loss − {'lowest here' if problem.minimum is None else 'minimum'}"
    return {
        "title": "Landscape and paths",
        "x": {"label": "x", "range": list(shown[0])},
        "y": {"label": "y", "range": list(shown[1])},
        "path": ["x", "y"],
        "grid": _grid(ground, height, pack),
        "levels": levels,
        "logarithmic": logarithmic,
        "measure": measure,
        "minimisers": [list(point) for point in problem.minimisers],
        "start": list(experiment.start or problem.start),
        "clickable": True,
        "words": f"Paths over the landscape of {problem.title}, ending with {ends}.",
        "note": "",
    }


def projection(experiment: Experiment, waits: bool = False) -> Map:
    """Each contender's path through many parameters, seen along two fixed directions; the start is at (0, 0).

    `waits`: whether a plane is to take its place.
    """
    origin = experiment.origin
    way = None if origin is None else experiment.definition.to_minimiser(origin)
    words = ("one random direction", "another") if way is None else ("towards the minimiser", "one direction across")
    at = [] if way is None else [[float(np.linalg.norm(way)), 0.0]]
    return {
        "title": "The paths, seen along two directions",
        "x": {"label": words[0], "range": None},
        "y": {"label": words[1], "range": None},
        "path": ["x", "y"],
        "grid": None,
        "levels": [],
        "logarithmic": False,
        "measure": "loss",
        "minimisers": at,
        "start": [0.0, 0.0],
        "clickable": False,
        "words": "Each path along two directions.",
        "note": "The plane through the paths comes when all of them are there." if waits else "",
    }


def through(plane: Plane, styles: Sequence[Style], pack: Pack) -> Map:
    """A plane through all the paths, with the loss on it, and in words how far both are from the truth."""
    loss = plane.landscape.loss
    finite = loss[np.isfinite(loss)]
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 0.0)
    logarithmic = 0 < low < high / WIDE
    height, levels = heights(np.log10(loss, where=loss > 0, out=np.full_like(loss, np.nan)) if logarithmic else loss, None)
    x, y = plane.landscape.x, plane.landscape.y
    pca = plane.kind == "pca"
    parts = [f" ({100 * part:.0f} %)" for part in plane.explained or ()] or ["", ""]
    names = ("principal direction 1", "principal direction 2") if pca else ("random direction 1", "random direction 2")
    return {
        "title": "A plane through the paths",
        "x": {"label": names[0] + parts[0], "range": [float(x[0]), float(x[-1])]},
        "y": {"label": names[1] + parts[1], "range": [float(y[0]), float(y[-1])]},
        "path": ["px", "py"],
        "grid": _grid(plane.landscape, height, pack),
        "levels": levels,
        "logarithmic": logarithmic,
        "measure": "loss",
        "minimisers": [] if plane.minimiser is None else [plane.minimiser.tolist()],
        "start": plane.start.tolist(),
        "clickable": False,
        "words": f"The loss on a plane through the paths. {honesty(plane, styles)}",
        "note": honesty(plane, styles),
    }


def shadow(plane: Plane, contender: dict[str, Any], nth: int, pack: Pack) -> None:
    """Adds to a contender its path on the plane, and the two losses."""
    contender["axes"]["snapshots"] = pack.add(plane.snapshot_steps[nth])
    found = {
        "px": plane.paths[nth][:, 0],
        "py": plane.paths[nth][:, 1],
        "true_loss": plane.true_loss[nth],
        "shadow_loss": plane.shadow_loss[nth],
    }
    contender["channels"] |= {name: {"axis": "snapshots", "at": pack.add(values)} for name, values in found.items()}


def honesty(plane: Plane, styles: Sequence[Style]) -> str:
    """What the plane holds of the paths, and how far its loss is from theirs at the end."""
    ends = [
        f"{style.label} {there[-1]:.3g} / {here[-1]:.3g}"
        for style, there, here in zip(styles, plane.true_loss, plane.shadow_loss, strict=True)
        if there.size
    ]
    held = f"The plane holds {100 * plane.held:.1f} % of the paths' variance."
    return f"{held} Loss at the end, on the path / at its foot on the plane: {'; '.join(ends)}."


def _grid(ground: Landscape, height: Float[np.ndarray, "rows columns"], pack: Pack) -> dict[str, Any]:
    return {
        "columns": ground.x.size,
        "rows": ground.y.size,
        "x": [float(ground.x[0]), float(ground.x[-1])],
        "y": [float(ground.y[0]), float(ground.y[-1])],
        "height": pack.add(height),
    }
