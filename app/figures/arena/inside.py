"""The inside of D: every term of the estimate against the step, with its formula and a sentence."""

from __future__ import annotations

from collections.abc import Sequence

from prodigy_core.experiment import Experiment
from prodigy_core.trace import Trace

from ...theme import Style
from .algorithm import CIRCUMFLEX, D_HAT, INNER, LARGER, ONE_NORM, R1, STEP_SIZE, X0, X
from .panels import STEP_TITLE, level
from .records import Line, Mark, Panel, Stroke

# What is dotted is the other quantity of a panel; what is dashed leaps, and its mark would be taken for D's.
MARKS: dict[Stroke, Mark] = {"own": "disc", "dotted": "ring", "dashed": "none"}


def inside(experiment: Experiment, traces: Sequence[Trace], styles: Sequence[Style]) -> list[Panel]:
    """The panels of the inside of D, for the contenders that have one."""
    estimators = [
        (i, trace, style.label) for i, (trace, style) in enumerate(zip(traces, styles, strict=True)) if "D" in trace.probes
    ]
    distances = {"distance", "to_minimiser"} if experiment.definition.minimisers else {"distance"}

    def lines(channel: str, name: str, style: Stroke = "own", width: float = 2) -> list[Line]:
        return [
            Line(i, channel, f"{label}, {name}", style, width, MARKS[style])
            for i, trace, label in estimators
            if channel in trace.probes or channel in distances
        ]

    hat = f"d{CIRCUMFLEX}"
    panels = [
        Panel(
            id="D",
            title=f"D, {hat} (dashed), way (dotted)",
            formula=LARGER,
            sentence="D guesses how far the start is from a minimiser. It rises when the estimate of a step is above it.",
            lines=lines("distance", "distance", "dotted", 1.5)
            + lines("d_hat", hat, "dashed", 1.2)
            + lines("D", "D", width=2.5),
            levels=level(experiment.definition.distance_to_minimiser(experiment.origin), "the true distance"),
            words="The estimate D, what each step alone would estimate, and the L∞ distance from the start.",
        ),
        Panel(
            id="distances",
            title="Distance gone (dotted), and to go",
            formula=f"‖{X} − {X0}‖<sub>∞</sub>, ‖{X} − <i>x</i><sub>*</sub>‖<sub>∞</sub>",
            sentence="What D guesses is the whole way, in this norm: the largest coordinate, however many there are.",
            lines=lines("distance", "from the start", "dotted", 1.5) + lines("to_minimiser", "to the nearest minimiser"),
            words="The L∞ distance from the start, and to the minimiser that is then the nearest.",
        ),
        Panel(
            id="sums",
            title="Numerator, denominator (dotted)",
            scale="symlog",
            formula=f"{R1}, {ONE_NORM}",
            sentence="Two sums over the gradients so far. While the numerator grows the faster, their quotient rises.",
            lines=lines("numerator", "numerator") + lines("denominator", "denominator", "dotted", 1.5),
            words="The numerator and the denominator of the estimate of D.",
        ),
        Panel(
            id="hat",
            title=f"Estimate of each step, {hat}",
            scale="symlog",
            formula=f"{D_HAT} = {R1} / {ONE_NORM}",
            sentence="D takes it when it is larger. Below 0 the path has turned back, on the whole: then D waits.",
            lines=lines("d_hat", hat),
            words="The estimate of D that each step makes by itself.",
        ),
        Panel(
            id="inner",
            title="Inner product",
            scale="symlog",
            formula=INNER,
            sentence="Above 0: further from the start it still goes downhill. Below 0: the path went past, or turned back.",
            lines=lines("inner", "inner product"),
            words="The inner product of the gradient and the way back to the start.",
        ),
        Panel(
            id="size",
            title=STEP_TITLE,
            formula=STEP_SIZE,
            sentence="What D is for: it scales the step, times the learning rate and Adam’s correction of the first steps.",
            lines=lines("effective_step", "step size"),
            words="The effective step size of the contenders that have a D.",
        ),
    ]
    return [panel for panel in panels if panel.lines]
