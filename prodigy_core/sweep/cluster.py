"""The blocks of a sweep on a Dask cluster.

The sweep's JSON and an upload go there once, and for each block its number; arrays come back. A block that is computed twice,
because its worker died, counts once: its key is its number. Workers check between the chunks of a block whether it is still
wanted.
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
from prodigy_core.sweep.block import BlockResult, compute
from prodigy_core.sweep.plan import Block, Plan, make_plan
from prodigy_core.sweep.spec import Sweep

if TYPE_CHECKING:
    from distributed import Client, Future

ADDRESS = re.compile(r"(tcp|tls)://[^\s/]+:(\d{1,5})")
PORTS = range(1, 65536)
PATIENCE = 5.0  # seconds that a scheduler has to answer
ARRIVAL = 10.0  # seconds that a first worker has to come, and a result to arrive
LOOK = 0.3  # seconds between two reports of progress, and between two looks at the size of the cluster
AHEAD = 3  # blocks that are handed out at once for each thread of the cluster
KEPT = "What had arrived until then is kept."
GONE = f"went away. {KEPT}"
PACKAGES = ("prodigy-lab", "jax", "jaxlib", "optax", "numpy")  # their versions decide the last bit of a result


class ClusterError(RuntimeError):
    """A fault of the cluster, with what to do about it."""


class ClusterExecutor:
    """Computes on the workers of a Dask scheduler."""

    accelerator = False  # both sides must cut the sweep alike, whatever each of them has

    def __init__(self, address: str) -> None:
        """Check the address; nothing is asked of the cluster yet.

        Raises:
          ClusterError: the address is not valid, or the extra `dask` is not installed.
        """
        match = ADDRESS.fullmatch(address)
        if match is None or int(match[2]) not in PORTS:
            raise ClusterError(f"The address of the cluster is {address[:100]!r}; it must be like tcp://10.0.0.5:8786.")
        try:
            import distributed  # noqa: F401
        except ImportError:
            raise ClusterError("Sweeps on a cluster need Dask here too: pip install 'prodigy-lab[dask]'") from None
        self.address = address

    def compute(self, plan: Plan, upload: Dataset | None) -> Iterator[tuple[int, float | BlockResult]]:
        """Yield the blocks as they are done, and a fraction of 0 now and then. Closing the iterator cancels the others.

        Raises:
          ClusterError: the cluster does not answer, has other versions, or went away: the blocks before that stay.
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
                    # Enough blocks that no worker waits, not all of a hundred thousand.
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
        """Yield a connection to the scheduler, once a worker is there."""
        from distributed import Client

        # The greeting has a thread of its own, because a notebook has a loop already. It waits where Dask would not: a hanging
        # scheduler, or a server that is none, may take the connection and say nothing.
        with ThreadPoolExecutor(1) as thread:
            try:
                thread.submit(asyncio.run, self._greet()).result()
            except Exception as error:  # whatever Dask raises on a peer that is no scheduler
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
        """Raise in our words where nobody answers any more."""
        try:
            yield
        except (OSError, CancelledError):
            raise ClusterError(f"The scheduler at {self.address} {trouble}") from None

    def _threads(self, client: Client) -> int:
        """Return the number of threads of all workers; one at least, for workers that are to come."""
        with self._asking():
            each: dict[str, int] = client.nthreads(callback_timeout=PATIENCE)
            return max(sum(each.values()), 1)

    def _arrived(self, client: Client, going: dict[Future, int]) -> Iterator[tuple[int, float | BlockResult]]:
        """Yield the blocks that are done by now; after a moment without one a fraction of 0."""
        until = time.monotonic() + LOOK
        while not (done := [future for future in going if future.done()]):
            if client.status != "running":
                raise ClusterError(f"The scheduler at {self.address} {GONE}")
            if time.monotonic() > until:
                yield next(iter(going.values())), 0.0
                return
            time.sleep(0.01)
        for future in done:
            if (result := self._result(client, future)) is not None:
                yield going.pop(future), result

    def _result(self, client: Client, future: Future) -> BlockResult | None:
        """Return the result of a block; None if it must be computed again, since its worker died before it was fetched."""
        if future.status == "cancelled" and client.status == "running":
            raise ClusterError(f"The scheduler at {self.address} dropped the sweep: was it restarted? {KEPT}")
        with self._asking():
            if future.status != "error":
                with suppress(TimeoutError):
                    result: BlockResult = future.result(timeout=ARRIVAL)
                    return result
                return None
            error = future.exception(timeout=ARRIVAL)
        if isinstance(error, ExperimentError | ClusterError):
            raise error
        raise ClusterError(
            f"A block broke off on the cluster ({_told(error)}). Have the scheduler and all workers prodigy-lab "
            f"{_versions()['prodigy-lab']}, and memory enough?"
        )


def _drop(client: Client, futures: list[Future]) -> None:
    """Cancel blocks that are not wanted any more, if there is still a scheduler to tell."""
    if client.status == "running":
        with suppress(OSError):
            client.cancel(futures)


def _told(error: BaseException | None) -> str:
    """Return the text of an error of Dask's, in a line."""
    return f"{type(error).__name__}: {' '.join(str(error).split())[:200]}".removesuffix(": ")


def _versions() -> dict[str, str]:
    versions = {}
    for name in PACKAGES:
        try:
            versions[name] = version(name)
        except PackageNotFoundError:
            versions[name] = "none"
    return versions


# --- on a worker ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class _Work:
    """The sweep of all blocks. A worker has it once, and takes it from another worker if it can.

    Attributes:
      text: the sweep's JSON.
      upload: the data that its experiment calls its upload.
      versions: of `PACKAGES`, in the process that wants the results.
    """

    text: str
    upload: Dataset | None
    versions: dict[str, str]


def _computed(number: int, expected: Block, work: _Work) -> BlockResult:
    """Compute a block on a worker."""
    from distributed import Reschedule, get_worker

    worker = get_worker()
    here = _versions()
    if other := [f"{name} {here[name]} there, {own} here" for name, own in work.versions.items() if here[name] != own]:
        raise ClusterError(f"The worker {worker.address} has other versions, which round elsewhere: {'; '.join(other)}.")
    xla.prepare(cores=1)  # each worker is one thread; a machine has as many as it has cores
    plan = _planned(work)
    if plan.blocks[number : number + 1] != (expected,):
        raise ClusterError(f"The worker {worker.address} cuts the sweep into other blocks: its prodigy-lab is another.")
    key = worker.get_current_task()
    for news in compute(plan, number, work.upload):
        if isinstance(news, BlockResult):
            return news
        if not _wanted(worker, key):
            raise Reschedule
    raise AssertionError("a block ends with its result")


@lru_cache(maxsize=4)
def _planned(work: _Work) -> Plan:
    return make_plan(Sweep.from_json(work.text), work.upload)


def _wanted(worker: Any, key: str) -> bool:
    """Return whether somebody still waits for a task: its futures were not cancelled, and scheduler and client are there."""
    task = worker.state.tasks.get(key)
    leaving = worker.status.name in ("closing", "closed", "failed")
    return not leaving and task is not None and task.state not in ("cancelled", "released", "forgotten")
