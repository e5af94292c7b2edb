"""How well the lines of the optimizers are told apart, and a colour and a dash for one more.

    python -m app.colours [NAME]

prints a colour and a dash for a new entry of the catalogue, or another pair for the optimizer NAME. The tests of the colours
measure with the same functions.
"""

from __future__ import annotations

import itertools
import math
import sys
from collections.abc import Iterator

from prodigy_core.optimizers import OPTIMIZERS, Optimizer
from prodigy_core.optimizers.traits import DASHES, Dash

from .figures.learned.boundary import GROUNDS, POINTS
from .sight import CONTRAST, SIGHT, difference, least_contrast

# CIELAB differences. One of 2.3 is just noticeable side by side on large patches (Mahy, Van Eycken and Oosterlinck, 1994).
# Lines are thin and apart from each other: they need four to five times as much, and ten times for full sight.
APART = {"usual": 25.0, "protanopia": 10.0, "deuteranopia": 10.0}  # of two lines of one dash
ALIKE = 9.0  # for full sight, of any two: nearer ones are the same colour to whoever reads a legend
OFTEN_APART = 10.0  # for every sight, of two that are often raced together, whatever their dash
CLASS_APART = 15.0  # for full sight, of a line and a class of data


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
    """Yield the colours of an even grid that stand out from both backgrounds."""
    for parts in itertools.product(range(0, 256, 17), repeat=3):
        colour = "#" + "".join(f"{part:02x}" for part in parts)
        if least_contrast(colour) >= CONTRAST:
            yield colour


if __name__ == "__main__":
    proposed = propose(*sys.argv[1:2])
    print('colour="{}", dash="{}"'.format(*proposed))
