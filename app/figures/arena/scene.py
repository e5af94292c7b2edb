"""The whole of the arena as data: what stands in each panel, and one buffer with every array."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from prodigy_core.experiment import Experiment
from prodigy_core.landscape.grid import Landscape
from prodigy_core.landscape.plane import Plane
from prodigy_core.trace import Trace

from ...theme import GROUND, REFERENCE, Style
from . import channels, ground, panels
from .algorithm import algorithm
from .inside import inside


@dataclass(frozen=True)
class Scene:
    """What the browser is sent.

    Attributes:
      described: what there is, as JSON; an array as `[offset, count]` in elements of the buffer.
      blob: the arrays, little-endian float32.
    """

    described: dict[str, Any]
    blob: bytes

    @property
    def nbytes(self) -> int:
        return len(self.blob) + len(json.dumps(self.described))


def scene(
    experiment: Experiment,
    traces: Sequence[Trace],
    styles: Sequence[Style],
    landscape: Landscape | None = None,
    plane: Plane | None = None,
    beneath: str = "",
) -> Scene:
    """The arena of a race.

    Args:
      experiment: what was run.
      traces: what there is of every run.
      styles: how each is drawn.
      landscape: of a function of the plane, over `window(experiment)`.
      plane: through the paths of a problem of many parameters, with an entry for each of these traces.
      beneath: what a person wants beneath them, one of `ground.BENEATH`; "" where there is no choice.
    """
    pack = channels.Pack()
    args = experiment, traces, styles
    contenders = [channels.contender(experiment, *one, pack, len(traces)) for one in zip(traces, styles, strict=True)]
    further = [] if experiment.definition.domain else [panels.gradient(styles)]
    if landscape is not None:
        under = ground.function(experiment, landscape, traces, styles, pack)
    elif plane is not None:
        under = ground.through(plane, styles, pack)
        for nth, contender in enumerate(contenders):
            ground.shadow(plane, contender, nth, pack)
        further.append(panels.shadow(styles))
    else:
        under = ground.projection(experiment, waits=beneath in ("pca", "random"))
    described = {
        "key": " ".join((experiment.problem, experiment.formula, str(experiment.settings.get("dimension", "")))),
        "contenders": contenders,
        "last": max((int(trace.steps[-1]) for trace in traces if trace.steps.size), default=0),
        "map": under,
        "beneath": {"chosen": beneath, "choices": list(ground.BENEATH.items())} if beneath else None,
        "panels": panels.race(*args),
        "inside": [*inside(*args), *further],
        "algorithm": [algorithm(*one) for one in zip(experiment.contenders, traces, strict=True)],
        "ground": GROUND,
        "reference": REFERENCE,
    }
    return Scene(described, pack.blob)
