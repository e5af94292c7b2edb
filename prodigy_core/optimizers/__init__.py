"""The catalogue of optimizers: one entry each. An entry added to one of these tuples is in the app, the docs and the tests."""

from collections.abc import Mapping
from types import MappingProxyType

from prodigy_core.optimizers import (
    adam_variants,
    adams,
    by_layer,
    gradients,
    handover,
    layerwise,
    momo,
    parameter_free,
    prodigies,
    schedule_free,
)
from prodigy_core.optimizers.optimizer import Optimizer

FAMILIES = (prodigies, by_layer, handover, parameter_free, momo, schedule_free, adams, adam_variants, gradients, layerwise)

OPTIMIZERS: Mapping[str, Optimizer] = MappingProxyType(
    {entry.name: entry for family in FAMILIES for entry in family.OPTIMIZERS}
)

__all__ = ["OPTIMIZERS", "Optimizer"]
