"""The inside of D: every term of the estimate against the step, with its formula and what it is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from prodigy_core.experiment import Experiment
from prodigy_core.trace import Trace

from ...theme import Style
from .algorithm import CIRCUMFLEX, D_HAT, INNER, LARGER, ONE_NORM, R1, STEP_SIZE, X0, X
from .panels import Panel, level, line, panel


def inside(experiment: Experiment, traces: Sequence[Trace], styles: Sequence[Style]) -> list[Panel]:
    """The panels of the inside of D, of the contenders that have one."""
    found = [
        (i, trace, style.label) for i, (trace, style) in enumerate(zip(traces, styles, strict=True)) if "D" in trace.probes
    ]

    away = {"distance", "to_minimiser"} if experiment.definition.minimisers else {"distance"}

    def lines(channel: str, name: str, style: str = "own", width: float = 2) -> list[dict[str, Any]]:
        have = [(i, label) for i, trace, label in found if channel in trace.probes or channel in away]
        return [line(i, channel, f"{label}, {name}", style, width) for i, label in have]

    hat = f"d{CIRCUMFLEX}"
    estimate = lines("distance", "distance", "dotted", 1.5) + lines("d_hat", hat, "dashed", 1.2) + lines("D", "D", width=2.5)
    panels = [
        panel(
            "D",
            f"D, {hat} (dashed), way (dotted)",
            estimate,
            "The estimate D, what each step alone would estimate, and the L∞ distance from the start.",
            formula=LARGER,
            sentence="D guesses how far the start is from a minimiser. It rises when the estimate of a step is above it.",
            levels=level(experiment.definition.distance_to_minimiser(experiment.origin), "start to the nearest minimiser"),
        ),
        panel(
            "distances",
            "Distance gone (dotted), and to go",
            lines("distance", "from the start", "dotted", 1.5) + lines("to_minimiser", "to the nearest minimiser"),
            "The L∞ distance from the start, and to the minimiser that is then the nearest.",
            formula=f"‖{X} − {X0}‖<sub>∞</sub>, ‖{X} − <i>x</i><sub>*</sub>‖<sub>∞</sub>",
            sentence="What D guesses is the whole way, in this norm: the largest coordinate, however many there are.",
        ),
        panel(
            "sums",
            "Numerator, denominator (dotted)",
            lines("numerator", "numerator") + lines("denominator", "denominator", "dotted", 1.5),
            "The numerator and the denominator of the estimate of D.",
            "symlog",
            formula=f"{R1}, {ONE_NORM}",
            sentence="Two sums over the gradients so far. While the numerator grows the faster, their quotient rises.",
        ),
        panel(
            "hat",
            f"Estimate of each step, {hat}",
            lines("d_hat", hat),
            "The estimate of D that each step makes by itself.",
            "symlog",
            formula=f"{D_HAT} = {R1} / {ONE_NORM}",
            sentence="D takes it when it is larger. Below 0 the path has turned back, on the whole: then D waits.",
        ),
        panel(
            "inner",
            "Inner product",
            lines("inner", "inner product"),
            "The inner product of the gradient and the way back to the start.",
            "symlog",
            formula=INNER,
            sentence="Above 0: further from the start it still goes downhill. Below 0: the path went past, or turned back.",
        ),
        panel(
            "size",
            "Effective step size",
            lines("effective_step", "step size"),
            "The effective step size of the contenders that have a D.",
            formula=STEP_SIZE,
            sentence="What D is for: it scales the step, times the learning rate and Adam’s correction of the first steps.",
        ),
    ]
    return [one for one in panels if one["lines"]]
