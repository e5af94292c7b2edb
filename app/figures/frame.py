"""The size and the title of all figures that stand still."""

from __future__ import annotations

from typing import Any

import plotly.graph_objects as go

HEIGHT = 268  # pixels


def figure(title: str, traces: list[dict[str, Any]], xaxis: dict[str, Any], yaxis: dict[str, Any], **layout: Any) -> go.Figure:
    """A figure in the common frame. Colours of text, ground and grid are Streamlit's, which knows light from dark.

    Plotly's own check of every property would take two thirds of the time; the tests do it once instead.
    """
    return go.Figure(
        {
            "data": traces,
            "layout": {
                "title": {
                    "text": title,
                    "x": 0,
                    "xref": "container",
                    "xanchor": "left",
                    "y": 0.98,
                    "yanchor": "top",
                    "font": {"size": 14},
                },
                "height": HEIGHT,
                "margin": {"l": 48, "r": 12, "t": 34, "b": 44},
                "showlegend": False,
                "hovermode": "closest",
                "xaxis": xaxis,
                "yaxis": yaxis,
                **layout,
            },
        },
        _validate=False,
    )
