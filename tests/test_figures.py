"""What every figure must show: the numbers of the traces, unchanged, each contender in its one colour.

A builder added to `app/figures` is found and tested by its signature.
"""

from __future__ import annotations

import importlib
import inspect
import itertools
import pkgutil
import tomllib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest

from app import figures, theme
from app.figures import curves
from app.figures.frame import MOST_POINTS, single, thin
from app.figures.paths import paths
from app.figures.window import window
from app.theme import BACKGROUNDS, COLOURS, DASHES, GROUND, REFERENCE, Look, looks, shade
from app.views.race import table
from prodigy_core.engine import run
from prodigy_core.experiment import Contender, Experiment
from prodigy_core.landscape import Landscape, landscape
from prodigy_core.optimizers import OPTIMIZERS
from prodigy_core.problems import PROBLEMS
from prodigy_core.trace import Status, Trace

POINTS = 31
N = 12  # entries of a run that is only drawn
SIX = ("prodigy", "optax_prodigy", "adam", "adam", "sgd", "adam")

every_problem = pytest.mark.parametrize("problem", list(PROBLEMS))


# --- what to draw --------------------------------------------------------------------------------------------------


@cache
def _ground(experiment: Experiment, points: int = POINTS) -> Landscape:
    return landscape(experiment.problem, experiment.settings, window(experiment), points)


def _trace(position: np.ndarray, loss: np.ndarray, status: Status = Status.FINISHED, with_d: bool = True) -> Trace:
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
def _drawn(problem: str, optimizers: tuple[str, ...] = ("prodigy", "adam")) -> tuple[Experiment, list[Trace]]:
    """Runs along the diagonal of the landscape, whose losses are therefore known without running anything."""
    grid = _ground(Experiment(problem=problem))
    at = np.arange(N + 15, 15, -1)  # towards the middle, where many a minimum is, and not into it
    start = (float(grid.x[at[0]]), float(grid.y[at[0]]))
    experiment = Experiment(problem=problem, start=start, contenders=tuple(Contender(name) for name in optimizers), steps=N - 1)
    position, loss = np.stack([grid.x[at], grid.y[at]], axis=1), grid.loss[at, at]
    return experiment, [_trace(position, loss + 1e-3 * i, with_d="prodigy" in name) for i, name in enumerate(optimizers)]


def _looks(experiment: Experiment) -> tuple[Look, ...]:
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


def _build(builder: Callable[..., go.Figure], experiment: Experiment, traces: list[Trace], mode: str = "light") -> go.Figure:
    """The figure, each argument of its builder filled by its name."""
    all_of_it = {
        "experiment": experiment,
        "ground": _ground(experiment),
        "traces": traces,
        "looks": _looks(experiment),
        "mode": mode,
    }
    return builder(**{name: all_of_it[name] for name in inspect.signature(builder).parameters})


def _lines(figure: go.Figure) -> list[Any]:
    return [trace for trace in figure.data if trace.type == "scatter" and trace.mode == "lines"]


def _named(figure: go.Figure, name: str) -> Any:
    (found,) = [trace for trace in figure.data if trace.name == name]
    return found


def test_the_builders_are_found():
    assert {"curves.loss", "curves.distance", "curves.effective_step", "paths.paths"} <= set(BUILDERS)


# --- every figure, every problem -----------------------------------------------------------------------------------


@every_problem
@every_builder
def test_it_draws_every_problem_in_plain_numbers(builder, problem):
    """On a logarithmic axis a zero or a negative number is drawn at a place that means nothing."""
    experiment, traces = _drawn(problem)
    figure = _build(builder, experiment, traces)
    go.Figure(figure.to_dict())  # raises where Plotly knows no such property or value; the builders skip its check
    assert figure.layout.title.text
    for line in _lines(figure):
        assert len(line.x) == len(line.y) > 0
        for values, axis in ((line.x, figure.layout.xaxis), (line.y, figure.layout.yaxis)):
            shown = np.asarray(values, float)
            if axis.type == "log":
                assert (shown[~np.isnan(shown)] > 0).all()
            assert np.isfinite(shown).any()


@every_builder
@pytest.mark.parametrize("mode", list(BACKGROUNDS))
def test_a_contender_has_its_one_colour_and_dash_in_it(builder, mode):
    """A person follows a colour from figure to figure."""
    experiment, traces = _drawn("rosenbrock", SIX)
    figure, drawn = _build(builder, experiment, traces, mode), _looks(experiment)
    for look in drawn:
        found = [line for line in _lines(figure) if line.name == look.label or line.name.startswith(f"{look.label}, ")]
        assert found, look.label
        assert {line.line.color for line in found} == {look.colour}
        assert look.dash in {line.line.dash for line in found} or (builder is curves.distance and len(found) == 1)
    assert {line.line.color for line in _lines(figure)} == {look.colour for look in drawn}


