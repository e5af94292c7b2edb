"""The table under the figures: their colours, and what the traces say."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from app.views.race.results import table
from prodigy_core.experiment import Contender, Experiment
from prodigy_core.trace import Status, Tuning
from tests.figures.runs import SIX, drawn_runs, styles_of, trace_of


def test_the_table_has_the_colours_of_the_figures():
    experiment, traces = drawn_runs("rosenbrock", SIX)
    drawn = styles_of(experiment)
    rows = table(experiment, traces, drawn).split("<tr>")[2:]
    assert len(rows) == len(SIX)
    for row, style in zip(rows, drawn, strict=True):
        assert style.colour in row
        assert style.label in row


def test_the_table_says_what_the_traces_say():
    experiment, (complete, _) = drawn_runs("booth")
    experiment = Experiment(problem="booth", contenders=experiment.contenders, tolerance=float(complete.loss[7]))
    broken = trace_of(complete.position[:0], complete.loss[:0], Status.DIVERGED, with_d=False)
    text = table(experiment, [complete, broken], styles_of(experiment))
    first, second = text.split("<tr>")[2:]
    cells = [cell.split("</td>")[0] for cell in first.split("<td>")[1:]]
    reached = int(np.flatnonzero(complete.loss <= complete.loss[7])[0])
    assert cells[1:5] == [f"{complete.loss[-1]:.4g}", str(reached), "2", f"{complete.distance_linf[-1]:.4g}"]
    assert cells[5] == "Ran all 11 steps."
    assert second.count("–") >= 4
    assert Status.DIVERGED.sentence(0) in second


def _cells(text: str) -> list[list[str]]:
    """The head and the rows, each cell without its tags; of the first the label."""
    rows = [row.replace('<th scope="col">', "<td>").replace("</th>", "</td>") for row in text.split("<tr>")[1:]]
    return [[cell.split("</td>")[0].rpartition(">")[2] for cell in row.split("<td>")[1:]] for row in rows]


def test_a_models_table_has_its_last_losses_and_scores():
    """Who confuses training with validation overfits without a sign."""
    experiment = Experiment(problem="mlp")
    _, (trace, _) = drawn_runs("booth")
    metrics = {"train_accuracy": 0.75, "train_loss": 0.5, "validation_accuracy": 0.625, "validation_loss": 0.25}
    judged = trace_of(
        trace.position,
        trace.loss,
        evaluated=np.array([0, 11]),
        metrics={name: np.array([9.0, value]) for name, value in metrics.items()},
    )
    nothing = trace_of(trace.position[:0], trace.loss[:0], Status.DIVERGED)
    head, first, second = _cells(table(experiment, [judged, nothing], styles_of(experiment)))
    cells = dict(zip(head, first, strict=True))
    assert cells["Loss, train / val."] == "0.5 / 0.25"
    assert cells["Accuracy, train / val."] == "75.0 % / 62.5 %"
    assert cells["L∞ distance"] == f"{trace.distance_linf[-1]:.4g}"
    assert "Final loss" not in head, "that of the last batch says little"
    assert "Steps to 1e-06" not in head
    assert second[1:5] == ["– / –", "– / –", "–", "–"]


def test_what_a_search_cost_stands_beside_what_it_found():
    experiment = Experiment(contenders=(Contender("tuned_adam"), Contender("adam")), steps=11)
    _, (trace, other) = drawn_runs("rosenbrock")
    search = Tuning("learning_rate", np.geomspace(1e-5, 1, 6), np.ones(6), 0.1, 6 * 11)
    tuned = trace_of(trace.position, trace.loss, tuning=search, with_d=False)
    head, first, second = _cells(table(experiment, [tuned, other], styles_of(experiment)))
    assert first[0].endswith("Tuned Adam")
    assert second[0].endswith("Adam, default")
    assert first[head.index("Tuning")] == "6 runs, 66 steps: learning_rate 0.1"
    assert second[head.index("Tuning")] == "none"
    scouted = replace(tuned, tuning=Tuning("learning_rate", np.array([0.1]), np.ones(1), 0.1, 11, "Prodigy"))
    head, first, _ = _cells(table(experiment, [scouted, other], styles_of(experiment)))
    assert first[head.index("Tuning")] == "1 run of Prodigy, 11 steps: learning_rate 0.1"
    assert "Tuning" not in table(experiment, [other, other], styles_of(experiment)), "where nobody searches, no column"


def test_a_run_that_goes_on_says_where_it_is_and_one_without_a_minimum_has_no_steps_to_it():
    experiment = Experiment(problem="formula", formula="x + y")
    _, (trace, _) = drawn_runs("booth")
    going = trace_of(trace.position, trace.loss, Status.RUNNING, stopped_at=1234)
    head, first, second = _cells(table(experiment, [going, going.cancelled()], styles_of(experiment)))
    assert head == ["Contender", "Final loss", "Final D", "L∞ distance", "How it ended"]
    assert (first[-1], second[-1]) == ("At step 1,234.", "Cancelled after 1,234 steps.")


def test_names_that_people_chose_are_shown_and_not_obeyed():
    experiment = Experiment(problem="mlp")
    _, (trace, other) = drawn_runs("booth")
    hostile = trace_of(trace.position, trace.loss, metrics={"validation_<img src=x>": np.ones(1)}, evaluated=np.zeros(1, int))
    assert "<img" not in table(experiment, [hostile, other], styles_of(experiment))
