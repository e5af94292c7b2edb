"""Figures that stand still, on any page."""

from __future__ import annotations

from typing import Any, Literal

import plotly.graph_objects as go
import streamlit as st

from .. import state

CONFIG = {"displaylogo": False, "displayModeBar": False, "scrollZoom": False}


def mode() -> Literal["light", "dark"]:
    """Return the theme that the page has in the browser."""
    return "dark" if st.context.theme.type == "dark" else "light"


def show(figure: go.Figure, words: str, *key: object) -> None:
    """Draw a figure.

    Args:
      figure: the figure.
      words: what it shows, for those who do not see it.
      key: the parts of its key.
    """
    st.plotly_chart(figure, key=state.key(*key), config=CONFIG, alt=words)


def clickable(figure: go.Figure, words: str, *key: object) -> Any:
    """Draw a figure whose points can be clicked at, with the arguments of `show`.

    Returns:
      What the browser says of the click. It may be anything: whoever reads it must check it.
    """
    return st.plotly_chart(figure, key=state.key(*key), config=CONFIG, alt=words, on_select="rerun", selection_mode="points")
