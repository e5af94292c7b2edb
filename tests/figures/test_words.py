"""What the arena says beside its lines: names at their ends, how D rose, scores that disagree, why there is no run."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

import numpy as np
import pytest

from app.figures.arena.estimates import rises
from app.figures.arena.names import at_the_ends
from app.figures.arena.scores import score
from app.theme import Style
from prodigy_core.engine.runner import run
from prodigy_core.experiment import Contender, Experiment
from prodigy_core.trace import Trace
from tests.figures.runs import drawn_runs, panel_of, real_race, scene_of, styles_of, trace_of
from tests.figures.test_panels import model_runs


def styles_with(*labels: str) -> list[Style]:
    return [Style(label, "#000000", "solid") for label in labels]


# --- names at the ends of lines -------------------------------------------------------------------------------------


def test_contenders_of_one_optimizer_are_told_apart_at_their_lines_by_what_differs_alone():
    contenders = (Contender("prodigy"), Contender("prodigy", {"estim_lr0": 1e-4}), Contender("adam"))
    styles = styles_with("Prodigy · estim_lr0 1e-6", "Prodigy · estim_lr0 1e-4", "Adam")
    assert at_the_ends(Experiment(contenders=contenders), styles) == ["1e-6", "1e-4", "Adam"]


@pytest.mark.parametrize(
    ("labels", "words"),
    [
        (("Prodigy", "Prodigy #2"), ["Prodigy", "Prodigy #2"]),  # nothing would be left of the first
        (("Prodigy · estim_lr0 1e-6", "Prodigy · beta3 0.9"), ["estim_lr0 1e-6", "beta3 0.9"]),
        (("Prodigy · estim_lr0 0.1", "Prodigy · estim_lr0 0.15"), ["0.1", "0.15"]),  # whole numbers, not "" and "5"
    ],
)
def test_what_stays_of_a_name_is_whole_words_and_never_nothing(labels, words):
    contenders = (Contender("prodigy"), Contender("prodigy", {"beta3": 0.9}))
    assert at_the_ends(Experiment(contenders=contenders), styles_with(*labels)) == words


def test_lines_have_no_names_where_their_colours_say_enough():
    experiment, traces = drawn_runs("rosenbrock")
    scene = scene_of(experiment, traces)
    assert not any(line.label for panel in scene.panels if panel.id != "distance" for line in panel.lines)
    assert [line.label for line in panel_of(scene, "distance").lines] == ["", "", "D, the guess"]


def test_several_guesses_say_whose_they_are():
    experiment, traces = drawn_runs("rosenbrock", ("prodigy", "optax_prodigy"))
    labels = [line.label for line in panel_of(scene_of(experiment, traces), "distance").lines if line.channel == "D"]
    assert labels == [f"D, {style.label}" for style in styles_of(experiment)]


def test_a_guess_is_a_disc_before_the_distances_which_are_rings():
    """Two equal dots, one of them of a contender without any D, were taken for two guesses."""
    experiment, traces = drawn_runs("rosenbrock")
    panel = scene_of(experiment, traces).panels[0]
    assert [(line.channel, line.mark) for line in panel.lines] == [("distance", "ring"), ("distance", "ring"), ("D", "disc")]
    (level,) = panel.levels
    assert level.label == "the true distance"
    assert "largest of the coordinates' distances" in panel.sentence


def test_inside_d_no_quantity_has_the_mark_of_another():
    experiment, traces = real_race()
    panel = panel_of(scene_of(experiment, traces), "D")
    assert {line.channel: line.mark for line in panel.lines} == {"distance": "ring", "d_hat": "none", "D": "disc"}
    assert [level.label for level in panel.levels] == ["the true distance"]


# --- how D rose -----------------------------------------------------------------------------------------------------


def trace_with(d: list[float], every: int = 1) -> Trace:
    n = len(d)
    trace = trace_of(np.zeros((n, 2)), np.ones(n))
    return replace(trace, steps=np.arange(n) * every, probes=MappingProxyType({**trace.probes, "D": np.array(d)}))


@pytest.mark.parametrize(
    ("d", "words"),
    [
        (
            [1, 1, 2, 9.1, 10, 10],
            "begins at 1 and leaves it at step 2, has 90 % of its last value at step 3, and ends at 10 at step 5",
        ),
        ([1e-6, 1e-6, 1e-6], "stays at 1e-06 from the start to step 2"),
        ([4, 4, 2], "begins at 4 and leaves it at step 2, and ends at 2 at step 2"),
    ],
)
def test_who_does_not_see_the_line_is_told_when_d_rose(d, words):
    styles = styles_with("Prodigy")
    assert rises([trace_with(d)], styles) == [f"Prodigy: D {words}."]


def test_the_steps_of_a_thinned_run_are_told_by_their_numbers():
    assert "leaves it at step 100" in rises([trace_with([1, 2, 3], every=100)], styles_with("Prodigy"))[0]


def test_only_who_has_a_d_is_told_of():
    experiment, traces = drawn_runs("rosenbrock")
    (fact,) = panel_of(scene_of(experiment, traces), "distance").facts
    assert fact.startswith("Prodigy: ")


# --- scores ---------------------------------------------------------------------------------------------------------


def judged(loss: float, accuracy: float) -> Trace:
    trace = trace_of(np.zeros((4, 2)), np.ones(4))
    return replace(
        trace,
        metrics=MappingProxyType({"validation_loss": np.array([9, loss]), "validation_accuracy": np.array([0, accuracy])}),
    )


def test_a_model_has_its_score_and_a_function_has_none():
    experiment, traces = model_runs()
    found = scene_of(experiment, traces).score
    assert found is not None
    assert (found.channel, found.name, found.percent) == ("validation_accuracy", "Validation accuracy", True)
    experiment, traces = drawn_runs("rosenbrock")
    assert scene_of(experiment, [replace(trace, metrics=MappingProxyType({})) for trace in traces]).score is None


@pytest.mark.parametrize(
    ("adam", "said"),
    [((0.4, 0.8), True), ((0.6, 0.8), False), ((0.4, 0.95), False), ((0.4, 0.9), False)],
    ids=["lower loss, lower score", "worse in both", "better in both", "as good a score"],
)
def test_where_loss_and_score_disagree_there_is_a_word_on_it(adam, said):
    found = score([judged(0.5, 0.9), judged(*adam)], styles_with("Prodigy", "Adam"))
    assert found is not None
    assert bool(found.note) == said
    if said:
        assert "Adam has the lowest validation loss and Prodigy the best accuracy" in found.note


# --- no run ---------------------------------------------------------------------------------------------------------


def test_a_function_that_is_no_number_at_the_start_says_so_once_and_where_it_is_one():
    experiment = Experiment(problem="formula", formula="log(x) + y**2", start=(-1.0, 1.0), steps=20)
    scene = scene_of(experiment, run(experiment))
    assert "no number at the start (-1, 1)" in scene.notice
    x, y = (float(part) for part in scene.notice.partition("about (")[2].partition(")")[0].split(", "))
    assert 0 < x < 0.5
    assert y == pytest.approx(1, abs=0.3)
    assert scene.map.grid is not None
    assert scene.map.start == (-1, 1)


def test_a_function_that_is_no_number_anywhere_promises_no_place():
    experiment = Experiment(problem="formula", formula="sqrt(-1-x**2)", steps=20)
    assert "nowhere" in scene_of(experiment, run(experiment)).notice


def test_a_race_with_a_run_has_no_notice():
    experiment, traces = drawn_runs("rosenbrock")
    assert scene_of(experiment, traces).notice == ""
