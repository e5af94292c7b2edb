"""The catalogue of optimizers: one entry each. An entry added to one of these tuples is in the app, the docs and the tests."""

from collections.abc import Mapping
from types import MappingProxyType

from prodigy_core.optimizers import baselines, prodigies
from prodigy_core.optimizers.optimizer import Optimizer

OPTIMIZERS: Mapping[str, Optimizer] = MappingProxyType(
    {entry.name: entry for entry in (*prodigies.OPTIMIZERS, *baselines.OPTIMIZERS)}
)

__all__ = ["OPTIMIZERS", "Optimizer"]
