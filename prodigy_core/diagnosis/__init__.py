"""What went wrong in a race, and which knob to turn: Experiment and Traces -> findings in words.

Each rule is a small function of one contender's `Case`, whose docstring says how it is told and where its threshold
comes from. A rule that could be mistaken says "may". Nothing is run here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from prodigy_core.diagnosis import breaks, estimate, race
from prodigy_core.diagnosis.case import Case, Finding, Remedy
from prodigy_core.experiment import Experiment
from prodigy_core.trace import Trace

__all__ = ["MOST", "RULES", "Case", "Finding", "Remedy", "diagnose"]

MOST = 3  # findings of one contender: nobody reads more, and later ones mostly follow from the first

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
    (estimate.restarts_unguarded, estimate.warmup_inflates_d),
    (race.too_slow,),
)
# Said only of a contender about which there is nothing else to say.
REMARKS = (race.better_tuned,)


def diagnose(experiment: Experiment, traces: Sequence[Trace]) -> tuple[Finding, ...]:
    """What is worth knowing about a race, most important first; at most `MOST` findings of each contender.

    Args:
      experiment: what is run.
      traces: of its contenders, in their order; of the first ones only where the others have not begun. They may be of runs
        that still go on, and empty.
    """
    cases = [Case(experiment, tuple(traces), i) for i in range(min(len(traces), len(experiment.contenders)))]
    found = [ranked for case in cases for ranked in _of(case)]
    return tuple(finding for _, finding in sorted(found, key=lambda ranked: ranked[0]))


def _of(case: Case) -> list[tuple[int, Finding]]:
    """The findings of one contender, each with its rank."""
    found = []
    for rank, rules in enumerate(RULES):
        first = next((finding for rule in rules if (finding := rule(case))), None)
        if first is not None:
            found.append((rank, first))
    remarks = [] if found else [(len(RULES), finding) for rule in REMARKS if (finding := rule(case))]
    return [*found, *remarks][:MOST]
