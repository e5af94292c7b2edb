"""A sweep over two hyperparameters as a map: a cell for each pair of values, coloured by the result of its run.

A third hyperparameter gives one map for each of its values.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import plotly.graph_objects as go

from prodigy_core.sweep.result import SweepTrace

from ...theme import REFERENCE
from ..arena.channels import single
from ..frame import figure
from ..learned.headings import plain, text
from . import ticks
from .cells import Maps, Side, maps_of
from .measures import Measure, number

Mode = Literal["light", "dark"]
HEIGHT = 436  # pixels, of all maps together: with its words a page fits a small screen
MOST = 4  # maps
TITLE, WORDS, GAP = 22, 46, 10  # pixels: above a map, below it, and between its neighbours
# Viridis is as even to the eye, for colour-blind people too; good runs have its bright end. No contender has such a range.
SCALE = (
    "#440154", "#482475", "#414487", "#355f8d", "#2a788e", "#21918c", "#22a884", "#44bf70", "#7ad151", "#bddf26", "#fde725",
)  # fmt: skip
LOST = {"light": "#b4bac4", "dark": "#59616d"}  # colour of a run without a result: grey, which is on no scale
EDGE = "#101418"


def heat(trace: SweepTrace, measure: Measure, mode: Mode = "light") -> tuple[go.Figure, str]:
    """The figure, and the same in words.

    The traces begin with one invisible layer of points for each map, in their order, one point a cell, rows from below: what
    can be hovered and clicked. Cells still to come are blank.

    Args:
      trace: a sweep of one contender over two axes, or three: the first down, the second across, the third one map each.
      measure: what the cells show.
      mode: "light" or "dark".
    """
    maps = maps_of(trace, measure)
    across, down = maps.across.name, maps.down.name
    return _figure(maps, mode), " ".join([f"{maps.title} over {across} and {down}.", *_sentences(maps)])


def said(trace: SweepTrace, measure: Measure) -> list[str]:
    """The maps' best and missing cells in sentences, once all cells are there."""
    return _sentences(maps_of(trace, measure))


# --- in words ------------------------------------------------------------------------------------------------------


def _sentences(maps: Maps) -> list[str]:
    cells, measure = maps.cells, maps.measure
    if np.isnan(cells).any():
        return []
    sentences = []
    finite = cells[np.isfinite(cells)]
    if (index := maps.best) is not None:
        at = " and ".join(f"{side.name} {ticks.short(side.values[i])}" for side, i in zip(maps.sides, index, strict=False))
        equal = int((cells == cells[index]).sum())
        where = f"at {at}" if equal == 1 else f"in {equal:,} of them, such as {at}"
        sentences.append(f"The best of {cells.size:,} cells is {measure.text(float(cells[index]))}, {where}.")
    elif finite.size:
        low, high = float(finite.min()), float(finite.max())
        sentences.append(f"The {cells.size:,} cells lie between {number(low)} and {number(high)}.")
    if missing := int(np.isinf(cells).sum()):
        ended = "did not come within the tolerance" if measure.to_tolerance else measure.missing
        sentences.append(f"{missing:,} of {cells.size:,} {ended}.")
    return sentences


# --- drawn ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Frame:
    """The place of a map in the figure.

    Attributes:
      suffix: of the names of its axes.
      left, right, bottom, top: shares of the figure.
      leftmost, lowest: whether nothing stands on that side of it.
    """

    suffix: str
    left: float
    right: float
    bottom: float
    top: float
    leftmost: bool
    lowest: bool


