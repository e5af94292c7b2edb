"""The choice of an executor for a sweep: this process, or a Dask cluster."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prodigy_core import environment
from prodigy_core.sweep.local import LocalExecutor

if TYPE_CHECKING:
    from prodigy_core.sweep.cluster import ClusterExecutor

ADDRESS = environment.DASK.name


def choose(address: str | None = None) -> LocalExecutor | ClusterExecutor:
    """Return the executor of the cluster at this address, or at that of the environment; without either, of this process.

    Raises:
      ClusterError: the address is not valid, or the extra `dask` is not installed. Nothing is asked of the cluster yet.
    """
    if not (address or environment.DASK.text()):
        return LocalExecutor()
    from prodigy_core.sweep.cluster import ClusterError, ClusterExecutor

    if address:
        return ClusterExecutor(address)
    try:
        return ClusterExecutor(environment.DASK.text())
    except ClusterError as error:
        raise ClusterError(f"{environment.DASK.name}: {error}") from None
