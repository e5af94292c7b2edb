"""The plane beneath the paths of many parameters in a real browser, and states of the arena that are easily forgotten."""

from __future__ import annotations

import re

import numpy as np
import pytest
from playwright.sync_api import Frame, Page, expect

from prodigy_core import Experiment, run
from prodigy_core.landscape.plane import Plane, follow_plane
from prodigy_core.trace import Trace

from .conftest import Open, arena, colours, drawn, eventually, link, settle, shoot, unfold
from .test_arena import colour_at, seek

pytestmark = pytest.mark.browser

ADAM = {"optimizer": "adam", "knobs": {"learning_rate": 0.05}}
MODEL = {"problem": "logistic_regression", "steps": 60, "contenders": [{"optimizer": "prodigy"}, ADAM]}
LONGER = {"problem": "logistic_regression", "steps": 300, "contenders": [ADAM]}  # of which not every position is kept
WILD = {"optimizer": "sgd", "knobs": {"learning_rate": 1e3}}


def plane_of(page: Page) -> tuple[tuple[Trace, ...], Plane]:
    experiment = Experiment.from_json(page.evaluate("new URL(location.href).searchParams.get('experiment')"))
    traces = tuple(run(experiment))
    *_, last = follow_plane(experiment, traces, "pca")
    assert last.result is not None
    return traces, last.result


def choose(page: Page, kind: str) -> None:
    """Chooses what lies beneath the paths, and waits for its ground."""
    arena(page).get_by_label("What lies beneath the paths").select_option(kind)
    title = {"pca": "principal direction 1", "random": "random direction 1"}[kind]
    eventually(page, lambda: title in beneath(page), True)


def beneath(page: Page) -> str:
    """The name of the ground's first direction; empty where there is no ground."""
    return str(arena(page).evaluate("arena.scene().map.grid ? arena.scene().map.x.label : ''"))


def numbers(text: str) -> list[float]:
    return [float(found) for found in re.findall(r"(?<![\w.])[0-9]+(?:\.[0-9]+)?(?:e[-+][0-9]+)?(?![\w])", text)]


def test_a_chosen_plane_shows_the_landscape_that_was_computed_and_how_far_it_is_from_the_truth(visit: Open):
    """Pretty hills would lie under the paths that are not those of this network."""
    page = visit(MODEL)
    frame = arena(page)
    assert beneath(page) == "", "a class that trains networks would compute planes all the time"
    choose(page, "pca")
    assert colours(page, "#map canvas") > 20
    _, plane = plane_of(page)
    told = frame.locator("#note").inner_text()
    wanted = [100 * plane.held]
    for true, shadow in zip(plane.true_loss, plane.shadow_loss, strict=True):
        wanted += [true[-1], shadow[-1]]
    assert numbers(told) == [pytest.approx(value, rel=6e-3) for value in wanted], told
    for line, path in zip(drawn(page, "paths"), plane.paths, strict=True):
        np.testing.assert_allclose(np.transpose([line["x"], line["y"]]), path, rtol=1e-4, atol=1e-4)
    seek(frame, 60)
    x, y = (float(part) for part in plane.paths[1][-1])
    at = frame.evaluate("([x, y]) => arena.parts.map.pixel(x, y)", [x, y])
    assert colour_at(frame, "map", at["x"], at["y"])[3] > 200, "the head"
    frame.get_by_role("button", name="3-D").click()
    assert colours(page, "#surface canvas") > 20
    assert frame.evaluate("([x, y]) => arena.parts.surface.pixel(x, y).every(Number.isFinite)", [x, y])
    shoot(page, "plane")
    for wrong in ('{"event":"beneath","kind":"x"}', '{"event":"beneath","kind":["pca"]}', '{"event":"beneath"}'):
        _send(frame, wrong)
        page.wait_for_timeout(200)
        settle(page)
        assert beneath(page).startswith("principal")
    field = page.get_by_label("estim_lr0, exact").first
    field.fill("0.01")
    field.press("Enter")
    eventually(page, lambda: link(page)["contenders"][0].get("knobs"), {"estim_lr0": 0.01})
    eventually(page, lambda: beneath(page).startswith("principal") and frame.locator("#note").inner_text() != told, True)
    expect(frame.get_by_label("What lies beneath the paths")).to_have_value("pca")


