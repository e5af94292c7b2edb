"""Predict, then reveal: what a person sees of a lesson and of the clinic, and what the link says of it."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from app import lessons
from prodigy_core.engine.runner import run
from prodigy_core.experiment import Contender, Experiment
from tests.views.race.pages import checked, click, scene, shown, values


def _page() -> None:
    from app.views.lessons import page as lessons_page

    lessons_page.page()


def opened(view: Any = None, **query: str) -> AppTest:
    """A new session that opens the page, with a view or without."""
    at = AppTest.from_function(_page, default_timeout=60)
    if view is not None:
        at.query_params["view"] = view if isinstance(view, str) else json.dumps(view)
    for name, text in query.items():
        at.query_params[name] = text
    return checked(at.run())


def reloaded(at: AppTest) -> AppTest:
    """A new session that opens the address of this one."""
    return opened(**{name: values(at.query_params[name])[0] for name in at.query_params})


def view(at: AppTest) -> dict[str, Any]:
    if "view" not in at.query_params:
        return {}
    return dict(json.loads(values(at.query_params["view"])[0]))


def said(at: AppTest) -> str:
    return "\n".join(element.value for element in (*at.markdown, *at.caption))


def labels(at: AppTest) -> list[str]:
    return [button.label for button in at.button]


def headings(at: AppTest) -> list[str]:
    return [text.value for text in at.markdown if text.value.startswith("#")]


# --- the list ------------------------------------------------------------------------------------------------------


def test_the_list_has_every_lesson_in_order_and_every_case():
    at = opened()
    assert labels(at) == ["1. The memory", "2. The first guess", "Why does D never move?", "Why is the estimate negative?"]
    assert headings(at) == ["# Lessons", "## The clinic"]
    assert "**Harmless**" in said(at)
    assert view(at) == {}


def test_complaints_are_found_by_their_words():
    at = opened()
    for words, number in (("NEGATIVE", 1), ("prodigy#13 gradients", 2), ("nonsense", 0)):
        checked(at.text_input(key="widget/search").set_value(words).run())
        assert len([label for label in labels(at) if label.startswith("Why")]) == number, words
    assert "No complaint" in said(at)


@pytest.mark.parametrize(
    "text",
    [
        '{"lesson":"nobody","at":2}', '{"lesson":["first"]}', '{"lesson":{}}', '{"case":7}', "[]", "{", '{"done":{"1":2}}',
        '{"done":["first",1e9,true]}',
    ],
)  # fmt: skip
def test_a_link_that_names_nothing_opens_the_list(text):
    at = opened(text)
    assert headings(at)[0] == "# Lessons"
    assert view(at) == {}
    assert "**done**" not in said(at)


@pytest.mark.parametrize(
    "field", ['"at":9', '"at":"2"', '"at":-1', '"at":true', '"choice":99,"at":0', '"shown":5', '"shown":null']
)
def test_a_field_that_means_nothing_is_the_usual_one(field):
    at = opened(f'{{"lesson":"first",{field}}}')
    assert headings(at)[0] == "# The memory"
    assert view(at) == {"lesson": "first"}


def test_a_link_that_names_what_is_gone_says_so():
    at = opened({"lesson": "nobody"})
    assert "not here" in at.info[0].value
    assert not checked(at.run()).info


# --- a lesson ------------------------------------------------------------------------------------------------------


def test_the_figure_is_not_shown_before_the_prediction():
    at = click(opened(), "open/first")
    assert view(at) == {"lesson": "first"}
    assert not scene(at)
    assert "What was seen" not in said(at)
    assert labels(at)[-4:] == ["It is smaller.", "It is larger.", "It is no different.", "I don't know"]
    assert shown(at) == lessons.lesson("first").shown[0].experiment


def test_a_lesson_from_its_question_to_the_next_one():
    """The numbers are those of the runs, computed here once more."""
    at = click(opened(), "open/first")
    click(at, "choice/first/1")
    study = lessons.lesson("first")
    bowl, far = (run(study.experiments[name].experiment) for name in ("bowl", "far"))
    assert f"ended at {bowl[0].probes['D'][-1]:.2f}, and farther away at {far[1].probes['D'][-1]:.3g}" in said(at)
    assert "Right, that is what happens." in said(at)
    assert len(scene(at)["contenders"]) == 2
    assert [(knob["contender"], knob["name"]) for knob in scene(at)["knobs"]["shown"]] == [(1, "beta3")]
    assert not scene(at)["knobs"]["offered"]
    assert "Since $d$" not in said(at)
    click(at, "on/first/1")
    assert "Since $d$" in said(at)
    assert "Leave it alone" not in said(at)
    click(at, "on/first/2")
    assert headings(at) == [
        "# The memory", "## The memory is short. What becomes of D?", "## What was seen", "## Why", "## In your training",
        "## Next",
    ]  # fmt: skip
    assert view(at) == {"lesson": "first", "at": 3, "choice": 1, "done": [1]}
    click(at, "next-lesson/first")
    assert headings(at)[0] == "# The first guess"
    assert view(at) == {"lesson": "second", "done": [1]}
    assert shown(at) == lessons.lesson("second").shown[0].experiment
    click(at, "back")
    assert "**done**" in said(at)
    assert view(at) == {"done": [1]}


@pytest.mark.parametrize(
    "button, choice, words",
    [("choice/first/0", 0, "Not this time"), ("choice/first/unknown", -1, "Fair enough"), ("choice/first/1", 1, "Right")],
)
def test_an_answer_is_kindly_told_in_words_and_by_a_mark(button, choice, words):
    at = click(opened({"lesson": "first"}), button)
    assert words in said(at)
    assert view(at) == {"lesson": "first", "at": 1, "choice": choice}
    icons = {at.button(key=f"widget/choice/first/{i}").proto.icon: i for i in range(3)}
    assert icons[":material/check_circle:"] == 1
    assert icons.get(":material/cancel:") == (choice if choice == 0 else None)
    assert all(at.button(key=f"widget/choice/first/{i}").disabled for i in range(3))


def test_a_reload_brings_a_person_back_to_the_same_place():
    at = click(click(opened({"lesson": "first"}), "choice/first/0"), "on/first/1")
    again = reloaded(at)
    assert view(again) == view(at)
    assert said(again) == said(at)
    assert shown(again) == shown(at)


def test_the_figure_plays_for_who_predicted_and_stands_for_who_came_back():
    def opening(at: AppTest) -> Any:
        return json.loads(at.get("component_instance")[0].proto.json_args)["opening"]

    at = click(opened({"lesson": "first"}), "choice/first/0")
    assert opening(at) == 20
    assert opening(reloaded(at)) is None


def test_another_experiment_keeps_the_step_of_the_lesson():
    at = click(opened({"lesson": "first"}), "choice/first/1")
    checked(at.segmented_control(key="widget/shown/first").set_value(1).run())
    assert view(at) == {"lesson": "first", "at": 1, "choice": 1, "shown": 1}
    assert shown(at) == lessons.lesson("first").shown[1].experiment
    again = reloaded(at)
    assert again.segmented_control(key="widget/shown/first").value == 1


def test_a_link_without_an_experiment_opens_the_lessons_own():
    """The usual race may be akin to a lesson's: it would be taken for one that somebody turned."""
    at = opened({"lesson": "second", "at": 1, "shown": 1})
    assert shown(at) == lessons.lesson("second").shown[1].experiment
    assert "The answer with the tick" in said(at)
    assert not [label for label in labels(at) if label == "As in the lesson"]


