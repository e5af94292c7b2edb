"""Two knobs as a map: a cell for each pair of values, coloured by what came of its run, one map for each value of a third."""

from __future__ import annotations

import math
from typing import Any, Literal

import numpy as np
import plotly.graph_objects as go
from jaxtyping import Float

from prodigy_core.sweep.result import SweepTrace
from prodigy_core.sweep.spec import Axis

from ...theme import REFERENCE
from ..arena.channels import single
from ..frame import figure
from ..learned.headings import plain, text
from . import ticks
from .measures import Measure, best, logarithmic, lost, middle, number, title, told, values

Mode = Literal["light", "dark"]
HEIGHT = 436  # pixels, of all maps together: with its words a page fits a small screen
MOST = 4  # maps
TITLE, WORDS, GAP = 22, 46, 10  # pixels: above a map, below it, and between its neighbours
# Viridis: as even to the eye, for colour-blind people too; of good runs the bright end. No contender has such a range.
SCALE = (
    "#440154", "#482475", "#414487", "#355f8d", "#2a788e", "#21918c", "#22a884", "#44bf70", "#7ad151", "#bddf26", "#fde725",
)  # fmt: skip
LOST = {"light": "#b4bac4", "dark": "#59616d"}  # no run that got there: grey, which is on no scale
USUAL = 0.95  # of the cells: where the scale ends when the others are far worse
EDGE = "#101418"


