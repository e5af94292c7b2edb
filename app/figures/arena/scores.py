"""What a model is judged by beside its loss, and a word where the two disagree."""

from __future__ import annotations

from collections.abc import Sequence

from prodigy_core.trace import Trace

from ...theme import Style
from .panels import readable, score_name
from .records import Score

LOSS = "validation_loss"


def score(traces: Sequence[Trace], styles: Sequence[Style]) -> Score | None:
    """The score of the contenders on the validation examples, the higher the better; None where they have only the loss."""
    name = next((name for trace in traces if (name := score_name(trace))), None)
    if name is None:
        return None
    channel = f"validation_{name}"
    return Score(
        channel=channel,
        name=f"Validation {readable(name)}",
        percent=name == "accuracy",
        note=_disagreement(readable(name), channel, traces, styles),
    )


def _disagreement(name: str, channel: str, traces: Sequence[Trace], styles: Sequence[Style]) -> str:
    ends = {
        style.label: (float(trace.metrics[LOSS][-1]), float(trace.metrics[channel][-1]))
        for trace, style in zip(traces, styles, strict=True)
        if all(one in trace.metrics and trace.metrics[one].size for one in (LOSS, channel))
    }
    if not ends:
        return ""
    lowest, highest = min(ends, key=lambda label: ends[label][0]), max(ends, key=lambda label: ends[label][1])
    if ends[lowest][1] >= ends[highest][1]:  # it has the best score too, perhaps with others
        return ""
    return (
        f"At the end {lowest} has the lowest validation loss and {highest} the best {name}: "
        "the loss also counts how sure an answer was."
    )
