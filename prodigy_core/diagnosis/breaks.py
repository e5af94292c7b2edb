"""Runs that break off or do not move at all."""

from __future__ import annotations

import numpy as np

from prodigy_core.diagnosis import starts
from prodigy_core.diagnosis.case import Case, Finding, Remedy, gap, last_quarter, number, rounded
from prodigy_core.optimizers.traits import GridSearch, Scout
from prodigy_core.trace import Status

FAR_ABOVE = 3.0  # factor on the distance: in theory D stays below the distance, so a D above this is past any doubt
STILL = 1.01  # factor by which D rises at least where it leaves its first value, which 16 bits may round
LOST = 0.5  # share of the parameters that no longer move
BOTTOMLESS = 1e6  # factor on 1 + the loss at the start: no minimum of any problem here is nearly so far below 0


def start_not_finite(case: Case) -> Finding | None:
    """Find a start without a finite loss and gradient: the run broke off before its first entry.

    A function is looked at there, and at points over its window, for the nearest one with a finite loss and gradient.
    """
    if case.entries or not case.broke_off:
        return None
    start = starts.look(case.experiment)
    if start is None:
        text = "The loss or its gradient is no finite number at the start, so there is no first step."
        return case.finding("start_not_finite", text, *_elsewhere(case))
    here = ", ".join(number(x) for x in case.experiment.start or ())
    if np.isnan(start.loss):
        what = f"The function is no number at the start ({here})"
    elif np.isinf(start.loss):
        what = f"The function is infinite at the start ({here})"
    else:
        what = f"The function is {number(start.loss)} at the start ({here}), but it has no slope there that is a finite number"
    if start.elsewhere is None:
        then = f"Nor has it a value and a slope at any of {start.tried} points over its window."
        return case.finding("start_not_finite", f"{what}, so there is no first step. {then}")
    there = ", ".join(number(x) for x in start.elsewhere)
    return case.finding(
        "start_not_finite",
        f"{what}, so there is no first step. Of {start.tried} points over its window, ({there}) is the nearest where it has a "
        "value and a slope.",
        case.start(*start.elsewhere),
    )


def zero_gradient(case: Case) -> Finding | None:
    """Find a gradient that is exactly 0 at every entry so far."""
    if not case.entries or case.trace.gradient_norm.any():
        return None
    left = case.excess(float(case.trace.loss[0]))
    if left is not None and left <= case.experiment.tolerance:
        why = "The start is a minimum already: the gradient there is 0"
    else:
        why = "The gradient at the start is exactly 0, as on a plain, a summit or a saddle"
    if case.trace.status is Status.NOT_A_NUMBER:
        then = f", and {case.title} divides by it, which gives NaN."
    elif case.D is not None:
        then = f", so there is nothing to estimate from, and D stays at {number(float(case.D[-1]))}."
    else:
        then = ", so there is no step to take."
    return case.finding("zero_gradient", why + then, *_elsewhere(case))


def warmup_from_zero(case: Case) -> Finding | None:
    """Find a NaN whose cause is a first step at a learning rate of 0, by which the optimizer divides.

    Under safeguard_warmup the learning rate is not in the divisor, and the same run goes on.
    """
    stepped = case.trace.probes.get("effective_step", np.zeros(0))
    if not case.optimizer.divides_by_rate or case.trace.status is not Status.NOT_A_NUMBER:
        return None
    if case.knobs.get("safeguard_warmup") or not stepped.size or stepped[0] != 0:
        return None
    warms_up = case.knobs["warmup"] != 0
    why = "The warm-up begins at a learning rate of 0" if warms_up else "The learning rate is 0"
    return case.finding(
        "warmup_from_zero",
        f"{why}. {case.title} then divides 0 by 0, and everything is NaN from step {case.trace.stopped_at} on.",
        case.turn(warmup_from=0.01) if warms_up else case.turn(learning_rate=1.0),
        case.turn(safeguard_warmup=True),
        case.robust_variant(),
    )


