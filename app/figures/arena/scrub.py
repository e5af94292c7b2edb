"""The scene of a hyperparameter's whole axis: the runs of all values are sent at once, and the browser swaps them on a drag."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from jaxtyping import Float

from prodigy_core.engine.quantities import QUANTITIES
from prodigy_core.experiment import Experiment
from prodigy_core.landscape.grid import Landscape
from prodigy_core.param import value_text
from prodigy_core.sweep.result import Grid, SweepTrace
from prodigy_core.trace import STATUSES

from ...theme import Style
from ..sweeps import ticks
from ..sweeps.measures import FLOOR, LOSS, number
from ..sweeps.measures import values as measured
from . import channels, grounds, panels
from .channels import BROKEN, Pack
from .records import Channel, Level, Line, Map, Panel, Range, Scale, Scene, Scrub, Variant

CHANNELS = {each.name: each.channels[0] for each in QUANTITIES if each.traced and len(each.channels) == 1}
FAR = 30.0  # multiple of the usual reach, beyond which a path does not set the ends of the map
HEADROOM = 1e4  # multiple of the loss at the start, above which a loss does not set the ends of an axis

Curves = Mapping[str, Float[np.ndarray, " entries"]]  # of one run, by the channels' short names


def scrub(trace: SweepTrace, place: int, styles: Sequence[Style], landscape: Landscape | None) -> Scene:
    """The scene of a sweep in which one contender has one axis, with traces; the others run as they are.

    Args:
      trace: the sweep, with all of its runs.
      place: the index of the contender whose hyperparameter is dragged.
      styles: how each contender is drawn.
      landscape: of a function of the plane, over `window(experiment)`.
    """
    experiment, grid, pack = trace.sweep.experiment, trace.grids[place], Pack()
    axis = grid.axes[0]
    at = ticks.index(axis.values, experiment.contenders[place].knobs[axis.knob])
    at = len(axis.values) // 2 if at is None else at
    curves = [_curves(experiment, grid) for grid in trace.grids]
    variants = [_variants(grid, runs, pack) for grid, runs in zip(trace.grids, curves, strict=True)]
    losses = measured(LOSS, experiment, grid)[:, 0].tolist()
    return Scene(
        key=" ".join(("scrub", experiment.problem, experiment.formula, axis.knob)),
        contenders=[
            channels.contender(style, runs[at], runs) if i == place else channels.contender(style, runs[0])
            for i, (style, runs) in enumerate(zip(styles, variants, strict=True))
        ],
        last=int(grid.steps[-1]),
        map=_map(trace, landscape, pack),
        panels=_panels(experiment, curves, styles),
        scrub=Scrub(
            contender=place,
            knob=axis.knob,
            values=[value_text(value) for value in axis.values],
            now=at,
            losses=[loss if np.isfinite(loss) else None for loss in losses],
            words=[
                f"{axis.knob} {value_text(value)}, final loss {number(loss)}"
                for value, loss in zip(axis.values, losses, strict=True)
            ],
        ),
        blob=pack.blob,
    )


def _variants(grid: Grid, runs: Sequence[Curves], pack: Pack) -> list[Variant]:
    """The runs of one contender, each up to where it broke off."""
    steps = pack.add(grid.steps)
    statuses, stops = (values.reshape(len(runs), -1)[:, 0] for values in (grid.status, grid.stopped_at))
    variants = []
    for curves, code, stopped_at in zip(runs, statuses, stops, strict=True):
        status = STATUSES[code]
        count = int(np.isfinite(curves["loss"]).sum())  # a run that broke off has nothing after that
        axis = steps if count == grid.steps.size else pack.add(grid.steps[:count])
        variants.append(
            Variant(
                broken=status in BROKEN,
                ending=status.sentence(int(stopped_at)),
                axes={"steps": axis},
                channels={name: Channel("steps", pack.add(values[:count])) for name, values in curves.items()},
            )
        )
    return variants


def _curves(experiment: Experiment, grid: Grid) -> list[Curves]:
    """What is sent of each run of a contender, with the first seed."""
    minimum = experiment.definition.minimum
    count = int(np.prod(grid.shape))
    traces = {name: values[..., 0, :, :] if name == "position" else values[..., 0, :] for name, values in grid.traces.items()}
    flat = {name: values.reshape(count, *values.shape[len(grid.shape) :]) for name, values in traces.items()}
    runs: list[Curves] = []
    for i in range(count):
        run = {short: flat[name][i] for name, short in CHANNELS.items() if name in flat}
        run |= {"x": flat["position"][i, :, 0], "y": flat["position"][i, :, 1]}
        if minimum is not None:
            run["above"] = np.maximum(run["loss"] - minimum, FLOOR)
        runs.append(run)
    return runs


def _map(trace: SweepTrace, landscape: Landscape | None, pack: Pack) -> Map:
    experiment = trace.sweep.experiment
    if landscape is not None:
        return grounds.function(experiment, landscape, [], [], pack, clickable=False)
    x, y = _reach(trace)
    return grounds.directions(experiment, x=x, y=y)


def _reach(trace: SweepTrace) -> tuple[Range, Range]:
    """The ends of x and y that hold the paths of all values, but for those that fly away."""
    points = np.concatenate([grid.traces["position"][..., 0, :, :].reshape(-1, 2) for grid in trace.grids])
    points = points[np.isfinite(points).all(axis=1)]
    if not points.size:
        return Range(-1.0, 1.0), Range(-1.0, 1.0)
    usual = np.quantile(np.abs(points), 0.75, axis=0) * FAR + 1e-12
    kept = points[(np.abs(points) <= usual).all(axis=1)]
    low, high = kept.min(axis=0), kept.max(axis=0)
    margin = 0.07 * np.maximum(high - low, 1e-9)
    x, y = (Range(float(start), float(end)) for start, end in zip(low - margin, high + margin, strict=True))
    return x, y


def _panels(experiment: Experiment, curves: Sequence[Sequence[Curves]], styles: Sequence[Style]) -> list[Panel]:
    """Loss, D and the effective step, on scales that hold the runs of all values: no scale moves during a drag."""
    problem = experiment.definition
    loss = "above" if problem.minimum is not None else "loss"
    title = "Loss of the batch" if problem.learning and not problem.minimum else panels.loss_title(problem)
    with_estimate = [i for i, runs in enumerate(curves) if "D" in runs[0]]
    return [
        _panel(
            loss,
            title,
            [Line(i, loss, style.label) for i, style in enumerate(styles)],
            curves,
            panels.level(experiment.tolerance, "tolerance") if loss == "above" else (),
        ),
        _panel(
            "distance",
            panels.DISTANCE_TITLE,
            [panels.distance_line(i, style) for i, style in enumerate(styles)]
            + [panels.estimate_line(i, styles[i]) for i in with_estimate],
            curves,
        ),
        _panel(
            "effective_step",
            panels.STEP_TITLE,
            [Line(i, "effective_step", style.label) for i, style in enumerate(styles)],
            curves,
        ),
    ]


def _panel(
    channel: str, title: str, lines: Sequence[Line], curves: Sequence[Sequence[Curves]], levels: Sequence[Level] = ()
) -> Panel:
    """The panel of a channel and of those beside it; the channel's first values say how high the axis reaches."""
    runs = [run for contender in curves for run in contender]
    shown = {line.channel for line in lines}
    values = np.concatenate([run[name] for run in runs for name in shown if name in run])
    scale, ends = _scale(values, [float(run[channel][0]) for run in runs])
    words = f"{title} over the steps, for the value of the knob that is chosen."
    return Panel(id=channel, title=title, scale=scale, range=ends, lines=lines, levels=levels, words=words)


def _scale(values: Float[np.ndarray, " values"], starts: Sequence[float]) -> tuple[Scale, Range | None]:
    """A logarithmic scale where it can be, and the ends that hold what does not fly away."""
    finite = values[np.isfinite(values)]
    positive = finite[finite > 0]
    if not positive.size:
        return "linear", None
    if (finite < 0).any():
        low, high = (float(end) for end in np.quantile(finite, [0.01, 0.99]))
        margin = 0.05 * (high - low)
        return "linear", Range(low - margin, high + margin)
    highest = max([start for start in starts if np.isfinite(start) and start > 0], default=float(positive.max())) * HEADROOM
    high = float(min(positive.max(), highest))
    low = float(max(positive.min(), high * 1e-22))
    return "log", Range(low / 1.6, high * 1.6)
