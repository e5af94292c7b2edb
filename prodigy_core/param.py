"""One hyperparameter, declared once.

A `Param` has its name, its allowed values and its meaning. The check of an experiment, the widget of the app, the axis of
a sweep and the table in the docs all derive from it, so none of them repeats a limit.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal

Value = float | int | bool | str | None
ValueKind = Literal["float", "int", "bool", "choice"]
Scale = Literal["linear", "log", "log1m"]


@dataclass(frozen=True)
class Fault:
    """A fault of one field: its name, its value, the allowed values, and the nearest allowed name."""

    field: str
    value: object
    allowed: str
    nearest: str = ""

    def __str__(self) -> str:
        hint = f" Did you mean {self.nearest!r}?" if self.nearest else ""
        return f"{self.field} is {_shorten(self.value)}; it must be {self.allowed}.{hint}"


def _always(values: Mapping[str, Value]) -> bool:
    return True


@dataclass(frozen=True, kw_only=True)
class Param:
    """A hyperparameter.

    Attributes:
      name: the field's standard name, in JSON and in the optimizer's signature.
      default: a value of its kind (float, int, bool or one of `choices`), or None if `none_means` is given.
      help: one sentence or two for a person who meets it for the first time.
      label: its name on the page; `name` where empty.
      low, high: the closed range of allowed numbers; `above_low` and `below_high` exclude the end itself.
      span: the part of the range that a slider covers; the exact number beside it reaches the rest.
      scale: "linear"; "log"; or "log1m", logarithmic in 1 - value, for decay rates close to 1.
      marks: the stops of the slider, ascending, in place of the preferred numbers of a logarithmic scale.
      unit: the unit, shown after the number.
      choices: the allowed words of a choice.
      none_means: the meaning of None ("sqrt(beta2)"); empty if None is not allowed.
      instead: the number to start with when None is switched off.
      whole: whether its numbers are whole where the default, None, does not say so.
      static: True if a value shapes the program, so that each value is compiled anew: a width, a batch size.
      group: the page shows hyperparameters of one group together; "" for those of the optimizer or problem itself.
      applies: whether it has an effect, from the values of all hyperparameters beside it; the page hides one without.
    """

    name: str
    default: Value
    help: str
    label: str = ""
    low: float = -math.inf
    high: float = math.inf
    above_low: bool = False
    below_high: bool = False
    span: tuple[float, float] | None = None
    scale: Scale = "linear"
    marks: tuple[float, ...] = ()
    unit: str = ""
    choices: tuple[str, ...] = ()
    none_means: str = ""
    instead: float | None = None
    whole: bool = False
    static: bool = False
    group: str = ""
    applies: Callable[[Mapping[str, Value]], bool] = field(default=_always, compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "label", self.label or self.name)
        if fault := self.fault(self.default, self.name):
            raise ValueError(f"default: {fault}")
        if self.kind in ("float", "int") and not math.isfinite(self.slider[0] + self.slider[1]):
            raise ValueError(f"{self.name}: a hyperparameter without a finite range needs a span")

    @property
    def kind(self) -> ValueKind:
        """The kind of its values; with a default of None it is a float."""
        if self.choices:
            return "choice"
        if isinstance(self.default, bool):
            return "bool"
        return "int" if isinstance(self.default, int) else "float"

    @property
    def slider(self) -> tuple[float, float]:
        """The two ends of the slider, in its own units."""
        return self.span or (self.low, self.high)

    @property
    def stops(self) -> tuple[float, ...]:
        """The stops of a slider on a logarithmic scale, ascending: ten a decade, and 0 if it is allowed; () on a linear one."""
        if self.marks:
            return self.marks
        low, high = self.slider
        if self.scale == "linear":
            return ()
        if self.scale == "log1m":
            return tuple(sorted(round(1 - stop, 12) for stop in _renard(1 - high, 1 - low)))
        stops = _renard(low, high)
        if self.kind == "int":
            stops = tuple(dict.fromkeys(round(stop) for stop in stops))
        return (0.0, *stops) if self.low == 0 and not self.above_low else stops

    def spread(self, count: int, low: float | None = None, high: float | None = None) -> tuple[Value, ...]:
        """Return values over the slider, evenly spaced on its scale, for the axis of a sweep.

        Args:
          count: the number of values, at least 1; integers that round to the same value appear once. On a logarithmic scale
            that allows 0, the first value is 0. A choice and a switch return all their values, whatever the count.
          low, high: the ends; None for those of the slider.
        """
        if self.kind == "bool":
            return (False, True)
        if self.kind == "choice":
            return self.choices
        ends = (self.slider[0] if low is None else low, self.slider[1] if high is None else high)
        if self.scale == "linear":
            numbers = _evenly(*ends, count)
        elif self.scale == "log1m":
            numbers = [1 - value for value in _logarithmically(1 - ends[0], 1 - ends[1], count)]
        elif min(ends) > 0:
            numbers = _logarithmically(*ends, count)
        else:
            smallest = next((stop for stop in self.stops if stop > 0), 1.0)
            numbers = [0.0, *_logarithmically(smallest, ends[1], count - 1)]
        values = (self.normalise(round(number) if self.kind == "int" or self.whole else number) for number in numbers)
        return tuple(dict.fromkeys(value for value in values if not self.fault(value, self.name)))

    @property
    def allowed(self) -> str:
        """The allowed values in words."""
        if self.kind == "choice":
            return "one of " + ", ".join(self.choices)
        if self.kind == "bool":
            return "true or false"
        integer = self.kind == "int" or self.whole
        noun = "a whole number" if integer else "a number"
        low, high = (f"{end:,.0f}" if integer else format_number(end) for end in (self.low, self.high))
        end = "below " if self.below_high else "at most " if self.above_low else ""
        words = {
            (False, False): noun,
            (True, False): f"{noun} {'above' if self.above_low else 'of at least'} {low}",
            (False, True): f"{noun} {'below' if self.below_high else 'of at most'} {high}",
            (True, True): f"{noun} above {low} and {end}{high}" if self.above_low else f"{noun} from {low} to {end}{high}",
        }[math.isfinite(self.low), math.isfinite(self.high)]
        return words + (f", or null for {self.none_means}" if self.none_means else "")

    def fault(self, value: object, field: str) -> Fault | None:
        """Return the fault of `value` under the name `field`; None if it is allowed."""
        if value is None:
            return None if self.none_means else Fault(field, value, self.allowed)
        if self.kind == "choice":
            if isinstance(value, str) and value in self.choices:
                return None
            return Fault(field, value, self.allowed, nearest(value, self.choices))
        if self.kind == "bool":
            return None if isinstance(value, bool) else Fault(field, value, self.allowed)
        if isinstance(value, bool) or not isinstance(value, int | float):
            return Fault(field, value, self.allowed)
        above = value > self.low if self.above_low else value >= self.low
        below = value < self.high if self.below_high else value <= self.high
        fractional = self.kind == "float" and not self.whole
        fits = fractional or value == int(value) if _is_finite(value) else False
        return None if above and below and fits else Fault(field, value, self.allowed)

    def normalise(self, value: Value) -> Value:
        """Return an allowed value in the type of its kind, so that 1 and 1.0 are the same experiment."""
        if value is None or self.kind in ("bool", "choice"):
            return value
        return int(value) if self.kind == "int" else float(value) + 0.0  # -0.0 becomes 0.0, its equal


def nearest(value: object, names: tuple[str, ...] | list[str]) -> str:
    """Return the name closest to a misspelt one; "" if none is close."""
    import difflib

    if not isinstance(value, str):
        return ""
    matches = difflib.get_close_matches(value[:100].lower(), names, n=1, cutoff=0.5)
    return matches[0] if matches else ""


def format_number(value: float) -> str:
    """Return a number as people write it, to six digits: 0.001, 1e-06, 2000, 1.25e+08."""
    return f"{value:g}"


def value_text(value: Value) -> str:
    """Return a hyperparameter's value as it stands in labels, sentences, tables and at axes.

    A float has up to six digits, an int all of its own, so that two seeds or step counts never read alike. None is "none",
    a switch "true" or "false".
    """
    if value is None:
        return "none"
    return format_number(value) if isinstance(value, float) else str(value).lower()


@lru_cache(maxsize=256)  # a page asks for the stops of all its sliders at every rerun
def _renard(low: float, high: float) -> tuple[float, ...]:
    """Return the preferred numbers of ISO 3, ten a decade, from low to high (both > 0)."""
    series = (1.0, 1.25, 1.6, 2.0, 2.5, 3.15, 4.0, 5.0, 6.3, 8.0)
    decades = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    stops = (float(f"{step}e{decade}") for decade in decades for step in series)
    return tuple(stop for stop in stops if low * (1 - 1e-9) <= stop <= high * (1 + 1e-9))


def _evenly(low: float, high: float, count: int) -> list[float]:
    """Return `count` evenly spaced numbers from low to high; only low if the count is 1."""
    last = max(count - 1, 1)
    return [high if i == last else float(f"{low + (high - low) * i / last:.12g}") for i in range(count)]


def _logarithmically(low: float, high: float, count: int) -> list[float]:
    """Return `count` numbers evenly spaced in the logarithm (both ends > 0), to 12 digits, so that 1e-06 stays 1e-06."""
    inner = _evenly(math.log10(low), math.log10(high), count)[1:-1]
    return [low, *(float(f"{10**exponent:.12g}") for exponent in inner), *([high] if count > 1 else [])]


def _is_finite(value: float) -> bool:
    try:
        return math.isfinite(value)
    except OverflowError:  # an int beyond the range of a float
        return False


def _shorten(value: object) -> str:
    try:
        text = repr(value)
    except (ValueError, RecursionError):  # an int of thousands of digits, a list nested too deep
        text = f"{type(value).__name__} too large to write out"
    return text if len(text) <= 60 else text[:57] + "..."
