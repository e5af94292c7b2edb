"""Where the blocks of a sweep are computed: in this process, or on a Dask cluster."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from prodigy_core.sweep.local import Here

if TYPE_CHECKING:
    from prodigy_core.sweep.cluster import Cluster

ADDRESS = "PRODIGY_LAB_DASK"  # the environment variable with the address of a cluster's scheduler


def choose(address: str | None = None) -> Here | Cluster:
    """The cluster at this address, or at that of the environment; without either, this process.

    Raises:
      ClusterError: the address is none, or the extra `dask` is not installed. Nothing is asked of the cluster yet.
    """
    address = address or os.environ.get(ADDRESS, "")
    if not address:
        return Here()
    from prodigy_core.sweep.cluster import Cluster

    return Cluster(address)
