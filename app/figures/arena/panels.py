"""The curves over steps: what each panel of the arena shows, of which contender, and on what axis."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from jaxtyping import Bool, Float

from prodigy_core.engine.quantities import QUANTITIES
from prodigy_core.experiment import Experiment
from prodigy_core.problems.problem import Problem
from prodigy_core.trace import Trace

from ...theme import Style
from .estimates import rises
from .names import at_the_ends
from .records import Level, Line, Panel, Range
from .window import window, within

ROUNDING = 1e-5  # relative to a minimum: how far below it float32 may take a loss that is there
DISTANCE_TITLE = "D, and the L∞ distance gone (dotted)"
L_INFINITY = "L∞: the largest of the coordinates' distances."
STEP_TITLE = "Effective step size"


def race(experiment: Experiment, traces: Sequence[Trace], styles: Sequence[Style]) -> list[Panel]:
    """The panels beside the landscape, D's first."""
    ends_of_lines = at_the_ends(experiment, styles)
    first = distance(experiment, traces, styles)
    others = [effective_step(traces, styles), *own_panels(styles)]
    if experiment.definition.learning is None:
        return [first, *_labelled([loss(experiment, traces, styles), *others], ends_of_lines)]
    scores = score(traces, styles)
    learned = [*([scores] if scores else []), learning(traces, styles)]
    return [first, *_labelled([*learned, *others], ends_of_lines)]


def _labelled(panels: Sequence[Panel], words: Sequence[str]) -> list[Panel]:
    """The panels with words at the ends of each contender's own lines; not at those that are dotted."""
    return [
        replace(
            panel,
            lines=[replace(line, label=words[line.contender] if line.style == "own" else "") for line in panel.lines],
        )
        for panel in panels
    ]


def loss(experiment: Experiment, traces: Sequence[Trace], styles: Sequence[Style]) -> Panel:
    """The loss above the minimum on a logarithmic axis; the loss itself where there is no minimum, or a path went below it.

    Some functions fall without bound outside their domain; their minimum is that of the domain.
    """
    minimum = experiment.definition.minimum
    lowest = min((float(trace.loss.min()) for trace in traces if trace.loss.size), default=0.0)
    words = f"The loss over the steps. At the end: {ends(traces, styles, lambda trace: trace.loss)}."
    if minimum is not None and lowest >= minimum - ROUNDING * (1 + abs(minimum)):
        return Panel(
            id="loss",
            title=loss_title(experiment.definition),
            lines=[Line(i, "above", style.label) for i, style in enumerate(styles)],
            levels=level(experiment.tolerance, "tolerance"),
            words=words,
        )
    # A path that falls without bound would press all others flat: the axis spans the losses on the landscape.
    losses = np.concatenate([np.zeros(0), *(trace.loss[_on_landscape(experiment, trace)] for trace in traces)])
    ends_of_axis = None
    if losses.size:  # else the loss is infinite already at the start
        low, high = float(losses.min()), float(losses.max())
        margin = 0.05 * (high - low) or 1.0
        ends_of_axis = Range(low - margin, high + margin)
    lines = [Line(i, "loss", style.label) for i, style in enumerate(styles)]
    return Panel(id="loss", title="Loss", scale="linear", range=ends_of_axis, lines=lines, words=words)


def distance(experiment: Experiment, traces: Sequence[Trace], styles: Sequence[Style]) -> Panel:
    """D of every contender that has one, over each contender's distance from the start, in the norm that D estimates."""
    guessing = [i for i, trace in enumerate(traces) if "D" in trace.probes]
    ends_of_lines = at_the_ends(experiment, styles)
    labels = ["D, the guess"] if len(guessing) == 1 else [ends_of_lines[i] or f"D, {styles[i].label}" for i in guessing]
    words = "The estimate D and the L∞ distance from the start."
    if guessing:
        words += f" D at the end: {ends(traces, styles, lambda trace: trace.probes.get('D', np.zeros(0)))}."
    return Panel(
        id="distance",
        title=DISTANCE_TITLE,
        sentence=L_INFINITY,
        lines=[
            *(distance_line(i, style) for i, style in enumerate(styles)),
            *(estimate_line(i, styles[i], label) for i, label in zip(guessing, labels, strict=True)),
        ],
        levels=level(experiment.definition.distance_to_minimiser(experiment.origin), "the true distance"),
        words=words,
        facts=rises(traces, styles),
    )


def effective_step(traces: Sequence[Trace], styles: Sequence[Style]) -> Panel:
    """The factor on each contender's direction: D · learning rate · bias correction for Prodigy."""
    last = ends(traces, styles, lambda trace: trace.probes["effective_step"])
    words = f"The effective step size of each contender. At the end: {last}."
    lines = [Line(i, "effective_step", style.label) for i, style in enumerate(styles)]
    return Panel(id="step", title=STEP_TITLE, lines=lines, words=words)


def own_panels(styles: Sequence[Style]) -> list[Panel]:
    """A panel for each recorded quantity that asks for one of its own."""
    return [
        Panel(
            id=quantity.name,
            title=quantity.title,
            lines=[Line(i, channel, style.label) for i, style in enumerate(styles) for channel in quantity.channels],
            words=f"{quantity.title} of each contender over the steps, in the unit {quantity.unit}.",
        )
        for quantity in QUANTITIES
        if quantity.panel
    ]


