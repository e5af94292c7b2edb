"""What the figures of what models have learned share: the line above each contender's part, and how good it is in words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape
from typing import Any

import plotly.graph_objects as go

from prodigy_core.predictions import Errors, Regions

from ...theme import REFERENCE, Style

LENGTH = 26  # characters of a name that a person gave


def last(found: Sequence[Regions | Errors | None]) -> int:
    """The step that the figure is about: one that broke off before says so itself."""
    return max((one.step for one in found if one), default=0)


def after(step: int) -> str:
    """The step in words."""
    return f"after {step:,} steps" if step != 1 else "after 1 step"


def said(one: Regions | Errors | None, count: str, step: int) -> str:
    """The count, and at which step where it is not the figure's; `one` is None where a run kept no position."""
    if one is None:
        return "broke off at its start"
    return count if one.step == step else f"{count}, step {one.step:,}"


def ends(found: Sequence[Any], styles: Sequence[Style], count: Callable[[Any], str], step: int) -> str:
    """How good each is, in words."""
    pairs = zip(found, styles, strict=True)
    return "; ".join(f"{style.label}: {said(one, count(one) if one else '', step)}" for one, style in pairs)


def plain(name: str) -> str:
    """A name as text: no tag or link that a person wrote into it works. Plotly does not know quotation marks by name."""
    return escape(name, quote=False)


def short(name: str, length: int = LENGTH) -> str:
    """A name as it may stand in a figure: no longer than there is room for, and text whatever signs it has."""
    return plain(name if len(name) <= length else name[: length - 1] + "…")


def pin(figure: go.Figure) -> None:
    """Keeps the title at the top of a figure that may be of any height."""
    figure.layout.title.y = 1 - 5 / figure.layout.height


def head(layout: dict[str, Any], style: Style, name: str, beside: str, left: float, top: float, height: int) -> None:
    """The line above a panel or a row: a stroke as the contender's, its name, and what there is to say of it."""
    pixels = {"xref": "paper", "yref": "paper", "xsizemode": "pixel", "ysizemode": "pixel", "xanchor": left, "yanchor": top}
    up = height - 12
    stroke = {"type": "line", **pixels, "x0": 0, "x1": 22, "y0": up, "y1": up}
    layout["shapes"].append(stroke | {"line": {"color": style.colour, "width": 2.5, "dash": style.dash}})
    words = f'<b>{name}</b><span style="color:{REFERENCE};font-size:11px">{beside}</span>'
    layout["annotations"].append(text(words, left, top, height - 2, "top", {"size": 12}) | {"xshift": 26})


def text(words: str, x: float, y: float, up: int, anchor: str, font: dict[str, Any]) -> dict[str, Any]:
    """Words at a place of the figure, some pixels above it, in the font; its colour is that of what is no contender."""
    place = {"xref": "paper", "yref": "paper", "x": x, "y": y, "xanchor": "left", "yanchor": anchor, "align": "left"}
    return {"text": words, **place, "yshift": up, "showarrow": False, "font": {"color": REFERENCE} | font}
