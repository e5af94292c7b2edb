"""How D runs, in sentences: for who does not see its line."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from prodigy_core.trace import Trace

from ...theme import Style

NEAR = 0.9  # part of the last D that counts as almost all of it


def rises(traces: Sequence[Trace], styles: Sequence[Style]) -> list[str]:
    """A sentence for each contender that has a D: where it begins, when it rises, and where it ends."""
    return [_rise(style.label, trace) for trace, style in zip(traces, styles, strict=True) if _has_estimate(trace)]


def _has_estimate(trace: Trace) -> bool:
    return "D" in trace.probes and trace.probes["D"].size > 0


def _rise(label: str, trace: Trace) -> str:
    d, steps = trace.probes["D"], trace.steps
    first, last, end = float(d[0]), float(d[-1]), int(steps[-1])
    moved = np.flatnonzero(d != first)
    if not moved.size:
        return f"{label}: D stays at {first:.3g} from the start to step {end:,}."
    words = f"{label}: D begins at {first:.3g} and leaves it at step {int(steps[moved[0]]):,}"
    if last > first:
        words += f", has {100 * NEAR:.0f} % of its last value at step {int(steps[int(np.argmax(d >= NEAR * last))]):,}"
    return f"{words}, and ends at {last:.3g} at step {end:,}."
