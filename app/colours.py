"""How well the lines of the optimizers are told apart, and a colour and a dash for one more.

    python -m app.colours [NAME]

prints a colour and a dash for a new entry of the catalogue, or another pair for the optimizer NAME. The tests of the colours
measure with the same functions.
"""

from __future__ import annotations

import itertools
import math
import sys
from collections.abc import Iterator, Mapping

import numpy as np
from jaxtyping import Float

from prodigy_core.optimizers import OPTIMIZERS, Optimizer
from prodigy_core.optimizers.traits import DASHES, Dash

from .figures.learned.boundary import GROUNDS, POINTS
from .theme import BACKGROUNDS, shade

CONTRAST = 3.0  # to either background: WCAG 2.2 for a graphical object, success criterion 1.4.11
SHADES = 6  # of one optimizer, in a race of six

# Machado, Oliveira and Fernandes, 2009, table 1, severity 1: linear light as a person without red or green cones sees it.
SIGHT: Mapping[str, Float[np.ndarray, "3 3"]] = {
    "usual": np.eye(3),
    "protanopia": np.array([[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
}
# CIELAB differences. One of 2.3 is just noticeable side by side on large patches (Mahy, Van Eycken and Oosterlinck, 1994).
# Lines are thin and apart from each other: they need four to five times as much, and ten times for full sight.
APART = {"usual": 25.0, "protanopia": 10.0, "deuteranopia": 10.0}  # of two lines of one dash
ALIKE = 9.0  # for full sight, of any two: nearer ones are the same colour to whoever reads a legend
OFTEN_APART = 10.0  # for every sight, of two that are often raced together, whatever their dash
CLASS_APART = 15.0  # for full sight, of a line and a class of data

TO_XYZ = np.array([[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]])
WHITE = np.array([0.95047, 1.0, 1.08883])  # D65, XYZ


def linear(colour: str) -> Float[np.ndarray, "3"]:
    """Return an sRGB colour, "#rrggbb", as linear light from 0 to 1 (IEC 61966-2-1)."""
    c = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    light: np.ndarray = np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)
    return light


def contrast(a: str, b: str) -> float:
    """Return the contrast ratio of WCAG 2.2, from 1 to 21."""
    low, high = sorted(float(TO_XYZ[1] @ linear(colour)) for colour in (a, b))
    return (high + 0.05) / (low + 0.05)


def lab(colour: str, sight: str) -> Float[np.ndarray, "3"]:
    """Return a colour as a person of this sight sees it, in CIELAB."""
    xyz = TO_XYZ @ np.clip(SIGHT[sight] @ linear(colour), 0, 1) / WHITE
    f = np.where(xyz > 216 / 24389, np.cbrt(xyz), (24389 / 27 * xyz + 16) / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def difference(a: str, b: str, sight: str) -> float:
    """Return the CIELAB distance between two colours for a person of this sight."""
    return float(np.linalg.norm(lab(a, sight) - lab(b, sight)))


def least_contrast(colour: str) -> float:
    """Return the least contrast to a background that a colour has in any of its shades."""
    shades = [shade(colour, again) for again in range(SHADES)]
    return min(contrast(one, background) for one in shades for background in BACKGROUNDS.values())


def apart(a: str, b: str) -> bool:
    """Return whether two lines of one dash are told apart by their colours."""
    return all(difference(a, b, sight) >= least for sight, least in APART.items())


def apart_for_everyone(a: str, b: str) -> bool:
    """Return whether two lines that are often seen together are told apart by colour alone."""
    return all(difference(a, b, sight) >= OFTEN_APART for sight in SIGHT)


def unlike_classes(colour: str) -> bool:
    """Return whether no class of data is drawn in nearly this colour."""
    classes = {one for part in (GROUNDS, POINTS) for colours in part.values() for one in colours}
    return all(difference(colour, one, "usual") > CLASS_APART for one in classes)


def often_together(a: Optimizer, b: Optimizer) -> bool:
    """Return whether two optimizers are often in one race: so is the first of the catalogue with each of the others."""
    return next(iter(OPTIMIZERS.values())) in (a, b) or (a.raced_often and b.raced_often)


def propose(name: str = "") -> tuple[str, Dash]:
    """Return the colour and the dash that are farthest from the other lines of that dash and those that it often meets.

    Args:
      name: an optimizer of the catalogue, which gets another pair; else the pair is for one that is not there yet.

    Raises:
      ValueError: no pair is told apart from all others.
    """
    others = [entry for entry in OPTIMIZERS.values() if entry.name != name]
    # A new entry meets those that one meets which is seldom raced.
    known = OPTIMIZERS.get(name, min(OPTIMIZERS.values(), key=lambda entry: entry.raced_often))
    beside = [entry.colour for entry in others if often_together(entry, known)]
    best: tuple[float, str, Dash] | None = None
    for colour in candidates():
        alike = any(difference(colour, entry.colour, "usual") < ALIKE for entry in others)
        if alike or not (all(apart_for_everyone(colour, one) for one in beside) and unlike_classes(colour)):
            continue
        for dash in DASHES:
            same = [entry.colour for entry in others if entry.dash == dash]
            if all(apart(colour, one) for one in same):
                pairs = itertools.product((*same, *beside), APART.items())
                margin = min((difference(colour, one, sight) / least for one, (sight, least) in pairs), default=math.inf)
                best = max(best or (0.0, "", dash), (margin, colour, dash))
    if best is None:
        raise ValueError("no colour and dash are left: this needs one more dash, or smaller differences")
    return best[1:]


def candidates() -> Iterator[str]:
    """Yield the colours of an even grid that stand out from both backgrounds in all their shades."""
    for parts in itertools.product(range(0, 256, 17), repeat=3):
        colour = "#" + "".join(f"{part:02x}" for part in parts)
        if least_contrast(colour) >= CONTRAST:
            yield colour


if __name__ == "__main__":
    proposed = propose(*sys.argv[1:2])
    print('colour="{}", dash="{}"'.format(*proposed))
