"""The arena by itself, told what the page would tell it: knobs in the figure, the view in a link, the first picture."""

from __future__ import annotations

import base64
import functools
import http.server
import re
import threading
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from app.figures.arena.knobs import knobs, value_at
from app.figures.arena.records import Scene
from app.figures.arena.scene import scene
from app.figures.arena.window import window
from app.theme import styles
from prodigy_core.engine.runner import run
from prodigy_core.experiment import Contender, Experiment
from prodigy_core.landscape.grid import Landscape, landscape

from .conftest import shoot

pytestmark = pytest.mark.browser

WEB = Path(__file__).resolve().parents[2] / "app" / "arena" / "web"
RACE = Experiment(problem="himmelblau", start=(0.0, 0.0), steps=300, contenders=(Contender("prodigy"), Contender("adam")))
SHOWN = ((0, "estim_lr0"), (0, "safeguard_warmup"))
CALM = 800  # milliseconds after which a view was told

# Answers as the page does; `heard` has what the arena said.
LISTEN = """() => {
  globalThis.heard = [];
  addEventListener("message", ({ data }) => data.type === "streamlit:setComponentValue" && heard.push(data.value));
}"""
RENDER = """([scene, blob, view, opening]) => {
  const bytes = Uint8Array.from(atob(blob), (c) => c.charCodeAt(0));
  postMessage({ type: "streamlit:render", args: { scene, blob: bytes, view, opening, height: 640 }, theme: {} }, "*");
}"""


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    class Files(http.server.SimpleHTTPRequestHandler):
        def log_message(self, format: str, *args: Any) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Files, directory=str(WEB))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/index.html"
        server.shutdown()


@pytest.fixture
def page(site: str, browser: BrowserContext) -> Iterator[Page]:
    complaints: list[str] = []
    page = browser.new_page()
    page.set_viewport_size({"width": 900, "height": 760})
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.add_init_script(f"({LISTEN})()")
    page.goto(site)
    yield page
    page.close()
    assert [complaint for complaint in complaints if "favicon" not in complaint and "404" not in complaint] == []


@cache
def ground() -> Landscape:
    return landscape(RACE.problem, RACE.settings, window(RACE), "", 31)


def drawn(experiment: Experiment = RACE, *, with_knobs: bool = True) -> Scene:
    shown = knobs(experiment, SHOWN) if with_knobs else None
    return scene(experiment, run(experiment), styles(experiment.contenders, experiment.labels), ground(), knobs=shown)


def render(page: Page, drawn: Scene, view: Any = None, opening: int | None = None) -> None:
    before = page.evaluate("Number(document.querySelector('.arena').dataset.scenes ?? 0)")
    page.evaluate(RENDER, [drawn.described, base64.b64encode(drawn.blob).decode(), view, opening])
    page.wait_for_function("n => Number(document.querySelector('.arena').dataset.scenes) > n", arg=before)


def turned(event: dict[str, Any]) -> Experiment:
    """The experiment with the value that a message asks for."""
    prodigy, adam = RACE.contenders
    value = value_at(RACE, event["contender"], event["knob"], event["index"])
    return replace(RACE, contenders=(replace(prodigy, knobs={**prodigy.knobs, event["knob"]: value}), adam))


def heard(page: Page, event: str = "knob") -> list[dict[str, Any]]:
    """What the arena said of this kind, up to now: a message takes a turn of the event loop."""
    page.evaluate("() => new Promise((done) => setTimeout(done, 30))")
    return [each for each in page.evaluate("heard") if each["event"] == event]


# --- knobs ----------------------------------------------------------------------------------------------------------


