"""What the figures of learned models share: the heading of each contender's part, and its result in words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape
from typing import Any

import plotly.graph_objects as go

from prodigy_core.predictions import Errors, Regions

from ...theme import REFERENCE, Style

LENGTH = 26  # characters at most of a name that a person gave


def last(results: Sequence[Regions | Errors | None]) -> int:
    """The step that the figure is about: the heading of a run that broke off before has its own."""
    return max((result.step for result in results if result), default=0)


def after(step: int) -> str:
    """The step in words."""
    return f"after {step:,} steps" if step != 1 else "after 1 step"


def score(result: Regions | Errors | None, count: str, step: int) -> str:
    """The count, with its step where that is not the figure's; the result is None where a run kept no position."""
    if result is None:
        return "broke off at its start"
    return count if result.step == step else f"{count}, step {result.step:,}"


def scores(results: Sequence[Any], styles: Sequence[Style], count: Callable[[Any], str], step: int) -> str:
    """The result of each contender, in words."""
    pairs = zip(results, styles, strict=True)
    return "; ".join(f"{style.label}: {score(result, count(result) if result else '', step)}" for result, style in pairs)


def plain(name: str) -> str:
    """A name as text: no tag or link that a person wrote into it works. Plotly does not know the entities of quotes."""
    return escape(name, quote=False)


def short(name: str, length: int = LENGTH) -> str:
    """A name for a figure: cut to the room there is, and text whatever characters it has."""
    return plain(name if len(name) <= length else name[: length - 1] + "…")


def pin(figure: go.Figure) -> None:
    """Keep the title at the top of a figure of any height."""
    figure.layout.title.y = 1 - 5 / figure.layout.height


def head(layout: dict[str, Any], style: Style, name: str, beside: str, left: float, top: float, height: int) -> None:
    """Add the heading of a panel or a row to the layout: a stroke as the contender's, its name, and a text beside it."""
    pixels = {"xref": "paper", "yref": "paper", "xsizemode": "pixel", "ysizemode": "pixel", "xanchor": left, "yanchor": top}
    up = height - 12
    stroke = {"type": "line", **pixels, "x0": 0, "x1": 22, "y0": up, "y1": up}
    layout["shapes"].append(stroke | {"line": {"color": style.colour, "width": 2.5, "dash": style.dash}})
    words = f'<b>{name}</b><span style="color:{REFERENCE};font-size:11px">{beside}</span>'
    layout["annotations"].append(text(words, left, top, height - 2, "top", {"size": 12}) | {"xshift": 26})


def text(words: str, x: float, y: float, up: int, anchor: str, font: dict[str, Any]) -> dict[str, Any]:
    """Words at a place of the figure, some pixels above it; without a colour of their own in the one of references."""
    place = {"xref": "paper", "yref": "paper", "x": x, "y": y, "xanchor": "left", "yanchor": anchor, "align": "left"}
    return {"text": words, **place, "yshift": up, "showarrow": False, "font": {"color": REFERENCE} | font}
