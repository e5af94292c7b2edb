"""Colours for one optimizer that races itself: they run through the hues beside its own, far apart for every sight."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from functools import cache, lru_cache

import numpy as np
from jaxtyping import Float

from . import BACKGROUNDS, CONTRAST, EVERY_SIGHT, TO_XYZ, delta_e, lab_of, linear, linear_light

STEP = 30.0  # degrees of hue in CIELAB, at most, from one colour of a ramp to the next
WIDTH = 110.0  # degrees of hue, at most, from one end of a ramp to the other
REACH = 80.0  # degrees of hue, at most, from the optimizer's own colour to an end
WIDER = (1.0, 1.25, 1.5)  # factors on these three, until the colours are far enough apart
APART = 15.0  # CIEDE2000 for full sight: of any two colours of a ramp, where its hues allow it
CHROMA = 28.0  # in CIELAB, at least: the hue of a greyer colour has no name
VIVID = 36.0  # in CIELAB, at least, where there are such colours: between blue and green there are hardly any
LEVELS = 24  # of red, green and blue, among which the colours are chosen
# Weight of a difference for colour-blind sight beside the same for full sight. Equal weights would give up differences that
# most people see, for the little by which the hues of one optimizer differ for the others.
WEIGHT = 1.35
ROUNDS = 8  # passes over the colours of a ramp, at most; mostly the third changes nothing


@lru_cache(maxsize=512)
def ramp(colour: str, count: int, own: int, beside: tuple[str, ...] = ()) -> tuple[str, ...]:
    """Return colours of neighbouring hues in their order, the contrast of each to both backgrounds at least `CONTRAST`.

    Each comes from a part of the hues of its own, so that they run, and there from where the least difference of any two
    colours is as large as can be.

    Args:
      colour: the optimizer's colour, "#rrggbb".
      count: the number of colours, at least 1.
      own: the place of the optimizer's own colour among them.
      beside: the colours of other lines in the same figures, from which the ramp keeps away too.
    """
    fixed = np.stack([_seen(linear(other)) for other in (colour, *beside)])
    sign = _side(colour) if own <= (count - 1) / 2 else -_side(colour)  # the longer part lies on the better side
    for wider in WIDER:
        colours = _run(colour, count, own, fixed, sign, wider)[1]
        if least_difference(colours) >= APART:
            break
    return colours


def least_difference(colours: Sequence[str], sight: str = "usual") -> float:
    """Return the least CIEDE2000 of any two colours for a person of this sight; infinite for fewer than two."""
    seen = [lab_of(linear(colour), sight) for colour in colours]
    return min((float(delta_e(a, b)) for a, b in itertools.combinations(seen, 2)), default=math.inf)


@cache
def _side(colour: str) -> float:
    """Return 1 or -1: whether rising or falling hues are farther apart beside a colour."""
    fixed = _seen(linear(colour))[None]
    return max((-1.0, 1.0), key=lambda sign: _run(colour, 6, 0, fixed, sign, 1.0)[0])


def _run(
    colour: str, count: int, own: int, fixed: Float[np.ndarray, "n sights 3"], sign: float, wider: float
) -> tuple[float, tuple[str, ...]]:
    """Return how far apart the colours of a ramp are, with `fixed` among them, and the ramp."""
    names, seen, hue = _candidates()
    turn = (hue - _hue(fixed[0]) + 180) % 360 - 180
    longer = max(own, count - 1 - own, 1)  # places on the side that has more of them
    step = wider * min(STEP, WIDTH / max(count - 1, 1), REACH / longer)
    vivid = np.hypot(seen[:, 0, 1], seen[:, 0, 2]) >= VIVID
    parts = [np.abs(turn - sign * step * (place - own)) <= step / 2 for place in range(count)]
    parts = [np.flatnonzero(part & vivid if (part & vivid).any() else part) for part in parts]
    nearest_first = sorted((place for place in range(count) if place != own), key=lambda place: abs(place - own))
    best: tuple[float, dict[int, int]] = (-1.0, {})
    for order in (nearest_first, nearest_first[::-1]):
        chosen: dict[int, int] = {}
        for _ in range(ROUNDS):
            before = dict(chosen)
            for place in order:
                others = [*fixed, *(seen[index] for at, index in chosen.items() if at != place)]
                least = np.min([_apart(seen[parts[place]], other) for other in others], axis=0)
                chosen[place] = int(parts[place][np.argmax(least)])
            if chosen == before:
                break
        lines = np.stack([*fixed, *(seen[index] for index in chosen.values())])
        least_of_all = min(
            (float(_apart(lines[:i], line).min()) for i, line in enumerate(lines) if i >= len(fixed)), default=0.0
        )
        best = max(best, (least_of_all, chosen), key=lambda one: one[0])
    return best[0], tuple(colour if place == own else names[best[1][place]] for place in range(count))


def _apart(these: Float[np.ndarray, "n sights 3"], other: Float[np.ndarray, "sights 3"]) -> Float[np.ndarray, " n"]:
    """Return how far colours are from another one: the least over all sights, with that of colour-blind ones weighted."""
    weights = np.array([1.0 if sight == "usual" else WEIGHT for sight in EVERY_SIGHT])
    least: np.ndarray = (delta_e(these, other) * weights).min(axis=-1)
    return least


def _seen(light: Float[np.ndarray, "*n 3"]) -> Float[np.ndarray, "*n sights 3"]:
    return np.stack([lab_of(light, sight) for sight in EVERY_SIGHT], axis=-2)


def _hue(seen: Float[np.ndarray, "*n sights 3"]) -> Float[np.ndarray, "*n"]:
    """Return the hues for full sight, in degrees."""
    degrees: np.ndarray = np.degrees(np.arctan2(seen[..., 0, 2], seen[..., 0, 1]))
    return degrees


@cache
def _candidates() -> tuple[Sequence[str], Float[np.ndarray, "n sights 3"], Float[np.ndarray, " n"]]:
    """Return the colours of an even grid that stand out from both backgrounds, how they are seen, and their hues in degrees."""
    levels = np.round(np.linspace(0, 255, LEVELS)).astype(int)
    grid = np.array(list(itertools.product(levels, repeat=3)))
    light = linear_light(grid)
    low, high = sorted(float(TO_XYZ[1] @ linear(background)) for background in BACKGROUNDS.values())
    luminance, seen = light @ TO_XYZ[1], _seen(light)
    clear = ((high + 0.05) / (luminance + 0.05) >= CONTRAST) & ((luminance + 0.05) / (low + 0.05) >= CONTRAST)
    coloured = np.hypot(seen[:, 0, 1], seen[:, 0, 2]) >= CHROMA
    grid, seen = grid[clear & coloured], seen[clear & coloured]
    return ["#" + "".join(f"{part:02x}" for part in parts) for parts in grid.tolist()], seen, _hue(seen)
