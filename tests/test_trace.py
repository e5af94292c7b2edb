"""The record of one run."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from prodigy_core.trace import Status, Trace, Tuning, array_bytes
from tests.traces import hand_made


def _trace(
    losses: list[float], status: Status = Status.FINISHED, *, every: int = 1, metrics: dict[str, list[float]] | None = None
) -> Trace:
    n = len(losses)
    return hand_made(
        n,
        steps=np.arange(n) * every,
        loss=np.asarray(losses, float),
        probes={"D": np.zeros(n)},
        metrics={name: np.asarray(values) for name, values in (metrics or {}).items()},
        status=status,
        stopped_at=n if status is not Status.FINISHED else n - 1,
        vectors={"gradient": np.zeros((n, 2)), "update": np.zeros((n, 2), np.float32)},
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


def test_steps_to_a_loss_counts_steps_and_not_entries():
    """A long run keeps every n-th entry: the index of one is not when it was."""
    assert _trace([3.0, 2.0, 1.0], every=50).steps_to(2.0) == 50


def test_only_a_run_that_still_goes_can_be_cancelled():
    """A finished race must not turn into a cancelled one because a button was pressed late."""
    for status in Status:
        trace = _trace([3.0, 1.0], status)
        cancelled = trace.cancelled()
        assert cancelled.status is (Status.CANCELLED if status is Status.RUNNING else status)
        assert cancelled.loss is trace.loss
        assert cancelled.stopped_at == trace.stopped_at
        assert trace.ended is (status not in (Status.RUNNING, Status.CANCELLED))


def test_the_final_loss_of_a_model_is_over_all_its_examples():
    """That of the last batch is noise: two contenders would change places with the seed."""
    assert _trace([3.0, 0.1]).final_loss == 0.1
    assert _trace([3.0, 0.1], metrics={"train_loss": [2.0, 0.7]}).final_loss == 0.7
    assert np.isnan(_trace([]).final_loss)


def test_the_size_of_a_trace_counts_every_array():
    """The cache of traces is bounded by it: one that was forgotten would let the server grow."""
    trace = _trace([3.0, 2.0, 1.0], metrics={"train_loss": [2.0]})
    arrays = [values for values in vars(trace).values() if isinstance(values, np.ndarray)]
    named = [*trace.probes.values(), *trace.metrics.values(), *trace.vectors.values()]
    assert trace.nbytes == sum(values.nbytes for values in (*arrays, *named))
    assert len(named) == 4


def test_the_size_of_a_trace_counts_what_is_in_its_records():
    tuning = Tuning("learning_rate", np.zeros(3), np.zeros(3, np.float32), 0.1, 30)
    trace = replace(_trace([1.0]), tuning=tuning)
    assert trace.nbytes == _trace([1.0]).nbytes + 3 * 8 + 3 * 4
    assert array_bytes((np.zeros(2), {"a": np.zeros(1)}, "text", None)) == 24
