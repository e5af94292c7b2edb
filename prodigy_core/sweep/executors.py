"""Where the blocks of a sweep are computed: in this process, or on a Dask cluster."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prodigy_core import environment
from prodigy_core.sweep.local import Here

if TYPE_CHECKING:
    from prodigy_core.sweep.cluster import Cluster

ADDRESS = environment.DASK.name


def choose(address: str | None = None) -> Here | Cluster:
    """The cluster at this address, or at that of the environment; without either, this process.

    Raises:
      ClusterError: the address is none, or the extra `dask` is not installed. Nothing is asked of the cluster yet.
    """
    if not (address or environment.DASK.text()):
        return Here()
    from prodigy_core.sweep.cluster import Cluster, ClusterError

    if address:
        return Cluster(address)
    try:
        return Cluster(environment.DASK.text())
    except ClusterError as error:
        raise ClusterError(f"{environment.DASK.name}: {error}") from None