def test_the_thumb_follows_the_hand_and_one_message_is_under_way(page: Page):
    render(page, drawn())
    page.evaluate("arena.player.seek(120)")
    slider = page.get_by_role("slider", name="estim_lr0")
    value = page.locator("[data-knob=estim_lr0] .knob-value")
    expect(value).to_have_text("1e-06")
    box = slider.bounding_box()
    assert box
    y = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + 0.4 * box["width"], y)
    page.mouse.down()
    for part in (0.5, 0.6, 0.7):
        page.mouse.move(box["x"] + part * box["width"], y)
    wanted = value.inner_text()
    assert float(wanted) > 1e-4, "at once, whatever the server does"
    first, *others = heard(page)
    assert not others
    render(page, drawn(turned(first)))
    assert value.inner_text() == wanted, "a scene of a place before must not pull the thumb back"
    page.wait_for_function("() => heard.length === 2")
    last = heard(page)[-1]
    assert last["rest"] is False
    render(page, drawn(turned(last)))
    page.mouse.up()
    page.wait_for_function("() => heard.length === 3")
    rest = heard(page)[-1]
    assert (rest["rest"], rest["index"], rest["nth"]) == (True, last["index"], first["nth"] + 2)
    assert page.evaluate("arena.player.step") == 120
    expect(value).to_have_text(wanted)


def test_keys_turn_a_knob_and_count_as_let_go_a_moment_later(page: Page):
    render(page, drawn())
    slider = page.get_by_role("slider", name="estim_lr0")
    at = int(slider.input_value())
    slider.press("ArrowRight")
    render(page, drawn(turned(heard(page)[-1])))
    slider.press("ArrowRight")
    page.wait_for_function("() => heard.at(-1).rest")
    *moves, rest = heard(page)
    assert [move["index"] for move in moves] == [at + 1, at + 2]
    assert not any(move["rest"] for move in moves)
    assert rest["index"] == at + 2
    expect(slider).to_be_focused()


def test_a_switch_is_let_go_at_once_and_another_knob_can_stand_in_its_place(page: Page):
    render(page, drawn())
    page.get_by_role("switch", name="safeguard_warmup").click()
    (event,) = heard(page)
    assert (event["knob"], event["index"], event["rest"]) == ("safeguard_warmup", 1, True)
    page.get_by_label("The knob here is estim_lr0").select_option(label="beta3")
    (pin,) = heard(page, "pin")
    assert (pin["slot"], pin["contender"], pin["knob"]) == (0, 0, "beta3")


def test_an_exact_value_between_two_places_is_shown_as_it_is(page: Page):
    prodigy, adam = RACE.contenders
    exact = replace(RACE, contenders=(replace(prodigy, knobs={"estim_lr0": 0.000123}), adam))
    render(page, drawn(exact))
    expect(page.locator("[data-knob=estim_lr0] .knob-value")).to_have_text("0.000123")


# --- the view -------------------------------------------------------------------------------------------------------


def test_a_view_is_told_when_it_is_calm_and_brings_back_what_was_seen(page: Page):
    render(page, drawn(), view={})
    page.locator("#map").hover()
    page.get_by_role("button", name="Zoom in").first.click()
    page.get_by_role("tab", name="Step by step").click()
    page.get_by_role("slider", name="Step").fill("120")
    page.wait_for_timeout(CALM)
    (event,) = heard(page, "view")
    view = event["view"]
    assert (view["tab"], view["step"], len(view["zoom"])) == ("steps", 120, 4)
    part = page.evaluate("arena.parts.map.part")
    render(page, drawn(), view=view)
    page.wait_for_timeout(CALM)
    assert len(heard(page, "view")) == 1, "its echo is none"

    page.reload()
    render(page, drawn(), view=view, opening=28)
    assert page.evaluate("[arena.view.show, arena.player.step, arena.player.playing]") == ["steps", 120, False]
    ends = [end for axis in "xy" for end in part[axis]]
    assert [end for axis in "xy" for end in page.evaluate("arena.parts.map.part")[axis]] == pytest.approx(ends, abs=0.01)
    render(page, drawn(), view={})
    assert page.evaluate("[arena.view.show, arena.player.step]") == ["race", 300], "the back button"


