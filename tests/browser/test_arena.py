"""The arena in a real browser: what moves, what stands, and what a click does."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from playwright.sync_api import Frame, Page, expect

from prodigy_core import Experiment, run
from prodigy_core.trace import Trace

from .conftest import Open, arena, colours, drawn, link, pixels, settle, shoot

pytestmark = pytest.mark.browser

BEALE = {"problem": "beale", "contenders": [{"optimizer": "prodigy"}, {"optimizer": "adam", "knobs": {"learning_rate": 0.05}}]}
GROUND = PATHS = "#map canvas"  # the first stands, the last moves
COLOURS = {"Prodigy": (251, 66, 8), "Adam": (43, 124, 188)}


@pytest.fixture
def race(visit: Open) -> Iterator[Page]:
    """A race that nobody turns a knob of."""
    page = visit(BEALE)
    url = page.url
    yield page
    assert page.url == url


def traces_of(page: Page) -> tuple[Trace, ...]:
    return tuple(run(Experiment.from_json(page.evaluate("new URL(location.href).searchParams.get('experiment')"))))


def seek(frame: Frame, step: int) -> None:
    frame.get_by_role("slider", name="Step").fill(str(step))
    expect(frame.get_by_text(f"step {step} of")).to_be_visible()


def colour_at(frame: Frame, part: str, x: float, y: float) -> list[int]:
    """What the moving canvas of a part shows at a point of the window."""
    found: list[int] = frame.evaluate(
        """([part, x, y]) => {
          const canvas = [...document.querySelectorAll(`#${part} canvas`)].filter(c => c.offsetParent).at(-1);
          const box = canvas.getBoundingClientRect(), scale = canvas.width / box.width;
          return Array.from(canvas.getContext("2d").getImageData((x - box.left) * scale, (y - box.top) * scale, 1, 1).data);
        }""",
        [part, x, y],
    )
    return found


def readout(frame: Frame) -> dict[str, list[str]]:
    rows = frame.locator(".readout tbody tr").all()
    return {row.locator("button").inner_text(): row.locator("td").all_inner_texts()[1:] for row in rows}


def test_playing_moves_the_heads_leaves_the_landscape_and_asks_the_server_nothing(visit: Open, sent: list[str]):
    """With Plotly's frames the landscape would vanish at the first; and a class of 50 would not play but wait."""
    page = visit(BEALE)
    frame = arena(page)
    assert sent, "the socket is heard"
    page.wait_for_timeout(500)
    seek(frame, 0)
    stands, moves = pixels(page, GROUND), pixels(page, PATHS, -1)
    assert colours(page, GROUND) > 20, "there is a landscape"
    asked = len(sent)
    frame.get_by_role("button", name="Play").click()
    frame.wait_for_function("() => arena.player.step > 40")
    frame.get_by_role("button", name="Pause").click()
    step = frame.evaluate("arena.player.step")
    assert 40 < step < 500
    assert pixels(page, GROUND) == stands
    assert pixels(page, PATHS, -1) != moves
    page.wait_for_timeout(300)
    assert frame.evaluate("arena.player.step") == step, "paused is paused"
    assert len(sent) == asked
    shoot(page, "arena-paused")


def test_playing_draws_every_frame_anew(race: Page):
    """Distinct steps, and distinct pixels with them. How fast it is, the benchmark says."""
    frame = arena(race)
    frame.evaluate("""() => {
      globalThis.seen = new Set();
      const show = arena.player.show;
      arena.player.show = step => { show(step); seen.add(step); };
      arena.player.seek(0);
      arena.player.play();
    }""")
    frame.wait_for_function("() => seen.size > 20")
    assert frame.evaluate("[...seen].every((step, i, all) => !i || step > all[i - 1])")


def test_scrubbing_shows_the_numbers_and_the_heads_of_that_step(race: Page):
    frame, traces = arena(race), traces_of(race)
    for step in (0, 37, 211):
        seek(frame, step)
        shown = readout(frame)
        for (label, cells), trace in zip(shown.items(), traces, strict=True):
            assert float(cells[0]) == pytest.approx(trace.loss[step], rel=1e-3), (label, step)
            assert float(cells[3]) == pytest.approx(trace.distance_linf[step], rel=1e-3, abs=1e-12)
        d = traces[0].probes["D"][step]
        assert float(next(iter(shown.values()))[1]) == pytest.approx(d, rel=1e-3)
        x, y = (float(part) for part in traces[1].position[step])
        at = frame.evaluate("([x, y]) => arena.parts.map.pixel(x, y)", [x, y])
        assert _near(colour_at(frame, "map", at["x"], at["y"]), COLOURS["Adam"])
        head = frame.evaluate("([s, v]) => arena.parts.curves.pixel('distance', s, v)", [step, d])
        assert _near(colour_at(frame, 'curves [data-panel="distance"]', head["x"], head["y"]), COLOURS["Prodigy"])


