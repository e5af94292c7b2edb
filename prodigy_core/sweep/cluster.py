"""The blocks of a sweep on a Dask cluster.

What goes there is, once, the sweep's JSON and an upload, and for each block its number; what comes back is arrays. A block
that is computed twice, because its worker died, counts once: its key is its number. Workers look between the chunks of a
block whether it is still wanted.
"""

from __future__ import annotations

import asyncio
import re
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import CancelledError, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from itertools import islice
from typing import TYPE_CHECKING, Any

from prodigy_core.data.datasets import Dataset
from prodigy_core.engine import xla
from prodigy_core.experiment import ExperimentError
from prodigy_core.sweep.block import Found, compute
from prodigy_core.sweep.plan import Block, Plan, make_plan
from prodigy_core.sweep.spec import Sweep

if TYPE_CHECKING:
    from distributed import Client, Future

ADDRESS = re.compile(r"(tcp|tls)://[^\s/]+:(\d{1,5})")
PORTS = range(1, 65536)
PATIENCE = 5.0  # seconds for a scheduler to answer
ARRIVAL = 10.0  # seconds for a first worker, and for what a worker found to get here
LOOK = 0.3  # seconds between two words of progress, and between two looks at how large the cluster is
AHEAD = 3  # blocks for each thread of the cluster that are handed out at once
KEPT = "What had arrived until then is kept."
GONE = f"went away. {KEPT}"
PACKAGES = ("prodigy-lab", "jax", "jaxlib", "optax", "numpy")  # whose versions decide the last bit of a result


class ClusterError(RuntimeError):
    """What is wrong with the cluster, and what to do."""


class Cluster:
    """Computes on the workers of a Dask scheduler."""

    accelerator = False  # both sides must cut the sweep alike, whatever each of them has

    def __init__(self, address: str) -> None:
        """Checks the address; nothing is asked of the cluster yet.

        Raises:
          ClusterError: the address is none, or the extra `dask` is not installed.
        """
        found = ADDRESS.fullmatch(address)
        if found is None or int(found[2]) not in PORTS:
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
            name = uuid.uuid4().hex[:12]
            work = client.submit(_Work, plan.sweep.to_json(), upload, _versions(), key=f"prodigy-lab-sweep-{name}", pure=False)
            waiting = iter(enumerate(plan.blocks))
            going: dict[Future, int] = {}
            threads, looked = 1, 0.0
            try:
                while True:
                    if time.monotonic() > looked + LOOK:
                        threads, looked = self._threads(client), time.monotonic()
                    # Enough that no worker waits, not all of a hundred thousand.
                    if some := list(islice(waiting, max(AHEAD * threads - len(going), 0))):
                        keys = [f"prodigy-lab-{name}-{number}" for number, _ in some]
                        futures = client.map(_computed, *zip(*some, strict=True), work=work, key=keys, pure=False)
                        going.update(zip(futures, (number for number, _ in some), strict=True))
                    if not going:
                        return
                    yield from self._arrived(client, going)
            finally:
                _drop(client, [*going, work])

    @contextmanager
    def _client(self) -> Iterator[Client]:
        """A connection to the scheduler, once a worker is there."""
        from distributed import Client

        # On a thread of its own, because a notebook has a loop already. It waits where Dask would not: a scheduler that hangs,
        # or what is none, may take the connection and say nothing.
        with ThreadPoolExecutor(1) as thread:
            try:
                thread.submit(asyncio.run, self._greet()).result()
            except Exception as error:  # whatever Dask makes of the words of a stranger
                hint = " For tls:// Dask must know the certificates (docs/cluster.md)."
                raise ClusterError(
                    f"No scheduler answers at {self.address} ({_told(error)}). Is it running, and reachable from here?"
                    + hint * self.address.startswith("tls")
                ) from None
        with self._asking():
            client = Client(self.address, timeout=PATIENCE, set_as_default=False)
        try:
            with self._asking("has no worker yet. Start one: dask worker ADDRESS --nthreads 1"):
                client.wait_for_workers(1, timeout=ARRIVAL)
            yield client
        finally:
            with suppress(OSError):
                client.close(timeout=PATIENCE)

    async def _greet(self) -> None:
        from distributed import Security
        from distributed.comm import connect

        arguments = Security().get_connection_args("client")
        comm = await asyncio.wait_for(connect(self.address, timeout=PATIENCE, **arguments), PATIENCE)
        await comm.close()

    @contextmanager
    def _asking(self, trouble: str = GONE) -> Iterator[None]:
        """Says in our words that nobody answers any more."""
        try:
            yield
        except (OSError, CancelledError):
            raise ClusterError(f"The scheduler at {self.address} {trouble}") from None

    def _threads(self, client: Client) -> int:
        """Of all workers; one at least, for those that are to come."""
        with self._asking():
            each: dict[str, int] = client.nthreads(callback_timeout=PATIENCE)
            return max(sum(each.values()), 1)

    def _arrived(self, client: Client, going: dict[Future, int]) -> Iterator[tuple[int, float | Found]]:
        """What is done by now; or one word that nothing is, after a moment."""
        until = time.monotonic() + LOOK
        while not (done := [future for future in going if future.done()]):
            if client.status != "running":
                raise ClusterError(f"The scheduler at {self.address} {GONE}")
            if time.monotonic() > until:
                yield next(iter(going.values())), 0.0
                return
            time.sleep(0.01)
        for future in done:
            if (found := self._result(client, future)) is not None:
                yield going.pop(future), found

    def _result(self, client: Client, future: Future) -> Found | None:
        """What a block found; None where it must be computed again, since its worker died before it was fetched."""
        if future.status == "cancelled" and client.status == "running":
            raise ClusterError(f"The scheduler at {self.address} dropped the sweep: was it restarted? {KEPT}")
        with self._asking():
            if future.status != "error":
                with suppress(TimeoutError):
                    found: Found = future.result(timeout=ARRIVAL)
                    return found
                return None
            error = future.exception(timeout=ARRIVAL)
        if isinstance(error, ExperimentError | ClusterError):
            raise error
        raise ClusterError(
            f"A block broke off on the cluster ({_told(error)}). Have the scheduler and all workers prodigy-lab "
            f"{_versions()['prodigy-lab']}, and memory enough?"
        )


