"""How much a result depends on a knob: a curve for each contender over its own knob, with a band over the seeds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
from jaxtyping import Float, Int

from prodigy_core.param import Param, Value, value_text
from prodigy_core.sweep.result import Grid, SweepTrace
from prodigy_core.trace import STATUSES, Status

from ...theme import REFERENCE, Style
from ..arena.channels import single
from ..frame import figure
from ..learned.headings import plain
from . import ticks
from .measures import FLOOR, Measure, best, logarithmic, lost, middle, nearly, number, title, told, values

HEIGHT = 400  # pixels
CALM = 0.2  # of the curve's opacity, of a band


def sensitivity(found: SweepTrace, measure: Measure, styles: Sequence[Style]) -> tuple[go.Figure, str]:
    """The figure, and what it shows in words.

    Each contender has one axis of its own. Knobs that are spread alike share a panel, and their values one axis across it;
    all panels share the axis of results. Points carry [contender, value] as their data, each a place.

    Args:
      found: the sweep, whole or in part.
      measure: what is drawn over the knobs.
      styles: of all contenders.
    """
    experiment = found.sweep.experiment
    curves = [middle(values(measure, experiment, grid)) for grid in found.grids]
    log = logarithmic(measure, curves)
    kinds = [ticks.kind(_param(found, grid), grid.axes[0].values) for grid in found.grids]
    panels = list(dict.fromkeys(kinds))
    some_lost = any(np.isinf(curve).any() for curve in curves)
    quarters = [middle(values(measure, experiment, grid), quantile) for grid in found.grids for quantile in (0.25, 0.75)]
    low, high, edge = _range([*curves, *quarters], log)
    top = 10**edge if log else edge
    data: list[dict[str, Any]] = []
    for i, (grid, style, how) in enumerate(zip(found.grids, styles, kinds, strict=True)):
        at = "" if panels.index(how) == 0 else str(panels.index(how) + 1)
        data += [trace | {"xaxis": f"x{at}"} for trace in _contender(found, measure, i, grid, style, how, top)]
    layout: dict[str, Any] = {"shapes": [], "annotations": []}
    for j, how in enumerate(panels):
        grids = [grid for grid, other in zip(found.grids, kinds, strict=True) if other == how]
        names = list(dict.fromkeys(grid.axes[0].knob for grid in grids))
        words = plain(" or ".join(names) if len(names) < 3 else f"{', '.join(names[:-1])} or {names[-1]}")
        domain = [j / len(panels) + (0.02 if j else 0), (j + 1) / len(panels) - (0.02 if j + 1 < len(panels) else 0)]
        across = {**ticks.axis(how, grids[0].axes[0].values), "title": {"text": words, "standoff": 6}, "domain": domain}
        layout["xaxis" if j == 0 else f"xaxis{j + 1}"] = across | {"fixedrange": True}
    up = {"title": {"text": title(measure, experiment)}, "anchor": "x", "fixedrange": True}
    up |= {"range": [low, edge + 0.3 * (edge - high) if some_lost else high]}
    up |= {"type": "log", "exponentformat": "power"} if log else {}
    if log and high - low < 2:
        marks = ticks.decades(low, high)
        up |= {"tickvals": marks, "ticktext": [number(mark) for mark in marks]}
    if measure.name == "validation_accuracy":
        up["tickformat"] = ".0%"
    if some_lost:
        line = {
            "type": "line",
            "xref": "paper",
            "x0": 0,
            "x1": 1,
            "yref": "y",
            "line": {"width": 1, "color": REFERENCE, "dash": "dot"},
        }
        border = high + 0.5 * (edge - high)
        border = 10**border if log else border
        layout["shapes"].append(line | {"y0": border, "y1": border})
        where = {"xref": "paper", "x": 1, "xanchor": "right", "yref": "paper", "y": 1, "yanchor": "bottom", "showarrow": False}
        layout["annotations"].append(where | {"text": f"✕ {lost(measure)}", "font": {"size": 11, "color": REFERENCE}})
    layout |= {
        "height": HEIGHT, "margin": {"l": 62, "r": 12, "t": 30, "b": 46}, "showlegend": True, "clickmode": "event+select",
        "legend": {"orientation": "h", "x": 0, "y": 1.01, "yanchor": "bottom"},
    }  # fmt: skip
    made = figure("", data, layout.pop("xaxis"), up, **layout)
    return made, f"{title(measure, experiment)} over a knob of each contender. {' '.join(said(found, measure, styles))}"


def said(found: SweepTrace, measure: Measure, styles: Sequence[Style]) -> list[str]:
    """A sentence for each contender whose runs are all there: for which of its values it is nearly as good as it can be."""
    sentences = []
    for grid, style in zip(found.grids, styles, strict=True):
        curve = middle(values(measure, found.sweep.experiment, grid))
        if not np.isnan(curve).any():
            sentences.append(_said(found, measure, grid, style, curve))
    return sentences


def _said(found: SweepTrace, measure: Measure, grid: Grid, style: Style, curve: Float[np.ndarray, " values"]) -> str:
    axis = grid.axes[0]
    finite, ends = curve[np.isfinite(curve)], ticks.ends(axis.values)
    broken = int(np.isinf(curve).sum())
    also = f" {broken} of {curve.size} {lost(measure)}." if broken else ""
    if not finite.size:
        never = "within the tolerance for no" if measure.name == "steps_to" else f"{lost(measure)} for every"
        return f"{style.label}: {never} {axis.knob} {ends}."
    begin = f"{style.label}: {measure.title.lower() if measure.name != 'D' else measure.title}"
    good, words = nearly(measure, found.sweep.experiment, curve)
    places = np.flatnonzero(good)
    between = _between(measure, float(finite.min()), float(finite.max()))
    if good.all() or not places.size:
        good_enough = words if good.all() and words.endswith("minimum") else between
        return f"{begin} {good_enough} for every {axis.knob} {ends}.{also}"
    some = f"{places.size} of {curve.size} values"
    if 1 < places.size == places[-1] - places[0] + 1:
        some += _decades(ticks.kind(_param(found, grid), axis.values), [axis.values[i] for i in places])
        return f"{begin} {words} only for {axis.knob} {ticks.ends([axis.values[i] for i in places])} ({some}).{also}"
    low, high = (float(middle(curve, quantile)) for quantile in (0.25, 0.75))
    half = f"; half of the {curve.size} lie {_between(measure, low, high)}" if np.isfinite(low) else ""
    apart = f"for {some} of {axis.knob}" if places.size > 1 else f"only for {axis.knob} {ticks.short(axis.values[places[0]])}"
    return f"{begin} {words} {apart}{half}.{also}"


def _between(measure: Measure, low: float, high: float) -> str:
    """A range of results in words."""
    if low == high:
        return f"at {told(measure, low)}"
    if np.isinf(high):
        return f"at {told(measure, low)} or more"
    return f"at most {number(high)}" if low == FLOOR else f"between {told(measure, low)} and {told(measure, high)}"


def _decades(how: str, values: Sequence[Value]) -> str:
    """How wide a range is, where that can be compared with another knob's."""
    x = ticks.positions(how, values)
    wide = float(np.log10(x.max() / x.min())) if how in ("log", "log1m") and np.isfinite(x).all() else 0.0
    return f", {wide:.2g} decade{'' if f'{wide:.2g}' == '1' else 's'}" if wide >= 0.1 else ""