@every_builder
def test_runs_that_broke_off_at_once_or_later_are_drawn_too(builder):
    """Divergence is what a person came to see: it must never be an error page."""
    for problem in ("rosenbrock", "goldstein_price", "monkey_saddle", "mccormick"):
        experiment, (whole, _) = _drawn(problem)
        for entries in (0, 1, 2):
            cut = _trace(whole.position[:entries], whole.loss[:entries], Status.DIVERGED)
            nan = _trace(whole.position[:entries], whole.loss[:entries], Status.NOT_A_NUMBER, with_d=False)
            for traces in ([cut, whole], [whole, nan], [cut, nan], [cut, cut]):
                figure = _build(builder, experiment, traces)
                assert len({line.line.color for line in _lines(figure)}) == 2
                assert figure.to_json()


@every_builder
def test_a_path_that_left_the_range_of_float32_is_drawn_without_a_warning(builder):
    experiment, (whole, _) = _drawn("rosenbrock")
    far = whole.position.copy()
    far[-3:] = [[1e5, 1e4], [-1e12, 1e11], [1e60, -1e51]]
    loss = whole.loss.copy()
    loss[-3:] = [1e22, 1e50, 1e240]
    figure = _build(builder, experiment, [_trace(far, loss, Status.DIVERGED), whole])
    assert _lines(figure)


@every_builder
def test_a_real_race_is_drawn_from_its_start_to_its_end(builder):
    figure = _build(builder, *_real())
    for line in _lines(figure):
        assert len(line.x) == 101


@cache
def _real() -> tuple[Experiment, list[Trace]]:
    contenders = (Contender("prodigy"), Contender("adam", {"learning_rate": 0.1}), Contender("sgd", {"learning_rate": 0.1}))
    experiment = Experiment(steps=100, contenders=contenders[:2])
    return experiment, run(experiment)


def test_the_figures_of_the_usual_experiment_are_small_enough_for_a_slow_line():
    experiment, traces = _real()
    ground = landscape(experiment.problem, experiment.settings, window(experiment))
    args = (experiment, traces, _looks(experiment))
    drawn = [paths(experiment, ground, *args[1:]), curves.loss(*args), curves.distance(*args), curves.effective_step(*args[1:])]
    assert sum(len(figure.to_json()) for figure in drawn) < 400_000


# --- the loss ------------------------------------------------------------------------------------------------------


@every_problem
def test_the_loss_curve_is_the_loss_above_the_minimum(problem):
    experiment, traces = _drawn(problem)
    figure = curves.loss(experiment, traces, _looks(experiment))
    minimum = PROBLEMS[problem].minimum
    for trace, look in zip(traces, _looks(experiment), strict=True):
        line = _named(figure, look.label)
        np.testing.assert_array_equal(line.x, np.arange(trace.loss.size))
        np.testing.assert_allclose(line.y, trace.loss - (minimum or 0), rtol=1e-9, atol=1e-9)
    assert figure.layout.yaxis.type == ("log" if minimum is not None else None)
    assert figure.layout.title.text == ("Loss above the minimum" if minimum else "Loss")


def test_the_tolerance_is_a_line_in_the_loss_figure_where_a_person_set_it():
    experiment, traces = _drawn("rosenbrock")
    figure = curves.loss(experiment, traces, _looks(experiment))
    (shape,) = figure.layout.shapes
    assert shape.y0 == shape.y1 == experiment.tolerance
    (note,) = figure.layout.annotations
    assert note.y == pytest.approx(np.log10(experiment.tolerance))  # annotations count in decades, shapes do not


def test_a_path_below_the_known_minimum_turns_the_loss_axis_linear():
    """Outside its domain McCormick's function falls without bound: there a logarithm would hide it."""
    experiment, (whole, other) = _drawn("mccormick")
    minimum = PROBLEMS["mccormick"].minimum or 0
    deep = _trace(whole.position, np.where(np.arange(N) > 6, minimum - 5, whole.loss))
    figure = curves.loss(experiment, [deep, other], _looks(experiment))
    assert figure.layout.yaxis.type != "log"
    np.testing.assert_array_equal(_named(figure, "Prodigy").y, deep.loss)
    assert figure.layout.title.text == "Loss"


