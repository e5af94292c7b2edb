"""Contenders over a suite: performance profiles, and mean ranks with their intervals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
from jaxtyping import Float

from prodigy_core.scoreboard import profile, ratios

from ...theme import Style
from ..arena.channels import single
from ..frame import figure
from ..learned.headings import plain
from . import ticks

HEIGHT = 360  # pixels
MARGIN = {"l": 12, "r": 12, "t": 40, "b": 48}
LEAST = 10.0  # multiple of the best cost that the axis of a profile reaches at least


def profiles(needed: Float[np.ndarray, "cases contenders"], styles: Sequence[Style], *, tuning: bool) -> tuple[go.Figure, str]:
    """The share of the cases that each contender solves within a multiple of the best one's cost; and the same in words.

    Args:
      needed: the cost of each case for each contender, in steps; inf where it was not solved.
      styles: how each contender is drawn.
      tuning: whether the steps of a search are among the costs.
    """
    multiples = ratios(needed)
    finite = multiples[np.isfinite(multiples)]
    end = max(LEAST, 1.3 * finite.max(initial=1.0))
    alphas = np.unique([1.0, *finite, end])  # a curve may rise only here
    shares = profile(needed, alphas)
    drawn: list[dict[str, Any]] = [
        {
            "type": "scatter", "mode": "lines", "x": single(alphas), "y": single(share), "name": plain(style.label),
            "line": {"color": style.colour, "width": 2.5, "dash": style.dash, "shape": "hv"},
            "hovertemplate": "%{y:.0%} of the cases within %{x:.3g} times the best<extra>" + plain(style.label) + "</extra>",
        }
        for share, style in zip(shares, styles, strict=True)
    ]  # fmt: skip
    reach = float(np.log10(end))
    marks = ticks.decades(0, reach)
    across = {
        "type": "log", "range": [-0.01 * reach, reach], "fixedrange": True,
        "title": {"text": f"steps{', tuning counted,' if tuning else ''} as a multiple of the best contender's", "standoff": 6},
        "tickvals": marks, "ticktext": [f"{mark:,.0f}" for mark in marks],
    }  # fmt: skip
    up = {"title": {"text": "cases solved"}, "tickformat": ".0%", "range": [-0.02, 1.02], "fixedrange": True}
    legend = {"orientation": "h", "x": 0, "y": -0.2, "yanchor": "top"}  # above, several rows would lie on the title
    result = figure(
        "Performance profile", drawn, across, up, height=HEIGHT, showlegend=True, legend=legend, margin=MARGIN | {"l": 56}
    )
    ends = "; ".join(
        f"{style.label} is the best in {share[0]:.0%} of the cases and solves {share[-1]:.0%}"
        for share, style in zip(shares, styles, strict=True)
    )
    return result, f"Performance profile over {len(needed)} cases{', with the tuning counted' if tuning else ''}. {ends}."


def ranking(ranks: Float[np.ndarray, "3 contenders"], styles: Sequence[Style]) -> tuple[go.Figure, str]:
    """Each contender's mean rank with its interval, the best above; and the same in words. `ranks`: mean, low, high."""
    order = np.argsort(ranks[0])[::-1]
    drawn: list[dict[str, Any]] = []
    for row, i in enumerate(order):
        mean, low, high = ranks[:, i]
        drawn.append(
            {
                "type": "scatter", "mode": "markers", "x": single(np.asarray([mean])), "y": [row], "showlegend": False,
                "marker": {"size": 11, "color": styles[i].colour}, "name": plain(styles[i].label),
                "error_x": {
                    "type": "data", "symmetric": False, "array": [float(high - mean)], "arrayminus": [float(mean - low)],
                    "color": styles[i].colour, "thickness": 2, "width": 5,
                },
                "hovertemplate": f"mean rank {mean:.2f}, 95 % of resamples from {low:.2f} to {high:.2f}<extra></extra>",
            }
        )  # fmt: skip
    up = {
        "tickvals": list(range(len(order))), "ticktext": [plain(styles[i].label) for i in order],
        "range": [-0.6, len(order) - 0.4], "showgrid": False, "zeroline": False, "automargin": True, "fixedrange": True,
    }  # fmt: skip
    across = {
        "title": {"text": "mean rank, 1 is best", "standoff": 6},
        "range": [0.8, len(order) + 0.2],
        "dtick": 1,
        "zeroline": False,
        "showgrid": True,
        "fixedrange": True,
    }
    result = figure("Ranks", drawn, across, up, height=HEIGHT, margin=MARGIN)
    words = "; ".join(f"{styles[i].label} {ranks[0, i]:.2f} ({ranks[1, i]:.2f} to {ranks[2, i]:.2f})" for i in order[::-1])
    return result, f"Mean ranks with 95 % bootstrap intervals: {words}."
