"""One knob of an experiment, stated once.

A `Param` says what a setting is called, what it may be and what it means. The check of an experiment, the widget
of the app, the axis of a sweep and the table in the docs all derive from it, so none of them repeats a limit.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal

Value = float | int | bool | str | None
Kind = Literal["float", "int", "bool", "choice"]
Scale = Literal["linear", "log", "log1m"]


@dataclass(frozen=True)
class Fault:
    """What is wrong with one field: where it stands, what was found there, and what would be right."""

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
    """A knob.

    Attributes:
      name: the field's standard name, as it stands in JSON and in the optimizer's signature.
      default: a value of the knob's kind (float, int, bool or one of `choices`), or None where `none_means` says what that is.
      help: one sentence or two for a person who meets the knob for the first time.
      label: what the app writes beside it; the name where empty.
      low, high: the closed range of allowed numbers; `above_low` and `below_high` exclude the end itself.
      span: the part of the range a slider covers; the exact number beside it reaches the rest.
      scale: "linear"; "log"; or "log1m", logarithmic in 1 - value, for decay rates close to 1.
      marks: where the slider of a logarithmic knob can stand, ascending, in the place of preferred numbers.
      unit: written behind the number.
      choices: the allowed words of a choice.
      none_means: what None stands for ("sqrt(beta2)"); empty where None is not allowed.
      instead: the number to begin with where None is given up.
      static: True where a value shapes the program, so that another one is compiled anew: a width, a batch size.
      group: the page shows knobs of one group together; "" for what is the entry's own.
      applies: whether the knob does anything, from the values of all knobs beside it; the page shows no other.
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
    static: bool = False
    group: str = ""
    applies: Callable[[Mapping[str, Value]], bool] = field(default=_always, compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "label", self.label or self.name)
        if fault := self.fault(self.default, self.name):
            raise ValueError(f"default: {fault}")
        if self.kind in ("float", "int") and not math.isfinite(self.slider[0] + self.slider[1]):
            raise ValueError(f"{self.name}: a knob without a finite range needs a span")

    @property
    def kind(self) -> Kind:
        """What sort of value this is; a knob that is None by default is a float."""
        if self.choices:
            return "choice"
        if isinstance(self.default, bool):
            return "bool"
        return "int" if isinstance(self.default, int) else "float"

    @property
    def slider(self) -> tuple[float, float]:
        """The two ends of the slider, in the knob's own units."""
        return self.span or (self.low, self.high)

    @property
    def stops(self) -> tuple[float, ...]:
        """Where a slider of a logarithmic knob can stand, ascending: ten stops a decade, and 0 where it is allowed."""
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
        """Values over the slider, evenly on the knob's scale: the axis of a sweep.

        Args:
          count: how many numbers, at least 1; whole numbers that round to the same one stand once. Where a logarithmic knob
            can be 0, that is the first. A choice and a switch have all their values, whatever the count.
          low, high: the ends, where those of the slider are not meant.
        """
        if self.kind == "bool":
            return (False, True)
        if self.kind == "choice":
            return self.choices
        ends = (self.slider[0] if low is None else low, self.slider[1] if high is None else high)
        if self.scale == "linear":
            found = _evenly(*ends, count)
        elif self.scale == "log1m":
            found = [1 - value for value in _logarithmically(1 - ends[0], 1 - ends[1], count)]
        elif min(ends) > 0:
            found = _logarithmically(*ends, count)
        else:
            least = next((stop for stop in self.stops if stop > 0), 1.0)
            found = [0.0, *_logarithmically(least, ends[1], count - 1)]
        inside = (self.normalise(round(value) if self.kind == "int" else value) for value in found)
        return tuple(dict.fromkeys(value for value in inside if not self.fault(value, self.name)))

    @property
    def allowed(self) -> str:
        """The allowed values, in words."""
        if self.kind == "choice":
            return "one of " + ", ".join(self.choices)
        if self.kind == "bool":
            return "true or false"
        whole = self.kind == "int"
        noun = "a whole number" if whole else "a number"
        low, high = (f"{end:,.0f}" if whole else format_number(end) for end in (self.low, self.high))
        end = "below " if self.below_high else "at most " if self.above_low else ""
        words = {
            (False, False): noun,
            (True, False): f"{noun} {'above' if self.above_low else 'of at least'} {low}",
            (False, True): f"{noun} {'below' if self.below_high else 'of at most'} {high}",
            (True, True): f"{noun} above {low} and {end}{high}" if self.above_low else f"{noun} from {low} to {end}{high}",
        }[math.isfinite(self.low), math.isfinite(self.high)]
        return words + (f", or null for {self.none_means}" if self.none_means else "")

    def fault(self, value: object, field: str) -> Fault | None:
        """What is wrong with `value`, named as `field`; None where nothing is."""
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
        whole = self.kind == "float" or value == int(value) if _is_finite(value) else False
        return None if above and below and whole else Fault(field, value, self.allowed)

    def normalise(self, value: Value) -> Value:
        """An allowed value in the one type of its kind, so that 1 and 1.0 are the same experiment."""
        if value is None or self.kind in ("bool", "choice"):
            return value
        return int(value) if self.kind == "int" else float(value) + 0.0  # -0.0 becomes 0.0, which it is equal to


def nearest(value: object, names: tuple[str, ...] | list[str]) -> str:
    """The name closest to a misspelt one; empty where none is close."""
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


@lru_cache(maxsize=256)  # a page asks for the stops of all its sliders at every turn of one
def _renard(low: float, high: float) -> tuple[float, ...]:
    """The preferred numbers of ISO 3, ten a decade, from low to high (both > 0)."""
    series = (1.0, 1.25, 1.6, 2.0, 2.5, 3.15, 4.0, 5.0, 6.3, 8.0)
    decades = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    stops = (float(f"{step}e{decade}") for decade in decades for step in series)
    return tuple(stop for stop in stops if low * (1 - 1e-9) <= stop <= high * (1 + 1e-9))


def _evenly(low: float, high: float, count: int) -> list[float]:
    """So many numbers from low to high; of one alone, low."""
    last = max(count - 1, 1)
    return [high if i == last else float(f"{low + (high - low) * i / last:.12g}") for i in range(count)]


def _logarithmically(low: float, high: float, count: int) -> list[float]:
    """The same in the logarithm (both > 0), to 12 digits, so that 1e-06 is written as that."""
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
