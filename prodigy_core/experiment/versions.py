"""The version of an experiment's JSON, and the defaults of earlier versions.

A text leaves out what stands at its default. A default that changes therefore needs another version, and here the line that
keeps its old value for the texts of before.
"""

from __future__ import annotations

from typing import Any, NamedTuple

VERSION = 2


class Default(NamedTuple):
    """A value that a field left out had up to some version: in every experiment, or in those of one problem."""

    field: str
    value: Any
    problem: str | None = None


# Last version of a default -> the defaults that the next version changed. A problem's name comes before what depends on it.
CHANGED: dict[int, tuple[Default, ...]] = {
    1: (Default("problem", "rosenbrock"), Default("steps", 500, problem="himmelblau")),
}


def upgraded(fields: dict[str, Any], version: int) -> dict[str, Any]:
    """Return the fields of a text of an earlier version, with what it left out written out where that is another value now."""
    upgraded = dict(fields)
    for before in range(version, VERSION):
        for default in CHANGED[before]:
            if default.problem is None or default.problem == upgraded.get("problem"):
                upgraded.setdefault(default.field, default.value)
    return upgraded