def test_the_step_moves_over_a_plane_that_knows_only_some_of_the_positions(visit: Open):
    """The trail would run ahead, and a tooltip tell the step and the loss of another position."""
    page = visit(LONGER)
    frame = arena(page)
    choose(page, "pca")
    (trace,), plane = plane_of(page)
    steps = plane.snapshot_steps[0]
    assert len(steps) < len(trace.steps) / 2
    frame.get_by_role("button", name="3-D").click()
    nth = int(np.searchsorted(steps, 150))
    ends = [plane.paths[0][k].tolist() for k in (nth, -1)]
    halfway, end = (frame.evaluate("([x, y]) => arena.parts.surface.pixel(x, y)", at) for at in ends)
    seek(frame, int(steps[nth]))
    assert colour_at(frame, "surface", *halfway)[3] > 200, "the head"
    assert colour_at(frame, "surface", *end)[3] == 0, "where the path is not yet"
    seek(frame, 300)
    assert colour_at(frame, "surface", *end)[3] > 200
    box = frame.frame_element().bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + halfway[0], box["y"] + halfway[1])
    tip = frame.locator(".surface-tip")
    expect(tip).to_be_visible()
    named = int(re.findall(r"step ([0-9]+), loss", tip.inner_text())[0])
    assert abs(named - steps[nth]) <= 12, "one of those that are under the pointer"
    assert f"loss {trace.loss[named]:.4g}" in tip.inner_text()


def test_many_variables_have_their_plane_at_once_and_another_plane_is_shown_whole(visit: Open):
    page = visit({"problem": "sum_of_squares_at_3", "steps": 40, "contenders": [ADAM]})
    eventually(page, lambda: beneath(page).startswith("principal"), True)
    frame = arena(page)
    assert colours(page, "#map canvas") > 20
    whole = frame.locator("#map .zoom-button").last
    expect(whole).to_be_disabled()
    frame.locator("#map").hover()
    frame.get_by_role("button", name="Zoom in").first.click()
    expect(whole).to_be_enabled()
    choose(page, "random")
    expect(whole).to_be_disabled()
    frame.locator("#map").hover()
    frame.get_by_role("button", name="Zoom in").first.click()
    choose(page, "pca")  # which is there already
    expect(whole).to_be_disabled()


def test_what_a_person_set_outlives_another_view_and_a_contender_that_leaves(visit: Open):
    """The zoom would be lost on the way to the inside of D, and somebody else be hidden in the place of who was."""
    page = visit({"problem": "beale", "steps": 60, "contenders": [{"optimizer": "prodigy"}, ADAM, {"optimizer": "lion"}]})
    frame = arena(page)
    frame.locator("#map").hover()
    frame.get_by_role("button", name="Zoom in").first.click()
    page.wait_for_timeout(100)
    zoomed = frame.evaluate("arena.parts.map.pixel(1, 1)")
    frame.get_by_role("tab", name="Inside D").click()
    frame.get_by_role("button", name="Adam", exact=True).click()
    frame.get_by_role("tab", name="Run").click()
    page.wait_for_timeout(100)
    assert frame.evaluate("arena.parts.map.pixel(1, 1)") == zoomed
    unfold(page, "More knobs")
    page.get_by_test_id("stSidebar").get_by_role("button", name="Remove", exact=True).first.click()
    eventually(page, lambda: frame.locator(".readout tbody button").all_inner_texts(), ["Adam", "Lion"])
    pressed = [button.get_attribute("aria-pressed") for button in frame.locator(".readout tbody button").all()]
    assert pressed == ["false", "true"]


@pytest.mark.parametrize(
    "experiment",
    [
        {"problem": "formula", "formula": "sqrt(-1-x**2)", "contenders": [{"optimizer": "prodigy"}, ADAM], "steps": 50},
        {"problem": "sum_of_squares_at_3", "contenders": [WILD], "steps": 40},
    ],
    ids=["defined nowhere", "all broken"],
)
def test_every_view_of_an_odd_race_is_drawn(visit: Open, experiment: dict[str, object]):
    """Errors in the console fail it too."""
    page = visit(experiment)
    frame = arena(page)
    names = frame.locator(".readout tbody button")
    for tab in frame.locator("[role=tab]:not([hidden])").all():
        tab.click()
        for _ in range(2):  # as a surface, and as a map again
            button = frame.get_by_role("button", name="3-D", exact=True)
            if button.is_visible():
                button.click()
            frame.evaluate("[0, 0.5, 1].forEach(part => arena.player.seek(part * arena.player.last))")
            for _ in range(2):  # all hidden, all back
                for name in names.all():
                    name.click()
            text = frame.locator("body").inner_text()
            assert not re.search(r"NaN|undefined|Infinity|\[object", text), text


def _send(frame: Frame, value: str) -> None:
    frame.evaluate(
        """value => parent.postMessage({isStreamlitMessage: true, type: "streamlit:setComponentValue",
             value: JSON.parse(value), dataType: "json"}, "*")""",
        value,
    )