def heat(found: SweepTrace, measure: Measure, mode: Mode = "light") -> tuple[go.Figure, str]:
    """The figure, and what it shows in words.

    The traces begin with one invisible layer of points for each map, in their order, one point a cell, rows from below: what
    can be hovered and clicked. Cells still to come are blank.

    Args:
      found: a sweep of one contender over two axes, or three: the first down, the second across, the third one map each.
      measure: what the cells show.
      mode: "light" or "dark".
    """
    grid, experiment = found.grids[0], found.sweep.experiment
    cells = _cells(found, measure)
    log = logarithmic(measure, [cells])
    finite = np.where(np.isfinite(cells), cells, np.nan)
    shown = np.log10(finite) if log else finite
    there = shown[np.isfinite(shown)]
    low, high, beyond = _span(measure, there)
    span = (low, high)
    maps = cells.shape[2]
    columns = 1 if maps == 1 else 2
    rows = -(-maps // columns)
    head = TITLE if maps > 1 else GAP
    panel = HEIGHT / rows - head - WORDS
    across, down = grid.axes[1], grid.axes[0]
    data = [_touch(found, measure, cells, k) for k in range(maps)]
    layout: dict[str, Any] = {"annotations": []}
    where = []
    for k in range(maps):
        row, column = divmod(k, columns)
        at = "" if k == 0 else str(k + 1)
        left, top = column / columns + (0.02 if column else 0), 1 - row / rows - head / HEIGHT
        side = _side(found, across, columns) | {
            "domain": [left, (column + 1) / columns - (0.02 if column + 1 < columns else 0)]
        }
        layout[f"xaxis{at}"] = side | {"anchor": f"y{at}"} | ({} if k + columns >= maps else {"title": {"text": ""}})
        side = _side(found, down, rows) | {"domain": [max(top - panel / HEIGHT, 0), top], "anchor": f"x{at}"}
        layout[f"yaxis{at}"] = side | ({"showticklabels": False, "title": {"text": ""}} if column else {})
        where.append({"xaxis": f"x{at}", "yaxis": f"y{at}"})
        if maps > 1:
            words = f"<b>{plain(_name(found, grid.axes[2]))} {plain(ticks.short(grid.axes[2].values[k]))}</b>"
            layout["annotations"].append(text(words, left, top, 3, "bottom", {"size": 12, "color": REFERENCE}))
    data = [trace | where[k] for k, trace in enumerate(data)]
    for k in range(maps):
        data += [trace | where[k] for trace in _map(shown[..., k], cells[..., k], measure, span, mode)]
        data += [trace | where[k] for trace in _marks(found, measure, cells, k)]
    bar = next(trace for trace in data if trace["name"] == measure.title)
    bar |= {"showscale": True, "colorbar": _bar(measure, title(measure, experiment), low, high, log, beyond)}
    layout |= {"height": HEIGHT, "margin": {"l": 66, "r": 8, "t": 0, "b": 0}, "clickmode": "event+select"}
    made = figure("", data, layout.pop("xaxis"), layout.pop("yaxis"), **layout)
    return made, " ".join(
        [f"{title(measure, experiment)} over {_name(found, across)} and {_name(found, down)}.", *said(found, measure)]
    )


def said(found: SweepTrace, measure: Measure) -> list[str]:
    """What the map comes to, in sentences, once all of it is there."""
    grid = found.grids[0]
    cells = _cells(found, measure)
    if np.isnan(cells).any():
        return []
    sentences = []
    finite = cells[np.isfinite(cells)]
    if (index := best(measure, cells, _stands(found))) is not None:
        at = " and ".join(
            f"{_name(found, axis)} {ticks.short(axis.values[i])}" for axis, i in zip(grid.axes, index, strict=False)
        )
        alike = int((cells == cells[index]).sum())
        there = f"at {at}" if alike == 1 else f"in {alike:,} of them, such as {at}"
        sentences.append(f"The best of {cells.size:,} cells is {told(measure, float(cells[index]))}, {there}.")
    elif finite.size:
        sentences.append(
            f"The {cells.size:,} cells lie between {number(float(finite.min()))} and {number(float(finite.max()))}."
        )
    if missing := int(np.isinf(cells).sum()):
        ended = "did not come within the tolerance" if measure.name == "steps_to" else lost(measure)
        sentences.append(f"{missing:,} of {cells.size:,} {ended}.")
    return sentences


def _cells(found: SweepTrace, measure: Measure) -> Float[np.ndarray, "down across maps"]:
    """The middle over the seeds."""
    cells = middle(values(measure, found.sweep.experiment, found.grids[0]))
    return cells if cells.ndim == 3 else cells[..., None]


def _touch(found: SweepTrace, measure: Measure, cells: np.ndarray, k: int) -> dict[str, Any]:
    """A point for each cell of a map, to hover and to click. The browser draws next to none: thousands would be slow."""
    down, across = found.grids[0].axes[:2]
    y, x = (places.ravel() for places in np.indices(cells.shape[:2]))
    ways = [f"{plain(_name(found, across))} {plain(ticks.short(value))}<br>" for value in across.values]
    ups = [f"{plain(_name(found, down))} {plain(ticks.short(value))}<br><b>" for value in down.values]
    flat = cells[..., k].ravel().tolist()
    words = [ways[i] + ups[j] + told(measure, value) for i, j, value in zip(x.tolist(), y.tolist(), flat, strict=True)]
    return {
        "type": "scatter", "mode": "markers", "x": x.astype(np.uint8), "y": y.astype(np.uint8), "name": f"cells {k}",
        "text": words, "hovertemplate": f"%{{text}}</b> {measure.title.lower()}<extra></extra>", "showlegend": False,
        "marker": {"opacity": 0, "size": 6, "maxdisplayed": 1}, "hoverlabel": {"align": "left"},
        "selected": {"marker": {"opacity": 0}}, "unselected": {"marker": {"opacity": 0}},
    }  # fmt: skip


def _map(
    shown: Float[np.ndarray, "down across"],
    cells: Float[np.ndarray, "down across"],
    measure: Measure,
    span: tuple[float, float],
    mode: Mode,
) -> list[dict[str, Any]]:
    """The cells of one map, and above them those that are on no scale."""
    colours = SCALE if measure.best >= 0 else SCALE[::-1]
    scale = [[i / (len(colours) - 1), colour] for i, colour in enumerate(colours)]
    ground = {"type": "heatmap", "x0": 0, "dx": 1, "y0": 0, "dy": 1, "showscale": False, "hoverinfo": "skip"}
    scaling = {"colorscale": scale, "zmin": span[0], "zmax": span[1], "name": measure.title}
    missing = np.where(np.isinf(cells), 1.0, np.nan)
    grey = {"colorscale": [[0, LOST[mode]], [1, LOST[mode]]], "name": lost(measure)}
    return [{**ground, "z": single(shown), **scaling}, {**ground, "z": single(missing), **grey}]


def _marks(found: SweepTrace, measure: Measure, cells: np.ndarray, k: int) -> list[dict[str, Any]]:
    """A ring where the knobs stand now, and a star on the best cell, each in the map that it belongs to."""
    axes = found.grids[0].axes
    marks: list[dict[str, Any]] = []
    at = _stands(found)
    if None not in at and (len(axes) < 3 or at[2] == k):
        ring = {"symbol": "circle-open", "size": 15, "color": EDGE, "line": {"width": 5, "color": EDGE}}
        marks.append(_mark(at[1], at[0], ring, ""))
        inner = {"symbol": "circle-open", "size": 15, "color": "#ffffff", "line": {"width": 2.5, "color": "#ffffff"}}
        marks.append(_mark(at[1], at[0], inner, "where the knobs stand"))
    winner = best(measure, cells, at)
    if winner is not None and winner[2] == k:
        star = {"symbol": "star", "size": 15, "color": "#ffffff", "line": {"width": 1.5, "color": EDGE}}
        marks.append(_mark(float(winner[1]), float(winner[0]), star, "the best cell"))
    return marks


def _mark(x: float | None, y: float | None, marker: dict[str, Any], name: str) -> dict[str, Any]:
    place = {"type": "scatter", "mode": "markers", "x": [x], "y": [y], "name": name}
    return {**place, "marker": marker, "hoverinfo": "skip", "showlegend": False, "cliponaxis": False}


def _side(found: SweepTrace, axis: Axis, among: int) -> dict[str, Any]:
    """An axis of cells: where some of the knob's values stand."""
    places, words = ticks.cells(_how(found, axis), axis.values, ticks.MOST if among == 1 else 5)
    return {
        "tickvals": places, "ticktext": words, "range": [-0.5, len(axis.values) - 0.5], "fixedrange": True,
        "showgrid": False, "zeroline": False, "ticks": "outside", "ticklen": 4, "tickfont": {"size": 11},
        "title": {"text": plain(_name(found, axis)), "standoff": 4, "font": {"size": 12}},
    }  # fmt: skip


def _stands(found: SweepTrace) -> list[float | None]:
    """Where the knobs stand along the cells down and across, and among the maps."""
    at = [ticks.place(_how(found, axis), axis.values, axis.value_in(found.sweep.experiment)) for axis in found.grids[0].axes]
    return [*at, 0.0][:3]


def _name(found: SweepTrace, axis: Axis) -> str:
    """How a person calls the knob."""
    return axis.param_in(found.sweep.experiment).label


def _how(found: SweepTrace, axis: Axis) -> str:
    return ticks.kind(axis.param_in(found.sweep.experiment), axis.values)


def _span(measure: Measure, there: Float[np.ndarray, " cells"]) -> tuple[float, float, bool]:
    """The ends of the scale, and whether there are worse cells beyond: a few explosions would leave no colours for the rest."""
    if not there.size:
        return 0.0, 1.0, False
    low, high = float(there.min()), float(there.max())
    usual = float(np.quantile(there, USUAL))
    beyond = measure.best < 0 and usual - low < 0.75 * (high - low) and usual > low
    return low, usual if beyond else high if high > low else low + 1, beyond


def _bar(measure: Measure, words: str, low: float, high: float, log: bool, beyond: bool) -> dict[str, Any]:
    """The scale, with round numbers; the end that stands for all that is worse says so."""
    font = {"size": 11, "color": REFERENCE}
    bar: dict[str, Any] = {
        "thickness": 12, "outlinewidth": 0, "title": {"text": words, "side": "right", "font": font}, "tickfont": font,
    }  # fmt: skip
    if log:
        marks = [at for at in ticks.decades(low, high) if not beyond or math.log10(at) < high - 0.04 * (high - low)]
        texts = [number(float(f"{at:.3g}")) for at in marks]
        bar |= {
            "tickvals": [*(math.log10(at) for at in marks), *([high] if beyond else [])],
            "ticktext": [*texts, *([f"{number(float(f'{10**high:.2g}'))} or more"] if beyond else [])],
        }
    elif measure.name == "validation_accuracy":
        bar["tickformat"] = ".0%"
    return bar