def _drop(client: Client, futures: list[Future]) -> None:
    """Cancels what is not wanted any more, if there is still a scheduler to tell."""
    if client.status == "running":
        with suppress(OSError):
            client.cancel(futures)


def _told(error: BaseException | None) -> str:
    """What an error of Dask's says, in a line."""
    return f"{type(error).__name__}: {' '.join(str(error).split())[:200]}".removesuffix(": ")


def _versions() -> dict[str, str]:
    found = {}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "none"
    return found


# --- on a worker ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class _Work:
    """What all blocks of a sweep need. A worker has it once, and takes it from another where it can.

    Attributes:
      text: the sweep's JSON.
      upload: as the sweep's own.
      versions: of `PACKAGES`, where the results are wanted.
    """

    text: str
    upload: Dataset | None
    versions: dict[str, str]


def _computed(number: int, expected: Block, work: _Work) -> Found:
    """A block, computed on a worker."""
    from distributed import Reschedule, get_worker

    worker = get_worker()
    here = _versions()
    if other := [f"{name} {here[name]} there, {found} here" for name, found in work.versions.items() if here[name] != found]:
        raise ClusterError(f"The worker {worker.address} has other versions, which round elsewhere: {'; '.join(other)}.")
    xla.prepare(cores=1)  # each worker is one thread; a machine has as many as it has cores
    made = _planned(work)
    if made.blocks[number : number + 1] != (expected,):
        raise ClusterError(f"The worker {worker.address} cuts the sweep into other blocks: its prodigy-lab is another.")
    key = worker.get_current_task()
    for found in compute(made, number, work.upload):
        if isinstance(found, Found):
            return found
        if not _wanted(worker, key):
            raise Reschedule
    raise AssertionError("a block ends with what it found")


@lru_cache(maxsize=4)
def _planned(work: _Work) -> Plan:
    return make_plan(Sweep.from_json(work.text), work.upload)


def _wanted(worker: Any, key: str) -> bool:
    """Whether somebody still waits for a task: its futures were not cancelled, and scheduler and client are there."""
    task = worker.state.tasks.get(key)
    leaving = worker.status.name in ("closing", "closed", "failed")
    return not leaving and task is not None and task.state not in ("cancelled", "released", "forgotten")
