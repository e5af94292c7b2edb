"""Rules that compare one contender with the others."""

from __future__ import annotations

import math

from prodigy_core.diagnosis.case import Case, Finding, number, rounded
from prodigy_core.optimizers.traits import Rate, Story

CLEARLY = 10.0  # factor between two losses above the minimum, which stand on a logarithmic axis
FALL = 0.1  # fraction of the fall from the start, where the minimum is not known and the axis is linear


def too_slow(case: Case) -> Finding | None:
    """Find steps x learning_rate below the distance to the nearest known minimiser, in a run that has not arrived.

    Adam goes about the learning rate in each coordinate and step, so it could not have come so far.
    """
    rate = case.knobs.get("learning_rate")
    if case.optimizer.rate is not Rate.BOUND or not isinstance(rate, float) or not case.finished or case.arrived:
        return None
    steps = case.experiment.steps
    if not case.to_go or steps * rate >= case.to_go:
        return None
    best = _prodigy(case)
    if best is not None and best * steps > case.to_go:
        remedy, hint = (
            case.turn(learning_rate=rounded(best)),
            f" Prodigy's D here is {number(best)}: try that as learning_rate.",
        )
    else:
        remedy, hint = case.turn(learning_rate=rounded(5 * case.to_go / steps)), ""
    return case.finding(
        "too_slow",
        f"The nearest minimiser is {number(case.to_go)} away, but {steps:,} steps with learning_rate {number(rate)} go at most "
        f"about {number(steps * rate)} in a coordinate. It came {number(float(case.trace.distance_linf.max()))} far.{hint}",
        remedy,
    )


def better_tuned(case: Case) -> Finding | None:
    """Find a contender tuned by hand that ends clearly lower than a Prodigy, both having run to the end.

    Clearly lower: a tenth of the loss above the minimum, and Prodigy has not arrived; where the minimum is not known,
    lower by a tenth of the whole fall from the start.
    """
    if case.optimizer.story is not Story.PRODIGY or not case.finished:
        return None
    rivals = [rival for rival in _everyone(case) if rival.optimizer.rate.by_hand and rival.finished]
    if not rivals:
        return None
    best = min(rivals, key=lambda rival: rival.trace.final_loss)
    ours, theirs = case.trace.final_loss, best.trace.final_loss
    left, rest = case.excess(ours), case.excess(theirs)
    if left is None or rest is None:
        clear = ours - theirs > FALL * (float(case.trace.loss[0]) - theirs)
    else:
        clear = not case.arrived and left > CLEARLY * max(rest, 0.0)
    if not (clear and ours > theirs):
        return None
    label = case.experiment.labels[best.index]
    tuning = best.trace.tuning
    if tuning is not None and tuning.scout:
        price = (
            f"Its {tuning.knob} of {number(tuning.best)} is what a run of {tuning.scout} before it came to, which took "
            f"{tuning.steps:,} steps more."
        )
    elif tuning is not None:
        price = (
            f"Its {tuning.knob} of {number(tuning.best)} was the best of {tuning.values.size}, whose tries took "
            f"{tuning.steps:,} steps; Prodigy took {case.experiment.steps:,} and tried nothing."
        )
    else:
        price = f"Its learning_rate of {number(best.value('learning_rate'))} suits this problem, and somebody chose it."
    return case.finding(
        "better_tuned",
        f"{label} is simply better here: it ends at a loss of {number(theirs)}, {case.experiment.labels[case.index]} at "
        f"{number(ours)}. {price}",
        case.turn(schedule="cosine") if case.knobs["schedule"] == "constant" else None,
    )


def _prodigy(case: Case) -> float | None:
    """Return the last D of the Prodigy that came lowest in the race, of those whose D was free; None without one at its end."""
    ends = [
        (other.trace.final_loss, float(other.D[-1]))
        for other in _everyone(case)
        if other.optimizer.story is Story.PRODIGY
        and other.finished
        and other.D is not None
        and other.knobs.get("stop_d_at") is None
    ]
    return min((end for end in ends if math.isfinite(end[0])), default=(None, None))[1]


def _everyone(case: Case) -> list[Case]:
    """Return the cases of all contenders that have a trace so far."""
    begun = min(len(case.traces), len(case.experiment.contenders))
    return [Case(case.experiment, case.traces, i) for i in range(begun)]
