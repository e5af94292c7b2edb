"""How a run ended, in few words, so that two runs can be told side by side."""

from __future__ import annotations

from prodigy_core.experiment import Experiment
from prodigy_core.trace import Status, Trace

from ...figures.arena.panels import readable, score_name


def outcome(experiment: Experiment, trace: Trace) -> str:
    """Return how a run ended, as the end of a sentence that begins with the contender's name."""
    if trace.status in (Status.DIVERGED, Status.NOT_A_NUMBER):
        return f"broke off at step {trace.stopped_at:,}"
    if not trace.loss.size:
        return "has not begun"
    if score := score_name(trace):
        value = float(trace.metrics[f"validation_{score}"][-1])
        number = f"{100 * value:.1f} %" if score == "accuracy" else f"{value:.3g}"
        return f"ends at a validation {readable(score)} of {number}"
    if (steps := arrival(experiment, trace)) is not None:
        return f"arrives at step {steps:,}"
    return f"ends at a loss of {float(trace.loss[-1]):.3g}"


def arrival(experiment: Experiment, trace: Trace) -> int | None:
    """Return the first step at which the loss is within the tolerance of the known minimum; None if there is none."""
    minimum = experiment.definition.minimum
    return None if minimum is None else trace.steps_to(minimum + experiment.tolerance)
