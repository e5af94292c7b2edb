"""The curves over steps: what each panel of the arena shows, of which contender, and on what axis."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from jaxtyping import Bool

from prodigy_core.experiment import Experiment
from prodigy_core.trace import Trace

from ...theme import Style
from .window import window, within

Panel = dict[str, Any]
ROUNDING = 1e-5  # how far below a minimum, relative to it, float32 may take a loss that is there


def panel(name: str, title: str, lines: list[dict[str, Any]], words: str, scale: str = "log", **given: Any) -> Panel:
    """A panel with nothing special about it but what is given."""
    return {
        "id": name,
        "title": title,
        "scale": scale,
        "range": None,
        "formula": "",
        "sentence": "",
        "lines": lines,
        "levels": [],
        "words": words,
    } | given


def line(contender: int, channel: str, name: str, style: str = "own", width: float = 2) -> dict[str, Any]:
    """One contender's channel as a line; `own` is the contender's own dash."""
    return {"contender": contender, "channel": channel, "name": name, "style": style, "width": width}


def level(value: float | None, label: str) -> list[dict[str, Any]]:
    """A horizontal line with a word at its end; none where there is no such value above 0."""
    return [{"value": value, "label": label}] if value and value > 0 else []


def race(experiment: Experiment, traces: Sequence[Trace], styles: Sequence[Style]) -> list[Panel]:
    """The panels beside the landscape."""
    args = experiment, traces, styles
    if experiment.definition.learning is None:
        return [loss(*args), distance(*args), effective_step(*args)]
    judged = [found] if (found := score(traces, styles)) else []
    return [*judged, learning(traces, styles), distance(*args), effective_step(*args)]


def loss(experiment: Experiment, traces: Sequence[Trace], styles: Sequence[Style]) -> Panel:
    """The loss above the minimum on a logarithmic axis; the loss itself where there is no minimum, or a path went below it.

    Some functions fall without bound outside their domain; their minimum is that of the domain.
    """
    minimum = experiment.definition.minimum
    lowest = min((float(trace.loss.min()) for trace in traces if trace.loss.size), default=0.0)
    words = f"The loss over the steps. At the end: {ends(traces, styles, lambda trace: trace.loss)}."
    if minimum is not None and lowest >= minimum - ROUNDING * (1 + abs(minimum)):
        title = "Loss" if minimum == 0 else "Loss above the minimum"
        drawn = [line(i, "above", style.label) for i, style in enumerate(styles)]
        return panel("loss", title, drawn, words, levels=level(experiment.tolerance, "tolerance"))
    drawn = [line(i, "loss", style.label) for i, style in enumerate(styles)]
    # A path that falls without bound would press all others flat: the axis spans what happens on the landscape.
    seen = np.concatenate([np.zeros(0), *(trace.loss[_seen(experiment, trace)] for trace in traces)])
    shown = None
    if seen.size:  # else the loss is infinite already at the start
        low, high = float(seen.min()), float(seen.max())
        margin = 0.05 * (high - low) or 1.0
        shown = [low - margin, high + margin]
    return panel("loss", "Loss", drawn, words, "linear", range=shown)


def distance(experiment: Experiment, traces: Sequence[Trace], styles: Sequence[Style]) -> Panel:
    """D of every contender that has one, and how far each contender is from the start, in the norm D estimates."""
    drawn = []
    for i, (trace, style) in enumerate(zip(traces, styles, strict=True)):
        drawn.append(line(i, "distance", f"{style.label}, distance", "dotted", 1.5))
        if "D" in trace.probes:
            drawn.append(line(i, "D", f"{style.label}, D", width=2.5))
    words = "The estimate D and the L∞ distance from the start."
    if any("D" in trace.probes for trace in traces):
        words += f" D at the end: {ends(traces, styles, lambda trace: trace.probes.get('D', np.zeros(0)))}."
    target = level(experiment.definition.distance_to_minimiser(experiment.origin), "to the nearest minimiser")
    return panel("distance", "D, and the L∞ distance gone (dotted)", drawn, words, levels=target)


def effective_step(experiment: Experiment, traces: Sequence[Trace], styles: Sequence[Style]) -> Panel:
    """The factor on each contender's direction: D · learning rate · bias correction for Prodigy."""
    drawn = [line(i, "effective_step", style.label) for i, style in enumerate(styles)]
    found = ends(traces, styles, lambda trace: trace.probes["effective_step"])
    return panel("step", "Effective step size", drawn, f"The effective step size of each contender. At the end: {found}.")


