"""The ground under the paths: the landscape of a function of the plane, a plane through many dimensions, or bare axes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from jaxtyping import Float

from prodigy_core.experiment import Experiment
from prodigy_core.landscape.grid import Landscape
from prodigy_core.landscape.plane import Plane
from prodigy_core.trace import Trace

from ...theme import Style
from .channels import Pack
from .records import Channel, Coordinates, Grid, Map, MapAxis, Point, Range, Variant
from .window import window

DECADES = 6  # decades below the highest loss that the levels of a logarithmic landscape reach
LEVELS = 18
WIDE = 30.0  # ratio of a plane's highest loss to its lowest, above which its levels are logarithmic

# The grounds that the paths of many parameters may have, with their names on the page.
GROUNDS = {"none": "Two directions", "pca": "Principal plane", "random": "Random plane"}


def heights(
    loss: Float[np.ndarray, "rows columns"], lowest: float | None
) -> tuple[Float[np.ndarray, "rows columns"], list[float]]:
    """The heights that are drawn of a landscape, the loss or log10 of the loss above `lowest`; and its contour levels."""
    known = np.isfinite(loss)
    height = loss if known.all() else np.where(known, loss, np.nan)
    if lowest is not None:
        above = height - lowest
        highest = np.fmax.reduce(above, axis=None, initial=0)
        if highest > 0:  # a formula may be flat, or defined nowhere here
            height = np.log10(np.maximum(above, highest * 10.0**-DECADES, out=above), out=above)
    if not known.any():
        return height, []
    low, high = float(np.fmin.reduce(height, axis=None)), float(np.fmax.reduce(height, axis=None))
    return height, [low + (high - low) * (i + 1) / LEVELS for i in range(LEVELS - 1)] if high > low else []


def function(
    experiment: Experiment,
    ground: Landscape,
    traces: Sequence[Trace],
    styles: Sequence[Style],
    pack: Pack,
    clickable: bool = True,
) -> Map:
    """The map of a function of the plane; `clickable` where a click may choose a start.

    Nobody knows the minimum of a formula that was just typed: the lowest point of the landscape stands for it.
    """
    problem, (x, y) = experiment.definition, window(experiment)
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
    return Map(
        title="Landscape and paths",
        x=MapAxis("x", Range(*x)),
        y=MapAxis("y", Range(*y)),
        path=Coordinates("x", "y"),
        grid=_grid(ground, height, pack),
        levels=levels,
        logarithmic=logarithmic,
        measure=measure,
        minimisers=[Point(*point) for point in problem.minimisers],
        start=Point(*(experiment.start or problem.start)),
        clickable=clickable,
        words=f"Paths over the landscape of {problem.title}, ending with {ends}.",
        note="",
    )


def directions(experiment: Experiment, note: str = "", x: Range | None = None, y: Range | None = None) -> Map:
    """The map of paths through many parameters, seen along two fixed directions; the start is at (0, 0).

    Args:
      experiment: what was run.
      note: a sentence for a person.
      x, y: the ends of the axes, where they are not to be what the paths span.
    """
    origin = experiment.origin
    offset = None if origin is None else experiment.definition.to_minimiser(origin)
    labels = ("one random direction", "another") if offset is None else ("towards the minimiser", "one direction across")
    return Map(
        title="The paths, seen along two directions",
        x=MapAxis(labels[0], x),
        y=MapAxis(labels[1], y),
        path=Coordinates("x", "y"),
        grid=None,
        levels=(),
        logarithmic=False,
        measure="loss",
        minimisers=[] if offset is None else [Point(float(np.linalg.norm(offset)), 0.0)],
        start=Point(0.0, 0.0),
        clickable=False,
        words="Each path along two directions.",
        note=note,
    )


def through(plane: Plane, styles: Sequence[Style], pack: Pack) -> Map:
    """The map of a plane through all the paths, with the loss on it, and in words how far both are from the truth."""
    loss = plane.landscape.loss
    finite = loss[np.isfinite(loss)]
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 0.0)
    logarithmic = 0 < low < high / WIDE
    height, levels = heights(np.log10(loss, where=loss > 0, out=np.full_like(loss, np.nan)) if logarithmic else loss, None)
    x, y = plane.landscape.x, plane.landscape.y
    shares = [f" ({100 * share:.0f} %)" for share in plane.explained or ()] or ["", ""]
    name = "principal" if plane.kind == "pca" else "random"
    note = faithfulness(plane, styles)
    return Map(
        title="A plane through the paths",
        x=MapAxis(f"{name} direction 1{shares[0]}", Range(float(x[0]), float(x[-1]))),
        y=MapAxis(f"{name} direction 2{shares[1]}", Range(float(y[0]), float(y[-1]))),
        path=Coordinates("px", "py"),
        grid=_grid(plane.landscape, height, pack),
        levels=levels,
        logarithmic=logarithmic,
        measure="loss",
        minimisers=[] if plane.minimiser is None else [Point(*plane.minimiser.tolist())],
        start=Point(*plane.start.tolist()),
        clickable=False,
        words=f"The loss on a plane through the paths. {note}",
        note=note,
    )


def projected(run: Variant, plane: Plane, index: int, pack: Pack) -> Variant:
    """The run of contender `index` with the projection of its path onto the plane, and the loss on either."""
    channels = {
        "px": plane.paths[index][:, 0],
        "py": plane.paths[index][:, 1],
        "true_loss": plane.true_loss[index],
        "shadow_loss": plane.shadow_loss[index],
    }
    axes = {**run.axes, "snapshots": pack.add(plane.snapshot_steps[index])}
    added = {name: Channel("snapshots", pack.add(values)) for name, values in channels.items()}
    return replace(run, axes=axes, channels={**run.channels, **added})


def faithfulness(plane: Plane, styles: Sequence[Style]) -> str:
    """The share of the paths' variance that the plane holds, and the last loss on each path and on the plane, in words."""
    ends = [
        f"{style.label} {on_path[-1]:.3g} / {on_plane[-1]:.3g}"
        for style, on_path, on_plane in zip(styles, plane.true_loss, plane.shadow_loss, strict=True)
        if on_path.size
    ]
    share = f"The plane holds {100 * plane.held:.1f} % of the paths' variance."
    return f"{share} Loss at the end, on the path / at its foot on the plane: {'; '.join(ends)}."


def _grid(ground: Landscape, height: Float[np.ndarray, "rows columns"], pack: Pack) -> Grid:
    x, y = ground.x, ground.y
    return Grid(
        columns=x.size,
        rows=y.size,
        x=Range(float(x[0]), float(x[-1])),
        y=Range(float(y[0]), float(y[-1])),
        height=pack.add(height),
    )
