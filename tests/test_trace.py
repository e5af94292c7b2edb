"""What a run leaves behind."""

from __future__ import annotations

import numpy as np
import pytest

from prodigy_core.trace import Status, Trace


def _trace(losses: list[float], status: Status = Status.FINISHED) -> Trace:
    n = len(losses)
    zeros = np.zeros(n)
    return Trace(
        loss=np.asarray(losses, float),
        position=np.zeros((n, 2)),
        gradient_norm=zeros,
        update_norm=zeros,
        distance_linf=zeros,
        distance_l2=zeros,
        probes={},
        status=status,
        stopped_at=n if status is not Status.FINISHED else n - 1,
    )


@pytest.mark.parametrize(
    "losses, loss, steps",
    [
        ([3.0, 2.0, 1.0], 2.0, 1),  # exactly there counts
        ([3.0, 1.0, 5.0, 0.5], 1.5, 1),  # the first time, though it leaves again
        ([3.0, 2.0], 5.0, 0),  # at the start already: no step was needed
        ([3.0, 2.0], 1.0, None),
        ([], 1.0, None),
    ],
)
def test_steps_to_a_loss_is_the_number_of_steps_taken_when_it_was_first_reached(losses, loss, steps):
    assert _trace(losses).steps_to(loss) == steps


@pytest.mark.parametrize("status", Status)
def test_every_ending_is_a_sentence_with_the_step_in_it(status):
    """Divergence is a result: a person must read when and what, not a code."""
    sentence = status.sentence(12_345)
    assert "12,345" in sentence
    assert sentence.endswith(".")
    assert "{" not in sentence
    assert _trace([1.0], status).ending == status.sentence(_trace([1.0], status).stopped_at)


def test_the_endings_are_told_apart():
    assert len({status.sentence(1) for status in Status}) == len(Status)


def test_a_trace_is_itself_and_no_other():
    """Comparing arrays by value would make a trace unhashable, and the caches slow."""
    a, b = _trace([1.0]), _trace([1.0])
    assert a != b
    assert len({a, b}) == 2
