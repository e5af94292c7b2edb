"""The arrays of a run that the arena is sent, thinned and in float32, in one buffer."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float, Int

from prodigy_core.engine.quantities import QUANTITIES, Quantity
from prodigy_core.experiment import Experiment
from prodigy_core.trace import Status, Trace

from ...theme import Style
from .records import Channel, Contender, Span, Variant

MOST_ENTRIES = 2_048  # entries of one run; a browser is sent every step of a shorter one
MOST_OF_ALL = 6_144  # entries of all runs together
LARGEST = np.finfo(np.float32).max
BROKEN = (Status.DIVERGED, Status.NOT_A_NUMBER)
DASHES = {  # strokes and gaps of a canvas, in pixels
    "solid": [],
    "dash": [8, 5],
    "dashdot": [8, 4, 2, 4],
    "longdash": [14, 6],
    "longdashdot": [14, 4, 2, 4],
    "12px,2px,2px,2px,2px,2px": [12, 2, 2, 2, 2, 2],
}
# The letter before x or y in the short names of a vector's two coordinates.
VECTORS = {"gradient": "g", "update": "u", "m": "m", "v": "v", "s": "s"}


class Pack:
    """Arrays one after the other in one buffer of float32: half the bytes of float64, exact enough for a pixel.

    They are converted all at once: each pass over a long array lets another thread of a busy server go first.
    """

    def __init__(self) -> None:
        self._parts: list[np.ndarray] = [np.zeros(0)]
        self._elements = 0

    def add(self, values: Float[np.ndarray, "..."]) -> Span:
        """Append an array, row by row; return its place."""
        span = Span(self._elements, values.size)
        self._parts.append(values if values.ndim == 1 else values.ravel())
        self._elements += values.size
        return span

    @property
    def blob(self) -> bytes:
        """All arrays, little-endian."""
        with np.errstate(over="ignore"):  # what is beyond float32 becomes infinite, and is then clipped
            buffer = np.concatenate(self._parts, dtype="<f4", casting="same_kind")
        return np.clip(buffer, -LARGEST, LARGEST, out=buffer).tobytes()


def contender(style: Style, run: Variant, variants: Sequence[Variant] | None = None) -> Contender:
    """A contender in its style, with its run, and with those for every value of a hyperparameter where one is dragged."""
    return Contender(
        label=style.label,
        colour=style.colour,
        dash=DASHES[style.dash],
        broken=run.broken,
        ending=run.ending,
        axes=run.axes,
        channels=run.channels,
        variants=variants,
    )


def variant(experiment: Experiment, trace: Trace, pack: Pack, contenders: int) -> Variant:
    """A run as the arena is sent it.

    Args:
      experiment: what was run.
      trace: its run.
      pack: takes the arrays.
      contenders: how many share the buffer.
    """
    entries, most = trace.loss.size, min(MOST_ENTRIES, MOST_OF_ALL // contenders)
    per_step = {**step_channels(experiment, trace), "steps": trace.steps}
    if entries > most:
        kept = thin(entries, most)
        per_step = {name: values[kept] for name, values in per_step.items()}
    steps = per_step.pop("steps")
    channels = {name: Channel("steps", pack.add(values)) for name, values in per_step.items()}
    channels |= {name: Channel("evaluated", pack.add(values)) for name, values in trace.metrics.items()}
    return Variant(
        broken=trace.status in BROKEN,
        ending=trace.ending,
        axes={"steps": pack.add(steps), "evaluated": pack.add(trace.evaluated)},
        channels=channels,
    )


def step_channels(experiment: Experiment, trace: Trace) -> dict[str, Float[np.ndarray, " entries"]]:
    """Every quantity that a run has after each of its steps, by its short name.

    `x`, `y` is the position, or its projection; `gx`, `gy` and the like are the two coordinates of a vector, `wx`, `wy` those
    of the vector back to the start.
    """
    minimum = experiment.definition.minimum
    sent = [each for each in QUANTITIES if each.compute and each.vector not in trace.vectors]
    channels = {**_curves(trace, [each for each in sent if not each.vector]), **trace.probes}
    if minimum is not None:
        channels["above"] = above(trace.loss - minimum)
    if experiment.definition.minimisers:
        channels["to_minimiser"] = to_minimiser(experiment, trace)
    if "inner" in trace.probes and not trace.projected:
        back = trace.position[:1] - trace.position  # the browser's float32 could not tell x from its start any more
        channels |= {"wx": back[:, 0], "wy": back[:, 1]}
    for name, values in trace.vectors.items():
        letter = VECTORS[name]
        channels |= {f"{letter}x": values[:, 0], f"{letter}y": values[:, 1]}
    return channels | _curves(trace, [each for each in sent if each.vector])


def _curves(trace: Trace, quantities: Sequence[Quantity]) -> dict[str, Float[np.ndarray, " entries"]]:
    """Return the curves of quantities, by the names of their channels."""
    columns = ((each, np.atleast_2d(getattr(trace, each.name).T)) for each in quantities)
    return {channel: values for each, parts in columns for channel, values in zip(each.channels, parts, strict=False)}


def to_minimiser(experiment: Experiment, trace: Trace) -> Float[np.ndarray, " entries"]:
    """The L-infinity distance of each entry to the minimiser that is then the nearest."""
    position = np.ascontiguousarray(trace.position.T)  # (2, entries): reductions over short last axes take four times as long
    offsets = position[:, None] - np.asarray(experiment.definition.minimisers).T[:, :, None]
    nearest: np.ndarray = np.abs(offsets).max(axis=0).min(axis=0)
    return nearest


def above(values: Float[np.ndarray, " kept"]) -> Float[np.ndarray, " kept"]:
    """Values for a logarithmic axis: those that rounding took to 0 or below are raised to the lowest positive one."""
    positive = values[values > 0]
    return np.maximum(values, positive.min()) if positive.size else np.full_like(values, np.nan)


def thin(entries: int, most: int = MOST_ENTRIES) -> Int[np.ndarray, " kept"]:
    """The indices of the entries to send: all of a short run; of a long one the first, the last, and a regular choice.

    That choice takes neighbours in pairs, so that a step can be taken apart wherever one looks.
    """
    if entries <= most:
        return np.arange(entries)
    first = most // 4
    pairs = np.linspace(first, entries - 2, (most - first) // 2).round().astype(int)
    return np.unique(np.concatenate([np.arange(first), pairs, pairs + 1]))


def single(values: Float[np.ndarray, "..."]) -> Float[np.ndarray, "..."]:
    """The values in float32, clipped to its range: a diverged path keeps its direction to the last of its entries."""
    clipped: np.ndarray = np.clip(values, -LARGEST, LARGEST).astype("<f4")
    return clipped
