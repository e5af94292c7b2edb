"""A real Dask cluster of two worker processes, and what happens to it."""

from __future__ import annotations

import os
import signal
import socket
import sys
import time
from collections.abc import Iterator
from importlib.metadata import version
from types import ModuleType

import numpy as np
import pytest
from distributed import Client, LocalCluster, Scheduler

from prodigy_core import blocks, executors
from prodigy_core.axes import Sweep
from prodigy_core.blocks import Found, plan
from prodigy_core.executors import choose
from prodigy_core.executors import cluster as module
from prodigy_core.executors.cluster import Cluster, ClusterError
from prodigy_core.executors.here import Here
from prodigy_core.experiment import Experiment, ExperimentError
from prodigy_core.sweep import follow
from prodigy_core.sweeptrace import SweepTrace
from tests.sweep.runs import PRODIGY, alone, axis

LONG = 60.0  # seconds for what a busy machine takes; never what a test asserts
SWEEP = Sweep(
    Experiment("formula", formula="(x - 1)**2 + 3*y**2", contenders=(PRODIGY,), steps=30, noise="gaussian", noise_size=0.1),
    (axis("estim_lr0", *np.geomspace(1e-8, 1e-2, 40).tolist()),),
    seeds=(0, 1, 2),
)


def cluster(workers: int) -> LocalCluster:
    """Workers of one thread each, spawned, on this machine alone."""
    return LocalCluster(
        n_workers=workers, threads_per_worker=1, processes=True, host="127.0.0.1", dashboard_address="127.0.0.1:0"
    )


@pytest.fixture(scope="module", autouse=True)
def bare_main() -> Iterator[None]:
    """What is spawned runs the main module anew; a test of a page leaves its page there."""
    before = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    yield
    sys.modules["__main__"] = before


@pytest.fixture(scope="module")
def local(bare_main) -> Iterator[LocalCluster]:
    with cluster(2) as made:
        yield made


@pytest.fixture(autouse=True)
def small(monkeypatch):
    """Many blocks, of one narrow tile each: the workers read the same from their environment, as the plan must be one."""
    monkeypatch.setattr(blocks, "FEWEST", 1)


def whole(sweep: Sweep, executor: Here | Cluster) -> SweepTrace:
    *_, last = follow(sweep, executor=executor)
    return last.result


def assert_identical(one: SweepTrace, other: SweepTrace) -> None:
    for a, b in zip(one.grids, other.grids, strict=True):
        np.testing.assert_array_equal(a.status, b.status)
        assert set(a.metrics) == set(b.metrics)
        for name, values in a.metrics.items():
            np.testing.assert_array_equal(values, b.metrics[name], err_msg=name)


# --- where it is ---------------------------------------------------------------------------------------------------


def test_without_an_address_sweeps_run_here(monkeypatch):
    monkeypatch.delenv(executors.ADDRESS, raising=False)
    assert isinstance(choose(), Here)


def test_the_environment_names_a_cluster(monkeypatch):
    monkeypatch.setenv(executors.ADDRESS, "tcp://127.0.0.1:1")
    found = choose()
    assert isinstance(found, Cluster)
    assert found.address == "tcp://127.0.0.1:1"


@pytest.mark.parametrize("address", ["127.0.0.1:8786", "http://127.0.0.1:8786", "tcp://127.0.0.1", "tcp://", "file:///etc:1"])
def test_what_is_no_address(address):
    with pytest.raises(ClusterError, match="it must be like tcp://"):
        choose(address)


def test_nobody_answers(monkeypatch):
    monkeypatch.setattr(module, "PATIENCE", 0.5)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(ClusterError, match=f"No scheduler answers at {address}"):
            whole(SWEEP, Cluster(address))


# --- the same numbers ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "sweep",
    [
        SWEEP,
        Sweep(
            alone("logistic_regression", settings={"data": "iris"}, steps=20), (axis("estim_lr0", 1e-6, 1e-2),), seeds=(0, 4)
        ),
    ],
    ids=["formula", "model"],
)
def test_a_cluster_computes_the_same_to_the_last_bit(local, sweep):
    assert_identical(whole(sweep, Cluster(local.scheduler_address)), whole(sweep, Here()))


def test_other_versions_are_refused(local, monkeypatch):
    monkeypatch.setattr(module, "version", lambda name: "0.0.1" if name == "jax" else version(name))
    with pytest.raises(ClusterError, match=r"has other versions, which round elsewhere: .*0\.0\.1 here"):
        whole(SWEEP, Cluster(local.scheduler_address))


def test_what_a_workers_limits_forbid_is_told(local, monkeypatch):
    with Client(local.scheduler_address, set_as_default=False) as client:
        client.run(_limit, 5)
        try:
            with pytest.raises(ExperimentError, match="PRODIGY_LAB_MAX_RUNS"):
                whole(
                    Sweep(alone(steps=3), (axis("beta1", *np.linspace(0.1, 0.9, 6).tolist()),)),
                    Cluster(local.scheduler_address),
                )
        finally:
            client.run(_limit, 100_000)


def _limit(runs: int) -> None:
    from prodigy_core import limits

    limits.MAX_RUNS = runs


# --- what goes wrong -----------------------------------------------------------------------------------------------

MANY = Sweep(
    alone("logistic_regression", settings={"data": "iris"}, steps=40),
    (
        axis("estim_lr0", *np.geomspace(1e-8, 1e-2, 8).tolist()),
        axis("settings.label_noise", *np.linspace(0, 0.5, 12).tolist(), contender=None),
    ),
)  # twelve groups, and so as many blocks at least


def test_a_worker_that_is_killed_loses_and_doubles_nothing(local):
    expected = whole(MANY, Here())
    made = plan(MANY)
    with Client(local.scheduler_address, set_as_default=False) as client:
        victim = next(iter(client.run(os.getpid).values()))
        counted: dict[int, int] = {}
        last = None
        for block, found in Cluster(local.scheduler_address).compute(made, None):
            if isinstance(found, Found):
                if not counted:
                    os.kill(victim, signal.SIGKILL)
                counted[block] = counted.get(block, 0) + 1
                last = found
        assert last is not None
        assert counted == dict.fromkeys(range(len(made.blocks)), 1)
        client.wait_for_workers(2, timeout=LONG)  # another stands in its place
    assert_identical(whole(MANY, Cluster(local.scheduler_address)), expected)


def test_a_scheduler_that_goes_away_leaves_what_had_arrived():
    arrived = []
    with cluster(1) as passing:
        words = follow(MANY, executor=Cluster(passing.scheduler_address))
        arrived.append(next(word for word in words if word.fraction > 0))
        passing.close()
        with pytest.raises(ClusterError, match=r"went away\. What had arrived until then is kept"):
            arrived.extend(words)
    part = arrived[-1].result.grids[0]
    assert part.there.any()
    assert not part.there.all()


def test_whoever_takes_no_more_has_cancelled(local):
    words = Cluster(local.scheduler_address).compute(plan(MANY), None)
    next(word for word in words if isinstance(word[1], Found))
    words.close()  # type: ignore[attr-defined]
    until = time.monotonic() + LONG
    while _going(local.scheduler):
        assert time.monotonic() < until
        time.sleep(0.05)


def _going(scheduler: Scheduler) -> list[str]:
    return [key for key in scheduler.tasks if str(key).startswith("prodigy-lab-")]
