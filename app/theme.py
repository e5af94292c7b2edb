"""How things look: one colour for each optimizer, everywhere, in light and in dark."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path

from prodigy_core.experiment import Contender
from prodigy_core.experiment.names import differing
from prodigy_core.optimizers import OPTIMIZERS
from prodigy_core.optimizers.traits import Dash
from prodigy_core.param import Param, Value

from .sight.ramps import ramp

FOLDER = Path(__file__).parent

# The page's icon, as a data URL: Streamlit would fetch a named icon from a font server, and read a file at every rerun.
ICON = "data:image/svg+xml;base64," + b64encode((FOLDER / "icon.svg").read_bytes()).decode()
SIDEBAR_WIDTH = 350  # pixels

# Dash of an entry -> as Plotly takes it.
DASHES: dict[Dash, str] = {
    "solid": "solid",
    "dash": "dash",
    "dashdot": "dashdot",
    "longdash": "longdash",
    "longdashdot": "longdashdot",
    "dots": "12px,2px,2px,2px,2px,2px",
}
REFERENCE = "#6e7784"  # what is no contender: minimisers, tolerances, known distances; AA as text on both

# From the lowest ground to the highest; the paths lie over it, so it stays pale (or dark).
GROUND = {
    "light": ("#a3b4cb", "#cad4e2", "#e8edf3", "#f8fafc"),
    "dark": ("#52698a", "#33455f", "#212c3d", "#171d28"),
}

# The style sheet, as HTML. It is read once: a page that gave Streamlit its path would read it at every rerun.
CSS = f"<style>\n{(FOLDER / 'theme.css').read_text(encoding='utf-8')}</style>"
PROJECTOR = "<style>.stApp { zoom: 1.3; }</style>"  # all of the page, the arena's frame too, for the last row of a lecture hall


@dataclass(frozen=True)
class Style:
    """How one contender is drawn, in every figure and table."""

    label: str
    colour: str
    dash: str

    @property
    def swatch(self) -> str:
        """A short line in the contender's colour, broken where its line is, as HTML."""
        border = "solid" if self.dash == "solid" else "dashed" if "dash" in self.dash else "dotted"
        return f'<span class="lab-swatch" style="border-top-style: {border}; border-top-color: {self.colour}"></span>'


def styles(contenders: Sequence[Contender], labels: Sequence[str]) -> tuple[Style, ...]:
    """Return how each contender is drawn: an optimizer in its own colour and dash, wherever it stands.

    Where several share it, their colours run along the hyperparameter in which they differ, and one keeps the optimizer's own:
    the untouched one, else the one in the middle. The others have dashes that nobody else has.
    """
    entries = [OPTIMIZERS[contender.optimizer] for contender in contenders]
    own = [DASHES[entry.dash] for entry in entries]
    others = cycle([dash for dash in DASHES.values() if dash not in own] or DASHES.values())
    colours = [entry.colour for entry in entries]
    dashes = list(own)
    for name in dict.fromkeys(contender.optimizer for contender in contenders):
        places = [place for place, contender in enumerate(contenders) if contender.optimizer == name]
        if len(places) == 1:
            continue
        ordered = _along(contenders, places)
        keeps = next((i for i, place in enumerate(ordered) if not contenders[place].changed), len(places) // 2)
        beside = tuple(sorted({colour for place, colour in enumerate(colours) if place not in places}))
        for place, colour in zip(ordered, ramp(OPTIMIZERS[name].colour, len(places), keeps, beside), strict=True):
            colours[place] = colour
        for place in places:
            if place != ordered[keeps]:
                dashes[place] = next(others)
    return tuple(Style(*parts) for parts in zip(labels, colours, dashes, strict=True))


def _along(contenders: Sequence[Contender], places: Sequence[int]) -> list[int]:
    """Return the places of contenders with one optimizer in the order of the values in which they differ."""
    params = list(dict.fromkeys(param for place in places for param in differing(contenders[place], contenders)))

    def values(place: int) -> tuple[tuple[bool, float], ...]:
        knobs = contenders[place].knobs
        # None comes last: it stands for a value beyond the others (no clipping), or near their end (beta3 from beta2).
        return tuple((knobs[param.name] is None, _number(param, knobs[param.name])) for param in params)

    return sorted(places, key=values)


def _number(param: Param, value: Value) -> float:
    if isinstance(value, str):
        return float(param.choices.index(value))
    return 0.0 if value is None else float(value)