def learning(traces: Sequence[Trace], styles: Sequence[Style]) -> Panel:
    """A model's loss on all its training examples (dotted) and on the validation examples."""
    last = ends(traces, styles, lambda trace: trace.metrics.get("validation_loss", np.zeros(0)))
    return Panel(
        id="learning",
        title="Validation loss (dotted: training)",
        lines=_both_parts(traces, styles, "loss"),
        words=f"The loss on training and validation examples. On the validation examples at the end: {last}.",
    )


def score(traces: Sequence[Trace], styles: Sequence[Style]) -> Panel | None:
    """A model's score on its training examples (dotted) and on the validation examples; None where it has only the loss."""
    name = next((name for trace in traces if (name := score_name(trace))), None)
    if name is None:
        return None
    lines = _both_parts(traces, styles, name)
    curves = [traces[line.contender].metrics[line.channel] for line in lines]
    lowest = min((float(np.nanmin(curve)) for curve in curves if np.isfinite(curve).any()), default=1.0)
    last = ends(traces, styles, lambda trace: trace.metrics.get(f"validation_{name}", np.zeros(0)))
    return Panel(
        id="score",
        title=f"Validation {readable(name)} (dotted: training)",
        scale="linear",
        range=Range(max(0.0, lowest - 0.05), 1.02) if name == "accuracy" else None,
        lines=lines,
        words=f"The {name} over the steps. On the validation examples at the end: {last}.",
    )


def gradient(styles: Sequence[Style]) -> Panel:
    """The L2 norm of the gradient of a problem of many parameters, as each contender met it: with its batch and its noise."""
    return Panel(
        id="gradient",
        title="Gradient norm",
        formula="‖<i>g</i><sub>k</sub>‖<sub>2</sub>",
        sentence="The length of the gradient as each contender met it, with the noise of its batch.",
        lines=[Line(i, "gradient_norm", style.label, width=1.2) for i, style in enumerate(styles)],
        words="The norm of the gradient of each contender's batches.",
    )


def projection(styles: Sequence[Style]) -> Panel:
    """The loss on the paths, and on their projections onto the plane that is drawn."""
    lines: list[Line] = []
    for i, style in enumerate(styles):
        lines.append(Line(i, "true_loss", f"{style.label}, path"))
        lines.append(Line(i, "shadow_loss", f"{style.label}, plane", "dotted", 1.5, "ring"))
    return Panel(
        id="shadow",
        title="Loss of the path, and on the plane (dotted)",
        formula="<i>f</i>(<i>x</i><sub>k</sub>) and <i>f</i>(P<i>x</i><sub>k</sub>)",
        sentence="Where the two part, the landscape under the path is not the one that the path met.",
        lines=lines,
        words="The loss at each position that was kept, and at its foot point on the plane.",
    )


def loss_title(problem: Problem) -> str:
    """The title of a panel of the loss, or of the loss above the minimum where one is known."""
    return "Loss above the minimum" if problem.minimum else "Loss"


def distance_line(contender: int, style: Style) -> Line:
    """The L-infinity distance from the start."""
    return Line(contender, "distance", f"{style.label}, distance", "dotted", 1.5, "ring")


def estimate_line(contender: int, style: Style, label: str = "") -> Line:
    """The estimate D, with words at the line."""
    return Line(contender, "D", f"{style.label}, D", width=2.5, label=label)


def level(value: float | None, label: str) -> list[Level]:
    """A horizontal line with a label at its end; none where there is no such value above 0."""
    return [Level(value, label)] if value and value > 0 else []


def score_name(trace: Trace) -> str | None:
    """The name of the metric that a model is judged by beside the loss: "accuracy" and the like."""
    names = (name.removeprefix("validation_") for name in trace.metrics if name.startswith("validation_"))
    return next((name for name in names if name != "loss"), None)


def readable(name: str) -> str:
    """A metric's name for a person."""
    return {"r2": "R²"}.get(name, name.replace("_", " "))


def ends(traces: Sequence[Trace], styles: Sequence[Style], curve: Callable[[Trace], Float[np.ndarray, " entries"]]) -> str:
    """The last value of each contender's curve, in words."""
    curves = [(style.label, curve(trace)) for trace, style in zip(traces, styles, strict=True)]
    return ", ".join(f"{label} {values[-1]:.3g}" for label, values in curves if values.size)


def _both_parts(traces: Sequence[Trace], styles: Sequence[Style], metric: str) -> list[Line]:
    """A metric's lines on the training examples and on the validation examples."""
    lines: list[Line] = []
    for i, (trace, style) in enumerate(zip(traces, styles, strict=True)):
        if f"train_{metric}" in trace.metrics:
            lines.append(Line(i, f"train_{metric}", f"{style.label}, train", "dotted", 1.5, "ring"))
        if f"validation_{metric}" in trace.metrics:
            lines.append(Line(i, f"validation_{metric}", f"{style.label}, validation", width=2.5))
    return lines


def _on_landscape(experiment: Experiment, trace: Trace) -> Bool[np.ndarray, " entries"]:
    """Whether each entry of a run lies on the landscape; all do where there is none."""
    if experiment.definition.domain is None:
        return np.full(trace.loss.size, True)
    return within(trace, window(experiment))
