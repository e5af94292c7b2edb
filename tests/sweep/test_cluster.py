"""A real Dask cluster of two worker processes, and what happens to it."""

from __future__ import annotations

import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.metadata import version
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from distributed import Client, LocalCluster, WorkerPlugin

from prodigy_core import limits
from prodigy_core.data.datasets import Dataset
from prodigy_core.data.upload import dataset_from_table, read_table
from prodigy_core.engine import batch
from prodigy_core.experiment import Experiment, ExperimentError
from prodigy_core.sweep import cluster as module
from prodigy_core.sweep import executors, plan
from prodigy_core.sweep.block import BlockResult
from prodigy_core.sweep.cluster import ClusterError, ClusterExecutor
from prodigy_core.sweep.executors import choose
from prodigy_core.sweep.local import LocalExecutor
from prodigy_core.sweep.plan import Plan, make_plan
from prodigy_core.sweep.result import SweepTrace
from prodigy_core.sweep.runner import Executor, SweepProgress, follow
from prodigy_core.sweep.spec import Sweep
from tests.sweep.runs import PRODIGY, alone, axis

LONG = 20.0  # seconds for what a busy machine takes to stop
NARROW = {"FEWEST": 1, "BLOCK_WORK": 20_000}  # many small blocks, in chunks of some steps
WIDEST = 16  # runs of a tile
PLANE = Sweep(
    Experiment("formula", formula="(x - 1)**2 + 3*y**2", contenders=(PRODIGY,), steps=30, noise="gaussian", noise_size=0.1),
    (axis("estim_lr0", *np.geomspace(1e-8, 1e-2, 40).tolist()),),
    seeds=(0, 1, 2),
    entries=6,
)


def heavy(steps: int, runs: int) -> Sweep:
    """Blocks of four runs, all of one program; 500 steps of them take some tenths of a second."""
    estimates = axis("estim_lr0", *np.geomspace(1e-8, 1e-2, runs).tolist())
    return Sweep(alone("sum_of_squares_at_3", settings={"dimension": 1000}, steps=steps), (estimates,))


HEAVY = heavy(500, 32)
MANY = heavy(500, 320)  # that nobody waits for
ENDLESS = heavy(100_000, 32)  # blocks of a minute


@contextmanager
def cluster(workers: int) -> Iterator[LocalCluster]:
    """Workers of one thread each, spawned, on this machine alone."""
    anywhere = {"dashboard": False, "dashboard_address": "127.0.0.1:0"}  # beside others of this machine
    with LocalCluster(
        n_workers=workers, threads_per_worker=1, processes=True, host="127.0.0.1", scheduler_kwargs=anywhere
    ) as scheduler:
        with Client(scheduler, set_as_default=False) as client:
            client.register_plugin(Narrow())
        yield scheduler


class Narrow(WorkerPlugin):  # type: ignore[misc]
    """In workers too, those among them that take a dead one's place."""

    def setup(self, worker: Any) -> None:
        _set("plan", NARROW)
        _set("batch", {"WIDEST": WIDEST})


def _set(room: str, values: dict[str, int]) -> None:
    for name, value in values.items():
        setattr({"plan": plan, "batch": batch, "limits": limits}[room], name, value)


@pytest.fixture(scope="module", autouse=True)
def bare_main() -> Iterator[None]:
    """What is spawned runs the main module anew; a test of a page leaves its page there."""
    before = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    yield
    sys.modules["__main__"] = before


@pytest.fixture(scope="module")
def local(bare_main) -> Iterator[LocalCluster]:
    with cluster(2) as scheduler:
        yield scheduler


@pytest.fixture
def on_workers(local) -> Iterator[Callable[..., dict[str, Any]]]:
    """Runs a function in each worker."""
    with Client(local, set_as_default=False) as client:
        yield client.run


@pytest.fixture(autouse=True)
def narrow(monkeypatch):
    for name, value in NARROW.items():
        monkeypatch.setattr(plan, name, value)
    monkeypatch.setattr(batch, "WIDEST", WIDEST)


def whole(sweep: Sweep, executor: Executor, upload: Dataset | None = None) -> SweepTrace:
    *_, last = follow(sweep, upload, executor)
    return last.result


def assert_identical(one: SweepTrace, other: SweepTrace) -> None:
    for a, b in zip(one.grids, other.grids, strict=True):
        assert a.there.all()
        np.testing.assert_array_equal(a.status, b.status)
        for arrays, expected in ((a.metrics, b.metrics), (a.traces, b.traces)):
            assert set(arrays) == set(expected)
            for name, values in arrays.items():
                np.testing.assert_array_equal(values, expected[name], err_msg=name)


# --- where it is ---------------------------------------------------------------------------------------------------


def test_without_an_address_sweeps_run_here(monkeypatch):
    monkeypatch.delenv(executors.ADDRESS, raising=False)
    assert isinstance(choose(), LocalExecutor)


def test_the_environment_names_a_cluster(monkeypatch):
    monkeypatch.setenv(executors.ADDRESS, "tcp://127.0.0.1:1")
    executor = choose()
    assert isinstance(executor, ClusterExecutor)
    assert executor.address == "tcp://127.0.0.1:1"


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1:8786", "http://127.0.0.1:8786", "tcp://127.0.0.1", "tcp://", "file:///etc:1", "tcp://127.0.0.1:70000"],
)
def test_what_is_no_address(address):
    with pytest.raises(ClusterError, match="it must be like tcp://"):
        choose(address)


def test_without_dask_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(ClusterError, match=r"pip install 'prodigy-lab\[dask\]'"):
        choose("tcp://127.0.0.1:1")


