"""A contender of an experiment, and the checks of names and values that it shares with the experiment itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from prodigy_core.optimizers import OPTIMIZERS
from prodigy_core.param import Fault, Param, Value, nearest


class ExperimentError(ValueError):
    """All faults of an experiment, in `faults`."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(str(fault) for fault in self.faults))


@dataclass(frozen=True)
class Contender:
    """An optimizer with its hyperparameters.

    Attributes:
      optimizer: a name in `OPTIMIZERS`.
      knobs: hyperparameters by name; those not given get their defaults.

    Raises:
      ExperimentError: the optimizer or a hyperparameter is unknown, or a value is not allowed.
    """

    optimizer: str
    knobs: Mapping[str, Value] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if faults := contender_faults({"optimizer": self.optimizer, "knobs": self.knobs}, "contender"):
            raise ExperimentError(faults)
        object.__setattr__(self, "knobs", with_defaults(OPTIMIZERS[self.optimizer].params, self.knobs))

    def __hash__(self) -> int:
        return hash((self.optimizer, *self.knobs.items()))

    @property
    def changed(self) -> dict[str, Value]:
        """The hyperparameters whose values are not their defaults."""
        return changed_values(OPTIMIZERS[self.optimizer].params, self.knobs)


def contender_faults(contender: Any, field: str) -> list[Fault]:
    """Return all faults of a contender as read from JSON, under the name `field`."""
    if not isinstance(contender, Mapping):
        return [Fault(field, contender, "an object with an optimizer and its knobs")]
    faults = unknown_names(contender, ("optimizer", "knobs"), f"{field}.")
    name = contender.get("optimizer")
    optimizer = OPTIMIZERS.get(name) if isinstance(name, str) else None
    if optimizer is None:
        return [*faults, Fault(f"{field}.optimizer", name, "an optimizer of the catalogue", nearest(name, list(OPTIMIZERS)))]
    return faults + value_faults(optimizer.params, contender.get("knobs", {}), f"{field}.knobs")


def value_faults(params: tuple[Param, ...], values: Any, field: str) -> list[Fault]:
    """Return all faults of a mapping of names to values, under the name `field`."""
    if not isinstance(values, Mapping):
        return [Fault(field, values, "an object of names and values")]
    faults = (param.fault(values[param.name], f"{field}.{param.name}") for param in params if param.name in values)
    return [*unknown_names(values, tuple(param.name for param in params), f"{field}."), *filter(None, faults)]


def unknown_names(given: Mapping[Any, Any], names: tuple[str, ...], prefix: str) -> list[Fault]:
    """Return a fault for every key that is not among `names`, its field's name with the prefix."""
    allowed = "removed: no field has this name" + (f" (known: {', '.join(names)})" if names else "")
    return [Fault(prefix + _printable(key), given[key], allowed, nearest(key, names)) for key in given if key not in names]


def _printable(key: object) -> str:
    """Return an unknown name for a message: short, on one line, with every other invisible character escaped."""
    text = key if isinstance(key, str) and key.isprintable() else repr(key)
    return text if len(text) <= 60 else text[:57] + "..."


def with_defaults(params: tuple[Param, ...], values: Mapping[str, Value]) -> Mapping[str, Value]:
    """Return a read-only mapping with the value of every hyperparameter, its default where none is given."""
    return MappingProxyType({param.name: param.normalise(values.get(param.name, param.default)) for param in params})


def changed_values(params: tuple[Param, ...], values: Mapping[str, Value]) -> dict[str, Value]:
    """Return the values that are not their hyperparameter's default."""
    return {param.name: values[param.name] for param in params if values[param.name] != param.default}
