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

# A picture of ours, as named icons are fetched from a font server; written out, as a file would be read at every rerun.
ICON = "data:image/svg+xml;base64," + b64encode((Path(__file__).parent / "icon.svg").read_bytes()).decode()
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

CSS = """<style>
@media (min-width: 641px) {
  .stAppHeader { background: transparent; pointer-events: none; }
  .stAppHeader * { pointer-events: auto; }
}
.stMainBlockContainer { padding: 3rem 2rem 2rem; }
@media (max-width: 640px) { .stMainBlockContainer { padding: 3.6rem 1rem 2rem; } }
:has(> [class*="st-key-status-"]) { position: absolute; top: .4rem; left: 26rem; right: 4.5rem; width: auto; z-index: 999991; }
:has(> [data-testid="stVerticalBlock"] > :only-child > [class*="st-key-status-"]) { position: absolute; inset: 0 0 auto; }
.stApp:has([class*="st-key-status-"]) [data-testid="stStatusWidget"] { visibility: hidden; }
[class*="st-key-status-"] [data-testid="stProgress"] { line-height: 1.2; }
[class*="st-key-status-"] button { min-height: 1.9rem; padding: 0 .7rem; }
.stMainBlockContainer { position: relative; }
@media (max-width: 640px) { :has(> [class*="st-key-status-"]) { left: 3.4rem; right: 3.4rem; } }
[data-testid="stSidebarHeader"] { height: 2.4rem; margin-bottom: 0; padding-bottom: 0; }
[data-testid="stSidebarUserContent"] { padding: 0 1.25rem 2rem; }
[data-testid="stCaptionContainer"] { opacity: .8; }
.js-plotly-plot :is([class$="tick"], .hovertext) text,
.js-plotly-plot :is([class^="x"], [class^="y"])[class$="title"] { fill: currentColor !important; fill-opacity: .8 !important; }
[data-testid="stSidebar"] [data-testid="stButtonGroup"] button { padding: .2rem .15rem; min-height: 2rem; }
[data-testid="stSidebar"] [data-testid="stButtonGroup"] button p { font-size: .85rem; }
[data-testid="stExpander"] [data-testid="stButtonGroup"] button p { font-size: .78rem; }
/* A drawer is open or closed at once: while it slid, all below it would slip from under the pointer for half a second. */
[data-testid="stExpander"] details { height: auto !important; overflow: visible !important; }
[data-testid="stExpanderDetails"][inert] { display: none; }
[class*="st-key-pairs-"] { display: grid; grid-template-columns: minmax(0, 1fr) 92px; column-gap: .5rem; align-items: end; }
[class*="st-key-pairs-"] > * { grid-column: 1 / -1; min-width: 0; }
[class*="st-key-pairs-"] > :has([data-testid="stSlider"]) { grid-column: 1; }
[class*="st-key-pairs-"] > :has([data-testid="stTextInput"]) { grid-column: 2; }
/* The field beside it says the number exactly; the slider says its own, the nearest stop, only to the hand that turns it. */
[class*="st-key-pairs-"] [data-testid="stSlider"]:not(:hover, :focus-within) [data-testid="stSliderThumbValue"] { opacity: 0; }
[data-testid="stAlertContainer"] { padding: .5rem .8rem; }
.lab-brand { font-size: 1.25rem; font-weight: 650; }
.lab-legend { display: flex; flex-wrap: wrap; gap: .1rem 1.2rem; font-size: .9rem; line-height: 1.4; }
.lab-swatch { display: inline-block; width: 1.5rem; height: 0; margin-right: .45rem; vertical-align: middle; border-top: 3px; }
.lab-scroll { overflow-x: auto; }
.lab-table { border-collapse: collapse; width: 100%; font-size: .9rem; font-variant-numeric: tabular-nums; }
.lab-table th, .lab-table td { padding: .3rem 1.2rem .3rem 0; text-align: right; white-space: nowrap;
  border-bottom: 1px solid rgba(128, 140, 160, .28); }
.lab-table th { font-weight: 600; opacity: .8; }
.lab-table :is(th, td):first-child, .lab-table :is(th, td):last-child { text-align: left; }
.lab-table:not(.lab-even) td:nth-last-child(2) { white-space: normal; }
.lab-table:not(.lab-even) td:last-child { white-space: normal; min-width: 12rem; }
.lab-table.lab-even :is(th, td):last-child { text-align: right; padding-right: 0; }
</style>"""


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