def test_a_turned_knob_is_said_and_undone_and_moves_no_number():
    own = lessons.lesson("first").shown[0].experiment
    turned = replace(own, contenders=(own.contenders[0], Contender("prodigy", {"beta3": 0.5})))
    at = opened({"lesson": "first", "at": 1, "choice": 1}, experiment=turned.to_json(full=False))
    assert shown(at) == turned
    assert "differs from the lesson's" in said(at)
    assert f"ended at {run(own)[0].probes['D'][-1]:.2f}" in said(at)
    click(at, "as-in-lesson")
    assert shown(at) == own
    assert "differs from the lesson's" not in said(at)


def test_an_experiment_of_another_kind_is_not_taken_for_the_lessons():
    at = opened({"lesson": "first", "at": 1}, experiment=Experiment().to_json(full=False))
    assert shown(at) == lessons.lesson("first").shown[0].experiment


def test_german_for_who_asks_and_english_where_nobody_translated():
    at = opened({"lesson": "first", "at": 3}, lang="de-AT")
    assert headings(at)[0] == "# Das Gedächtnis"
    assert "## In deinem Training" in headings(at)
    assert "Weiter: The first guess" in labels(at)
    click(at, "next-lesson/first")
    assert "I don't know" in labels(at)


# --- a case --------------------------------------------------------------------------------------------------------


def test_a_case_shows_what_fails_and_what_works_with_its_source():
    at = click(opened(), "open/case/stuck")
    assert view(at) == {"case": "stuck"}
    assert headings(at) == ["# Why does D never move?", "## What was seen", "## Why", "## What to do"]
    assert "[prodigy\\#13](https://example.org/13)" in said(at)
    assert "Adam**]" in said(at).partition(" fails")[0]
    assert " works" in said(at)
    assert len(scene(at)["contenders"]) == 2
    click(at, "more/stuck")
    assert view(at) == {"lesson": "first"}


def test_a_harmless_case_says_so_first():
    at = opened({"case": "negative"})
    texts = [text.value for text in at.markdown]
    assert texts.index(next(text for text in texts if "Harmless" in text)) < texts.index("An hour, and nothing.")


# --- a teacher's link ----------------------------------------------------------------------------------------------


def test_a_teachers_link_keeps_the_answer_back():
    at = opened({"lesson": "first"}, **{"class": '{"hide":["reveal"]}'})
    click(at, "choice/first/1")
    assert "Your teacher shows what happens." in said(at)
    assert view(at) == {"lesson": "first", "choice": 1}
    assert not scene(at)
    at = opened({"lesson": "first", "at": 1}, **{"class": '{"hide":["reveal","pages"]}'})
    assert "Why?" not in labels(at)
    assert "All lessons" not in labels(at)
