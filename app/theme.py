"""How things look: one colour for each optimizer, everywhere, in light and in dark."""

from __future__ import annotations

import colorsys
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path

from prodigy_core.experiment import Contender
from prodigy_core.optimizers import OPTIMIZERS
from prodigy_core.optimizers.traits import Dash

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
BACKGROUNDS = {"light": "#ffffff", "dark": "#030508"}

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
    """Each optimizer in its own colour and dash; the same optimizer again darker or lighter, in a dash nobody else has."""
    entries = [OPTIMIZERS[contender.optimizer] for contender in contenders]
    own = [DASHES[entry.dash] for entry in entries]
    others = cycle([dash for dash in DASHES.values() if dash not in own] or DASHES.values())
    seen: dict[str, int] = {}
    found = []
    for entry, label, dash in zip(entries, labels, own, strict=True):
        again = seen.setdefault(entry.name, 0)
        seen[entry.name] += 1
        found.append(Style(label, shade(entry.colour, again), next(others) if again else dash))
    return tuple(found)


def shade(colour: str, again: int) -> str:
    """The colour itself for 0, else one of its hue: darker and lighter in turn, within what both backgrounds bear."""
    if again == 0:
        return colour
    red, green, blue = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    hue, lightness, saturation = colorsys.rgb_to_hls(red, green, blue)
    lightness *= (1.1, 0.9)[again % 2]
    return "#" + "".join(f"{round(255 * part):02x}" for part in colorsys.hls_to_rgb(hue, lightness, saturation * 0.75))
