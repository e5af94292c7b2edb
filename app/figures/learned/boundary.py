"""The class that each model predicts, on the plane of its two features."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import wrap
from typing import Any

import numpy as np
import plotly.graph_objects as go

from prodigy_core.predictions import Boundary, Part, Regions

from ...theme import Style
from ..arena.channels import single
from ..frame import figure
from .headings import after, head, last, pin, plain, score, scores, short, text

# Colours of the classes: the ground where a model is sure, and the points. None is a contender's; they are apart for
# colour-blind eyes, for which the shapes differ too.
GROUNDS = {"light": ("#f5e0a6", "#c5cbec", "#c6e2d2", "#ecd0d9"), "dark": ("#4f3e13", "#2c3467", "#1b4031", "#4a2934")}
POINTS = {"light": ("#7a5600", "#333b85", "#0b4b2f", "#8a2f4a"), "dark": ("#f0cc74", "#b0b9ff", "#8fdcb4", "#f0a8bd")}
SYMBOLS = ("circle", "diamond", "triangle-up", "square")
UNSURE = {"light": "#fbfaf7", "dark": "#12151b"}
LINE = {"light": "#1a2230", "dark": "#e1e7ef"}

COLUMNS = 2  # panels side by side: more would be too small on a phone
PANEL = 210  # pixels
GUTTER = 0.02  # share of the width, on either side between panels
SPACE = 12  # pixels between a panel and what is below it
LINE_LENGTH = 20  # characters in a line of a contender's name above its panel
MOST_POINTS = {"training": 400, "validation": 200}  # points at most in a panel


def boundary_figure(boundary: Boundary, styles: Sequence[Style], mode: str = "light") -> tuple[go.Figure, str]:
    """A panel for each contender: the classes over the plane of both features, the line between them, and the data.

    Returns:
      The figure, and the same in words.
    """
    columns = min(COLUMNS, max(len(styles), 1))
    names = [wrap(style.label, LINE_LENGTH, max_lines=3, placeholder="…") for style in styles]
    above = 20 + 15 * max(map(len, names), default=1)
    rows = -(-len(styles) // columns)
    height = max(rows * (above + PANEL + SPACE) - SPACE, 1)
    step, total = last(boundary.regions), len(boundary.validation.labels)
    legend = _legend(boundary, mode)
    drawn: list[dict[str, Any]] = []
    layout: dict[str, Any] = {"shapes": [], "annotations": [legend], "xaxis": {}, "yaxis": {}}
    for i, (regions, style, lines) in enumerate(zip(boundary.regions, styles, names, strict=True)):
        row, column = divmod(i, columns)
        left, top = column / columns + GUTTER * column, 1 - (row * (above + PANEL + SPACE) + above) / height
        suffix = "" if i == 0 else str(i + 1)
        across = _bare(boundary.x, left, left + 1 / columns - GUTTER * (columns - 1), f"y{suffix}")
        up = _bare(boundary.y, top - PANEL / height, top, f"x{suffix}")
        if i + columns >= len(styles):
            across["title"] = {"text": short(boundary.features[0]), "standoff": 4}
        if column == 0:
            up["title"] = {"text": short(boundary.features[1]), "standoff": 4}
        layout |= {f"xaxis{suffix}": across, f"yaxis{suffix}": up}
        panel = [*_ground(boundary, regions, style, mode), *_points(boundary, boundary.train, "training", mode)]
        panel += _points(boundary, boundary.validation, "validation", mode)
        drawn += [trace | {"xaxis": f"x{suffix}", "yaxis": f"y{suffix}"} for trace in panel]
        head(layout, style, "<br>".join(map(plain, lines)), "", left, top, 20 + 15 * len(lines))
        result = score(regions, f"{regions.right} of {total} right" if regions else "", step)
        layout["annotations"].append(text(result, left, top, 2, "bottom", {"size": 11}))
    margin = {"l": 24, "r": 4, "t": 32 + 17 * (1 + legend["text"].count("<br>")), "b": 30}
    layout |= {"height": height + margin["t"] + margin["b"], "margin": margin}
    drawing = figure(f"What each model says {after(step)}", drawn, layout.pop("xaxis"), layout.pop("yaxis"), **layout)
    pin(drawing)
    results = scores(boundary.regions, styles, lambda regions: f"{regions.right} of {total} right", step)
    classes, features = " or ".join(boundary.classes), " and ".join(boundary.features)
    return drawing, f"Where each model says {classes}, over {features}, {after(step)}. Of the validation points {results}."


def _bare(values: np.ndarray, low: float, high: float, anchor: str) -> dict[str, Any]:
    """An axis without ticks: the features are standardised, their numbers mean little."""
    bare = {"showticklabels": False, "showgrid": False, "zeroline": False, "ticks": ""}
    return {"range": [float(values[0]), float(values[-1])], "domain": [max(low, 0.0), min(high, 1.0)], "anchor": anchor, **bare}


def _ground(boundary: Boundary, regions: Regions | None, style: Style, mode: str) -> list[dict[str, Any]]:
    """The ground of a panel, and the line where another class begins."""
    if regions is None:
        return []
    colours, n = GROUNDS[mode], len(boundary.classes)
    line = {"color": LINE[mode], "width": 1.6}
    place = {"x": single(boundary.x), "y": single(boundary.y), "showscale": False}
    half = {"start": 0.5, "end": 0.5, "size": 1}
    if n == 2:
        scale = [[0, colours[0]], [0.5, UNSURE[mode]], [1, colours[1]]]
        words = f"{plain(boundary.classes[1])}: %{{z:.0%}}<extra></extra>"
        one = {"z": single(regions.probabilities[1]), "colorscale": scale, "zmin": 0, "zmax": 1, "hovertemplate": words}
        return [
            {"type": "contour", "name": style.label, **place, **one, "contours": {"coloring": "heatmap", **half}, "line": line}
        ]
    scale = [[(c + side) / n, colours[c]] for c in range(n) for side in (0, 1)]
    flat = {"z": regions.winner.astype(np.uint8), "colorscale": scale, "zmin": -0.5, "zmax": n - 0.5, "hoverinfo": "skip"}
    drawn = [{"type": "heatmap", "name": style.label, **place, **flat}]
    for c in range(n):  # 0.5 is where the class and the best of the others are as likely
        others = np.delete(regions.probabilities, c, axis=0).max(axis=0)
        ahead = single(0.5 + (regions.probabilities[c] - others) / 2)
        edge = {"z": ahead, "contours": {"coloring": "none", **half}, "line": line, "hoverinfo": "skip"}
        drawn.append({"type": "contour", "name": f"{style.label}, edge", **place, **edge})
    return drawn


def _points(boundary: Boundary, part: Part, name: str, mode: str) -> list[dict[str, Any]]:
    """The points of a part by class: small dots for training, rings for validation."""
    points, labels = part.points[: MOST_POINTS[name]], part.labels[: MOST_POINTS[name]]
    ring = {"training": ("", 4, 0), "validation": ("-open", 7.5, 1.5)}[name]
    return [
        {
            "type": "scatter",
            "mode": "markers",
            "x": single(points[labels == c, 0]),
            "y": single(points[labels == c, 1]),
            "name": f"{plain(label)}, {name}",
            "marker": {
                "symbol": SYMBOLS[c] + ring[0],
                "size": ring[1],
                "color": POINTS[mode][c],
                "line": {"width": ring[2], "color": POINTS[mode][c]},
            },
            "hovertemplate": "(%{x:.2f}, %{y:.2f})",
        }
        for c, label in enumerate(boundary.classes)
    ]


def _legend(boundary: Boundary, mode: str) -> dict[str, Any]:
    """The legend of colours and signs, under the title."""
    signs = "●◆▲■"
    entries = [
        f'<span style="color:{POINTS[mode][c]}">{signs[c]}</span> {short(label)}' for c, label in enumerate(boundary.classes)
    ]
    lines = ["&#8195;".join(entries[i : i + 2]) for i in range(0, len(entries), 2)]
    words = "<br>".join([*lines[:-1], f"{lines[-1]}&#8195;○ validation"])
    return text(words, 0, 1, 2, "bottom", {"size": 11}) | {"xshift": -24}
