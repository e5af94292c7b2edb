"""Diagnosis of a race: Experiment and Traces -> findings in words, each with the knob to turn.

Each rule is a small function of one contender's `Case`. Its docstring says by which signs it finds its fault, and where
its threshold comes from. A rule that could be mistaken says "may". Nothing is run here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from prodigy_core.diagnosis import breaks, estimate, race
from prodigy_core.diagnosis.case import Case, Finding, Remedy
from prodigy_core.experiment import Experiment
from prodigy_core.trace import Trace

__all__ = ["MOST", "RULES", "Case", "Finding", "Remedy", "diagnose"]

MOST = 3  # findings of one contender at most: nobody reads more, and later ones mostly follow from the first

# Most important first. Of the rules in one line only the first that applies speaks: they explain the same thing.
RULES: tuple[tuple[Callable[[Case], Finding | None], ...], ...] = (
    (
        breaks.start_not_finite,
        breaks.zero_gradient,
        breaks.warmup_from_zero,
        breaks.float16_underflow,
        breaks.stuck_by_rounding,
        breaks.d_overshot,
        breaks.no_lower_bound,
        breaks.diverged,
        breaks.not_a_number,
        breaks.rounded_away,
    ),
    (estimate.learning_rate_far_from_1, estimate.safeguard_slows_d, estimate.too_few_steps),
    (estimate.outlier_raised_d,),
    (estimate.clipping_inflates_d,),
    (estimate.warmup_inflates_d,),
    (race.too_slow,),
)
# Rules for a contender without any finding.
REMARKS = (race.better_tuned,)


def diagnose(experiment: Experiment, traces: Sequence[Trace]) -> tuple[Finding, ...]:
    """Return the findings of a race, most important first; at most `MOST` of each contender.

    Args:
      experiment: the race.
      traces: the contenders' traces, in their order; of the first ones only where the others have not begun. They may be
        of runs that still go on, and empty.
    """
    cases = [Case(experiment, tuple(traces), i) for i in range(min(len(traces), len(experiment.contenders)))]
    ranked = [pair for case in cases for pair in _ranked(case)]
    return tuple(finding for _, finding in sorted(ranked, key=lambda pair: pair[0]))


def _ranked(case: Case) -> list[tuple[int, Finding]]:
    """Return the findings of one contender, each with its rank."""
    ranked = []
    for rank, rules in enumerate(RULES):
        first = next((finding for rule in rules if (finding := rule(case))), None)
        if first is not None:
            ranked.append((rank, first))
    remarks = [] if ranked else [(len(RULES), finding) for rule in REMARKS if (finding := rule(case))]
    return [*ranked, *remarks][:MOST]
