"""An estimate of the distance, D, that comes out too small or too large."""

from __future__ import annotations

import numpy as np

from prodigy_core.diagnosis.case import Case, Finding, number, rounded
from prodigy_core.experiment import STEPS
from prodigy_core.optimizers.traits import Rate

FACTORS = (0.1, 10.0)  # range of learning rates around 1 in which one may wish for shorter or longer steps
SLOW = 0.2  # fraction of the distance: D ends at a quarter of it and more where it rises as it should (quadratics: 0.25 to 0.5)
RISING = 2.0  # factor by which D rises in a quarter of the run where it has not settled
BEFORE, SETTLED = 20, 1.1  # steps in which D has risen by less than this factor where it has settled
OUTLIER = 20.0  # factor on the median of the gradients before: noise of one size does not reach it
SOON, JUMP = 5, 1.5  # steps after an outlier in which D rises by at least this factor where the outlier raised it


def learning_rate_far_from_1(case: Case) -> Finding | None:
    """Find a learning rate outside of `FACTORS` where it is a factor on a step size that the optimizer finds by itself."""
    rate = case.knobs.get("learning_rate")
    if case.optimizer.rate is not Rate.FACTOR or not isinstance(rate, float) or not case.entries:
        return None
    low, high = FACTORS
    if low <= rate <= high:
        return None
    if rate == 0:
        how = "so no step has any length"
    elif rate < low:
        how = f"so each step is {number(1 / rate)} times shorter than it finds right"
    else:
        how = f"so each step is {number(rate)} times longer than it finds right"
    scale = case.estimate.scaled_by if case.estimate else ""
    stands = f" After {case.trace.steps[-1]:,} steps D is {number(float(case.D[-1]))}." if case.D is not None else ""
    return case.finding(
        "learning_rate_far_from_1",
        f"learning_rate is {number(rate)}, and {case.title} multiplies the step size that it finds by that, {how}.{stands}",
        case.turn(learning_rate=1.0),
        case.turn(**{"learning_rate": 1.0, scale: low if rate < low else high}) if rate > 0 and scale else None,
    )


def safeguard_slows_d(case: Case) -> Finding | None:
    """Find a D below `SLOW` of the known distance under a safeguard_warmup that has no warm-up or schedule to guard against.

    The guard leaves the learning rate, times Adam's bias correction, out of the divisor of D only. The correction is 0.15 to
    0.3 in the first hundred steps at beta2 = 0.999, and that is all of the effect: measured on quadratics, D ends at 0.25 to
    0.5 of the distance without safeguard_warmup, with it at 0.07 to 0.15, after up to twice the steps. Without bias
    correction the guard changes no bit of such a run. A run that has arrived nevertheless, or lies in another minimum,
    needs nothing.
    """
    plain = case.knobs.get("schedule") == "constant" and case.knobs.get("warmup") == 0
    if not case.knobs.get("safeguard_warmup") or not plain or not case.finished or case.arrived:
        return None
    if case.knobs.get("use_bias_correction") is False:
        return None
    if case.D is None or not case.to_go or case.D[-1] >= SLOW * case.to_go or not case.underway:
        return None
    return case.finding(
        "safeguard_slows_d",
        f"After {case.trace.steps[-1]:,} steps D is {number(float(case.D[-1]))}, and the nearest minimiser is "
        f"{number(case.to_go)} away. There is no warm-up to guard against but Adam's bias correction, which makes the first "
        "steps short as a warm-up does. safeguard_warmup leaves it out of the divisor of D, but not out of the sum that is "
        "divided: so D comes out smaller, about 3.6 times at the usual beta2.",
        case.turn(safeguard_warmup=False),
        case.turn(use_bias_correction=False),
    )


