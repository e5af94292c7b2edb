"""How much a result depends on a hyperparameter: a curve for each contender over its own, with a band over the seeds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go
from jaxtyping import Float, Int

from prodigy_core.experiment import Experiment
from prodigy_core.param import Value
from prodigy_core.sweep.result import SweepTrace

from ...theme import REFERENCE, Style
from ..arena.channels import single
from ..frame import figure
from ..learned.headings import plain
from . import ticks
from .curves import Curve, curves_of
from .measures import FLOOR, Measure, logarithmic, middle, nearly, number, title

HEIGHT = 400  # pixels
PALE = 0.2  # opacity of a band


def sensitivity(trace: SweepTrace, measure: Measure, styles: Sequence[Style]) -> tuple[go.Figure, str]:
    """The figure, and the same in words.

    Each contender has one axis of its own. Hyperparameters that are spread alike share a panel, and their values one axis
    across it; all panels share the axis of results. Points carry [contender, value] as their data, each a place.

    Args:
      trace: the sweep, with all or some of its runs.
      measure: what is drawn over the hyperparameters.
      styles: how each contender is drawn.
    """
    experiment = trace.sweep.experiment
    curves = curves_of(trace, measure, styles)
    name = title(measure, experiment)
    words = " ".join([f"{name} over a knob of each contender.", *_sentences(curves, measure, experiment)])
    return _figure(curves, _results(curves, measure), measure, name, _tolerance(measure, experiment)), words


def said(trace: SweepTrace, measure: Measure, styles: Sequence[Style]) -> list[str]:
    """A sentence for each contender whose runs are all there: for which of its values it is nearly as good as it can be."""
    return _sentences(curves_of(trace, measure, styles), measure, trace.sweep.experiment)


# --- in words ------------------------------------------------------------------------------------------------------


def _sentences(curves: Sequence[Curve], measure: Measure, experiment: Experiment) -> list[str]:
    return [_sentence(curve, measure, experiment) for curve in curves if not np.isnan(curve.results).any()]


def _sentence(curve: Curve, measure: Measure, experiment: Experiment) -> str:
    results, finite, ends = curve.results, curve.results[np.isfinite(curve.results)], ticks.ends(curve.values)
    broken = int(np.isinf(results).sum())
    also = f" {broken} of {results.size} {measure.missing}." if broken else ""
    if not finite.size:
        never = "within the tolerance for no" if measure.to_tolerance else f"{measure.missing} for every"
        return f"{curve.style.label}: {never} {curve.name} {ends}."
    title = measure.title.lower() if measure.name != "D" else measure.title
    good, words = nearly(measure, experiment, results)
    places = np.flatnonzero(good)
    if good.all() or not places.size:
        between = _between(measure, float(finite.min()), float(finite.max()))
        good_enough = words if good.all() and words.endswith("minimum") else between
        return f"{curve.style.label}: {title} {good_enough} for every {curve.name} {ends}.{also}"
    good_values = [curve.values[i] for i in places]
    side_by_side = places.size == places[-1] - places[0] + 1
    span = ticks.short(good_values[0]) if places.size == 1 else f"{ticks.ends(good_values)}{_powers(curve, good_values)}"
    where = f", {span}" if side_by_side else ""
    low, high = (float(middle(results, quantile)) for quantile in (0.25, 0.75))
    alone = not side_by_side or places.size == 1
    half = f" Half of all results lie {_between(measure, low, high)}." if alone and np.isfinite(low) else ""
    do = "does" if places.size == 1 else "do"
    some = f"{places.size} of {results.size} values of {curve.name} {do} well{where}"
    return f"{curve.style.label}: {some}: {title} {words.removesuffix(',')}.{half}{also}"


def _between(measure: Measure, low: float, high: float) -> str:
    """A range of results in words."""
    if low == high:
        return f"at {measure.text(low)}"
    if np.isinf(high):
        return f"at {measure.text(low)} or more"
    return f"at most {number(high)}" if low == FLOOR else f"between {measure.text(low)} and {measure.text(high)}"


def _powers(curve: Curve, values: Sequence[Value]) -> str:
    """The width of a range of values, where that can be compared with another hyperparameter's."""
    x = ticks.positions(curve.kind, values)
    width = float(np.log10(x.max() / x.min())) if curve.kind in ("log", "log1m") and np.isfinite(x).all() else 0.0
    return f", {width:.2g} powers of ten" if width >= 1.05 else ", one power of ten" if width >= 0.95 else ""


