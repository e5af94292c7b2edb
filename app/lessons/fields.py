"""The fields of a TOML table, read one by one with their types; every fault is noted, none is raised."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from prodigy_core.param import Fault, nearest


class Table:
    """One table of a file's head.

    A read that fails notes the fault and returns a value of the right type, so that the reading goes on and all faults are
    reported together; what was read is thrown away then.

    Args:
      data: the table as tomllib returns it; anything else is a fault.
      where: its name in messages, "" for the head itself.
      faults: the list to which faults are added.
    """

    def __init__(self, data: Any, where: str, faults: list[Fault]) -> None:
        self.where, self.faults = where, faults
        self._data: Mapping[str, Any] = data if isinstance(data, Mapping) else {}
        self._read: list[str] = []
        if not isinstance(data, Mapping):
            self.faults.append(Fault(where, data, "a table"))

    def __contains__(self, name: str) -> bool:
        return name in self._data

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the fields that the file gives."""
        return tuple(self._data)

    def path(self, name: str) -> str:
        """Return a field's name in messages."""
        return f"{self.where}.{name}" if self.where else name

    def refuse(self, name: str, allowed: str, close: str = "") -> None:
        """Note a fault of a field."""
        self.faults.append(Fault(self.path(name), self._data.get(name), allowed, close))

    def value(self, name: str) -> Any:
        """Return a field as it is; None where it is not given."""
        self._read.append(name)
        return self._data.get(name)

    def text(self, name: str, default: str | None = None) -> str:
        """Return a text that is not empty; `default` where it is not given, None to require it."""
        value = self.value(name)
        if name not in self._data and default is not None:
            return default
        if not isinstance(value, str) or not value.strip():
            self.refuse(name, "a text")
            return ""
        return value.strip()

    def word(self, name: str, known: Iterable[str], default: str | None = None, of: str = "one of") -> str:
        """Return one of the known words; `default` where it is not given, None to require it."""
        words = list(known)
        value = self.value(name)
        if name not in self._data and default is not None:
            return default
        if not isinstance(value, str) or value not in words:
            self.refuse(name, f"{of} {', '.join(words)}", nearest(value, words))
            return words[0] if words else ""
        return value

    def whole(self, name: str, low: int, high: int, default: int | None = None) -> int:
        """Return a whole number from low to high; `default` where it is not given, None to require it."""
        value = self.value(name)
        if name not in self._data and default is not None:
            return default
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            self.refuse(name, f"a whole number from {low:,} to {high:,}")
            return low
        return value

    def number(self, name: str, default: float | None = None) -> float:
        """Return a finite number; `default` where it is not given, None to require it."""
        value = self.value(name)
        if name not in self._data and default is not None:
            return default
        if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < float("inf"):
            self.refuse(name, "a number")
            return 0.0
        return float(value)

    def numbers(self, name: str, count: int | None = None) -> tuple[float, ...]:
        """Return a list of finite numbers, of this length if one is given."""
        value = self.value(name)
        listed = isinstance(value, list) and all(
            isinstance(each, int | float) and not isinstance(each, bool) and abs(each) < float("inf") for each in value
        )
        if not listed or (count is not None and len(value) != count):
            self.refuse(name, f"a list of {'' if count is None else f'{count} '}numbers")
            return (0.0,) * (count or 0)
        return tuple(map(float, value))

    def switch(self, name: str, default: bool) -> bool:
        """Return a truth value; `default` where it is not given."""
        value = self.value(name)
        if name not in self._data:
            return default
        if not isinstance(value, bool):
            self.refuse(name, "true or false")
            return default
        return value

    def texts(self, name: str, least: int = 0, most: int = 100) -> tuple[str, ...]:
        """Return a list of so many texts; () where it is not given and may be empty."""
        value = self.value(name)
        if name not in self._data and not least:
            return ()
        fits = isinstance(value, list) and least <= len(value) <= most
        if not fits or not all(isinstance(each, str) and each.strip() for each in value):
            self.refuse(name, f"a list of {least} to {most} texts")
            return ()
        return tuple(each.strip() for each in value)

    def table(self, name: str) -> Table | None:
        """Return a table in this one; None where it is not given."""
        value = self.value(name)
        return Table(value, self.path(name), self.faults) if name in self._data else None

    def tables(self, name: str, least: int = 0) -> list[Table]:
        """Return a list of tables, at least so many."""
        value = self.value(name)
        if name not in self._data and not least:
            return []
        if not isinstance(value, list) or len(value) < least:
            self.refuse(name, f"a list of at least {least} tables")
            return []
        return [Table(each, f"{self.path(name)}[{i}]", self.faults) for i, each in enumerate(value)]

    def close(self) -> None:
        """Refuse every field that nothing has read."""
        known = list(dict.fromkeys(self._read))
        for name in self._data:
            if name not in known:
                self.refuse(name, f"removed: no field has this name (known: {', '.join(known)})", nearest(name, known))
