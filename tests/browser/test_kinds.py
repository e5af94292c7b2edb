"""Models, many variables and formulas as a person meets them, and runs that take their time."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from prodigy_core import Experiment, run

from .conftest import ARENA, Open, arena, drawn, eventually, link, settle, shoot

pytestmark = pytest.mark.browser

ADAM = [{"optimizer": "adam", "knobs": {"learning_rate": 0.01}}]
STEPS = 24_000  # some seconds of work, and the first chunk long before the last
LONG = {"problem": "mlp", "contenders": ADAM, "steps": STEPS, "settings": {"width": 32}}
ENOUGH = 240_000  # milliseconds for all of it on a busy machine


def test_a_long_run_shows_its_progress_can_be_cancelled_and_goes_on_to_its_end(visit: Open):
    """One would wait before an empty page, or lose what ran."""
    page = visit(LONG, done=False)
    expect(page.get_by_role("progressbar")).to_be_visible()
    expect(page.get_by_text(re.compile(r"so far, about"))).to_be_visible()
    expect(page.get_by_role("table")).to_contain_text("At step")
    arena(page).evaluate("globalThis.mark = 'the same document'")
    place = page.locator(ARENA).bounding_box()
    assert place is not None
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_text("Cancelled.")).to_be_visible()
    expect(page.get_by_role("progressbar")).to_have_count(0)
    settle(page)
    ending = page.get_by_role("table").inner_text()
    (step,) = re.findall(r"Cancelled after ([0-9,]+) steps", ending)
    assert 0 < int(step.replace(",", "")) < STEPS
    part = drawn(page, "learning")[0]
    assert 1 < len(part["x"]) < 130
    shoot(page, "cancelled")
    page.get_by_role("button", name="Run on").click()
    expect(page.get_by_role("table")).to_contain_text(f"Ran all {STEPS:,} steps.", timeout=ENOUGH)
    eventually(page, lambda: page.get_by_role("progressbar").count(), 0)
    whole = drawn(page, "learning")[0]
    assert whole["x"][-1] == STEPS
    assert whole["x"][: len(part["x"]) - 1] == part["x"][:-1], "it went on and did not begin anew"
    assert whole["y"][: len(part["y"]) - 1] == part["y"][:-1]
    expect(page.get_by_role("button", name="Cancel")).to_have_count(0)
    now = page.locator(ARENA).bounding_box()
    assert now is not None
    assert (now["x"], now["y"], now["width"]) == (place["x"], place["y"], place["width"]), "it jumped"
    assert arena(page).evaluate("globalThis.mark") == "the same document", "one would lose the view at the end of each run"


def test_a_formula_that_is_typed_is_drawn_and_a_wrong_one_is_pointed_at(visit: Open):
    page = visit({"problem": "formula", "contenders": ADAM, "steps": 50})
    field = page.get_by_role("textbox", name="f(x, y)")
    text = "(x - 1)**2 + abs(y)"
    _enter(page, text)
    eventually(page, lambda: link(page).get("formula"), text)
    (trace,) = run(Experiment.from_json(page.evaluate("new URL(location.href).searchParams.get('experiment')")))
    sent = trace.loss.astype("f4").tolist()
    eventually(page, lambda: [line["y"] for line in drawn(page, "loss")], [sent])
    expect(page.locator(".katex").first).to_be_visible()
    for wrong in ("(x - 1)**2 + z", "<img src=x onerror=alert(1)>", "__import__('os')"):
        _enter(page, wrong)
        expect(page.get_by_test_id("stAlert")).to_contain_text("At character")
        expect(page.get_by_test_id("stCode")).to_contain_text("^")
        expect(field).to_have_value(wrong)
        assert drawn(page, "loss")[0]["y"] == sent
        assert link(page)["formula"] == text
    _enter(page, text)
    expect(page.get_by_test_id("stAlert")).to_have_count(0)


def _enter(page: Page, text: str) -> None:
    field = page.get_by_role("textbox", name="f(x, y)")
    field.fill(text)
    field.press("Enter")