# --- drawn ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Results:
    """The axis of results.

    Attributes:
      log: whether it is logarithmic; then its ends are exponents.
      low, high: the ends for finite results.
      edge: where runs without a result stand, above them.
      some_lost: whether there are such runs.
    """

    log: bool
    low: float
    high: float
    edge: float
    some_lost: bool

    def value(self, position: float) -> float:
        """The result at a position along the axis."""
        return 10**position if self.log else position


def _results(curves: Sequence[Curve], measure: Measure) -> _Results:
    log = logarithmic(measure, [curve.results for curve in curves])
    shown = [results for curve in curves for results in (curve.results, *curve.quartiles)]
    finite = np.concatenate([np.zeros(0), *(results[np.isfinite(results)] for results in shown)])
    finite = np.log10(finite) if log else finite
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0)
    room = 0.05 * (high - low) or (0.2 if log else 0.1 * (abs(high) or 1))
    some_lost = any(np.isinf(curve.results).any() for curve in curves)
    return _Results(log, low - room, high + room, high + 2 * room, some_lost)


def _tolerance(measure: Measure, experiment: Experiment) -> float | None:
    """The loss above a known minimum below which a run has arrived; None for another measure."""
    known = measure.from_minimum and experiment.definition.minimum is not None
    return experiment.tolerance if known else None


def _figure(
    curves: Sequence[Curve], results: _Results, measure: Measure, name: str, tolerance: float | None = None
) -> go.Figure:
    kinds = list(dict.fromkeys(curve.kind for curve in curves))
    data: list[dict[str, Any]] = []
    layout: dict[str, Any] = {"shapes": [], "annotations": []}
    for curve in curves:
        panel = kinds.index(curve.kind)
        data += [layer | {"xaxis": f"x{panel + 1 if panel else ''}"} for layer in _curve(curve, results.value(results.edge))]
    for panel, kind in enumerate(kinds):
        shared = [curve for curve in curves if curve.kind == kind]
        layout[f"xaxis{panel + 1 if panel else ''}"] = _across(shared, panel, len(kinds))
    if results.some_lost:
        border = results.value(results.high + 0.5 * (results.edge - results.high))
        stroke = {"width": 1, "color": REFERENCE, "dash": "dot"}
        line = {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "yref": "y", "y0": border, "y1": border, "line": stroke}
        layout["shapes"].append(line)
        corner = {"xref": "paper", "x": 1, "xanchor": "right", "yref": "paper", "y": 1, "yanchor": "bottom", "showarrow": False}
        layout["annotations"].append(corner | {"text": f"✕ {measure.missing}", "font": {"size": 11, "color": REFERENCE}})
    if tolerance and results.log and results.low < np.log10(tolerance) < results.high:
        stroke = {"width": 1, "color": REFERENCE, "dash": "dash"}
        line = {
            "type": "line",
            "xref": "paper",
            "x0": 0,
            "x1": 1,
            "yref": "y",
            "y0": tolerance,
            "y1": tolerance,
            "line": stroke,
        }
        layout["shapes"].append(line | {"layer": "below"})
        place = {"xref": "paper", "x": 0, "xanchor": "left", "yref": "y", "y": float(np.log10(tolerance)), "yanchor": "bottom"}
        words = {"text": "tolerance", "showarrow": False, "font": {"size": 11, "color": REFERENCE}}
        layout["annotations"].append(place | words)
    layout |= {
        "height": HEIGHT, "margin": {"l": 62, "r": 12, "t": 30, "b": 46}, "showlegend": True, "clickmode": "event+select",
        "legend": {"orientation": "h", "x": 0, "y": 1.01, "yanchor": "bottom"},
    }  # fmt: skip
    return figure("", data, layout.pop("xaxis"), _up(results, measure, name), **layout)


