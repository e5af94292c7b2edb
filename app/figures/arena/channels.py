"""What of a run the arena is sent: its arrays over steps, thinned and narrow, in one buffer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from jaxtyping import Float, Int

from prodigy_core.engine.quantities import QUANTITIES, Quantity
from prodigy_core.experiment import Experiment
from prodigy_core.trace import Status, Trace

from ...theme import Style

MOST_ENTRIES = 2_048  # of one run; a browser is sent every step of a shorter one
MOST_OF_ALL = 6_144  # of all runs together
BROKEN = (Status.DIVERGED, Status.NOT_A_NUMBER)
DASHES = {  # of a canvas, in pixels
    "solid": [],
    "dash": [8, 5],
    "dashdot": [8, 4, 2, 4],
    "longdash": [14, 6],
    "longdashdot": [14, 4, 2, 4],
    "12px,2px,2px,2px,2px,2px": [12, 2, 2, 2, 2, 2],
}
# What the short names of the two coordinates of a vector begin with.
VECTORS = {"gradient": "g", "update": "u", "m": "m", "v": "v", "s": "s"}


class Pack:
    """Arrays, one after the other in one buffer of float32: half the bytes of what they were, exact enough for a pixel.

    They are narrowed all at once: each pass over a long array lets another thread of a busy server go first.
    """

    def __init__(self) -> None:
        self._parts: list[np.ndarray] = [np.zeros(0)]
        self._elements = 0

    def add(self, values: Float[np.ndarray, "..."]) -> list[int]:
        """Takes an array in; returns where it lies: the offset and the number of its elements."""
        at = [self._elements, values.size]
        self._parts.append(values.ravel())
        self._elements += values.size
        return at

    @property
    def blob(self) -> bytes:
        """All of them, little-endian."""
        return single(np.concatenate(self._parts)).tobytes()


def contender(experiment: Experiment, trace: Trace, style: Style, pack: Pack, runs: int) -> dict[str, Any]:
    """One contender as the arena is told of it.

    Args:
      experiment: what was run.
      trace: its run.
      style: its colour and dash.
      pack: takes the arrays.
      runs: how many contenders share the buffer.
    """
    entries, most = trace.loss.size, min(MOST_ENTRIES, MOST_OF_ALL // runs)
    kept = thin(entries, most) if entries > most else slice(None)
    over_steps = of_steps(experiment, trace)
    channels = {name: {"axis": "steps", "at": pack.add(values[kept])} for name, values in over_steps.items()}
    channels |= {name: {"axis": "evaluated", "at": pack.add(values)} for name, values in trace.metrics.items()}
    return {
        "label": style.label,
        "colour": style.colour,
        "dash": DASHES[style.dash],
        "broken": trace.status in BROKEN,
        "ending": trace.ending,
        "axes": {"steps": pack.add(trace.steps[kept]), "evaluated": pack.add(trace.evaluated)},
        "channels": channels,
    }


def of_steps(experiment: Experiment, trace: Trace) -> dict[str, Float[np.ndarray, " entries"]]:
    """What holds after every step, by its short name.

    `x`, `y` is the position, or its shadow; `gx`, `gy` and the like are the two coordinates of a vector, `wx`, `wy` those of
    the way back to the start.
    """
    minimum = experiment.definition.minimum
    sent = [each for each in QUANTITIES if each.compute and each.vector not in trace.vectors]
    found = {**_curves(trace, [each for each in sent if not each.vector]), **trace.probes}
    if minimum is not None:
        found["above"] = above(trace.loss - minimum)
    if experiment.definition.minimisers:
        found["to_minimiser"] = to_minimiser(experiment, trace)
    if "inner" in trace.probes and not trace.projected:
        way = trace.position[:1] - trace.position  # float32 could not tell x from its start any more
        found |= {"wx": way[:, 0], "wy": way[:, 1]}
    for name, values in trace.vectors.items():
        short = VECTORS[name]
        found |= {f"{short}x": values[:, 0], f"{short}y": values[:, 1]}
    return found | _curves(trace, [each for each in sent if each.vector])


def _curves(trace: Trace, quantities: Sequence[Quantity]) -> dict[str, Float[np.ndarray, " entries"]]:
    """Return the curves of quantities, by the names of their channels."""
    columns = ((each, np.atleast_2d(getattr(trace, each.name).T)) for each in quantities)
    return {channel: values for each, parts in columns for channel, values in zip(each.channels, parts, strict=False)}


def to_minimiser(experiment: Experiment, trace: Trace) -> Float[np.ndarray, " entries"]:
    """How far each entry is from the minimiser that is then the nearest, in the L-infinity norm."""
    ways = trace.position[:, None, :] - np.asarray(experiment.definition.minimisers)[None]
    nearest: np.ndarray = np.abs(ways).max(axis=2).min(axis=1)
    return nearest


def above(values: Float[np.ndarray, " kept"]) -> Float[np.ndarray, " kept"]:
    """For a logarithmic axis: what rounding took to 0 or below is drawn as low as the lowest that is above."""
    some = values[values > 0]
    return np.maximum(values, some.min()) if some.size else np.full_like(values, np.nan)


def thin(entries: int, most: int = MOST_ENTRIES) -> Int[np.ndarray, " kept"]:
    """Which of a run's entries to send: all of a short run; of a long one the first, the last, and a regular choice.

    An entry of that choice comes with the next one, so that a step can be taken apart wherever one looks.
    """
    if entries <= most:
        return np.arange(entries)
    first = most // 4
    pairs = np.linspace(first, entries - 2, (most - first) // 2).round().astype(int)
    return np.unique(np.concatenate([np.arange(first), pairs, pairs + 1]))


def single(values: Float[np.ndarray, "..."]) -> Float[np.ndarray, "..."]:
    """In float32; a diverged path keeps its direction up to the last of its numbers."""
    most = np.finfo(np.float32).max
    narrow: np.ndarray = np.clip(values, -most, most).astype("<f4")
    return narrow
