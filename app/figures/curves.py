"""The curves over steps: the loss, the estimate D beside the distances it estimates, and the effective step."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
from jaxtyping import Bool, Float

from prodigy_core.experiment import Experiment
from prodigy_core.trace import Trace

from ..theme import REFERENCE, Look
from .frame import curve, figure, log_axis, step_axis, thin
from .window import window, within

BLOW_UP = 1e4  # times the loss at the start: a run that diverges must not press all others flat
ROUNDING = 1e-5  # how far below a minimum, relative to it, float32 may take a loss that is there


def loss(experiment: Experiment, traces: Sequence[Trace], looks: Sequence[Look]) -> go.Figure:
    """The loss above the minimum on a logarithmic axis; the loss itself where there is no minimum, or a path went below it.

    Some functions fall without bound outside their domain; their minimum is that of the domain.
    """
    minimum = experiment.entry.minimum
    lowest = min((float(trace.loss.min()) for trace in traces if trace.loss.size), default=0.0)
    plain = minimum is None or lowest < minimum - ROUNDING * (1 + abs(minimum))
    drawn = []
    for trace, look in zip(traces, looks, strict=True):
        kept = thin(trace.loss.size)
        values = trace.loss[kept] if plain else above(trace.loss[kept] - (minimum or 0))
        drawn.append(curve(trace.steps[kept], values, look.label, look.colour, dash=look.dash))
    if plain:
        # A path that falls without bound would press all others flat: the axis spans what happens on the landscape.
        seen = np.concatenate([np.zeros(0), *(trace.loss[_seen(experiment, trace)] for trace in traces)])
        plain_axis: dict[str, object] = {"exponentformat": "power"}
        if seen.size:  # else the loss is infinite already at the start
            low, high = float(seen.min()), float(seen.max())
            margin = 0.05 * (high - low) or 1.0
            plain_axis["range"] = [low - margin, high + margin]
        return figure("Loss", drawn, step_axis(), plain_axis)
    title = "Loss" if minimum == 0 else "Loss above the minimum"
    start = max((float(trace.loss[0]) - (minimum or 0) for trace in traces if trace.loss.size), default=0.0)
    axis = log_axis(drawn, experiment.tolerance, most=BLOW_UP * start if start > 0 else math.inf)
    return figure(title, drawn, step_axis(), axis, **_level(experiment.tolerance, "tolerance"))


def distance(experiment: Experiment, traces: Sequence[Trace], looks: Sequence[Look]) -> go.Figure:
    """D of every contender that has one, and how far each contender is from the start, in the norm D estimates."""
    drawn = []
    for trace, look in zip(traces, looks, strict=True):
        kept = thin(trace.loss.size)
        travelled = positive(trace.distance_linf[kept])
        drawn.append(curve(trace.steps[kept], travelled, f"{look.label}, distance", look.colour, dash="1.5px,3px", width=1.5))
        if "D" in trace.probes:
            drawn.append(
                curve(
                    trace.steps[kept],
                    positive(trace.probes["D"][kept]),
                    f"{look.label}, D",
                    look.colour,
                    dash=look.dash,
                    width=2.5,
                )
            )
    target = nearest_minimiser(experiment) or 0.0
    level = _level(target, "to the nearest minimiser")
    return figure("D, and the L∞ distance gone (dotted)", drawn, step_axis(), log_axis(drawn, target), **level)


def effective_step(traces: Sequence[Trace], looks: Sequence[Look]) -> go.Figure:
    """The factor on each contender's direction: D · learning rate · bias correction for Prodigy."""
    drawn = []
    for trace, look in zip(traces, looks, strict=True):
        kept = thin(trace.loss.size)
        values = positive(trace.probes["effective_step"][kept])
        drawn.append(curve(trace.steps[kept], values, look.label, look.colour, dash=look.dash))
    return figure("Effective step size", drawn, step_axis(), log_axis(drawn))


def learning(traces: Sequence[Trace], looks: Sequence[Look]) -> go.Figure:
    """A model's loss on all its training examples (dotted) and on those it did not see."""
    drawn = _two_parts(traces, looks, "loss", positive)
    return figure("Validation loss (dotted: training)", drawn, step_axis(), log_axis(drawn))


