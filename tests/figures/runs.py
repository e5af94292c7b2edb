"""Runs that are only drawn, and every function that draws them."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable
from functools import cache
from types import MappingProxyType
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest

from app import figures
from app.figures.window import window
from app.theme import Look, looks
from prodigy_core.engine import run
from prodigy_core.experiment import Contender, Experiment
from prodigy_core.landscape import Landscape, landscape
from prodigy_core.problems import PROBLEMS
from prodigy_core.trace import Status, Trace

POINTS = 31
N = 12  # entries of a run that is only drawn
SIX = ("prodigy", "optax_prodigy", "adam", "adam", "sgd", "adam")

every_problem = pytest.mark.parametrize("problem", list(PROBLEMS))


@cache
def ground_of(experiment: Experiment, points: int = POINTS) -> Landscape:
    return landscape(experiment.problem, experiment.settings, window(experiment), points)


def trace_of(position: np.ndarray, loss: np.ndarray, status: Status = Status.FINISHED, with_d: bool = True) -> Trace:
    n = len(loss)
    away = position - position[:1] if n else position
    probes = {"effective_step": np.geomspace(1e-6, 0.1, n) if n else np.zeros(0)}
    if with_d:
        probes |= {"D": np.geomspace(1e-6, 2.0, n) if n else np.zeros(0)}
    return Trace(
        loss=loss,
        position=position,
        gradient_norm=np.ones(n),
        update_norm=np.ones(n),
        distance_linf=np.abs(away).max(axis=1),
        distance_l2=np.hypot(*away.T),
        probes=MappingProxyType(probes),
        status=status,
        stopped_at=n if status is not Status.FINISHED else n - 1,
    )


@cache
def drawn_runs(problem: str, optimizers: tuple[str, ...] = ("prodigy", "adam")) -> tuple[Experiment, list[Trace]]:
    """Runs along the diagonal of the landscape, whose losses are therefore known without running anything."""
    grid = ground_of(Experiment(problem=problem))
    at = np.arange(N + 15, 15, -1)  # towards the middle, where many a minimum is, and not into it
    start = (float(grid.x[at[0]]), float(grid.y[at[0]]))
    experiment = Experiment(problem=problem, start=start, contenders=tuple(Contender(name) for name in optimizers), steps=N - 1)
    position, loss = np.stack([grid.x[at], grid.y[at]], axis=1), grid.loss[at, at]
    return experiment, [trace_of(position, loss + 1e-3 * i, with_d="prodigy" in name) for i, name in enumerate(optimizers)]


def looks_of(experiment: Experiment) -> tuple[Look, ...]:
    return looks(experiment.contenders, experiment.labels)


def _builders() -> dict[str, Callable[..., go.Figure]]:
    """Every public function of `app/figures` that makes a whole figure of an experiment's data."""
    found: dict[str, Callable[..., go.Figure]] = {}
    for info in pkgutil.iter_modules(figures.__path__):
        module = importlib.import_module(f"app.figures.{info.name}")
        for name, function in inspect.getmembers(module, inspect.isfunction):
            here = function.__module__ == module.__name__ and not name.startswith("_")
            if here and info.name != "frame" and function.__annotations__.get("return") in ("go.Figure", go.Figure):
                found[f"{info.name}.{name}"] = function
    return found


BUILDERS = _builders()
every_builder = pytest.mark.parametrize("builder", [pytest.param(function, id=name) for name, function in BUILDERS.items()])


def build(builder: Callable[..., go.Figure], experiment: Experiment, traces: list[Trace], mode: str = "light") -> go.Figure:
    """The figure, each argument of its builder filled by its name."""
    all_of_it = {
        "experiment": experiment,
        "ground": ground_of(experiment),
        "traces": traces,
        "looks": looks_of(experiment),
        "mode": mode,
    }
    return builder(**{name: all_of_it[name] for name in inspect.signature(builder).parameters})


def lines(figure: go.Figure) -> list[Any]:
    return [trace for trace in figure.data if trace.type == "scatter" and trace.mode == "lines"]


def named(figure: go.Figure, name: str) -> Any:
    (found,) = [trace for trace in figure.data if trace.name == name]
    return found


@cache
def real_race() -> tuple[Experiment, list[Trace]]:
    contenders = (Contender("prodigy"), Contender("adam", {"learning_rate": 0.1}), Contender("sgd", {"learning_rate": 0.1}))
    experiment = Experiment(steps=100, contenders=contenders[:2])
    return experiment, run(experiment)