def too_few_steps(case: Case) -> Finding | None:
    """Find an estimate that at least doubles in each of the last two quarters of a run whose loss has not halved yet.

    From a first value that is too small D rises exponentially, several times in ten steps, until the steps are as long as
    the way; where it has settled it does not double twice. D itself begins to rise only when d_hat has overtaken it, so
    the larger of the two is looked at. A run of four steps or fewer is too short in any case.
    """
    if case.D is None or not case.finished or case.arrived or not case.estimate or case.knobs["learning_rate"] == 0:
        return None
    first, last = float(case.trace.loss[0]), float(case.trace.loss[-1])
    left, whole = case.excess(last), case.excess(first)
    if (last if left is None else left) <= (first if whole is None else whole) / 2:
        return None
    steps, k = case.experiment.steps, case.entries - 1
    seen = np.maximum.accumulate(np.nan_to_num(case.trace.probes.get("d_hat", case.D)))
    half, quarter, end = (float(seen[i]) for i in (k // 2, 3 * k // 4, k))
    if steps > 4 and not (0 < RISING * half <= quarter and RISING * quarter <= end):
        return None
    estimate, begun = float(case.D[-1]), case.value(case.estimate.starts_at)
    rose = (
        f"has risen from {number(begun)} to {number(estimate)} and was still rising fast"
        if estimate > begun
        else (f"has not yet left {number(begun)}")
    )
    return case.finding(
        "too_few_steps",
        f"D {rose} after {steps:,} step{'s' * (steps > 1)}: it multiplies by about the same factor again and again until the "
        "steps are long enough, and the run ended before.",
        case.field(steps=min(max(5 * steps, 100), int(STEPS.high))) if steps < STEPS.high else None,
        case.begin_estimate_at(rounded(max(1e-3, estimate, 10 * begun if begun >= 1e-3 else 0.0))) if steps >= 20 else None,
    )


def outlier_raised_d(case: Case) -> Finding | None:
    """Find a D that had settled and jumps within a few steps of a gradient far longer than those before.

    The constants above say how far and how soon. Larger, not smaller, beta3 helps: the sums that an outlier is weighed
    against then remember more.
    """
    trace = case.trace
    if case.D is None or not case.estimate or case.entries <= BEFORE or trace.steps[1] != 1:  # needs every step
        return None
    for k in map(int, np.flatnonzero(trace.gradient_norm > OUTLIER * np.median(trace.gradient_norm))):
        settled, after = float(case.D[k]), float(case.D[min(k + SOON, case.entries - 1)])
        if k < BEFORE or settled > SETTLED * case.D[k - BEFORE] or after < JUMP * settled:
            continue
        usual = float(np.median(trace.gradient_norm[k - BEFORE : k]))
        if trace.gradient_norm[k] <= OUTLIER * usual:
            continue
        return case.finding(
            "outlier_raised_d",
            f"At step {k:,} came one gradient {number(float(trace.gradient_norm[k]))} long, where {number(usual)} is usual. It "
            f"raised D from {number(settled)} to {number(after)}, and D never comes down again.",
            case.field(noise="none"),
            case.turn(beta3=0.9999),
            case.turn(clip=rounded(1.1 * float(np.delete(trace.gradient_norm, k)[:k].max()))),
        )
    return None


def clipping_inflates_d(case: Case) -> Finding | None:
    """Find clipping that shortened at least half of the gradients up to the last rise of D, in a run that has not arrived.

    Measured on the functions of the plane, D comes out 1.1 to 1.2 times as large (Goldstein and Price: 4 times). What clipping
    spoils is another thing: a clipped gradient is as long near the solution as far from it, so Adam's ratio keeps the steps
    long. From 36 starts 36 runs arrive on Booth's, Himmelblau's and an ill-conditioned function, with clip = 1 at most 6.
    """
    if case.knobs.get("clip") is None or case.D is None or not case.estimate or not case.long_enough or case.D[-1] <= case.D[0]:
        return None
    if case.arrived:
        return None
    clip, rise = case.value("clip"), int(np.searchsorted(case.D, case.D[-1]))
    longer = float(np.mean(case.trace.gradient_norm[:rise] > clip))
    if longer < 0.5:
        return None
    known = case.finished and case.excess(case.trace.final_loss) is not None
    lost = "That may be why this run does not arrive" if known else "That may keep a run from arriving"
    return case.finding(
        "clipping_inflates_d",
        f"clip = {number(clip)} shortened {longer:.0%} of the gradients while D rose to {number(float(case.D[-1]))}. Gradients "
        f"of one length, far from the solution and near it, leave the steps as long as they were. {lost}. D itself comes out "
        "about a fifth larger.",
        case.turn(clip=None),
    )


def warmup_inflates_d(case: Case) -> Finding | None:
    """Find a D above the known distance, which a sound estimate stays below, after a warm-up without safeguard_warmup.

    In most runs a warm-up leaves D as it is. Measured in 410 runs on 40 functions, this spoke of 14, on functions with many
    minima or with noise, and in 9 of these D was above twice that without a warm-up: so the text says "may".
    """
    if not case.knobs.get("warmup") or case.knobs.get("safeguard_warmup") is not False:
        return None
    if case.D is None or not case.to_go or case.D[-1] <= case.to_go or not case.long_enough:
        return None
    return case.finding(
        "warmup_inflates_d",
        f"D came to {number(float(case.D[-1]))}, but the nearest minimiser is {number(case.to_go)} away. Without "
        "safeguard_warmup the small learning rates of the warm-up have a say in the estimate, and may have made it too large.",
        case.turn(safeguard_warmup=True),
    )
