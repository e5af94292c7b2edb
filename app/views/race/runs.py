"""The wait for the runs of a race, and what there is of them so far."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

from prodigy_core.experiment import Experiment
from prodigy_core.landscape.plane import Plane
from prodigy_core.trace import Trace

from ... import cache, state, theme
from ...jobs import WORKERS, Job
from ...sidebar.controls import escaped
from .. import status, waiting
from . import ground


@dataclass(frozen=True)
class Begun:
    """What there is of a race.

    Attributes:
      experiment: the race, with the contenders whose runs have begun.
      traces, styles: of these contenders, one or more.
      over: whether all runs have come to their end.
      plane: the plane through their paths, if there is one yet.
    """

    experiment: Experiment
    traces: Sequence[Trace]
    styles: Sequence[theme.Style]
    over: bool
    plane: Job[Plane] | None


def wait(experiment: Experiment, patience: waiting.Patience, draw: Callable[[Begun], None]) -> waiting.Wait[Trace]:
    """Return the wait for a race. `draw` draws what there is of it, once a run has begun."""
    watcher = state.watcher()
    return waiting.Wait(
        work=experiment,
        ask=lambda patience: cache.runs(experiment, watcher, patience),
        stop=lambda: cache.cancel(experiment, watcher),
        pace=partial(_pace, experiment),
        draw=partial(_draw, experiment, draw),
        patience=patience,
        later=partial(ground.later, experiment),
    )


def _pace(experiment: Experiment, runs: Sequence[Job[Trace]]) -> tuple[float, str]:
    """How far the runs are, and how long they took and will take."""
    fraction = sum(run.fraction for run in runs) / len(runs)
    going = [(label, run) for label, run in zip(experiment.labels, runs, strict=True) if not run.done]
    if compiling := [label for label, run in going if not run.fraction]:
        return fraction, f"Compiling {escaped(', '.join(compiling))}"
    left = [run.seconds_left or 0.0 for _, run in going]
    remaining = max(sum(left) / WORKERS, *left, 0.0)
    spent = max(run.seconds for run in runs)
    words = f"{100 * fraction:.0f} %: {status.duration(spent)} so far, about {status.duration(remaining)} to go"
    return fraction, words


def _draw(
    experiment: Experiment, draw: Callable[[Begun], None], runs: Sequence[Job[Trace]], plane: waiting.Later | None
) -> None:
    cancelled = state.cancelled(experiment)
    places = [i for i, run in enumerate(runs) if run.result is not None]
    if not places:
        return
    traces = [trace.cancelled() if cancelled else trace for run in runs if (trace := run.result) is not None]
    styles = theme.styles(experiment.contenders, experiment.labels)
    all_begun = len(places) == len(runs)
    begun = experiment if all_begun else replace(experiment, contenders=tuple(experiment.contenders[i] for i in places))
    over = all_begun and all(run.done for run in runs)
    draw(Begun(begun, traces, [styles[i] for i in places], over, plane.job if plane else None))
