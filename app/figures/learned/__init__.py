"""What the models have learned, in figures that stand still."""

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
    """Every figure there is of what the models learned: its name, itself, and what it shows in words.

    Args:
      boundary, misread: what `prodigy_core.predictions` says of their last positions.
      styles: of those contenders of which there is something.
      mode: "light" or "dark".
    """
    found = []
    if boundary is not None and len(boundary.classes) <= len(SYMBOLS):
        found.append(("boundary", *boundary_figure(boundary, styles, mode)))
    if misread is not None:
        found.append(("misread", *misread_figure(misread, styles, mode)))
    return found
