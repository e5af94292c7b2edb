"""The race as a person meets it, in a real browser against the real server."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import Page, expect

from prodigy_core import Experiment, run

from .conftest import Open, arena, colours, drawn, eventually, link, settle, unfold

pytestmark = pytest.mark.browser

CHARTS = ("paths", "distance", "loss", "step")
PAIR = {"problem": "beale", "contenders": [{"optimizer": "prodigy"}, {"optimizer": "adam", "knobs": {"learning_rate": 0.05}}]}


def test_the_first_picture_shows_what_the_engine_computed(visit: Open):
    """The curves would be there but be those of something else."""
    page = visit(fresh=True)
    traces = run(Experiment())
    lines = {line["name"]: line for line in drawn(page, "loss")}
    for name, trace in zip(("Prodigy", "Adam"), traces, strict=True):
        assert lines[name]["y"] == pytest.approx(trace.loss, rel=1e-6), "in the float32 that a browser is sent"
    assert colours(page, "#map canvas") > 20, "a landscape"
    d = next(line for line in drawn(page, "distance") if line["name"] == "Prodigy, D")
    assert d["y"] == pytest.approx(traces[0].probes["D"], rel=1e-6)
    assert link(page)["problem"] == "himmelblau"
    expect(page.get_by_role("table")).to_contain_text("Ran all 300 steps.")


def test_a_slider_turns_the_curves_and_the_link(visit: Open):
    """A knob would move and nothing would follow."""
    page = visit(PAIR)
    before = {chart: drawn(page, chart) for chart in CHARTS}
    slider = page.get_by_role("slider", name="estim_lr0").first
    slider.focus()
    for _ in range(10):
        page.keyboard.press("ArrowRight")
    expect(page.get_by_label("estim_lr0, exact").first).to_have_value("1e-05")
    eventually(page, lambda: link(page)["contenders"][0].get("knobs"), {"estim_lr0": 1e-5})
    for chart in CHARTS:
        assert drawn(page, chart) != before[chart], chart
    # Adam, whose knobs nobody touched, is drawn as before.
    assert drawn(page, "loss")[1] == before["loss"][1]


def test_an_exact_number_moves_the_slider(visit: Open):
    page = visit(PAIR)
    field = page.get_by_label("estim_lr0, exact").first
    field.fill("0.0003")
    field.press("Enter")
    eventually(page, lambda: link(page)["contenders"][0].get("knobs"), {"estim_lr0": 0.0003})
    slider = page.get_by_role("slider", name="estim_lr0").first
    expect(slider).to_have_attribute("aria-valuetext", "0.000315")
    stop = page.get_by_test_id("stSliderThumbValue").filter(has_text="0.000315")
    expect(stop).to_have_css("opacity", "0")  # two numbers side by side that do not agree
    slider.focus()
    expect(stop).to_have_css("opacity", "1")


def test_a_wrong_number_is_explained_and_nothing_is_lost(visit: Open):
    page = visit(PAIR)
    before = drawn(page, "loss")
    field = page.get_by_label("estim_lr0, exact").first
    alert = page.get_by_test_id("stAlert")
    for wrong in ("abc", "-1", "", "1e400", "__import__('os')", "**1** $x$ ![y](http://example.com/y.png)"):
        field.fill(wrong)
        field.press("Enter")
        expect(alert).to_contain_text(f"estim_lr0 is {wrong!r}")
        expect(alert).to_contain_text("a number above 0")
        expect(field).to_have_value(wrong)
        assert drawn(page, "loss") == before
    field.fill("1e-6")
    field.press("Enter")
    expect(alert).to_have_count(0)


def test_the_link_brings_the_same_picture_elsewhere(visit: Open):
    """A teacher's link would show the class something else."""
    page = visit(
        {
            "problem": "rotated_quadratic",
            "settings": {"condition": 30, "angle": 20},
            "start": [-3.25, 1.5],
            "steps": 120,
            "precision": "float32",
            "tolerance": 1e-3,
            "contenders": [
                {
                    "optimizer": "prodigy",
                    "knobs": {"beta3": 0.9, "schedule": "cosine", "warmup": 0.1, "safeguard_warmup": True},
                },
                {"optimizer": "prodigy", "knobs": {"estim_lr0": 0.01}},
                {"optimizer": "lion"},
            ],
        }
    )
    another = visit(page.evaluate("location.href"), fresh=True)
    assert link(another) == link(page)
    for chart in CHARTS:
        assert drawn(another, chart) == drawn(page, chart), chart
    assert another.get_by_role("table").inner_text() == page.get_by_role("table").inner_text()