def learning(traces: Sequence[Trace], styles: Sequence[Style]) -> Panel:
    """A model's loss on all its training examples (dotted) and on those it did not see."""
    words = "The loss on training and validation examples. On the validation examples at the end: "
    words += f"{ends(traces, styles, lambda trace: trace.metrics.get('validation_loss', np.zeros(0)))}."
    return panel("learning", "Validation loss (dotted: training)", _two_parts(traces, styles, "loss"), words)


def score(traces: Sequence[Trace], styles: Sequence[Style]) -> Panel | None:
    """How good a model is on its training examples (dotted) and on those it did not see; None where only the loss says."""
    name = next((name for trace in traces if (name := score_name(trace))), None)
    if name is None:
        return None
    drawn = _two_parts(traces, styles, name)
    values = [trace.metrics[one["channel"]] for one in drawn for trace in [traces[one["contender"]]]]
    lowest = min((float(np.nanmin(found)) for found in values if np.isfinite(found).any()), default=1.0)
    words = f"The {name} over the steps. On the validation examples at the end: "
    words += f"{ends(traces, styles, lambda trace: trace.metrics.get(f'validation_{name}', np.zeros(0)))}."
    shown = [max(0.0, lowest - 0.05), 1.02] if name == "accuracy" else None
    return panel("score", f"Validation {readable(name)} (dotted: training)", drawn, words, "linear", range=shown)


def gradient(styles: Sequence[Style]) -> Panel:
    """The L2 norm of the gradient as each contender met it, batch and noise and all; of a problem of many parameters."""
    drawn = [line(i, "gradient_norm", style.label, width=1.2) for i, style in enumerate(styles)]
    words = "The norm of the gradient of each contender's batches."
    sentence = "The length of the gradient as each contender met it, with the noise of its batch."
    return panel("gradient", "Gradient norm", drawn, words, formula="‖<i>g</i><sub>k</sub>‖<sub>2</sub>", sentence=sentence)


def shadow(styles: Sequence[Style]) -> Panel:
    """How far a plane's loss is from that of the paths whose shadows it shows."""
    drawn = []
    for i, style in enumerate(styles):
        drawn.append(line(i, "true_loss", f"{style.label}, path"))
        drawn.append(line(i, "shadow_loss", f"{style.label}, plane", "dotted", 1.5))
    return panel(
        "shadow",
        "Loss of the path, and on the plane (dotted)",
        drawn,
        "The loss at each position that was kept, and at its foot point on the plane.",
        formula="<i>f</i>(<i>x</i><sub>k</sub>) and <i>f</i>(P<i>x</i><sub>k</sub>)",
        sentence="Where the two part, the landscape under the path is not the one that the path met.",
    )


def score_name(trace: Trace) -> str | None:
    """What a model is judged by beside the loss: "accuracy" and the like."""
    found = (name.removeprefix("validation_") for name in trace.metrics if name.startswith("validation_"))
    return next((name for name in found if name != "loss"), None)


def readable(name: str) -> str:
    """A metric's name for a person."""
    return {"r2": "R²"}.get(name, name.replace("_", " "))


def ends(traces: Sequence[Trace], styles: Sequence[Style], values: Any) -> str:
    """Where each contender's curve ends, in words."""
    found = [(style.label, values(trace)) for trace, style in zip(traces, styles, strict=True)]
    return ", ".join(f"{label} {array[-1]:.3g}" for label, array in found if array.size)


def _two_parts(traces: Sequence[Trace], styles: Sequence[Style], name: str) -> list[dict[str, Any]]:
    drawn = []
    for i, (trace, style) in enumerate(zip(traces, styles, strict=True)):
        for part, dash, width in (("train", "dotted", 1.5), ("validation", "own", 2.5)):
            if f"{part}_{name}" in trace.metrics:
                drawn.append(line(i, f"{part}_{name}", f"{style.label}, {part}", dash, width))
    return drawn


def _seen(experiment: Experiment, trace: Trace) -> Bool[np.ndarray, " entries"]:
    """Which entries of a run lie on the landscape; all where there is none."""
    if experiment.definition.domain is None:
        return np.full(trace.loss.size, True)
    return within(trace, window(experiment), 0)