@pytest.mark.parametrize("scheme", ["tcp", "tls"])
@pytest.mark.parametrize("listens", [False, True], ids=["nobody", "somebody who says nothing"])
def test_nobody_answers(monkeypatch, scheme, listens):
    monkeypatch.setattr(module, "PATIENCE", 0.5)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        if listens:
            taken.listen()
        address = f"{scheme}://127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(ClusterError, match=f"No scheduler answers at {address}") as told:
            whole(PLANE, ClusterExecutor(address))
    assert ("certificates" in str(told.value)) == (scheme == "tls")


def test_a_cluster_without_workers(monkeypatch):
    monkeypatch.setattr(module, "ARRIVAL", 0.1)
    with cluster(0) as empty, pytest.raises(ClusterError, match="has no worker yet"):
        whole(PLANE, ClusterExecutor(empty.scheduler_address))


# --- the same numbers ----------------------------------------------------------------------------------------------


def test_a_cluster_computes_the_same_to_the_last_bit(local):
    assert len(make_plan(PLANE).blocks) > 1
    assert_identical(whole(PLANE, ClusterExecutor(local.scheduler_address)), whole(PLANE, LocalExecutor()))


def test_an_upload_travels_with_its_sweep(local):
    rows = np.random.default_rng(0).normal(size=(40, 2))
    lines = [f"{a:.4f},{b:.4f},{a > b:d}" for a, b in rows]
    mine = dataset_from_table(read_table("mine.csv", "\n".join(["a,b,y", *lines]).encode()), "y", "classification")
    model = alone("logistic_regression", settings={"data": "upload", "batch": "16"}, data=mine.digest, steps=10)
    sweep = Sweep(model, (axis("estim_lr0", *np.geomspace(1e-6, 1e-2, 20).tolist()),), seeds=(0, 4))
    assert len(make_plan(sweep, mine).blocks) > 1
    assert_identical(whole(sweep, ClusterExecutor(local.scheduler_address), mine), whole(sweep, LocalExecutor(), mine))


def test_other_versions_are_refused(local, monkeypatch):
    monkeypatch.setattr(module, "version", lambda name: "0.0.1" if name == "jax" else version(name))
    with pytest.raises(ClusterError, match=r"has other versions, which round elsewhere: jax .* there, 0\.0\.1 here"):
        whole(PLANE, ClusterExecutor(local.scheduler_address))


def test_workers_that_cut_otherwise_are_refused(local, monkeypatch):
    """Their blocks would have the numbers of others."""
    monkeypatch.setattr(batch, "WIDEST", 8)
    with pytest.raises(ClusterError, match="cuts the sweep into other blocks"):
        whole(PLANE, ClusterExecutor(local.scheduler_address))


def test_what_a_workers_limits_forbid_is_told(local, on_workers):
    on_workers(_set, "limits", {"MAX_RUNS": 5})
    with pytest.raises(ExperimentError, match="PRODIGY_LAB_MAX_RUNS"):
        whole(PLANE, ClusterExecutor(local.scheduler_address))
    on_workers(_set, "limits", {"MAX_RUNS": limits.MAX_RUNS})


# --- what goes wrong -----------------------------------------------------------------------------------------------


class Watched:
    """A cluster that counts what arrives, and after the first block does something to it."""

    def __init__(self, address: str, then: Callable[[], None]) -> None:
        self.inner, self.then = ClusterExecutor(address), then
        self.counted: dict[int, int] = {}

    accelerator = False

    def compute(self, plan: Plan, upload: Dataset | None) -> Iterator[tuple[int, float | BlockResult]]:
        for block, news in self.inner.compute(plan, upload):
            if isinstance(news, BlockResult):
                self.counted[block] = self.counted.get(block, 0) + 1
                if len(self.counted) == self.counted[block] == 1:
                    self.then()
            yield block, news


def test_whoever_takes_no_more_stops_the_workers(local, on_workers):
    """Between two chunks: the blocks themselves would take longer than anybody waits."""
    words = ClusterExecutor(local.scheduler_address).compute(make_plan(ENDLESS), None)
    while not any(on_workers(_at_work).values()):
        next(words)
    words.close()  # type: ignore[attr-defined]
    until = time.monotonic() + LONG
    while any(on_workers(_at_work).values()):
        assert time.monotonic() < until
        time.sleep(0.05)


def _at_work(dask_worker: Any) -> int:
    return int(dask_worker.state.executing_count)


def test_a_worker_that_is_killed_loses_and_doubles_nothing(local, on_workers):
    lost: set[str] = set()

    def kill() -> None:
        processes = on_workers(os.getpid)
        victim = next(worker for worker in local.scheduler.workers.values() if worker.processing)
        lost.update(task.key for task in victim.processing)
        os.kill(processes[victim.address], signal.SIGKILL)

    watched = Watched(local.scheduler_address, kill)
    result = whole(HEAVY, watched)
    assert lost, "whoever was killed had been at something"
    assert watched.counted == dict.fromkeys(range(len(make_plan(HEAVY).blocks)), 1)
    assert_identical(result, whole(HEAVY, LocalExecutor()))


def test_a_scheduler_that_goes_away_leaves_what_had_arrived(local, monkeypatch):
    """The last test here: the cluster of all is gone then."""

    def close() -> None:
        local.close()
        monkeypatch.setattr(module, "PATIENCE", 0.5)

    watched = Watched(local.scheduler_address, close)
    arrived: list[SweepProgress] = []
    with pytest.raises(ClusterError, match=r"went away\. What had arrived until then is kept"):
        arrived.extend(follow(MANY, executor=watched))
    there = arrived[-1].result.grids[0].there
    assert 0 < there.sum() < there.size