def score(traces: Sequence[Trace], looks: Sequence[Look]) -> go.Figure | None:
    """How good a model is on its training examples (dotted) and on those it did not see; None where only the loss says."""
    name = next((name for trace in traces if (name := score_name(trace))), None)
    if name is None:
        return None
    drawn = _two_parts(traces, looks, name)
    lowest = min((float(np.nanmin(line["y"])) for line in drawn if len(line["y"])), default=1.0)
    axis: dict[str, object] = {"range": [max(0.0, lowest - 0.05), 1.02]} if name == "accuracy" else {}
    return figure(f"Validation {readable(name)} (dotted: training)", drawn, step_axis(), axis)


def score_name(trace: Trace) -> str | None:
    """What a model is judged by beside the loss: "accuracy" and the like."""
    found = (name.removeprefix("validation_") for name in trace.metrics if name.startswith("validation_"))
    return next((name for name in found if name != "loss"), None)


def readable(name: str) -> str:
    """A metric's name for a person."""
    return {"r2": "R²"}.get(name, name.replace("_", " "))


def gradient(traces: Sequence[Trace], looks: Sequence[Look]) -> go.Figure:
    """The L2 norm of the gradient as each contender met it, batch and noise and all."""
    drawn = []
    for trace, look in zip(traces, looks, strict=True):
        kept = thin(trace.loss.size)
        values = positive(trace.gradient_norm[kept])
        drawn.append(curve(trace.steps[kept], values, look.label, look.colour, dash=look.dash, width=1.2))
    return figure("Gradient norm", drawn, step_axis(), log_axis(drawn))


def _two_parts(
    traces: Sequence[Trace], looks: Sequence[Look], name: str, shown: Callable[[np.ndarray], np.ndarray] = np.asarray
) -> list[dict[str, Any]]:
    drawn = []
    for trace, look in zip(traces, looks, strict=True):
        for part, line in (("train", {"dash": "1.5px,3px", "width": 1.5}), ("validation", {"dash": look.dash, "width": 2.5})):
            if (values := trace.metrics.get(f"{part}_{name}")) is not None:
                drawn.append(curve(trace.evaluated, shown(values), f"{look.label}, {part}", look.colour, **line))
    return drawn


def nearest_minimiser(experiment: Experiment) -> float | None:
    """The L-infinity distance from the start to the nearest known minimiser; None where there is none."""
    origin = experiment.origin
    way = None if origin is None else experiment.entry.to_minimiser(origin)
    return None if way is None else float(np.abs(way).max())


def _seen(experiment: Experiment, trace: Trace) -> Bool[np.ndarray, " entries"]:
    """Which entries of a run lie on the landscape; all where there is none."""
    if experiment.entry.domain is None:
        return np.full(trace.loss.size, True)
    return within(trace, window(experiment), 0)


def positive(values: Float[np.ndarray, " kept"]) -> Float[np.ndarray, " kept"]:
    """For a logarithmic axis: what is not above 0 leaves a gap in the line."""
    return np.where(values > 0, values, np.nan)


def above(values: Float[np.ndarray, " kept"]) -> Float[np.ndarray, " kept"]:
    """For a logarithmic axis: what rounding took to 0 or below is drawn as low as the lowest that is above."""
    some = values[values > 0]
    return np.maximum(values, some.min()) if some.size else np.full_like(values, np.nan)


def _level(value: float, text: str) -> dict[str, object]:
    """A horizontal line with a word at its right end, as parts of a layout."""
    if value <= 0:
        return {}
    line = {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": value, "y1": value}
    return {
        "shapes": [line | {"line": {"color": REFERENCE, "width": 1, "dash": "dash"}}],
        "annotations": [
            {
                "xref": "paper",
                "x": 1,
                "y": np.log10(value),
                "text": text,
                "showarrow": False,
                "xanchor": "right",
                "yanchor": "bottom",
                "font": {"size": 11, "color": REFERENCE},
            }
        ],
    }