def test_back_and_forward_are_undo_and_redo(visit: Open):
    page = visit(PAIR)
    before = drawn(page, "loss")
    _type(page, "estim_lr0", "0.01")
    after = drawn(page, "loss")
    page.go_back()
    expect(page.get_by_label("estim_lr0, exact").first).to_have_value("1e-06")
    eventually(page, lambda: drawn(page, "loss") == before, True)
    page.go_forward()
    expect(page.get_by_label("estim_lr0, exact").first).to_have_value("0.01")
    eventually(page, lambda: drawn(page, "loss") == after, True)


def test_a_fast_drag_ends_where_the_hand_does(visit: Open):
    """The link of a moment ago would come back and throw the slider about."""
    page = visit(PAIR)
    unfold(page, "Start, shape, steps")
    slider = page.get_by_test_id("stSidebar").get_by_role("slider", name="steps")
    slider.scroll_into_view_if_needed()
    box = slider.bounding_box()
    assert box is not None
    x, y = box["x"] + 1, box["y"] + box["height"] / 2  # the box begins at the middle of the thumb
    page.mouse.move(x, y)
    page.mouse.down()
    for i in range(50):
        page.mouse.move(x - i, y)
        page.wait_for_timeout(30)
    page.mouse.up()
    shown = slider.get_attribute("aria-valuetext") or ""
    assert shown != "500"
    eventually(page, lambda: str(link(page).get("steps")), shown)
    page.wait_for_timeout(500)  # long enough for a late answer to throw it back
    assert slider.get_attribute("aria-valuetext") == page.get_by_label("steps, exact").input_value() == shown
    eventually(page, lambda: [len(line["x"]) for line in drawn(page, "loss")], [int(shown) + 1] * 2)


@pytest.mark.parametrize(
    "hostile, fresh",
    [
        ("not json", False),
        ('{"version":1,"problem":"<img src=x onerror=alert(1)>"}', True),
        ('{"version":1,"contenders":[{"optimizer":"adam","knobs":{"[x](javascript:alert(1)) $y$ **z**":1}}]}', False),
    ],
)
def test_a_hostile_link_gets_a_friendly_word_and_the_usual_race(visit: Open, hostile: str, fresh: bool):
    page = visit(hostile, fresh=fresh)
    alert = page.get_by_test_id("stAlert")
    expect(alert).to_contain_text("The link does not describe an experiment")
    expect(alert.locator("a, img, script, .katex, strong")).to_have_count(0)
    assert Experiment.from_json(json.dumps(link(page))) == Experiment()
    expect(page.get_by_text("Traceback")).to_have_count(0)


def test_contenders_come_and_go(visit: Open):
    page = visit(PAIR)
    for count, optimizer in enumerate(("optax_prodigy", "lion", "adam"), start=3):
        page.get_by_role("button", name="Add a contender").click()
        page.locator(f".st-key-newcomer-{optimizer}").get_by_role("button", name="Add").click()
        eventually(page, lambda: len(link(page)["contenders"]), count)
    assert [contender["optimizer"] for contender in link(page)["contenders"]] == [
        "prodigy",
        "adam",
        "optax_prodigy",
        "lion",
        "adam",
    ]
    names = {line["name"] for line in drawn(page, "loss")}
    assert names == {"Prodigy", "Adam · learning_rate 0.05", "Adam · learning_rate 0.001", "Prodigy (optax)", "Lion"}
    for left in (4, 3, 2, 1, 0):
        drawer = page.get_by_test_id("stSidebar").get_by_test_id("stExpander").first
        if drawer.locator("details").first.get_attribute("open") is None:
            drawer.locator("summary").first.click()
            settle(page)
        remove = page.get_by_role("button", name="Remove")
        if not remove.count():
            drawer.get_by_test_id("stExpander").locator("summary").click()
            settle(page)
        remove.first.click()
        eventually(page, lambda: len(link(page)["contenders"]), left)
    expect(page.get_by_test_id("stAlert")).to_contain_text("Add a contender in the sidebar")


