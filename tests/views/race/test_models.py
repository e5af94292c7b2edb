"""Models that learn, coarse numbers, searches and what is too large."""

from __future__ import annotations

import re

from prodigy_core import limits
from prodigy_core.experiment import Contender, Experiment
from tests.views.race.pages import STEPS, as_read, charts, checked, html, legend, open_page, shown, table, type_in, usual_page

ADAM = (Contender("adam", {"learning_rate": 0.05}),)
LOSS, ACCURACY = "Loss, train / val.", "Accuracy, train / val."


def test_a_models_table_says_how_well_it_learned():
    at = usual_page(problem="logistic_regression", contenders=(*ADAM, Contender("sgd", {"learning_rate": 0.0})), steps=20)
    rows = table(at)
    learned, idle = (_numbers(rows[name][LOSS]) for name in ("Adam", "SGD"))
    assert all(0 < loss < 0.3 for loss in learned)
    assert idle == [0.693, 0.693], "ln 2 before anything was learned"
    assert all(90 < share <= 100 for share in _numbers(rows["Adam"][ACCURACY].replace(" %", "")))


def _numbers(cell: str) -> list[float]:
    return [float(part) for part in cell.split(" / ")]


def test_a_model_that_predicts_numbers_has_its_own_score():
    at = usual_page(problem="linear_regression", contenders=ADAM, steps=20)
    assert {"Loss, train / val.", "R², train / val."} <= set(table(at)["Adam"]) or any(
        "squared" in head.lower() for head in table(at)["Adam"]
    )
    assert charts(at) == 5


def test_other_data_and_another_batch_make_another_run():
    at = usual_page(problem="logistic_regression", contenders=ADAM, steps=20)
    before = table(at)
    checked(at.selectbox(key="widget/settings/data").select("wine").run())
    assert shown(at).settings["data"] == "wine"
    assert table(at) != before
    checked(at.selectbox(key="widget/settings/batch").select("full").run())
    assert shown(at).settings["batch"] == "full"
    assert "Ran all 20 steps." in html(at)


def test_bfloat16_is_run_and_linked_to():
    """Its steps of 0.001 at 2.0 are rounded away: the run stands still, and says so by its numbers."""
    at = usual_page(contenders=(Contender("adam"),))
    before = table(at)
    checked(at.selectbox(key="widget/precision").select("bfloat16").run())
    assert shown(at).precision == "bfloat16"
    assert table(at) != before
    assert "Ran all 100 steps." in html(at)
    assert open_page(shown(at).to_json()).query_params["experiment"] == at.query_params["experiment"]


def test_tuned_adam_shows_what_its_search_cost_beside_adam_by_default():
    at = usual_page(contenders=(Contender("tuned_adam", {"search_size": 4}), Contender("adam")))
    rows = table(at)
    assert list(rows) == ["Tuned Adam", "Adam, default"]
    assert rows["Tuned Adam"]["Tuning"].startswith("4 runs, 400 steps: learning_rate ")
    assert rows["Adam, default"]["Tuning"] == "none"
    assert legend(at) == ["Tuned Adam", "Adam, default"], "in the arena too"
    at = checked(at.button(key="widget/remove/0").click().run())
    assert list(table(at)) == ["Adam"], "alone it needs no such word"
    assert "Tuning" not in table(at)["Adam"]


def test_a_run_that_is_too_large_says_what_fits_and_leaves_the_others(monkeypatch):
    monkeypatch.setattr(limits, "MAX_WORK", 2 * STEPS)
    at = usual_page(contenders=(Contender("adam", {"eps": 1e-7}), Contender("tuned_adam", {"eps": 1e-7})))
    (error,) = at.error
    said = as_read(error.value)
    assert said.startswith(f"steps is {STEPS}")
    assert "PRODIGY_LAB_MAX_WORK" in said
    assert charts(at) == 4
    assert set(table(at)) == {"Adam"}
    assert legend(at) == ["Adam"], "there is nothing of the other to draw"
    assert shown(at).contenders[1].optimizer == "tuned_adam", "nothing is lost"
    (fits,) = re.findall("at most ([0-9]+) with", said)
    type_in(at, "steps", fits)
    assert not at.error, "what was said to fit does"
    assert set(table(at)) == {"Adam", "Tuned Adam"}


def test_where_nothing_fits_there_is_a_word_and_no_figure(monkeypatch):
    monkeypatch.setattr(limits, "MAX_WORK", 10)
    at = usual_page(contenders=(Contender("adam", {"eps": 1e-6}), Contender("sgd", {"learning_rate": 0.011})))
    assert len(at.error) == 1, "the same word for both, once"
    assert charts(at) == 0
    assert not at.warning


def test_settings_out_of_range_are_refused_and_the_last_good_ones_stay():
    at = usual_page(problem="matrix_factorisation", contenders=ADAM, steps=10)
    type_in(at, "settings/rank", "0")
    (error,) = at.error
    assert "from 1 to 16" in as_read(error.value)
    assert shown(at).settings["rank"] == Experiment(problem="matrix_factorisation").settings["rank"]
    assert charts(at) == 5