def float16_underflow(case: Case) -> Finding | None:
    """Find a float16 run that breaks off at a step that is not finite, though loss and gradient there are.

    Float16 has no number between 0 and 6e-08, so eps = 1e-8 is 0 in it, and so is a second moment of a thousandth of a
    gradient's square below 6e-05 (with Prodigy, times the square of D): the step is divided by the sum of both.
    """
    if case.experiment.precision != "float16" or not case.broke_off or not case.entries:
        return None
    last = (case.trace.loss[-1], case.trace.gradient_norm[-1])
    if np.isfinite(case.trace.update_norm[-1]) or not np.isfinite(last).all():
        return None
    return case.finding(
        "float16_underflow",
        f"The step from step {case.trace.steps[-1]:,} is not finite, though the gradient, {number(last[1])} long, is. Float16 "
        "has no numbers between 0 and 6e-08: eps is 0 in it, so are small squares, and the step is divided by their sum.",
        case.field(precision="float32"),
        case.robust_variant(),
    )


def stuck_by_rounding(case: Case) -> Finding | None:
    """Find a D that never left its first value while steps are lost in rounding for half of the parameters.

    A step below half the gap between numbers is lost in rounding to the nearest. Where the optimizer adds up what is
    rounded away, nothing is lost.
    """
    if case.D is None or not case.long_enough or case.optimizer.compensated or not _steps(case):
        return None
    size, share = case.parameters(0), case.lost(0, slice(None))
    if size is None or share < LOST or case.D.max() > STILL * case.D[0]:
        return None
    widest = float(gap(size, case.experiment.precision).max())
    step = case.trace.update_norm.max() / np.sqrt(size.size)
    long = f"about {number(step)} long in each parameter" if step else "shorter than any"
    return case.finding(
        "stuck_by_rounding",
        f"D stayed at {number(float(case.D[-1]))} for all {case.trace.steps[-1]:,} steps. They are {long}, but around "
        f"{number(float(size.max()))} {case.experiment.precision} numbers lie {number(widest)} apart: the steps are rounded "
        "away, and D, which is measured by how far the parameters have moved, sees no movement.",
        case.robust_variant(),
        case.begin_estimate_at(rounded(2 * widest)),
        _finer(case),
    )


def d_overshot(case: Case) -> Finding | None:
    """Find a run that broke off, or ended above the loss of its start, with D more than `FAR_ABOVE` times the distance.

    The distance is that to the nearest known minimiser; where none is known, that which the run had gone, or the size of
    the start, whichever is more.
    """
    if case.D is None or not case.estimate or not case.entries:
        return None
    worse = case.finished and case.trace.final_loss > float(case.losses[0])
    if case.to_go is not None:
        reach, name, end = case.to_go, "the nearest minimiser is", " away"
    else:
        origin = case.experiment.origin
        size = 1.0 if origin is None else float(np.abs(origin).max())
        reach, name, end = max(float(case.trace.distance_linf.max()), size), "neither start nor path is larger than", ""
    estimate = float(case.D[-1])
    if not (case.broke_off or worse) or estimate <= FAR_ABOVE * reach:
        return None
    ended = (
        f"the run broke off at step {case.trace.stopped_at:,}"
        if case.broke_off
        else f"the loss ended at {number(case.trace.final_loss)}, above the {number(float(case.trace.loss[0]))} of the start"
    )
    scale = case.estimate.scaled_by
    coefficient = case.value(scale) if scale else 1.0
    if case.value(case.estimate.starts_at) > reach:
        remedies: tuple[Remedy | None, ...] = (case.begin_estimate_at(1e-6),)
    elif coefficient > 1:
        remedies = (case.turn(**{scale: 1.0}),)
    else:
        remedies = (case.turn(**{scale: rounded(coefficient / 10)}), case.turn(safeguard_warmup=True))
    return case.finding(
        "d_overshot",
        f"D came to {number(estimate)}, but {name} {number(reach)}{end}. So the steps were far too long, and {ended}.",
        *remedies,
    )


def no_lower_bound(case: Case) -> Finding | None:
    """Find a run that diverged downwards, to a loss below 0 by more than `BOTTOMLESS` times the start's."""
    if case.trace.status is not Status.DIVERGED or not case.entries:
        return None
    first, last = float(case.trace.loss[0]), float(case.trace.loss[-1])
    if last > -BOTTOMLESS * (1 + abs(first)):
        return None
    text = (
        f"The loss fell to {number(last)} and would fall for ever: this function has no minimum there. That the run left all "
        "bounds is what a working optimizer does, and no knob changes it."
    )
    return case.finding("no_lower_bound", text)


