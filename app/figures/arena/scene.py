"""The scene of a race: all that stands in the arena, and one buffer with every array."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from prodigy_core.experiment import Experiment
from prodigy_core.landscape.grid import Landscape
from prodigy_core.landscape.plane import Plane
from prodigy_core.trace import Trace

from ...theme import Style
from . import channels, grounds, panels
from .algorithm import algorithm
from .inside import inside
from .records import Beneath, Choice, Knobs, Scene
from .scores import score

CHOICES = tuple(Choice(value, text) for value, text in grounds.GROUNDS.items())


def scene(
    experiment: Experiment,
    traces: Sequence[Trace],
    styles: Sequence[Style],
    landscape: Landscape | None = None,
    plane: Plane | None = None,
    ground: str = "",
    knobs: Knobs | None = None,
) -> Scene:
    """The arena of a race.

    Args:
      experiment: what was run.
      traces: the runs so far, one for each contender.
      styles: how each contender is drawn.
      landscape: of a function of the plane, over `window(experiment)`.
      plane: through the paths of a problem of many parameters, with an item for each of these traces.
      ground: the one that a person chose, a key of `grounds.GROUNDS`; "" where there is no choice.
      knobs: those that stand in the figure.
    """
    pack = channels.Pack()
    runs = [channels.variant(experiment, trace, pack, len(traces)) for trace in traces]
    inner = inside(experiment, traces, styles)
    if not experiment.definition.domain:
        inner.append(panels.gradient(styles))
    if landscape is not None:
        drawn = grounds.function(experiment, landscape, traces, styles, pack)
    elif plane is not None:
        drawn = grounds.through(plane, styles, pack)
        runs = [grounds.projected(run, plane, i, pack) for i, run in enumerate(runs)]
        inner.append(panels.projection(styles))
    else:
        awaited = ground in ("pca", "random")
        drawn = grounds.directions(
            experiment, "The plane through the paths comes when all of them are there." if awaited else ""
        )
    return Scene(
        key=" ".join((experiment.problem, experiment.formula, str(experiment.settings.get("dimension", "")))),
        contenders=[channels.contender(style, run) for style, run in zip(styles, runs, strict=True)],
        last=max((int(trace.steps[-1]) for trace in traces if trace.steps.size), default=0),
        map=drawn,
        beneath=Beneath(ground, CHOICES) if ground else None,
        panels=panels.race(experiment, traces, styles),
        inside=inner,
        algorithm=[algorithm(*pair) for pair in zip(experiment.contenders, traces, strict=True)],
        notice=_notice(experiment, traces, landscape),
        score=score(traces, styles),
        knobs=knobs,
        blob=pack.blob,
    )


def _notice(experiment: Experiment, traces: Sequence[Trace], landscape: Landscape | None) -> str:
    """Why there is no run to draw, where the loss is no number at the start; and where it is one."""
    if not all(trace.status in channels.BROKEN and not trace.loss.size for trace in traces):
        return ""
    if landscape is None:
        return "The loss is no number at the start, so no run can begin."
    x, y = experiment.start or experiment.definition.start
    words = f"The function is no number at the start ({x:g}, {y:g}), so no run can begin."
    rows, columns = np.nonzero(np.isfinite(landscape.loss))
    if not rows.size:
        return f"{words} On this part of the plane it is one nowhere."
    nearest = np.argmin(np.hypot(landscape.x[columns] - x, landscape.y[rows] - y))
    there = f"({landscape.x[columns[nearest]]:.2g}, {landscape.y[rows[nearest]]:.2g})"
    return f"{words} The nearest place where it is one is about {there}; a click on the landscape starts there."
