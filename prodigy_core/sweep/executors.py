"""The choice of an executor for a sweep: this process, or a Dask cluster."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from prodigy_core.sweep.local import LocalExecutor

if TYPE_CHECKING:
    from prodigy_core.sweep.cluster import ClusterExecutor

ADDRESS = "PRODIGY_LAB_DASK"  # the environment variable with the address of a cluster's scheduler


def choose(address: str | None = None) -> LocalExecutor | ClusterExecutor:
    """Return the executor of the cluster at this address, or at that of the environment; without either, of this process.

    Raises:
      ClusterError: the address is not valid, or the extra `dask` is not installed. Nothing is asked of the cluster yet.
    """
    address = address or os.environ.get(ADDRESS, "")
    if not address:
        return LocalExecutor()
    from prodigy_core.sweep.cluster import ClusterExecutor

    return ClusterExecutor(address)