def test_a_loss_that_rounding_took_to_the_minimum_or_below_stays_in_the_picture():
    """An optimizer that arrives exactly must not vanish from the figure as if it had failed."""
    experiment, (whole, other) = _drawn("booth")
    arrived = _trace(whole.position, np.where(np.arange(N) > 6, np.array([0.0, -1e-17])[np.arange(N) % 2], whole.loss))
    figure = curves.loss(experiment, [arrived, other], _looks(experiment))
    line = _named(figure, "Prodigy")
    assert figure.layout.yaxis.type == "log"
    assert (line.y > 0).all()
    assert line.y[-1] == min(whole.loss[:7])
    nothing = _trace(whole.position, np.zeros(N))
    assert np.isnan(_named(curves.loss(experiment, [nothing, other], _looks(experiment)), "Prodigy").y).all()


# --- the estimate and the step -------------------------------------------------------------------------------------


def test_d_stands_beside_the_distance_in_the_norm_that_it_estimates():
    experiment, traces = _drawn("rosenbrock")
    figure = curves.distance(experiment, traces, _looks(experiment))
    np.testing.assert_array_equal(_named(figure, "Prodigy, D").y, traces[0].probes["D"])
    for name in ("Prodigy", "Adam"):
        away = np.asarray(_named(figure, f"{name}, distance").y)
        assert np.isnan(away[0])  # 0 at the start: a gap on a logarithmic axis
        np.testing.assert_array_equal(away[1:], traces[0].distance_linf[1:])
    assert not [line for line in _lines(figure) if line.name == "Adam, D"]
    (shape,) = figure.layout.shapes
    assert shape.y0 == np.abs(np.subtract((1.0, 1.0), experiment.start or ())).max()


@pytest.mark.parametrize(
    "problem, start, distance",
    [
        ("himmelblau", (3.0, 2.5), 0.5),
        ("himmelblau", (-3.8, -3.3), 0.020689),  # the nearest of four
        ("shifted_sphere", (0.0, 1.0), 3.0),
        ("monkey_saddle", (1.0, 1.0), None),
    ],
)
def test_the_known_distance_is_that_to_the_nearest_minimiser(problem, start, distance):
    found = curves.nearest_minimiser(Experiment(problem=problem, start=start))
    assert found == (distance if distance is None else pytest.approx(distance, abs=1e-5))


@pytest.mark.parametrize("problem, start", [("monkey_saddle", (1.0, 1.0)), ("shifted_sphere", (3.0, 3.0))])
def test_without_a_distance_to_go_there_is_no_line_for_it(problem, start):
    experiment = Experiment(problem=problem, start=start)
    _, traces = _drawn(problem)
    assert not curves.distance(experiment, traces, _looks(experiment)).layout.shapes


def test_the_effective_step_is_drawn_as_recorded_and_zero_is_a_gap():
    experiment, traces = _drawn("rosenbrock")
    figure = curves.effective_step(traces, _looks(experiment))
    np.testing.assert_array_equal(_named(figure, "Adam").y, traces[1].probes["effective_step"])
    assert np.isnan(curves.positive(np.array([0.0, -1.0]))).all()


# --- the landscape -------------------------------------------------------------------------------------------------


@every_problem
def test_the_landscape_shows_the_domain_the_start_and_every_minimiser(problem):
    experiment, traces = _drawn(problem)
    figure, entry = paths(experiment, _ground(experiment), traces, _looks(experiment)), PROBLEMS[problem]
    (left, right), (low, high) = figure.layout.xaxis.range, figure.layout.yaxis.range
    assert left <= entry.domain[0][0] < entry.domain[0][1] <= right
    assert low <= entry.domain[1][0] < entry.domain[1][1] <= high
    stars = _named(figure, "minimiser")
    np.testing.assert_array_equal(np.reshape([stars.x, stars.y], (2, -1)).T, np.reshape(entry.minimisers, (-1, 2)))
    start = _named(figure, "start")
    assert ((start.x[0], start.y[0]),) == (experiment.start,)
    ground = figure.data[0]
    assert ground.type == "contour"
    assert np.shape(ground.z) == (len(ground.y), len(ground.x))
    assert np.isfinite(ground.z).all()


@pytest.mark.parametrize("start", [(1e6, -1e6), (2.0, 3.0), (-1.99, -0.99)])
def test_the_window_is_wide_enough_for_any_start_and_ends_behind_it(start):
    (left, right), (low, high) = window(Experiment(start=start))
    assert left <= -2 < 2 <= right
    assert low <= -1 < 3 <= high
    assert left < start[0] < right
    assert low < start[1] < high