def _contender(
    found: SweepTrace, measure: Measure, place: int, grid: Grid, style: Style, how: str, top: float
) -> list[dict[str, Any]]:
    """A band where there are several seeds, the curve, its default and its best value, and runs that broke off at the edge."""
    experiment, axis = found.sweep.experiment, grid.axes[0]
    every = values(measure, experiment, grid)
    curve = middle(every)
    x = ticks.positions(how, axis.values)
    shown = np.where(np.isfinite(curve), curve, np.nan)
    name = f"{plain(style.label)}: {plain(axis.knob)}"
    words = [_told(grid, i, every[i], measure, axis.values[i]) for i in range(len(axis.values))]

    def points(
        places: Int[np.ndarray, " some"], y: Float[np.ndarray, " some"], marker: dict[str, Any], **more: Any
    ) -> dict[str, Any]:
        return {
            "type": "scatter", "mode": "markers", "x": single(x[places]), "y": single(y), "name": name,
            "text": [words[i] for i in places], "customdata": [[place, int(i)] for i in places], "marker": marker,
            "hovertemplate": "%{text}<extra></extra>", "hoverlabel": {"align": "left"}, "legendgroup": str(place),
            "showlegend": False,
            "selected": {"marker": {"opacity": 1}}, "unselected": {"marker": {"opacity": 1}}, **more,
        }  # fmt: skip

    everywhere = np.arange(len(x))
    line = {"color": style.colour, "width": 2.5, "dash": style.dash}
    drawn = [*_band(every, x, style, top, name, str(place))]
    drawn.append(
        points(
            everywhere, shown, {"size": 4.5 if len(x) < 80 else 3.5, "color": style.colour},
            mode="lines+markers", line=line, connectgaps=False, showlegend=True,
        )
    )  # fmt: skip
    broken = np.flatnonzero(np.isinf(curve) & np.isfinite(x))
    if broken.size:
        cross = {"symbol": "x-thin", "size": 7, "color": style.colour, "line": {"width": 2, "color": style.colour}}
        drawn.append(points(broken, np.full(broken.size, top), cross))
    now = experiment.contenders[place].knobs[axis.knob]
    default = next((i for i, value in enumerate(axis.values) if _same(value, now)), None)
    winner = best(measure, curve, [default])
    for at, symbol, size in ((winner[0] if winner else None, "star", 15), (default, "diamond", 11)):
        if at is not None and np.isfinite(shown[at]) and np.isfinite(x[at]):
            mark = {"symbol": symbol, "size": size, "color": style.colour, "line": {"width": 1.5, "color": "#ffffff"}}
            drawn.append(points(np.array([at]), shown[[at]], mark))
    return drawn


