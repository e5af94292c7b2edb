"""The blocks of a sweep on a Dask cluster.

What goes there is the sweep's JSON, a block's number and, once, an upload; what comes back is arrays. A block that is
computed twice, because its worker died, counts once: its key is its number. Workers check between the chunks of a block
whether it is still wanted.
"""

from __future__ import annotations

import hashlib
import re
import time
import uuid
from collections.abc import Iterator
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

from prodigy_core import xla
from prodigy_core.axes import Sweep
from prodigy_core.blocks import Found, Plan, compute, plan
from prodigy_core.experiment import ExperimentError
from prodigy_core.problems.datasets import Dataset

if TYPE_CHECKING:
    from distributed import Client, Future

ADDRESS = re.compile(r"(tcp|tls|ws|wss)://[^\s/]+:\d{1,5}")
PATIENCE = 10.0  # seconds for a scheduler to answer, and for a first worker
LOOK = 0.3  # seconds between two words of progress
AHEAD = 3  # blocks for each thread of the cluster that are handed out at once
PACKAGES = ("prodigy-lab", "jax", "jaxlib", "optax", "numpy")  # whose versions decide the last bit of a result


class ClusterError(RuntimeError):
    """What is wrong with the cluster, and what to do."""


class Cluster:
    """Computes on the workers of a Dask scheduler."""

    def __init__(self, address: str) -> None:
        """Checks the address; nothing is asked of the cluster yet.

        Raises:
          ClusterError: the address is none, or the extra `dask` is not installed.
        """
        if not ADDRESS.fullmatch(address):
            raise ClusterError(f"The address of the cluster is {address[:100]!r}; it must be like tcp://10.0.0.5:8786.")
        try:
            import distributed  # noqa: F401
        except ImportError:
            raise ClusterError("Sweeps on a cluster need Dask here too: pip install 'prodigy-lab[dask]'") from None
        self.address = address

    def compute(self, plan: Plan, upload: Dataset | None) -> Iterator[tuple[int, float | Found]]:
        """The blocks as they are done, and now and then a word that none is. Closing the iterator cancels what is left.

        Raises:
          ClusterError: the cluster does not answer, has other versions, or went away: what came before it stays.
          ExperimentError: a worker's limits do not allow the sweep.
        """
        with self._client() as client:
            self._agree(client)
            text = plan.sweep.to_json()
            data = client.scatter(upload, broadcast=True) if upload is not None else None
            name = f"{hashlib.sha256(text.encode()).hexdigest()[:12]}-{uuid.uuid4().hex[:8]}"
            waiting = iter(range(len(plan.blocks)))
            going: dict[Future, int] = {}
            try:
                while True:
                    for block in self._next(client, waiting, len(going)):
                        key = f"prodigy-lab-{name}-{block}"
                        going[client.submit(_computed, text, block, data, key=key, pure=False, retries=2)] = block
                    if not going:
                        return
                    yield from self._arrived(client, going)
            finally:
                _drop(client, list(going))

    def _client(self) -> Client:
        from distributed import Client

        try:
            return Client(self.address, timeout=PATIENCE, set_as_default=False)
        except (OSError, TimeoutError, ValueError) as error:
            raise ClusterError(
                f"No scheduler answers at {self.address} ({type(error).__name__}). Is it running, and reachable from here?"
            ) from None

    def _agree(self, client: Client) -> None:
        """Raises where there is no worker, or one of other versions."""
        try:
            client.wait_for_workers(1, timeout=PATIENCE)
            there = client.run(_versions)
        except (OSError, TimeoutError) as error:
            raise ClusterError(
                f"The scheduler at {self.address} has no worker that answers ({type(error).__name__})."
            ) from None
        except Exception as error:  # what a worker raises where it lacks this very module
            raise ClusterError(f"A worker cannot run this version of prodigy-lab: {type(error).__name__}: {error}") from None
        here = _versions()
        for worker, versions in there.items():
            if other := [
                f"{name} {versions.get(name)} there, {found} here"
                for name, found in here.items()
                if versions.get(name) != found
            ]:
                raise ClusterError(f"The worker {worker} has other versions, which round elsewhere: {'; '.join(other)}.")

    def _next(self, client: Client, waiting: Iterator[int], going: int) -> Iterator[int]:
        """The blocks that are handed out now: enough that no worker waits, not all of a hundred thousand."""
        threads = sum(client.nthreads().values()) if client.status == "running" else 0
        for _ in range(max(AHEAD * max(threads, 1) - going, 0)):
            if (block := next(waiting, None)) is None:
                return
            yield block

    def _arrived(self, client: Client, going: dict[Future, int]) -> Iterator[tuple[int, float | Found]]:
        """What is done by now; or one word that nothing is, after a moment."""
        until = time.monotonic() + LOOK
        while not (done := [future for future in going if future.done()]):
            if client.status != "running":
                raise ClusterError(f"The scheduler at {self.address} went away. What had arrived until then is kept.")
            if time.monotonic() > until:
                yield next(iter(going.values())), 0.0
                return
            time.sleep(0.01)
        for future in done:
            block = going.pop(future)
            yield block, self._result(future)

    def _result(self, future: Future) -> Found:
        if future.status == "finished":
            try:
                found: Found = future.result(timeout=PATIENCE)
                return found
            except (OSError, TimeoutError):
                raise ClusterError(f"The scheduler at {self.address} went away. What had arrived until then is kept.") from None
        if future.status in ("cancelled", "lost"):
            raise ClusterError(f"The scheduler at {self.address} went away. What had arrived until then is kept.")
        error = future.exception(timeout=PATIENCE)
        if isinstance(error, ExperimentError):
            raise error
        raise ClusterError(f"A block broke off on the cluster: {type(error).__name__}: {str(error)[:300]}")


def _drop(client: Client, futures: list[Future]) -> None:
    """Cancels what is not wanted any more, if there is still a scheduler to tell."""
    if futures and client.status == "running":
        client.cancel(futures, force=True)


def _versions() -> dict[str, str]:
    found = {}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "none"
    return found


# --- on a worker ---------------------------------------------------------------------------------------------------


def _computed(text: str, block: int, upload: Dataset | None) -> Found:
    """One block, on a worker."""
    from distributed import get_worker

    xla.prepare(devices=1)  # each worker is one thread; a machine has as many as it has cores
    worker = get_worker()
    key = worker.get_current_task()
    for found in compute(_planned(text, upload), block, upload):
        if isinstance(found, Found):
            return found
        if not _wanted(worker, key):
            raise ClusterError("Cancelled.")
    raise AssertionError("a block ends with what it found")


@lru_cache(maxsize=4)
def _planned(text: str, upload: Dataset | None) -> Plan:
    return plan(Sweep.from_json(text), upload)


def _wanted(worker: Any, key: str) -> bool:
    """Whether somebody still waits for a task: its futures were not cancelled, and their client is there."""
    task = worker.state.tasks.get(key)
    return task is not None and task.state not in ("cancelled", "released", "forgotten")
