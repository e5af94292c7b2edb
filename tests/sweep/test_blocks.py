"""However a sweep is cut, and whoever computes it: the same numbers, to the last bit."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace

import numpy as np
import pytest

from prodigy_core.engine import batch, devices
from prodigy_core.experiment import Contender, Experiment
from prodigy_core.sweep import local
from prodigy_core.sweep import plan as planning
from prodigy_core.sweep.block import BlockResult, compute
from prodigy_core.sweep.plan import make_plan
from prodigy_core.sweep.result import Store, SweepTrace
from prodigy_core.sweep.runner import SweepProgress, follow
from prodigy_core.sweep.spec import Sweep
from prodigy_core.trace import FINISHED, RUNNING
from tests.sweep.runs import PRODIGY, alone, axis

pytestmark = pytest.mark.usefixtures("optimised")

PLANE = Sweep(
    Experiment(contenders=(PRODIGY, Contender("tuned_adam", {"search_size": 5})), steps=50, noise="gaussian", noise_size=0.1),
    (axis("estim_lr0", *np.geomspace(1e-8, 1e-2, 60).tolist()), axis("beta2", 0.9, 0.99, 0.999, contender=1)),
    seeds=(0, 1),
    entries=11,
)
MODEL = Sweep(
    alone("logistic_regression", settings={"data": "iris", "batch": "16"}, steps=45),
    (axis("estim_lr0", *np.geomspace(1e-8, 1e-2, 11).tolist()),),
    seeds=(0, 4, 9),
    entries=6,
)


def _make_small(patch: pytest.MonkeyPatch) -> None:
    """Blocks of one tile each, in chunks of some steps."""
    patch.setattr(planning, "FEWEST", 1)
    patch.setattr(planning, "BLOCK_WORK", 20_000)


@pytest.fixture
def small(monkeypatch):
    _make_small(monkeypatch)


def following(sweep: Sweep) -> Generator[SweepProgress]:
    yield from follow(sweep)


def whole(sweep: Sweep) -> SweepTrace:
    *_, last = follow(sweep)
    return last.result


def assert_identical(one: SweepTrace, other: SweepTrace) -> None:
    for a, b in zip(one.grids, other.grids, strict=True):
        assert set(a.metrics) == set(b.metrics)
        np.testing.assert_array_equal(a.status, b.status)
        for name in a.metrics:
            np.testing.assert_array_equal(a.metrics[name], b.metrics[name], err_msg=name)
        for name in a.traces:
            np.testing.assert_array_equal(a.traces[name], b.traces[name], err_msg=name)


@pytest.fixture(scope="module", params=[PLANE, MODEL], ids=["plane", "model"])
def sweep(request) -> Sweep:
    param: Sweep = request.param
    return param


only_the_model = pytest.mark.parametrize("sweep", [MODEL], ids=["model"], indirect=True)


@pytest.fixture(scope="module")
def usual(optimised, sweep) -> SweepTrace:
    """The results in blocks of the usual size."""
    return whole(sweep)


@pytest.fixture(scope="module")
def words(optimised, sweep) -> list[SweepProgress]:
    """All reports of a sweep in small blocks."""
    with pytest.MonkeyPatch.context() as patch:
        _make_small(patch)
        return list(follow(sweep))


def test_small_blocks_and_short_chunks_change_nothing(sweep, usual, words, small):
    plan = make_plan(sweep)
    assert len(plan.blocks) > len(plan.groups)
    assert all(1 < group.chunk < group.steps for group in plan.groups)
    assert_identical(usual, words[-1].result)


@pytest.mark.parametrize("several", [1, 2])
def test_the_number_of_devices_changes_nothing(sweep, usual, monkeypatch, several):
    asked = []

    def shared(group):
        asked.append(min(several, group.tiles))
        return devices.processors()[: asked[-1]]

    monkeypatch.setattr("prodigy_core.sweep.block._devices", shared)
    result = whole(sweep)
    assert max(asked) == several <= len(devices.processors())
    assert_identical(result, usual)


def test_where_a_models_chunks_are_cut_changes_nothing(monkeypatch):
    """Adam's powers are those of the number of the step, whichever chunk it is in."""
    sweep = Sweep(replace(MODEL.experiment, contenders=(Contender("adam"),)), (axis("learning_rate", 0.001, 0.01),), entries=6)
    before = whole(sweep)
    monkeypatch.setattr(planning, "BLOCK_WORK", 20_000)
    assert 1 < make_plan(sweep).groups[0].chunk < 45
    assert_identical(before, whole(sweep))


def test_progress_moves(words):
    fractions = [word.fraction for word in words]
    assert len(words) > 3
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1
    assert [word.ended for word in words] == [False] * (len(words) - 1) + [True]
    assert words[-1].result.ended
    assert words[-1].nbytes > 0


@only_the_model
def test_a_part_says_what_is_there_and_what_is_not(usual, small):
    done = usual.grids[0]
    part = next(word for word in follow(MODEL) if word.fraction >= 0.5).result
    grid = part.grids[0]
    assert not part.ended
    assert grid.there.any()
    assert not grid.there.all()
    assert (grid.status[~grid.there] == RUNNING).all()
    assert (grid.status[grid.there] == FINISHED).all()
    for name, values in grid.metrics.items():
        assert np.isnan(values[~grid.there]).all()
        np.testing.assert_array_equal(values[grid.there], done.metrics[name][grid.there])


def test_a_search_is_there_when_all_its_tries_are(monkeypatch):
    monkeypatch.setattr(planning, "FEWEST", 1)
    monkeypatch.setattr(batch, "WIDEST", 2)
    monkeypatch.setattr(planning, "BLOCK_WORK", 1)
    sweep = Sweep(alone(contender=Contender("tuned_adam", {"search_size": 5}), steps=3), (axis("beta1", 0.5, 0.9),))
    seen = [word.result.grids[0].there.ravel().tolist() for word in follow(sweep) if word.fraction]
    assert seen[0] == [False, False]
    assert [True, False] in seen
    assert seen[-1] == [True, True]


@only_the_model
def test_a_block_that_comes_twice_counts_once(usual):
    plan = make_plan(MODEL)
    store = Store(plan)
    results = [[*compute(plan, block)][-1] for block in range(len(plan.blocks))]
    for block, each in [*enumerate(results), (0, results[0])]:
        assert isinstance(each, BlockResult)
        store.put(plan.blocks[block], each)
    assert_identical(store.trace(), usual)


def test_whoever_takes_no_more_has_cancelled(small, monkeypatch):
    begun = []

    def counted(plan, block, data):
        begun.append(block)
        return compute(plan, block, data)

    monkeypatch.setattr(local, "compute", counted)
    words = following(MODEL)
    next(words)
    words.close()
    assert begun == [0]


def test_what_was_handed_out_cannot_be_changed(usual):
    grid = usual.grids[0]
    for values in (*grid.metrics.values(), *grid.traces.values(), grid.status, grid.stopped_at):
        with pytest.raises(ValueError, match="read-only"):
            values[...] = 0