def _band(
    every: Float[np.ndarray, "values seeds"], x: Float[np.ndarray, " values"], style: Style, top: float, name: str, group: str
) -> list[dict[str, Any]]:
    """The middle half of the seeds, where there are several; up to the edge where more than a quarter broke off."""
    if every.shape[-1] < 2:
        return []
    low, high = middle(every, 0.25), middle(every, 0.75)
    inside = np.isfinite(low) & np.isfinite(x) & ~np.isnan(high)
    outline = np.concatenate([np.where(np.isfinite(high), high, top)[inside], low[inside][::-1]])
    red, green, blue = (int(style.colour[i : i + 2], 16) for i in (1, 3, 5))
    fill = {"fill": "toself", "fillcolor": f"rgba({red}, {green}, {blue}, {CALM})", "hoverinfo": "skip", "showlegend": False}
    across = np.concatenate([x[inside], x[inside][::-1]])
    around = {"type": "scatter", "mode": "none", "x": single(across), "y": single(outline), "legendgroup": group}
    return [{**around, **fill, "name": f"{name}, quartiles"}]


def _told(grid: Grid, i: int, runs: Float[np.ndarray, " seeds"], measure: Measure, value: Value) -> str:
    """What stands beside the pointer at a value of the knob."""
    lines = [
        f"<b>{plain(grid.axes[0].knob)} {plain(value_text(value))}</b>",
        f"{measure.title} {told(measure, float(middle(runs)))}",
    ]
    if runs.size > 1:
        quarters = [told(measure, float(middle(runs, quantile))) for quantile in (0.25, 0.75)]
        lines.append(f"middle half of {runs.size} seeds: {quarters[0]} to {quarters[1]}")
    if "D" in grid.metrics and measure.name != "D" and np.isfinite(grid.metrics["D"][i]).all():
        lines.append(f"D {number(float(np.median(grid.metrics['D'][i])))}")
    broken = int(grid.broke_off[i].sum())
    if broken and runs.size > 1:
        lines.append(f"{broken} of {runs.size} broke off")
    elif broken:
        what = "diverged" if STATUSES[grid.status[i, 0]] is Status.DIVERGED else "became NaN"
        lines.append(f"{what} at step {int(grid.stopped_at[i, 0]):,}")
    elif grid.there[i].all():
        lines.append(f"ran all {int(grid.stopped_at[i].max()):,} steps")
    return "<br>".join(lines)


def _range(curves: Sequence[Float[np.ndarray, " values"]], log: bool) -> tuple[float, float, float]:
    """The ends of the axis of results in its own units, exponents where it is logarithmic, and where what broke off stands."""
    finite = np.concatenate([np.zeros(0), *(curve[np.isfinite(curve)].ravel() for curve in curves)])
    finite = np.log10(finite) if log else finite
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0)
    room = 0.05 * (high - low) or (0.2 if log else 0.1 * (abs(high) or 1))
    return low - room, high + room, high + 2 * room


def _param(found: SweepTrace, grid: Grid) -> Param:
    return grid.axes[0].param_in(found.sweep.experiment)


def _same(one: Value, other: Value) -> bool:
    return one == other and isinstance(one, bool) == isinstance(other, bool)