def _frames(count: int) -> list[_Frame]:
    """A frame for each map, two side by side, row by row from above."""
    columns = 1 if count == 1 else 2
    rows = -(-count // columns)
    head = TITLE if count > 1 else GAP
    height = HEIGHT / rows - head - WORDS
    frames = []
    for k in range(count):
        row, column = divmod(k, columns)
        top = 1 - row / rows - head / HEIGHT
        frames.append(
            _Frame(
                suffix="" if k == 0 else str(k + 1),
                left=column / columns + (0.02 if column else 0),
                right=(column + 1) / columns - (0.02 if column + 1 < columns else 0),
                bottom=max(top - height / HEIGHT, 0),
                top=top,
                leftmost=column == 0,
                lowest=k + columns >= count,
            )
        )
    return frames


def _figure(maps: Maps, mode: Mode) -> go.Figure:
    frames = _frames(maps.cells.shape[2])
    several = len(frames) > 1
    words_across = ticks.MOST if len({frame.left for frame in frames}) == 1 else 5
    words_down = ticks.MOST if len({frame.top for frame in frames}) == 1 else 5
    layout: dict[str, Any] = {"annotations": []}
    touched, drawn = [], []
    for k, frame in enumerate(frames):
        across = _axis(maps.across, words_across) | {"domain": [frame.left, frame.right], "anchor": f"y{frame.suffix}"}
        down = _axis(maps.down, words_down) | {"domain": [frame.bottom, frame.top], "anchor": f"x{frame.suffix}"}
        if not frame.lowest:
            across["title"] = {"text": ""}
        if not frame.leftmost:
            down |= {"showticklabels": False, "title": {"text": ""}}
        layout |= {f"xaxis{frame.suffix}": across, f"yaxis{frame.suffix}": down}
        if several:
            side = maps.sides[2]
            words = f"<b>{plain(side.name)} {plain(ticks.short(side.values[k]))}</b>"
            layout["annotations"].append(text(words, frame.left, frame.top, 3, "bottom", {"size": 12, "color": REFERENCE}))
        axes = {"xaxis": f"x{frame.suffix}", "yaxis": f"y{frame.suffix}"}
        touched.append(_touch(maps, k) | axes)
        drawn += [layer | axes for layer in (*_map(maps, k, mode), *_marks(maps, k))]
    scaled = next(layer for layer in drawn if layer["name"] == maps.measure.title)
    scaled |= {"showscale": True, "colorbar": _bar(maps)}
    layout |= {"height": HEIGHT, "margin": {"l": 66, "r": 8, "t": 0, "b": 0}, "clickmode": "event+select"}
    return figure("", [*touched, *drawn], layout.pop("xaxis"), layout.pop("yaxis"), **layout)


def _touch(maps: Maps, k: int) -> dict[str, Any]:
    """A point for each cell of a map, to hover and to click. The browser draws next to none: thousands would be slow."""
    y, x = (places.ravel() for places in np.indices(maps.cells.shape[:2]))
    columns = [f"{plain(maps.across.name)} {plain(ticks.short(value))}<br>" for value in maps.across.values]
    rows = [f"{plain(maps.down.name)} {plain(ticks.short(value))}<br><b>" for value in maps.down.values]
    flat = maps.cells[..., k].ravel().tolist()
    words = [columns[i] + rows[j] + maps.measure.text(value) for i, j, value in zip(x.tolist(), y.tolist(), flat, strict=True)]
    return {
        "type": "scatter", "mode": "markers", "x": x.astype(np.uint8), "y": y.astype(np.uint8), "name": f"cells {k}",
        "text": words, "hovertemplate": f"%{{text}}</b> {maps.measure.title.lower()}<extra></extra>", "showlegend": False,
        "marker": {"opacity": 0, "size": 6, "maxdisplayed": 1}, "hoverlabel": {"align": "left"},
        "selected": {"marker": {"opacity": 0}}, "unselected": {"marker": {"opacity": 0}},
    }  # fmt: skip


def _map(maps: Maps, k: int, mode: Mode) -> list[dict[str, Any]]:
    """The cells of one map, and above them those that are on no scale."""
    measure = maps.measure
    colours = SCALE if measure.best >= 0 else SCALE[::-1]
    scale = [[i / (len(colours) - 1), colour] for i, colour in enumerate(colours)]
    layer = {"type": "heatmap", "x0": 0, "dx": 1, "y0": 0, "dy": 1, "showscale": False, "hoverinfo": "skip"}
    scaling = {"colorscale": scale, "zmin": maps.low, "zmax": maps.high, "name": measure.title}
    missing = np.where(np.isinf(maps.cells[..., k]), 1.0, np.nan)
    grey = {"colorscale": [[0, LOST[mode]], [1, LOST[mode]]], "name": measure.missing}
    return [{**layer, "z": single(maps.shown[..., k]), **scaling}, {**layer, "z": single(missing), **grey}]


def _marks(maps: Maps, k: int) -> list[dict[str, Any]]:
    """A ring at the experiment's own values, and a star on the best cell, each in the map that it belongs to."""
    marks: list[dict[str, Any]] = []
    down, across, among = maps.now
    if down is not None and across is not None and among == k:
        ring = {"symbol": "circle-open", "size": 15, "color": EDGE, "line": {"width": 5, "color": EDGE}}
        marks.append(_mark(across, down, ring, ""))
        inner = {"symbol": "circle-open", "size": 15, "color": "#ffffff", "line": {"width": 2.5, "color": "#ffffff"}}
        marks.append(_mark(across, down, inner, "where the knobs stand"))
    winner = maps.best
    if winner is not None and winner[2] == k:
        star = {"symbol": "star", "size": 15, "color": "#ffffff", "line": {"width": 1.5, "color": EDGE}}
        marks.append(_mark(float(winner[1]), float(winner[0]), star, "the best cell"))
    return marks


def _mark(x: float, y: float, marker: dict[str, Any], name: str) -> dict[str, Any]:
    place = {"type": "scatter", "mode": "markers", "x": [x], "y": [y], "name": name}
    return {**place, "marker": marker, "hoverinfo": "skip", "showlegend": False, "cliponaxis": False}


def _axis(side: Side, most: int) -> dict[str, Any]:
    """An axis of cells, with at most so many of the values in words."""
    places, words = ticks.cells(side.kind, side.values, most)
    return {
        "tickvals": places, "ticktext": words, "range": [-0.5, len(side.values) - 0.5], "fixedrange": True,
        "showgrid": False, "zeroline": False, "ticks": "outside", "ticklen": 4, "tickfont": {"size": 11},
        "title": {"text": plain(side.name), "standoff": 4, "font": {"size": 12}},
    }  # fmt: skip


def _bar(maps: Maps) -> dict[str, Any]:
    """The scale, with round numbers; an end that stands for all worse cells says so."""
    font, low, high = {"size": 11, "color": REFERENCE}, maps.low, maps.high
    bar: dict[str, Any] = {
        "thickness": 12, "outlinewidth": 0, "title": {"text": maps.title, "side": "right", "font": font}, "tickfont": font,
    }  # fmt: skip
    if maps.log:
        marks = ticks.decades(low, high)
        if maps.beyond:  # its own words stand at the end
            marks = [mark for mark in marks if math.log10(mark) < high - 0.04 * (high - low)]
        bar["tickvals"] = [math.log10(mark) for mark in marks]
        bar["ticktext"] = [number(float(f"{mark:.3g}")) for mark in marks]
        if maps.beyond:
            bar["tickvals"].append(high)
            bar["ticktext"].append(f"{number(float(f'{10**high:.2g}'))} or more")
    elif maps.measure.percent:
        bar["tickformat"] = ".0%"
    return bar