def test_a_drawer_is_open_or_closed_at_once(visit: Open):
    """While it slides, what one is about to click on slips from under the pointer."""
    page = visit(PAIR)
    drawer = page.get_by_test_id("stSidebar").get_by_test_id("stExpander").filter(has_text="Start, shape, steps")
    heights = """async drawer => {
      const [details, summary, content] = ["details", "summary", "[data-testid=stExpanderDetails]"].map(
        name => drawer.querySelector(name));
      const found = [];
      summary.click();
      for (const until = performance.now() + 700; performance.now() < until; ) {
        await new Promise(requestAnimationFrame);
        const [all, head, inside] = [details, summary, content].map(part => part.getBoundingClientRect().height);
        found.push([Math.round(all), Math.round(all - head - inside)]);
      }
      return found;
    }"""
    for shows in (True, False):
        found = drawer.evaluate(heights)
        assert {clipped for _, clipped in found} <= {0, 1, 2}, "the borders alone"
        assert (found[-1][0] > 300) == shows
        assert len({height for height, _ in found}) <= 5, "it waits for the server, and slides no more"
        settle(page)


def test_two_turns_in_one_breath_are_both_kept(visit: Open):
    """The second leaves the browser with the link of before the first."""
    page = visit(PAIR)
    field = page.get_by_label("estim_lr0, exact").first
    field.fill("0.01")
    unfold(page, "More knobs")
    group = page.get_by_test_id("stSidebar").get_by_role("radio", name="Schedule").first
    group.evaluate(
        """(other, field) => {
          field.dispatchEvent(new KeyboardEvent("keydown", {key: "Enter", keyCode: 13, bubbles: true}));
          other.click();
        }""",
        field.element_handle(),
    )
    expect(page.get_by_label("warmup, exact").first).to_be_visible()
    eventually(page, lambda: link(page)["contenders"][0].get("knobs"), {"estim_lr0": 0.01})
    page.wait_for_timeout(300)  # nor is it undone later
    assert link(page)["contenders"][0]["knobs"] == {"estim_lr0": 0.01}


def test_one_colour_a_contender_everywhere(visit: Open):
    """In two figures one would follow the wrong line."""
    page = visit(
        {
            "contenders": [
                {"optimizer": "prodigy"},
                {"optimizer": "adam"},
                {"optimizer": "adam", "knobs": {"learning_rate": 0.05}},
            ]
        }
    )
    swatches = arena(page).evaluate(
        """() => [...document.querySelectorAll('.readout button')].map(
             entry => [entry.innerText.trim(), entry.querySelector('line').getAttribute('stroke')])"""
    )
    in_table = page.evaluate("[...document.querySelectorAll('.lab-swatch')].map(it => it.style.borderTopColor)")
    assert [_rgb(colour) for _, colour in swatches] == in_table
    assert [name for name, _ in swatches] == ["Prodigy", "Adam · learning_rate 0.001", "Adam · learning_rate 0.05"]
    assert len({colour for _, colour in swatches}) == 3
    for chart in CHARTS:
        lines = drawn(page, chart)
        for name, colour in swatches:
            own = [line for line in lines if line["name"] in (name, f"{name}, D", f"{name}, distance")]
            assert own
            assert {line["colour"] for line in own} == {colour}, chart


def _type(page: Page, knob: str, text: str) -> None:
    field = page.get_by_label(f"{knob}, exact").first
    field.fill(text)
    field.press("Enter")
    page.wait_for_function("text => decodeURIComponent(location.href).includes(text)", arg=text)
    settle(page)


def _rgb(colour: str) -> str:
    return f"rgb({int(colour[1:3], 16)}, {int(colour[3:5], 16)}, {int(colour[5:7], 16)})"
