"""The link that a teacher sends: it opens what the teacher saw, without what was hidden."""

from __future__ import annotations

import json
from urllib.parse import parse_qs, urlsplit

import pytest
from streamlit.testing.v1 import AppTest

from app import handout, lessons
from app.views import teach
from prodigy_core.experiment import Contender, Experiment

RACE = Experiment(problem="beale", steps=200, contenders=(Contender("prodigy", {"beta3": 0.9}), Contender("adam")))


def _page() -> None:
    from app.views import teach

    teach.page()


@pytest.fixture
def at() -> AppTest:
    at = AppTest.from_function(_page, default_timeout=60)
    at.query_params["experiment"] = RACE.to_json(full=False)
    return checked(at.run())


def checked(at: AppTest) -> AppTest:
    assert not at.exception, [element.message for element in at.exception]
    return at


def query(at: AppTest) -> dict[str, str]:
    """What the proposed link says."""
    return {name: value for name, (value,) in parse_qs(urlsplit(at.code[0].value).query).items()}


def test_the_link_has_the_experiment_and_nothing_that_is_usual(at):
    assert Experiment.from_json(query(at)["experiment"]) == RACE
    assert set(query(at)) == {"experiment"}


def test_what_is_chosen_is_in_the_link(at):
    at.multiselect(key="widget/teach/hide").select("sidebar").select("table")
    at.multiselect(key="widget/teach/lock").select("beta3")
    at.toggle(key="widget/teach/seeded").set_value(True)
    at.toggle(key="widget/teach/projector").set_value(True)
    at.toggle(key="widget/teach/embed").set_value(True)
    checked(at.run())
    found = handout.parsed(query(at)["class"])
    assert found == handout.Handout(frozenset({"sidebar", "table"}), frozenset({"beta3"}), RACE.seed, True)
    assert query(at)["embed"] == "true"
    assert any(code.value.startswith("<iframe") for code in at.code)


def test_a_link_opens_a_lesson_at_a_step_without_the_race(at):
    """The lesson has its own experiment; the race that stands would be taken for one that somebody turned."""
    name = next(iter(lessons.lessons()))
    checked(at.selectbox(key="widget/teach/opens").select(name).run())
    assert at.code[0].value.partition("?")[0].endswith("/lessons")
    assert {part: json.loads(text) for part, text in query(at).items()} == {"view": {"lesson": name}}
    checked(at.segmented_control(key="widget/teach/at").set_value("Why").run())
    assert json.loads(query(at)["view"]) == {"lesson": name, "at": 2}
    at.multiselect(key="widget/teach/hide").select("reveal")
    checked(at.run())
    assert handout.parsed(query(at)["class"]).hides("reveal")
    checked(at.selectbox(key="widget/teach/opens").select("").run())
    assert Experiment.from_json(query(at)["experiment"]) == RACE


def test_the_link_to_a_lesson_opens_it_there(at):
    def lesson_page() -> None:
        from app.views.lessons import page

        page.page()

    name = next(iter(lessons.lessons()))
    at.selectbox(key="widget/teach/opens").select(name).run()
    checked(at.segmented_control(key="widget/teach/at").set_value("What was seen").run())
    opened = AppTest.from_function(lesson_page, default_timeout=60)
    opened.query_params["view"] = query(at)["view"]
    checked(opened.run())
    texts = [text.value for text in opened.markdown]
    assert f"# {lessons.lesson(name).title}" in texts
    assert "## What was seen" in texts
    assert "## Why" not in texts


def test_only_what_there_is_can_be_hidden(at):
    offered = at.multiselect(key="widget/teach/lock").options
    assert {"estim_lr0", "learning_rate", "steps", "x"} <= set(offered)
    assert len(offered) == len(set(offered))


@pytest.mark.parametrize(
    "url, base",
    [
        ("http://localhost:8501/teach", "http://localhost:8501"),
        ("https://lab.example.org/prodigy/teach?embed=true#x", "https://lab.example.org/prodigy"),
        ("https://lab.example.org/prodigy/", "https://lab.example.org/prodigy"),
    ],
)
def test_the_address_of_the_app_is_that_of_its_page_without_the_page(url, base):
    assert teach.base(url) == base


def test_a_link_survives_being_written_as_an_address():
    text = teach.Link("https://lab.example.org", "", {"experiment": RACE.to_json(full=False), "view": "", "class": ""}).text
    (written,) = parse_qs(urlsplit(text).query)["experiment"]
    assert json.loads(written) == json.loads(RACE.to_json(full=False))
    assert " " not in text


def test_a_link_that_no_qr_code_can_hold_is_said_to_be_too_long():
    assert teach.qr("a" * 5_000) is None
    drawing = teach.qr("https://lab.example.org/?experiment={}")
    assert drawing is not None
    assert drawing.startswith("<svg")


def test_the_iframe_escapes_the_link():
    text = teach.frame(teach.Link("https://lab.example.org", "", {"experiment": '"><script>'}))
    assert "<script" not in text
