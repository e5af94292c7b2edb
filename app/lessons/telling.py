"""What a text quotes of the traces: the numbers of `seen`, written, and put in their places."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping

from .claims import Reading
from .measures import Race
from .records import Format, Study

# Spans whose braces are none of ours, LaTeX and code; and {name} outside of them.
_TOKENS = re.compile(r"\$\$.*?\$\$|\$[^$\n]*\$|`[^`\n]*`|\{([^{}\n]*)\}", re.DOTALL)
NOT_YET = "…"
MORE_THAN = {"en": "more than", "de": "mehr als"}  # of steps, where a run did not arrive within its own


def placeholders(text: str) -> tuple[str, ...]:
    """Return the names between braces in a text, outside of LaTeX and code, in their order."""
    return tuple(match[1] for match in _TOKENS.finditer(text) if match[1] is not None)


def seen(study: Study, races: Mapping[str, Race]) -> dict[str, str]:
    """Return the numbers that the texts quote, written, by name.

    Args:
      study: the lesson or case.
      races: the experiments that were run, by their name in the study, with knobs turned or not; `NOT_YET` stands for what
        needs one that is missing, or has no number.
    """
    return {each.name: _written(study, races, each.of, each.divided_by, each.minus, each.format) for each in study.seen}


def told(study: Study, section: str, numbers: Mapping[str, str]) -> str:
    """Return the text of a section with the numbers in their places."""

    def put(match: re.Match[str]) -> str:
        return match[0] if match[1] is None else numbers.get(match[1], NOT_YET)

    return _TOKENS.sub(put, study.sections[section])


def _written(
    study: Study,
    races: Mapping[str, Race],
    of: Reading,
    divided_by: Reading | None,
    minus: Reading | None,
    form: Format,
) -> str:
    value = _value(of, races)
    if divided_by is not None:
        other = _value(divided_by, races)
        value = value / other if other else math.nan
    if minus is not None:
        value -= _value(minus, races)
    if math.isnan(value):
        return NOT_YET
    if math.isinf(value) and form == "steps" and of.experiment in races:
        return f"{MORE_THAN.get(study.language, MORE_THAN['en'])} {races[of.experiment].experiment.steps:,}"
    return FORMS[form](value) if math.isfinite(value) else "∞"


def _value(reading: Reading, races: Mapping[str, Race]) -> float:
    race = races.get(reading.experiment)
    (contender,) = reading.contenders
    if race is None or contender >= len(race.traces) or not race.traces[contender].steps.size:
        return math.nan
    return reading.entry.value(race, contender, reading.detail)


def _digits(value: float, digits: int) -> str:
    """Return a number with so many significant digits: 1.52, 0.0304, 12,300, 1e-6."""
    if value == 0:
        return "0"
    rounded = float(f"{value:.{digits - 1}e}")
    exponent = math.floor(math.log10(abs(rounded)))
    if -4 < exponent < 6:
        return f"{rounded:,.{max(digits - 1 - exponent, 0)}f}"
    mantissa = f"{rounded / 10.0**exponent:.{digits - 1}f}".rstrip("0").rstrip(".")
    return f"{mantissa}e{exponent}"


# How each format writes a finite number.
FORMS: Mapping[Format, Callable[[float], str]] = {
    "number": lambda value: _digits(value, 3),
    "short": lambda value: _digits(value, 2),
    "whole": lambda value: f"{value:,.0f}",
    "percent": lambda value: f"{100 * value:.0f} %",
    "steps": lambda value: f"{value:,.0f}",
}