def test_the_keyboard_plays_steps_and_reaches_everything(race: Page):
    frame = arena(race)
    seek(frame, 100)
    frame.get_by_role("slider", name="Step").focus()
    for key, step in ((".", 101), (",", 100), ("ArrowRight", 101), ("ArrowLeft", 100)):
        race.keyboard.press(key)
        assert frame.evaluate("arena.player.step") == step, key
    race.keyboard.press(" ")
    frame.wait_for_function("() => arena.player.playing")
    race.keyboard.press(" ")
    frame.wait_for_function("() => !arena.player.playing")
    tab = frame.get_by_role("tab", name="Run")
    tab.focus()
    race.keyboard.press("ArrowRight")
    expect(frame.get_by_role("tab", name="Inside D")).to_have_attribute("aria-selected", "true")
    reached = set()
    for _ in range(40):
        race.keyboard.press("Tab")
        reached.add(frame.evaluate("document.activeElement?.id || document.activeElement?.title || ''"))
    assert {"play", "scrub", "back", "speed", "Hide or show Prodigy"} <= reached
    assert not {"first", "forth", "last", "Hide or show Adam"} & reached, "one stop for each group"
    for stop, key, then in (("#back", "ArrowRight", "forth"), (".readout button", "ArrowDown", "Hide or show Adam")):
        frame.locator(stop).first.focus()
        race.keyboard.press(key)
        assert frame.evaluate("document.activeElement?.id || document.activeElement?.title") == then


def test_whatever_else_the_browser_sends_is_no_start(race: Page):
    before = link(race)
    for value in (
        '{"event":"start","at":["a",1]}',
        '{"event":"start","at":[1e9,1]}',
        '"x"',
        "[[1]]",
        '{"event":"start","at":null}',
    ):
        arena(race).evaluate(
            """value => parent.postMessage({isStreamlitMessage: true, type: "streamlit:setComponentValue",
                 value: JSON.parse(value), dataType: "json"}, "*")""",
            value,
        )
        race.wait_for_timeout(300)
        settle(race)
        assert link(race) == before, value
        expect(race.get_by_test_id("stException")).to_have_count(0)


def test_the_surface_shows_the_same_heads(race: Page):
    frame, traces = arena(race), traces_of(race)
    flat = pixels(race, GROUND)
    frame.get_by_role("button", name="3-D").click()
    seek(frame, 120)
    x, y = (float(part) for part in traces[0].position[120])
    at = frame.evaluate("([x, y]) => arena.parts.surface.pixel(x, y)", [x, y])
    assert _near(colour_at(frame, "surface", *at), COLOURS["Prodigy"])
    relief = pixels(race, "#surface canvas")
    frame.evaluate("arena.parts.surface.view.focus()")
    race.keyboard.press("ArrowRight")
    race.wait_for_timeout(300)
    assert pixels(race, "#surface canvas") != relief, "it turns"
    shoot(race, "arena-surface")
    frame.get_by_role("button", name="3-D").click()
    assert pixels(race, GROUND) == flat


def test_the_inside_of_d_is_drawn_from_what_was_recorded(race: Page):
    frame, (trace, _) = arena(race), traces_of(race)
    frame.get_by_role("tab", name="Inside D").click()
    seek(frame, 60)
    sections = frame.locator("#inside [data-panel]")
    assert sections.count() >= 4
    for section in sections.all():
        expect(section.locator(".curves-sentence")).not_to_be_empty()
        assert section.locator("canvas").first.get_attribute("aria-label")
    names = frame.evaluate("arena.scene().inside.map(panel => panel.id)")
    lines = {tuple(line["y"]) for name in names for line in drawn(race, name)}
    for name in ("D", "d_hat", "numerator", "denominator", "inner", "effective_step"):
        recorded = trace.probes[name].astype("f4")
        assert any(np.array_equal(recorded, np.asarray(line, "f4"), equal_nan=True) for line in lines), name
    shoot(race, "arena-inside")


def test_a_step_is_taken_apart_in_the_numbers_of_that_step(race: Page):
    frame, (trace, _) = arena(race), traces_of(race)
    frame.get_by_role("tab", name="Step by step").click()
    seek(frame, 21)
    steps = frame.locator("#steps")
    expect(steps).to_contain_text("21 → 22")
    text = steps.inner_text()
    for name in ("numerator", "denominator", "D"):
        old, new = (f"{trace.probes[name][k]:.4g}" for k in (21, 22))
        assert old in text, (name, old)
        assert new in text, (name, new)
    rose = trace.probes["D"][22] > trace.probes["D"][21]
    assert ("D rose" in text) == bool(rose)
    shoot(race, "arena-steps")
    frame.get_by_role("button", name="Forth").or_(frame.get_by_label("One step on")).first.click()
    expect(steps).to_contain_text("22 → 23")


def test_a_name_in_the_legend_hides_its_contender_everywhere(race: Page):
    frame, traces = arena(race), traces_of(race)
    seek(frame, 200)
    x, y = (float(part) for part in traces[1].position[200])
    at = frame.evaluate("([x, y]) => arena.parts.map.pixel(x, y)", [x, y])
    assert _near(colour_at(frame, "map", at["x"], at["y"]), COLOURS["Adam"])
    name = frame.locator(".readout button").nth(1)
    name.click()
    expect(name).to_have_attribute("aria-pressed", "false")
    race.wait_for_timeout(100)
    assert not _near(colour_at(frame, "map", at["x"], at["y"]), COLOURS["Adam"])
    name.click()
    race.wait_for_timeout(100)
    assert _near(colour_at(frame, "map", at["x"], at["y"]), COLOURS["Adam"])


def test_the_arrows_are_drawn_when_they_are_asked_for(race: Page):
    frame = arena(race)
    seek(frame, 80)
    before = pixels(race, PATHS, -1)
    button = frame.get_by_role("button", name="Arrows")
    button.click()
    expect(button).to_have_attribute("aria-pressed", "true")
    race.wait_for_timeout(100)
    assert pixels(race, PATHS, -1) != before


def _near(colour: list[int], wanted: tuple[int, int, int]) -> bool:
    return colour[3] > 200 and all(abs(a - b) <= 40 for a, b in zip(colour, wanted, strict=False))
