"""The arena of a knob's whole axis: every value's run is sent at once, and the browser swaps them as the knob is dragged."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from jaxtyping import Float

from prodigy_core.engine.quantities import QUANTITIES
from prodigy_core.experiment import Experiment
from prodigy_core.landscape.grid import Landscape
from prodigy_core.param import value_text
from prodigy_core.sweep.result import Grid, SweepTrace
from prodigy_core.trace import STATUSES

from ...theme import GROUND, REFERENCE, Style
from ..sweeps.measures import LOSS, number
from ..sweeps.measures import values as measured
from . import ground, panels
from .channels import BROKEN, DASHES, Pack
from .scene import Scene

CURVES = {each.name: each.channels[0] for each in QUANTITIES if each.traced and len(each.channels) == 1}
FAR = 30.0  # a path that leaves further than so many times its usual reach does not set the range
HEADROOM = 1e4  # times the loss at the start: what rises above it does not either


def scrub(found: SweepTrace, place: int, styles: Sequence[Style], landscape: Landscape | None) -> Scene:
    """The scene of a sweep in which one contender has one axis, with traces; the others run as they are.

    Args:
      found: the sweep, whole.
      place: of the contender whose knob is dragged.
      styles: of all contenders.
      landscape: of a function of the plane, over `window(experiment)`.
    """
    experiment, pack = found.sweep.experiment, Pack()
    axis = found.grids[place].axes[0]
    contenders = [_contender(experiment, grid, style, pack) for grid, style in zip(found.grids, styles, strict=True)]
    now = experiment.contenders[place].knobs[axis.knob]
    at = next((i for i, value in enumerate(axis.values) if value == now and type(value) is type(now)), len(axis.values) // 2)
    dragged = contenders[place]
    contenders[place] = {**dragged["variants"][at], **dragged}
    for i, other in enumerate(contenders):
        if i != place:
            contenders[i] = {**other["variants"][0], **{key: value for key, value in other.items() if key != "variants"}}
    losses = measured(LOSS, experiment, found.grids[place])[:, 0]
    described = {
        "key": " ".join(("scrub", experiment.problem, experiment.formula, axis.knob)),
        "contenders": contenders,
        "last": int(found.grids[place].steps[-1]),
        "map": _map(found, styles, landscape, pack),
        "beneath": None,
        "panels": _panels(found, styles),
        "inside": [],
        "algorithm": [],
        "ground": GROUND,
        "reference": REFERENCE,
        "scrub": {
            "contender": place,
            "knob": axis.knob,
            "values": [value_text(value) for value in axis.values],
            "now": at,
            "losses": [float(loss) if np.isfinite(loss) else None for loss in losses],
            "words": [
                f"{axis.knob} {value_text(v)}, final loss {number(float(x))}" for v, x in zip(axis.values, losses, strict=True)
            ],
        },
    }
    return Scene(described, pack.blob)


def _contender(experiment: Experiment, grid: Grid, style: Style, pack: Pack) -> dict[str, Any]:
    """A contender with a variant for each value of its axis, one without."""
    steps = pack.add(grid.steps)
    runs = list(_runs(experiment, grid))
    variants = []
    for i, run in enumerate(runs):
        status = STATUSES[grid.status.reshape(-1, len(grid.seeds))[i, 0]]
        there = int(np.isfinite(run["loss"]).sum())  # a run that broke off has nothing after that
        axis = steps if there == grid.steps.size else pack.add(grid.steps[:there])
        channels = {name: {"axis": "steps", "at": pack.add(values[:there])} for name, values in run.items()}
        ending = status.sentence(int(grid.stopped_at.reshape(-1, len(grid.seeds))[i, 0]))
        variants.append({"broken": status in BROKEN, "ending": ending, "axes": {"steps": axis}, "channels": channels})
    return {"label": style.label, "colour": style.colour, "dash": DASHES[style.dash], "variants": variants}


def _runs(experiment: Experiment, grid: Grid) -> Iterator[dict[str, Float[np.ndarray, " entries"]]]:
    """What is sent of each run of a contender, by its short name, with the first seed."""
    minimum = experiment.definition.minimum
    count = int(np.prod(grid.shape))
    traces = {name: values[..., 0, :, :] if name == "position" else values[..., 0, :] for name, values in grid.traces.items()}
    flat = {name: values.reshape(count, *values.shape[len(grid.shape) :]) for name, values in traces.items()}
    for i in range(count):
        run = {short: flat[name][i] for name, short in CURVES.items() if name in flat}
        run |= {"x": flat["position"][i, :, 0], "y": flat["position"][i, :, 1]}
        if minimum is not None:
            run["above"] = np.maximum(run["loss"] - minimum, 1e-17)
        yield run


def _map(found: SweepTrace, styles: Sequence[Style], landscape: Landscape | None, pack: Pack) -> dict[str, Any]:
    experiment = found.sweep.experiment
    if landscape is not None:
        return {**ground.function(experiment, landscape, [], [], pack), "clickable": False}
    plain = ground.projection(experiment)
    for name, ends in zip("xy", _reach(found), strict=True):
        plain[name]["range"] = ends
    return plain


def _reach(found: SweepTrace) -> list[list[float]]:
    """What holds all paths of all values, but those that fly away."""
    points = np.concatenate([grid.traces["position"][..., 0, :, :].reshape(-1, 2) for grid in found.grids])
    points = points[np.isfinite(points).all(axis=1)]
    if not points.size:
        return [[-1.0, 1.0], [-1.0, 1.0]]
    usual = np.quantile(np.abs(points), 0.75, axis=0) * FAR + 1e-12
    kept = points[(np.abs(points) <= usual).all(axis=1)]
    low, high = kept.min(axis=0), kept.max(axis=0)
    margin = 0.07 * np.maximum(high - low, 1e-9)
    return [[float(a), float(b)] for a, b in zip(low - margin, high + margin, strict=True)]


def _panels(found: SweepTrace, styles: Sequence[Style]) -> list[dict[str, Any]]:
    """Loss, D and the effective step, on scales that hold the runs of all values: nothing jumps while one drags."""
    experiment = found.sweep.experiment
    problem = experiment.definition
    runs = [list(_runs(experiment, grid)) for grid in found.grids]
    loss = "above" if problem.minimum is not None else "loss"
    title = "Loss above the minimum" if problem.minimum else "Loss of the batch" if problem.learning else "Loss"
    everyone = range(len(styles))
    lines = {
        loss: [panels.line(i, loss, styles[i].label) for i in everyone],
        "distance": [panels.line(i, "distance", f"{styles[i].label}, distance", "dotted", 1.5) for i in everyone]
        + [panels.line(i, "D", f"{styles[i].label}, D", width=2.5) for i in everyone if "D" in runs[i][0]],
        "effective_step": [panels.line(i, "effective_step", styles[i].label) for i in everyone],
    }
    titles = {loss: title, "distance": "D, and the L∞ distance gone (dotted)", "effective_step": "Effective step size"}
    made = []
    for name, drawn in lines.items():
        channels = {line["channel"] for line in drawn}
        values = np.concatenate([run[channel] for each in runs for run in each for channel in channels if channel in run])
        scale, ends = _scale(values, [float(run[name][0]) for each in runs for run in each])
        levels = panels.level(experiment.tolerance, "tolerance") if name == "above" else []
        words = f"{titles[name]} over the steps, for the value of the knob that is chosen."
        made.append(panels.panel(name, titles[name], drawn, words, scale, range=ends, levels=levels))
    return made


def _scale(values: np.ndarray, starts: list[float]) -> tuple[str, list[float] | None]:
    """A logarithmic scale where it can be, and the ends that hold what does not fly away."""
    finite = values[np.isfinite(values)]
    positive = finite[finite > 0]
    if not positive.size:
        return "linear", None
    if (finite < 0).any():
        low, high = np.quantile(finite, [0.01, 0.99])
        return "linear", [float(low - 0.05 * (high - low)), float(high + 0.05 * (high - low))]
    most = max([start for start in starts if np.isfinite(start) and start > 0], default=float(positive.max())) * HEADROOM
    high = float(min(positive.max(), most))
    low = float(max(positive.min(), high * 1e-22))
    return "log", [low / 1.6, high * 1.6]