@every_problem
def test_every_path_goes_through_the_points_of_its_run_and_ends_where_it_ended(problem):
    experiment, traces = _drawn(problem)
    figure = paths(experiment, _ground(experiment), traces, _looks(experiment))
    for trace, look in zip(traces, _looks(experiment), strict=True):
        line, end = _named(figure, look.label), _named(figure, f"{look.label}, end")
        np.testing.assert_allclose(np.stack([line.x, line.y], axis=1), trace.position, rtol=1e-6, atol=1e-6)
        np.testing.assert_array_equal(line.customdata[:, 0], np.arange(trace.loss.size))
        np.testing.assert_array_equal(line.customdata[:, 1], trace.loss)
        np.testing.assert_array_equal((end.x[0], end.y[0]), trace.position[-1])
        assert end.marker.symbol == "circle"
        assert end.marker.color == look.colour
    broken = _trace(traces[0].position, traces[0].loss, Status.DIVERGED)
    figure = paths(experiment, _ground(experiment), [broken, traces[1]], _looks(experiment))
    assert _named(figure, f"{_looks(experiment)[0].label}, end").marker.symbol == "x"


@every_problem
def test_the_ground_is_as_high_as_the_loss_or_its_decades(problem):
    """The path would else run uphill on the picture while the loss falls."""
    experiment, traces = _drawn(problem)
    grid, entry = _ground(experiment), PROBLEMS[problem]
    contour = paths(experiment, grid, traces, _looks(experiment)).data[0]
    np.testing.assert_allclose(contour.x, grid.x, rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(contour.y, grid.y, rtol=1e-6, atol=1e-6)
    if entry.levels == "linear":
        np.testing.assert_allclose(contour.z, grid.loss, rtol=1e-5, atol=1e-5)
    else:
        above = grid.loss - entry.minimum
        seen = above > above.max() * 1e-5
        np.testing.assert_allclose(contour.z[seen], np.log10(above[seen]), rtol=1e-4, atol=1e-4)
        assert contour.z.max() - contour.z.min() <= 6.0001  # a deep minimum does not flatten all the rest
    assert ("10<sup>" in contour.hovertemplate) == (entry.levels == "log")


# --- long runs -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("entries", [0, 1, 2, MOST_POINTS - 1, MOST_POINTS, MOST_POINTS + 1, 5_000, 20_001, 10**6])
def test_a_long_run_is_thinned_to_what_a_screen_can_show_from_its_first_entry_to_its_last(entries):
    kept = thin(entries)
    assert len(kept) <= MOST_POINTS
    assert (np.diff(kept) > 0).all()
    if entries:
        assert kept[0] == 0
        assert kept[-1] == entries - 1
    if entries <= MOST_POINTS:
        assert len(kept) == entries
    else:
        assert (np.diff(kept)[:250] == 1).all()  # the first steps, where D rises, are all there
        assert np.diff(kept).max() < 2 * entries / (MOST_POINTS / 2)


@every_builder
def test_a_thinned_curve_keeps_its_step_numbers(builder):
    """Drawn over 0, 1, 2 ..., a run of 20,000 steps would seem to be one of 1,200."""
    n = 5_000
    experiment, _ = _drawn("rosenbrock")
    position = np.stack([np.linspace(1.2, -1, n), np.linspace(2.2, 0, n)], axis=1)
    trace = _trace(position, np.linspace(9.0, 1.0, n))
    for line in _lines(_build(builder, experiment, [trace, trace])):
        assert len(line.x) <= MOST_POINTS
        steps = line.x if line.customdata is None else line.customdata[:, 0]
        assert steps[-1] == n - 1
        assert (line.y[-1] if line.customdata is None else line.customdata[-1, 1]) in (
            trace.loss[-1], trace.distance_linf[-1], trace.probes["D"][-1], trace.probes["effective_step"][-1],
        )  # fmt: skip


def test_numbers_beyond_float32_keep_their_direction():
    np.testing.assert_array_equal(np.sign(single(np.array([-1e300, 0.0, 1e300]))), [-1, 0, 1])
    assert single(np.array([1.5])).dtype == np.float32
    assert np.isnan(single(np.array([np.nan]))[0])


# --- looks ---------------------------------------------------------------------------------------------------------


def test_the_table_has_the_colours_of_the_figures():
    experiment, traces = _drawn("rosenbrock", SIX)
    drawn = _looks(experiment)
    rows = table(experiment, traces, drawn).split("<tr>")[2:]
    assert len(rows) == len(SIX)
    for row, look in zip(rows, drawn, strict=True):
        assert look.colour in row
        assert look.label in row


def test_the_table_says_what_the_traces_say():
    experiment, (whole, _) = _drawn("booth")
    experiment = Experiment(problem="booth", contenders=experiment.contenders, tolerance=float(whole.loss[7]))
    broken = _trace(whole.position[:0], whole.loss[:0], Status.DIVERGED, with_d=False)
    text = table(experiment, [whole, broken], _looks(experiment))
    first, second = text.split("<tr>")[2:]
    cells = [cell.split("</td>")[0] for cell in first.split("<td>")[1:]]
    reached = int(np.flatnonzero(whole.loss <= whole.loss[7])[0])
    assert cells[1:5] == [f"{whole.loss[-1]:.4g}", str(reached), "2", f"{whole.distance_linf[-1]:.4g}"]
    assert cells[5] == "Ran all 11 steps."
    assert second.count("–") >= 4
    assert Status.DIVERGED.sentence(0) in second


@pytest.mark.parametrize("optimizer", list(OPTIMIZERS))
def test_six_of_one_optimizer_are_told_apart(optimizer):
    experiment = Experiment(contenders=(Contender(optimizer),) * 6)
    drawn = _looks(experiment)
    assert drawn[0].colour == COLOURS[optimizer]
    assert drawn[0].dash == "solid"
    assert len({(look.colour, look.dash) for look in drawn}) == 6
    assert len({look.dash for look in drawn}) == len(DASHES)
    assert len({look.label for look in drawn}) == 6


def test_a_contender_keeps_its_colour_when_another_joins():
    alone, joined = Experiment(contenders=(Contender("adam"),)), Experiment(contenders=(Contender("sgd"), Contender("adam")))
    assert _looks(alone)[0].colour == _looks(joined)[1].colour


def test_the_backgrounds_are_those_of_the_app():
    """The contrasts below are measured against them."""
    config = tomllib.loads((Path(theme.__file__).parent / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
    assert {mode: config["theme"][mode]["backgroundColor"] for mode in BACKGROUNDS} == dict(BACKGROUNDS)
    assert set(GROUND) == set(BACKGROUNDS)


def _linear(colour: str) -> np.ndarray:
    """sRGB, IEC 61966-2-1, as light."""
    c = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    light: np.ndarray = np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)
    return light


TO_XYZ = np.array([[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]])


def _contrast(a: str, b: str) -> float:
    """WCAG 2.2, contrast ratio."""
    low, high = sorted(float(TO_XYZ[1] @ _linear(colour)) for colour in (a, b))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("name, colour", [*COLOURS.items(), ("reference", REFERENCE)])
@pytest.mark.parametrize("mode", list(BACKGROUNDS))
def test_every_line_stands_out_from_the_background_in_all_its_shades(mode, name, colour):
    """3:1 is what WCAG 2.2 asks of a graphical object (success criterion 1.4.11)."""
    for again in range(6 if name in COLOURS else 1):
        assert _contrast(shade(colour, again), BACKGROUNDS[mode]) >= 3.0, (name, again, shade(colour, again))


# Machado, Oliveira and Fernandes, 2009, table 1, severity 1: what a person without red or green cones sees.
SIGHT = {
    "usual": np.eye(3),
    "protanopia": np.array([[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
}


def _lab(colour: str, sight: str) -> np.ndarray:
    """CIELAB, D65, of what such a person sees."""
    xyz = TO_XYZ @ np.clip(SIGHT[sight] @ _linear(colour), 0, 1) / np.array([0.95047, 1.0, 1.08883])
    f = np.where(xyz > 216 / 24389, np.cbrt(xyz), (24389 / 27 * xyz + 16) / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


# A difference of 2.3 is just noticeable side by side on large patches (Mahy, Van Eycken and Oosterlinck, 1994). Lines
# are thin and apart from each other: ask for four to five times as much, and with full sight for ten times.
APART = {"usual": 25.0, "protanopia": 10.0, "deuteranopia": 10.0}


@pytest.mark.parametrize("sight", list(SIGHT))
def test_colour_blind_people_tell_the_optimizers_apart(sight):
    near = {
        (a, b): round(float(np.linalg.norm(_lab(COLOURS[a], sight) - _lab(COLOURS[b], sight))), 1)
        for a, b in itertools.combinations(COLOURS, 2)
    }
    assert min(near.values()) >= APART[sight], sorted(near.items(), key=lambda item: item[1])[:4]
