"""Figures of what the models have learned."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from prodigy_core.predictions import Boundary, Misread

from ...theme import Style
from .boundary import SYMBOLS, boundary_figure
from .misread import misread_figure


def learned(
    boundary: Boundary | None, misread: Misread | None, styles: Sequence[Style], mode: str = "light"
) -> list[tuple[str, go.Figure, str]]:
    """The name of each figure, the figure, and the same in words.

    Args:
      boundary, misread: the results of `prodigy_core.predictions` for the models' last positions.
      styles: how the contenders in them are drawn.
      mode: "light" or "dark".
    """
    figures = []
    if boundary is not None and len(boundary.classes) <= len(SYMBOLS):
        figures.append(("boundary", *boundary_figure(boundary, styles, mode)))
    if misread is not None:
        figures.append(("misread", *misread_figure(misread, styles, mode)))
    return figures
