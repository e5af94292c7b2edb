"""A long run goes in chunks: no number comes out another, and a person can watch, and stop it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from prodigy_core import limits
from prodigy_core.engine import prepare
from prodigy_core.engine.runner import follow, run_contender
from prodigy_core.experiment import Contender
from prodigy_core.progress import Progress
from prodigy_core.trace import Status, Trace
from tests.engine.runs import BOWL, LOGISTIC, NETWORK, STEPS, TUNED, Pairs, arrays, assert_same, experiment, ran

CASES: dict[str, tuple[str, Pairs, dict[str, Any]]] = {
    "plane": ("prodigy", (), {}),
    "bad batch": ("prodigy", (), {"noise": "one bad batch", "noise_at": 33}),
    "bowl under noise": ("adam", (), BOWL),
    "network": ("adam", (), NETWORK),
    "network, judged at every third step": ("adam", (), {**NETWORK, "steps": 300}),
    "search": ("tuned_adam", TUNED, {"noise": "gaussian"}),
    "search of a model": ("tuned_adam", TUNED, LOGISTIC),
}
every_case = pytest.mark.parametrize("case", list(CASES))


def _chunks_of(monkeypatch: pytest.MonkeyPatch, steps: int) -> None:
    monkeypatch.setattr(limits, "CHUNK_WORK", steps * limits.OVERHEAD)


def _followed(case: str) -> list[Progress[Trace | None]]:
    optimizer, knobs, fields = CASES[case]
    return list(follow(experiment(**fields), Contender(optimizer, dict(knobs))))


def _is_prefix(part: Trace, whole: Trace) -> bool:
    complete = arrays(whole)
    return all(
        np.array_equal(values, complete[name][: values.shape[0]] if values.ndim else complete[name], equal_nan=True)
        for name, values in arrays(part).items()
    )


@every_case
def test_chunks_change_no_number_and_what_is_seen_on_the_way_is_the_beginning_of_the_whole(case, monkeypatch):
    """Else a run on a slower server, with smaller chunks, would be another run, and a curve would jump while it grows."""
    optimizer, knobs, fields = CASES[case]
    uncut = ran(optimizer, knobs, **fields)
    _chunks_of(monkeypatch, 7)
    progress = _followed(case)
    fractions = [each.fraction for each in progress]
    assert fractions == sorted(set(fractions))
    assert 0 < fractions[0] < 0.2
    assert fractions[-1] == 1
    assert np.diff(fractions).max() < 0.2, "no long silence"
    *parts, whole = [each.result for each in progress if each.result is not None]
    assert_same(whole, uncut)
    assert whole.status is Status.FINISHED
    assert len(parts) > 10
    for part in parts:
        assert part.status is Status.RUNNING
        assert not part.ended
        assert part.stopped_at == part.steps[-1] < whole.stopped_at
        assert _is_prefix(part, whole)
    assert [part.loss.size for part in parts] == sorted({part.loss.size for part in parts})


@pytest.mark.parametrize("case", ["plane", "bad batch"])
def test_a_chunk_may_be_a_single_step(case, monkeypatch):
    optimizer, knobs, fields = CASES[case]
    whole = ran(optimizer, knobs, **fields)
    _chunks_of(monkeypatch, 1)
    progress = _followed(case)
    assert len(progress) > STEPS - 1
    assert progress[-1].result is not None
    assert_same(progress[-1].result, whole)


@pytest.mark.parametrize("case", ["plane", "bowl under noise"])
def test_the_room_for_entries_changes_no_number(case, monkeypatch):
    """Beyond the largest of the sizes a run is cut, whatever its work."""
    optimizer, knobs, fields = CASES[case]
    whole = ran(optimizer, knobs, **fields)
    monkeypatch.setattr(prepare, "LENGTHS", (16, 32))
    progress = _followed(case)
    assert sum(each.result is not None for each in progress) == -(-(STEPS + 1) // 32)
    assert_same(run_contender(experiment(**fields), Contender(optimizer, dict(knobs))), whole)


def test_nothing_is_shown_of_a_run_while_its_search_goes_on(monkeypatch):
    _chunks_of(monkeypatch, 7)
    progress = _followed("search")
    searching = [each.result is None for each in progress]
    first = searching.index(False)
    assert 5 < first < len(searching) - 5
    assert not any(searching[first:])
    assert progress[first - 1].fraction == pytest.approx(3 / 4, abs=0.01), "three tries before one run"


def test_whoever_stops_watching_has_what_was_run_and_no_more_is_computed(monkeypatch):
    """A person who has seen enough must not wait for the rest, nor lose what they saw."""
    whole = ran("adam", **NETWORK)
    _chunks_of(monkeypatch, 7)
    asked: list[int] = []
    indices = prepare.PreparedRun.indices

    def counted(self: prepare.PreparedRun, at: int, count: int) -> np.ndarray | None:
        asked.append(at)
        return indices(self, at, count)

    monkeypatch.setattr(prepare.PreparedRun, "indices", counted)
    running = follow(experiment(**NETWORK), Contender("adam"))
    seen = [next(running) for _ in range(3)][-1]
    running.close()  # type: ignore[attr-defined]
    assert asked == [0, 7, 14]
    assert seen.result is not None
    stopped = seen.result.cancelled()
    assert stopped.status is Status.CANCELLED
    assert stopped.stopped_at == 20
    assert "20" in stopped.ending
    assert stopped.loss.shape == (21,)
    assert _is_prefix(stopped, whole)


@pytest.mark.parametrize("case", ["plane", "bowl under noise", "network"])
def test_a_run_without_chunks_is_one_word_at_its_end(case):
    (only,) = _followed(case)
    assert only.fraction == 1
    assert only.result is not None
    assert only.result.status is Status.FINISHED
    assert only.result is only.result, "a second look costs nothing"
