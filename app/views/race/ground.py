"""The ground under the paths of many parameters: a plane through them, which a person chooses and the server computes."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from prodigy_core.experiment import Experiment
from prodigy_core.landscape.plane import PlaneKind
from prodigy_core.trace import Trace

from ... import cache, state
from ...figures.arena.grounds import GROUNDS
from ...jobs import Job
from ..waiting import Later


def choice(experiment: Experiment) -> str:
    """Return the ground that a person chose, one of `GROUNDS`; "" for a function of the plane, which has its landscape."""
    if experiment.definition.domain is not None:
        return ""
    usual = _usual(experiment)
    kept = state.kept(_name(experiment), usual)
    return kept if kept in GROUNDS else usual


def choose(value: object) -> None:
    """Take a choice that came from a browser, if it is one."""
    if isinstance(value, str) and value in GROUNDS:
        state.put_kept(_name(state.experiment()), value)


def keep_choice(experiment: Experiment) -> None:
    """Say what the link says of the ground."""
    if experiment.definition.domain is None:
        state.keep(_name(experiment), choice(experiment), _usual(experiment))


def later(experiment: Experiment, runs: Sequence[Job[Trace]], patience: float) -> Later | None:
    """Return the plane through these runs, begun where it is new; None if none is wanted, or no run has a position to span it.

    Args:
      experiment: the race.
      runs: its runs, all done.
      patience: seconds to wait for the plane to be done.
    """
    traces = [run.result for run in runs if run.result is not None]
    kind: PlaneKind | None = {"pca": "pca", "random": "random"}.get(choice(experiment))  # type: ignore[assignment]
    if kind is None or not any(len(trace.snapshots) for trace in traces):
        if experiment.definition.domain is None:
            cache.drop_plane(state.watcher())
        return None
    job = cache.plane(experiment, kind, traces, state.watcher(), patience)
    return Later(job, "The loss on the plane", "cancel-plane", partial(choose, "none"))


def _usual(experiment: Experiment) -> str:
    # A class of fifty that learns from images would else compute fifty planes at every turn of a knob.
    return "none" if experiment.definition.learning else "pca"


def _name(experiment: Experiment) -> str:
    """The name of the choice: networks and functions of many variables have one each."""
    return f"ground/{experiment.definition.family}"