def test_a_link_that_carries_anything_shows_the_race(page: Page):
    wrong = {
        "tab": "__proto__",
        "step": "9",
        "zoom": [1, 0, 1, 0],
        "camera": [1],
        "hidden": [99],
        "speed": 1e9,
        "ground": "surface",
    }
    render(page, drawn(), view=wrong)
    assert page.evaluate("[arena.view.show, arena.player.step, arena.player.speed]") == ["race", 300, 1]
    expect(page.locator("#surface")).to_be_visible()  # the one field that is right


# --- the first picture ----------------------------------------------------------------------------------------------


def test_a_first_visit_sees_the_run_played_once_from_where_something_moves(page: Page):
    render(page, drawn(), opening=28)
    page.wait_for_function("() => arena.player.playing && arena.player.step > 30")
    page.evaluate("arena.player.step = 299")
    page.wait_for_function("() => !arena.player.playing")
    assert page.evaluate("arena.player.step") == 300
    page.wait_for_timeout(CALM)
    assert heard(page, "view") == [], "nobody has chosen anything"
    render(page, drawn(), opening=28)
    assert not page.evaluate("arena.player.playing")


def test_whoever_wants_no_motion_sees_the_end(page: Page):
    page.emulate_media(reduced_motion="reduce")
    render(page, drawn(), opening=28)
    assert page.evaluate("[arena.player.step, arena.player.playing]") == [300, False]


# --- keys, ears and small screens -----------------------------------------------------------------------------------


def test_the_keyboard_has_few_stops(page: Page):
    render(page, drawn())
    page.evaluate("document.body.tabIndex = -1; document.body.focus()")
    stops = []
    for _ in range(40):
        page.keyboard.press("Tab")
        stop = page.evaluate("document.activeElement.ariaLabel || document.activeElement.textContent.trim()")
        if stop in stops:
            break
        stops.append(stop)
    assert 8 <= len(stops) <= 16, stops


def test_nothing_is_said_while_it_plays_and_one_sentence_when_it_stands(page: Page):
    render(page, drawn())
    said = page.locator("#said")
    page.evaluate("arena.player.seek(0); arena.player.play()")
    page.wait_for_timeout(900)
    assert said.inner_text() == ""
    page.get_by_role("button", name="Pause").click()
    expect(said).to_have_text(re.compile(r"^At step \d+: Prodigy loss .*; Adam loss .*\.$"))
    assert page.get_by_role("heading", level=2).first.inner_text()
    assert "leaves it at step" in page.locator("[data-panel=distance] li").inner_text()


def test_on_a_phone_the_map_the_knobs_play_and_d_are_on_one_screen(page: Page):
    page.set_viewport_size({"width": 390, "height": 844})
    render(page, drawn())
    order = ["#map", "#knobs", "#play", "[data-panel=distance] .curves-plot", "#readout", "[data-panel=loss] .curves-plot"]
    tops = [page.evaluate("s => document.querySelector(s).getBoundingClientRect().top", name) for name in order]
    assert tops == sorted(tops)
    bottom = page.evaluate("document.querySelector('[data-panel=distance] .curves-plot').getBoundingClientRect().bottom")
    assert bottom < 844
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.get_by_role("tab", name="Inside D").click()
    expect(page.locator("#readout")).to_be_visible()
    shoot(page, "figure-phone")


def test_a_function_that_is_no_number_at_the_start_says_so_once(page: Page):
    experiment = Experiment(problem="formula", formula="log(x) + y**2", start=(-1.0, 1.0), steps=20)
    land = landscape(experiment.problem, experiment.settings, window(experiment), experiment.formula, 31)
    render(page, scene(experiment, run(experiment), styles(experiment.contenders, experiment.labels), land))
    expect(page.locator("#notice")).to_contain_text("no number at the start")
    expect(page.get_by_text("nothing to draw yet").locator("visible=true")).to_have_count(0)
    expect(page.locator("#map")).to_be_visible()