def diverged(case: Case) -> Finding | None:
    """Find any other run that diverged, by its status alone. One tries a tenth of the step size next."""
    if case.trace.status is not Status.DIVERGED or not case.entries:
        return None
    first, last = float(case.trace.loss[0]), float(case.trace.loss[-1])
    return case.finding(
        "diverged",
        f"The loss went from {number(first)} to {number(last)} and left all bounds at step {case.trace.stopped_at:,}: "
        "the steps are too long.",
        *_shorter(case),
    )


def not_a_number(case: Case) -> Finding | None:
    """Find any other run that ended in NaN, by its status alone."""
    if case.trace.status is not Status.NOT_A_NUMBER or not case.entries:
        return None
    return case.finding(
        "not_a_number",
        f"The step from step {case.trace.steps[-1]:,} is NaN, not a number, with a gradient that is "
        f"{number(float(case.trace.gradient_norm[-1]))} long. Mostly the steps before were too long.",
        case.robust_variant(),
        *_shorter(case),
    )


def rounded_away(case: Case) -> Finding | None:
    """Find 16-bit parameters half of which lose the last quarter of steps in rounding, while the loss stands still.

    Lost: see `stuck_by_rounding`. The loss stands still where it has fallen by less than a hundredth in that quarter,
    which two digits of bfloat16 can just tell. A run within the tolerance of the minimum needs nothing.
    """
    if case.experiment.precision not in ("bfloat16", "float16") or case.optimizer.compensated:
        return None
    if case.trace.status is Status.RUNNING or not case.long_enough or case.arrived or not _steps(case):
        return None
    size, part = case.parameters(-1), last_quarter(case.entries)
    share = case.lost(-1, part)
    judged = case.losses.size
    before, after = float(case.losses[max(last_quarter(judged).start - 1, 0)]), float(case.losses[-1])
    if size is None or judged < 2 or share < LOST or after < before - 0.01 * abs(before):
        return None
    step = float(np.median(case.trace.update_norm[part])) / np.sqrt(size.size)
    widest = float(gap(size, case.experiment.precision).max())
    return case.finding(
        "rounded_away",
        f"The loss no longer falls from {number(after)}. The last steps are about {number(step)} long in each parameter, and "
        f"for {share:.0%} of the parameters {case.experiment.precision} has no number so near (around "
        f"{number(float(size.max()))} they lie {number(widest)} apart): these steps are rounded away.",
        _finer(case),
        _longer(case, rounded(2 * widest)),
    )


# --- remedies --------------------------------------------------------------------------------------------------------


def _steps(case: Case) -> bool:
    """Return whether any step was meant to have a length: at a learning rate of 0 none is."""
    return bool((case.trace.probes["effective_step"] > 0).any())


def _finer(case: Case) -> Remedy | None:
    return case.field(precision="float32" if case.experiment.precision in ("bfloat16", "float16") else "float64")


def _longer(case: Case, step: float) -> Remedy | None:
    rate = case.knobs.get("learning_rate")
    return case.turn(learning_rate=step) if isinstance(rate, float) and rate < step else None


def _shorter(case: Case) -> tuple[Remedy | None, ...]:
    """Return a tenth of the step size, by the knob that sets it; of a search, a lower end of its grid or a smaller factor."""
    search = case.optimizer.search
    if isinstance(search, GridSearch):
        return (case.turn(**{search.low: rounded(case.value(search.low) / 100)}),)
    if isinstance(search, Scout):
        return (case.turn(**{search.factor: rounded(case.value(search.factor) / 10)}),)
    return (case.turn(learning_rate=rounded(case.value("learning_rate") / 10)),)


def _elsewhere(case: Case) -> tuple[Remedy | None, ...]:
    """Return another start: the usual one, or a twentieth of the landscape beside this one."""
    problem, here = case.experiment.definition, case.experiment.start or ()
    if here and here != problem.start:
        return (case.start(*problem.start),)
    if here:
        spans = problem.domain or ((-1.0, 1.0),) * len(here)
        return (case.start(*(rounded(x + (high - low) / 20) for x, (low, high) in zip(here, spans, strict=True))),)
    usual = {param.name: param.default for param in problem.settings}
    return tuple(case.setting(name, usual[name]) for name in ("start_at", "init_scale") if name in usual)
