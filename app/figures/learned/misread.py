"""The images that each model misreads."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from prodigy_core.predictions import MOST, Errors, Misread

from ...theme import REFERENCE, Style
from ..arena.channels import single
from ..frame import figure
from .headings import after, head, last, pin, plain, score, scores, short

INK = {"light": "#1a2230", "dark": "#e1e7ef"}
PAPER = {"light": "#eef1f5", "dark": "#171e29"}
TILE = 50  # pixels of an image, where there is room
HEAD, FOOT, NOTHING = 26, 38, 6  # pixels: above the images, below them, and below a heading without images
GAP = 3  # pixels of an image, between two images
LENGTH = 30  # characters at most of a contender's name


def misread_figure(misread: Misread, styles: Sequence[Style], mode: str = "light") -> tuple[go.Figure, str]:
    """A row of misread images for each contender, each with its digit and the digit that the model reads.

    Returns:
      The figure, and the same in words.
    """

    def count(errors: Errors) -> str:
        return f"{errors.wrong} of {misread.of} wrong" if errors.wrong else f"all {misread.of} right"

    heights = [HEAD + (TILE + FOOT if errors and errors.wrong else NOTHING) for errors in misread.errors]
    height, step, rows = max(sum(heights), 1), last(misread.errors), 0
    drawn: list[dict[str, Any]] = []
    hidden: dict[str, Any] = {"visible": False}
    layout: dict[str, Any] = {"shapes": [], "annotations": [], "xaxis": hidden, "yaxis": hidden}
    for i, (errors, style) in enumerate(zip(misread.errors, styles, strict=True)):
        top = 1 - (sum(heights[:i]) + HEAD) / height
        result = score(errors, count(errors) if errors else "", step)
        head(layout, style, short(style.label, LENGTH), f" · {result}", 0, top, HEAD)
        if errors is None or not errors.wrong:
            continue
        rows += 1
        suffix = "" if rows == 1 else str(rows)
        across, up = _axes(errors, suffix, top - TILE / height, top)
        layout |= {f"xaxis{suffix}": across, f"yaxis{suffix}": up}
        axes = {"xaxis": f"x{suffix}", "yaxis": f"y{suffix}"}
        drawn += [_strip(errors, mode) | axes, _hover(errors, style) | axes]
        layout["annotations"] += [_caption(errors, j, suffix) for j in range(len(errors.images))]
    layout |= {"height": height + 38, "margin": {"l": 4, "r": 4, "t": 34, "b": 4}}
    title = f"Misread digits {after(step)}" + (", the surest first" if rows else "")
    drawing = figure(title, drawn, layout.pop("xaxis"), layout.pop("yaxis"), **layout)
    pin(drawing)
    results = scores(misread.errors, styles, count, step)
    return drawing, f"The validation images that each model misreads {after(step)}. {results}."


def _axes(errors: Errors, suffix: str, low: float, top: float) -> tuple[dict[str, Any], dict[str, Any]]:
    """Axes in pixels of an image, of one scale, as long in every row."""
    high, wide = errors.images.shape[1:]
    bare = {"visible": False, "fixedrange": True, "constrain": "domain"}
    end = MOST * (wide + GAP) - GAP - 0.5
    across = {"range": [-0.5, end], "anchor": f"y{suffix}", "constraintoward": "left", **bare}
    return across, {
        "range": [high - 0.5, -0.5],
        "domain": [max(low, 0.0), top],
        "anchor": f"x{suffix}",
        "scaleanchor": f"x{suffix}",
        "constraintoward": "top",
        **bare,
    }


def _strip(errors: Errors, mode: str) -> dict[str, Any]:
    """The images side by side."""
    count, high, wide = errors.images.shape
    strip = np.full((high, count, wide + GAP), np.nan)
    strip[:, :, :wide] = errors.images.transpose(1, 0, 2)
    return {
        "type": "heatmap",
        "z": single(strip.reshape(high, -1)[:, :-GAP]),
        "zmin": 0,
        "zmax": 1,
        "colorscale": [[0, PAPER[mode]], [1, INK[mode]]],
        "showscale": False,
        "hoverinfo": "skip",
    }


def _hover(errors: Errors, style: Style) -> dict[str, Any]:
    """Invisible points that tell under the pointer how sure the model is."""
    count, high, wide = errors.images.shape
    cases = zip(errors.meant, errors.read, errors.sure, strict=True)
    return {
        "type": "scatter",
        "mode": "markers",
        "name": style.label,
        "x": np.arange(count) * (wide + GAP) + (wide - 1) / 2,
        "y": np.full(count, (high - 1) / 2),
        "text": [f"a {meant}, read as {read}<br>{100 * sure:.0f} % sure" for meant, read, sure in cases],
        "marker": {"size": TILE // 2, "opacity": 0},
        "hovertemplate": "%{text}<extra></extra>",
    }


def _caption(errors: Errors, j: int, suffix: str) -> dict[str, Any]:
    _, high, wide = errors.images.shape
    text = f"{plain(errors.meant[j])} read<br>as {plain(errors.read[j])}"
    place = {
        "xref": f"x{suffix}",
        "yref": f"y{suffix}",
        "x": j * (wide + GAP) + (wide - 1) / 2,
        "y": high - 0.5,
    }
    font = {"size": 11, "color": REFERENCE}
    return {"text": text, **place, "xanchor": "center", "yanchor": "top", "showarrow": False, "font": font}