def _across(curves: Sequence[Curve], panel: int, panels: int) -> dict[str, Any]:
    """The axis across a panel, with the names of all hyperparameters in it."""
    names = list(dict.fromkeys(curve.name for curve in curves))
    words = " or ".join(names) if len(names) < 3 else f"{', '.join(names[:-1])} or {names[-1]}"
    left, right = panel / panels + (0.02 if panel else 0), (panel + 1) / panels - (0.02 if panel + 1 < panels else 0)
    axis = ticks.axis(curves[0].kind, curves[0].values)
    return {**axis, "title": {"text": plain(words), "standoff": 6}, "domain": [left, right], "fixedrange": True}


def _up(results: _Results, measure: Measure, name: str) -> dict[str, Any]:
    """The axis of results, which all panels share."""
    low, high = results.low, results.high
    top = results.edge + 0.3 * (results.edge - high) if results.some_lost else high
    axis = {"title": {"text": name}, "anchor": "x", "fixedrange": True, "range": [low, top]}
    if results.log:
        axis |= {"type": "log", "exponentformat": "power"}
        if high - low < 2:
            marks = ticks.decades(low, high)
            axis |= {"tickvals": marks, "ticktext": [number(mark) for mark in marks]}
    if measure.percent:
        axis["tickformat"] = ".0%"
    return axis


def _curve(curve: Curve, top: float) -> list[dict[str, Any]]:
    """A band where there are several seeds, the curve, its default and its best value, and runs that broke off at the edge."""
    x, results, colour = curve.x, curve.results, curve.style.colour
    shown = np.where(np.isfinite(results), results, np.nan)
    line = {"color": colour, "width": 2.5, "dash": curve.style.dash}
    point = {"size": 4.5 if len(x) < 80 else 3.5, "color": colour}
    drawn = [
        *_band(curve, top),
        _points(curve, np.arange(len(x)), shown, point)
        | {"mode": "lines+markers", "line": line, "connectgaps": False, "showlegend": True},
    ]
    broken = np.flatnonzero(np.isinf(results) & np.isfinite(x))
    if broken.size:
        cross = {"symbol": "x-thin", "size": 7, "color": colour, "line": {"width": 2, "color": colour}}
        drawn.append(_points(curve, broken, np.full(broken.size, top), cross))
    for place, symbol, size in ((curve.best, "star", 15), (curve.default, "diamond", 11)):
        if place is not None and np.isfinite(shown[place]) and np.isfinite(x[place]):
            mark = {"symbol": symbol, "size": size, "color": colour, "line": {"width": 1.5, "color": "#ffffff"}}
            drawn.append(_points(curve, np.array([place]), shown[[place]], mark))
    return drawn


def _points(
    curve: Curve, places: Int[np.ndarray, " some"], y: Float[np.ndarray, " some"], marker: dict[str, Any]
) -> dict[str, Any]:
    """Points at some of a curve's values, to hover and to click."""
    return {
        "type": "scatter", "mode": "markers", "x": single(curve.x[places]), "y": single(y), "name": _name(curve),
        "text": [curve.words[i] for i in places], "customdata": [[curve.contender, int(i)] for i in places],
        "marker": marker, "hovertemplate": "%{text}<extra></extra>", "hoverlabel": {"align": "left"},
        "legendgroup": str(curve.contender), "showlegend": False,
        "selected": {"marker": {"opacity": 1}}, "unselected": {"marker": {"opacity": 1}},
    }  # fmt: skip


def _band(curve: Curve, top: float) -> list[dict[str, Any]]:
    """The middle half of the seeds, where there are several; up to the edge where more than a quarter broke off."""
    if curve.runs.shape[-1] < 2:
        return []
    (low, high), x = curve.quartiles, curve.x
    inside = np.isfinite(low) & np.isfinite(x) & ~np.isnan(high)
    outline = np.concatenate([np.where(np.isfinite(high), high, top)[inside], low[inside][::-1]])
    across = np.concatenate([x[inside], x[inside][::-1]])
    red, green, blue = (int(curve.style.colour[i : i + 2], 16) for i in (1, 3, 5))
    return [
        {
            "type": "scatter", "mode": "none", "x": single(across), "y": single(outline), "name": f"{_name(curve)}, quartiles",
            "fill": "toself", "fillcolor": f"rgba({red}, {green}, {blue}, {PALE})", "hoverinfo": "skip",
            "legendgroup": str(curve.contender), "showlegend": False,
        }
    ]  # fmt: skip


def _name(curve: Curve) -> str:
    return f"{plain(curve.style.label)}: {plain(curve.name)}"
