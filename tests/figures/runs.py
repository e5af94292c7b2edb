"""Made-up runs, and what the browser is sent of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from types import MappingProxyType
from typing import Any

import numpy as np
import pytest

from app.figures.arena.records import Coordinates, Panel, Scene, Span
from app.figures.arena.scene import scene as build_scene
from app.figures.arena.window import window
from app.theme import Style, styles
from prodigy_core.engine.runner import run
from prodigy_core.experiment import Contender, Experiment
from prodigy_core.landscape.grid import Landscape, landscape
from prodigy_core.problems import PROBLEMS
from prodigy_core.trace import Status, Trace
from tests.traces import hand_made

POINTS = 31
N = 12  # entries of a made-up run
SIX = ("prodigy", "optax_prodigy", "adam", "adam", "sgd", "adam")

PLANE = [problem.name for problem in PROBLEMS.values() if problem.family == "plane"]
every_problem = pytest.mark.parametrize("problem", PLANE)


@cache
def landscape_of(experiment: Experiment, points: int = POINTS) -> Landscape:
    return landscape(experiment.problem, experiment.settings, window(experiment), experiment.formula, points)


def trace_of(
    position: np.ndarray, loss: np.ndarray, status: Status = Status.FINISHED, with_d: bool = True, **fields: Any
) -> Trace:
    """A run of these losses; as a model's would, it has metrics too, at most at every third step, and at the last."""
    n = len(loss)
    away = position - position[:1] if n else position
    probes = {"effective_step": np.geomspace(1e-6, 0.1, n) if n else np.zeros(0)}
    if with_d:
        probes |= {"D": np.geomspace(1e-6, 2.0, n) if n else np.zeros(0)}
    evaluated = np.unique([*range(0, n, max(3, -(-n // 128))), *range(n)[-1:]]).astype(int)
    values: dict[str, Any] = {
        "loss": loss,
        "position": position,
        "gradient_norm": np.geomspace(3.0, 0.1, n) if n else np.zeros(0),
        "update_norm": np.ones(n),
        "distance_linf": np.abs(away).max(axis=1),
        "distance_l2": np.hypot(*away.T),
        "probes": MappingProxyType(probes),
        "evaluated": evaluated,
        "metrics": MappingProxyType(metrics_of(evaluated)),
        "status": status,
        "stopped_at": n if status is not Status.FINISHED else n - 1,
    }
    return hand_made(n, **(values | fields))


def metrics_of(evaluated: np.ndarray) -> dict[str, np.ndarray]:
    """Losses that fall and accuracies that rise, no two alike."""
    return {
        "train_loss": 2.0 / (1 + evaluated),
        "validation_loss": 3.0 / (1 + evaluated),
        "train_accuracy": 1 - 0.5 / (1 + evaluated),
        "validation_accuracy": 1 - 0.75 / (1 + evaluated),
    }


def shift(trace: Trace, by: float) -> Trace:
    """The same run with every metric higher by this."""
    return replace(trace, metrics=MappingProxyType({name: values + by for name, values in trace.metrics.items()}))


@cache
def drawn_runs(problem: str, optimizers: tuple[str, ...] = ("prodigy", "adam")) -> tuple[Experiment, list[Trace]]:
    """Runs along the diagonal of the landscape, whose losses are therefore known without running anything."""
    grid = landscape_of(Experiment(problem=problem))
    at = np.arange(N + 15, 15, -1)  # towards the middle, where many a minimum is, and not into it
    start = (float(grid.x[at[0]]), float(grid.y[at[0]]))
    experiment = Experiment(problem=problem, start=start, contenders=tuple(Contender(name) for name in optimizers), steps=N - 1)
    position, loss = np.stack([grid.x[at], grid.y[at]], axis=1), grid.loss[at, at]
    return experiment, [trace_of(position, loss + 1e-3 * i, with_d="prodigy" in name) for i, name in enumerate(optimizers)]


def styles_of(experiment: Experiment) -> tuple[Style, ...]:
    return styles(experiment.contenders, experiment.labels)


@dataclass(frozen=True)
class DrawnLine:
    """One line of a panel as a person sees it."""

    name: str
    contender: str
    colour: str
    style: str
    dash: Sequence[int]
    x: np.ndarray
    y: np.ndarray


def scene_of(experiment: Experiment, traces: Sequence[Trace]) -> Scene:
    ground = landscape_of(experiment) if experiment.definition.domain else None
    return build_scene(experiment, traces, styles_of(experiment), ground)


def array(scene: Scene, at: Span) -> np.ndarray:
    return np.frombuffer(scene.blob, "<f4")[at.offset : at.offset + at.size]


def panel_of(scene: Scene, name: str) -> Panel:
    (panel,) = [panel for panel in (*scene.panels, *scene.inside) if panel.id == name]
    return panel


def lines(scene: Scene, name: str) -> list[DrawnLine]:
    """The lines of a panel, from the numbers that the browser is sent."""
    drawn = []
    for line in panel_of(scene, name).lines:
        contender = scene.contenders[line.contender]
        channel = contender.channels[line.channel]
        x, y = array(scene, contender.axes[channel.axis]), array(scene, channel.at)
        drawn.append(DrawnLine(line.name, contender.label, contender.colour, line.style, contender.dash, x, y))
    return drawn


def named(scene: Scene, panel: str, name: str) -> DrawnLine:
    (line,) = [line for line in lines(scene, panel) if line.name == name]
    return line


def vectors(scene: Scene, contender: int, names: Coordinates) -> np.ndarray:
    """A vector of a contender, at every entry of its run."""
    channels = scene.contenders[contender].channels
    return np.stack([array(scene, channels[name].at) for name in names], axis=1)


def path(scene: Scene, contender: int) -> np.ndarray:
    """The points of a contender's path on the map."""
    return vectors(scene, contender, scene.map.path)


def heights_of(scene: Scene) -> np.ndarray:
    """The heights that are drawn of the landscape, row by row from the lowest y."""
    grid = scene.map.grid
    assert grid is not None
    return array(scene, grid.height).reshape(grid.rows, grid.columns)


@cache
def real_race() -> tuple[Experiment, list[Trace]]:
    experiment = Experiment(steps=100, contenders=(Contender("prodigy"), Contender("adam", {"learning_rate": 0.1})))
    return experiment, run(experiment)
