"""The step taken apart, in a browser: the numbers of the step that the scrub stands at, and why D rose or did not.

Longer than most, for every reason has a case that shows it here, and all others that do not.
"""

from __future__ import annotations

import base64
import functools
import http.server
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import BrowserContext, Page, expect

from app.figures.arena import channels
from app.figures.arena.algorithm import algorithm
from app.figures.arena.encoding import encoded
from app.theme import styles
from prodigy_core.engine.runner import run
from prodigy_core.experiment import Contender, Experiment
from prodigy_core.trace import Status, Trace
from tests.traces import cut

from .conftest import shoot

pytestmark = pytest.mark.browser

WEB = Path(__file__).resolve().parents[2] / "app" / "arena" / "web"
WIDTH, HEIGHT = 380, 480
RACE = Experiment(
    "rosenbrock",
    contenders=(Contender("prodigy"), Contender("adam", {"learning_rate": 0.1}), Contender("sgd")),
    steps=60,
)

# Puts the part into an empty page, beside `hidden`, a set of contenders that the test may change.
PUT = """async ([json, blob, width, height, dark]) => {
  const [{ Steps }, { decode }] = await Promise.all([import("/steps/steps.js"), import("/shared/scene.js")]);
  const styles = await (await fetch("/steps/steps.css")).text();
  const colours = dark ? ["#e1e7ef", "#030508", "#9aa7b8", "rgba(150, 165, 190, .16)"]
    : ["#1a2230", "#ffffff", "#566171", "rgba(90, 105, 130, .16)"];
  ["text", "background", "muted", "grid"].forEach((name, i) => document.body.style.setProperty(`--${name}`, colours[i]));
  document.head.innerHTML = `<style>* { box-sizing: border-box } body { margin: 8px; font: 14px system-ui; background:
    var(--background) } ${styles}</style>`;
  document.body.innerHTML = `<div id="steps" style="position: relative; width: ${width}px; height: ${height}px"></div>`;
  globalThis.hidden = new Set();
  globalThis.steps = new Steps(document.getElementById("steps"), { hidden: (i) => hidden.has(i) });
  globalThis.decoded = (json, blob) => decode(json, Uint8Array.from(atob(blob), (c) => c.charCodeAt(0)));
  steps.setScene(decoded(json, blob), true);
  steps.resize();
}"""
# All steps in turn, as fast as they come: what `what` finds at each.
AT_EVERY = "([what, n]) => [...Array(n).keys()].map((k) => { steps.filled = -1e9; steps.draw(k); return eval(what); })"


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    """The arena's files, and an empty page."""

    class Files(http.server.SimpleHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path != "/":
                super().do_GET()
                return
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(b'<!doctype html><title>Steps</title><link rel="icon" href="data:,">')

        def log_message(self, format: str, *args: Any) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Files, directory=str(WEB))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


@pytest.fixture
def page(site: str, browser: BrowserContext) -> Iterator[Page]:
    complaints: list[str] = []
    page = browser.new_page()
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(site)
    yield page
    page.close()
    assert complaints == []


@cache
def traces() -> list[Trace]:
    return run(RACE)


def scene(runs: list[Trace], **changed: Any) -> list[Any]:
    """What the browser is sent of these runs: JSON and buffer."""
    pack = channels.Pack()
    drawn = styles(RACE.contenders, RACE.labels)
    contenders = [
        channels.contender(style, channels.variant(RACE, trace, pack, 3)) for trace, style in zip(runs, drawn, strict=True)
    ]
    sent = [encoded(contender) for contender in contenders]
    told = [encoded(algorithm(contender, trace)) for contender, trace in zip(RACE.contenders, runs, strict=True)]
    described = {"key": "race", "contenders": sent, "map": None, "panels": [], "inside": [], "algorithm": told, "last": 60}
    return [described | changed, base64.b64encode(pack.blob).decode()]


def put(page: Page, sent: list[Any], width: int = WIDTH, height: int = HEIGHT, dark: bool = False) -> None:
    page.set_viewport_size({"width": width + 16, "height": height + 16})
    page.evaluate(PUT, [*sent, width, height, dark])


def draw(page: Page, step: float) -> None:
    page.evaluate("step => { steps.filled = -1e9; steps.draw(step); }", step)


def line(page: Page, name: str) -> Any:
    return page.locator(".steps-line").filter(has=page.locator(".steps-name > :first-child", has_text=name).first).first


def four(value: Any) -> str:
    """As format.js writes it."""
    return f"{value:.4g}"


def test_the_numbers_are_those_of_the_step(page: Page):
    put(page, scene(traces()))
    probes = traces()[0].probes
    for k in (12, 30):
        draw(page, k + 0.6)
        expect(page.get_by_role("heading", level=2)).to_have_text(f"Step {k} → {k + 1}")
        old, new = (np.float32(values) for values in probes["D"][k : k + 2])
        row = page.locator(".steps-marked")
        expect(row.locator(".steps-value")).to_have_text(f"{four(old)} → {four(new)}")
        expect(row.locator(".steps-numbers")).to_have_text(f"max({four(old)}, {four(probes['d_hat'][k + 1])})")
        sums = f"{four(probes['numerator'][k + 1])} / {four(probes['denominator'][k + 1])}"
        expect(line(page, "Estimate").locator(".steps-numbers")).to_have_text(sums)
        expect(line(page, "Step size").locator(".steps-numbers")).to_contain_text(f"{four(old)} · 1 · √(1 − 0.999{k + 1})")
        gradient = ", ".join(four(part) for part in traces()[0].vectors["gradient"][k].astype(np.float32))
        expect(line(page, "Gradient").locator(".steps-value")).to_have_text(f"({gradient})")
    shoot(page, "steps")


def test_a_number_below_zero_stands_in_brackets_behind_a_sign(page: Page):
    put(page, scene(traces()))
    k = int(np.flatnonzero(traces()[0].probes["inner"] < 0)[0])
    draw(page, k)
    inner = four(np.float32(traces()[0].probes["inner"][k]))
    expect(line(page, "Numerator").locator(".steps-numbers")).to_contain_text(f"· ({inner})")


def test_whose_step_it_is_can_be_chosen_by_keyboard(page: Page):
    put(page, scene(traces()))
    draw(page, 5)
    adam = page.get_by_role("button", name="Adam")
    adam.focus()
    page.keyboard.press("Enter")
    expect(adam).to_have_attribute("aria-pressed", "true")
    expect(adam).to_be_focused()
    expect(page.locator(".steps-why")).to_contain_text("no D here: the learning rate, 0.1")
    expect(line(page, "Unbiased")).to_be_attached()
    page.evaluate("([json, blob]) => steps.setScene(decoded(json, blob), false)", scene(traces()))
    expect(adam).to_have_attribute("aria-pressed", "true")  # more of the run came in
    page.evaluate("hidden.add(1); steps.repaint()")
    expect(adam).to_have_count(0)
    expect(page.get_by_role("button", name="Prodigy")).to_have_attribute("aria-pressed", "true")
    page.evaluate("hidden.add(0).add(2); steps.repaint()")
    expect(page.locator(".steps-why")).to_have_text("All contenders are hidden.")


def test_nothing_moves_while_one_scrubs(page: Page):
    for width in (WIDTH, 342):
        put(page, scene(traces()), width)
        heights = "[...document.querySelectorAll('.steps-line, .steps-why')].map((each) => each.offsetHeight).join()"
        assert len(set(page.evaluate(AT_EVERY, [heights, 60]))) == 1
        assert not any(
            page.evaluate(AT_EVERY, ["document.querySelector('.steps-lines').scrollWidth > steps.lines.clientWidth", 60])
        )
        assert not any(page.evaluate(AT_EVERY, ["steps.why.scrollHeight > steps.why.clientHeight", 60]))


def test_playing_fills_the_lines_some_times_a_second_and_the_last_one_stands(page: Page):
    put(page, scene(traces()))
    fills = page.evaluate(
        """async () => {
          let fills = 0;
          new MutationObserver(() => fills++).observe(document.querySelector(".steps-title"), { childList: true });
          for (let frame = 0; frame <= 40; frame++) {
            steps.draw(frame);
            await new Promise((done) => setTimeout(done, 5));
          }
          await new Promise((done) => setTimeout(done, 150));
          return fills;
        }"""
    )
    assert fills < 20
    expect(page.get_by_role("heading", level=2)).to_have_text("Step 40 → 41")


def test_the_end_shows_the_last_step_and_how_the_run_ended(page: Page):
    runs = [replace(traces()[0], status=Status.DIVERGED, stopped_at=61), *traces()[1:]]
    put(page, scene(runs))
    for step in (60, 400):
        draw(page, step)
        expect(page.get_by_role("heading", level=2)).to_have_text("Step 59 → 60")
        expect(page.locator(".steps-note")).to_contain_text("Diverged at step 61")
    draw(page, 59.5)
    expect(page.locator(".steps-note")).to_have_text("")


@pytest.mark.parametrize(
    ("step", "heading"), [(4, "Step 4 → 5"), (5, "Step 4 → 5"), (7.5, "Step 4 → 5"), (9, "Step 9"), (25, "Step 20 → 21")]
)
def test_of_a_long_run_only_kept_neighbours_are_a_step(page: Page, step, heading):
    """Two entries far apart would be shown as one step, with arithmetic that cannot come out."""
    kept = np.array([0, 4, 5, 9, 20, 21])
    put(page, scene([cut(trace, kept) for trace in traces()]))
    draw(page, step)
    expect(page.get_by_role("heading", level=2)).to_have_text(heading)
    if heading == "Step 9":
        expect(page.locator(".steps-why")).to_contain_text("only some steps are kept")
        expect(page.locator(".steps-marked .steps-value")).to_have_text("")
        expect(page.locator(".steps-marked .steps-numbers")).to_be_hidden()


def test_a_run_that_has_no_step_yet_says_so(page: Page):
    put(page, scene([cut(trace, np.array([0])) for trace in traces()]))
    draw(page, 0)
    expect(page.locator(".steps-why")).to_have_text("No step was taken yet.")


def test_a_label_is_text(page: Page):
    sent = scene(traces())
    sent[0]["contenders"][0]["label"] = "<img src=x onerror=alert(1)>"
    put(page, sent)
    expect(page.get_by_role("button", name="<img")).to_be_visible()


def test_it_reads_in_the_dark_and_on_a_phone(page: Page):
    put(page, scene(traces()), 342, 520, dark=True)
    draw(page, 31)
    shoot(page, "steps-phone-dark")
    expect(page.locator(".steps-why")).to_have_css("border-left-color", "rgb(251, 66, 8)")


# --- Why D rose or did not: each reason on a step that shows it; a step of another shows another ---------------------

RISE: dict[str, Any] = {
    "t": 40,
    "D": 0.1,
    "D+": 0.15,
    "d_hat": 0.1,
    "d_hat+": 0.15,
    "inner": 2.0,
    "numerator": 10.0,
    "numerator+": 18.0,
    "denominator": 100.0,
    "denominator+": 120.0,
    "effective_step": 0.1,
}
STAY = RISE | {"D+": 0.1}
FIRST = {"D": 1e-6, "D+": 1e-6}
REASONS: dict[str, tuple[str, dict[str, Any], str]] = {
    "rose": ("prodigy", RISE, "D rose by 50 %: d̂ = 0.15 is above it. ⟨g, x₀ − x⟩ is positive"),
    "rose far": ("prodigy", RISE | {"D+": 0.32, "d_hat+": 0.32}, "D rose 3.2-fold"),
    "rose by the denominator": (
        "prodigy",
        RISE | {"inner": -1.0, "numerator+": 9.5, "denominator+": 63.0},
        "The quotient grew: the numerator shrank by 5 %, the denominator shrank by 37 %.",
    ),
    "no learning rate": ("prodigy", STAY | {"effective_step": 0.0, "inner": -1.0}, "the learning rate is 0 at this step"),
    "no estimate": ("prodigy", STAY | {"d_hat+": float("nan")}, "d̂ is not defined"),
    "infinite estimate": ("prodigy", STAY | {"d_hat+": float("inf")}, "d̂ is not defined"),
    "start": ("prodigy", STAY | FIRST | {"t": 1, "inner": 0.0, "d_hat+": 0.0}, "at the start x₀ − x is 0"),
    "flat": ("prodigy", STAY | {"inner": 0.0, "d_hat+": 0.05}, "⟨g, x₀ − x⟩ is 0, so this step adds nothing"),
    "turned": ("prodigy", STAY | {"inner": -1.0, "d_hat+": 0.05}, "⟨g, x₀ − x⟩ is negative"),
    "tiny": ("prodigy", STAY | FIRST | {"d_hat+": 4e-7}, "D is still d₀: the steps so far are so tiny"),
    "first estimate that counts": ("prodigy", RISE | FIRST | {"D+": 2e-6, "d_hat+": 2e-6}, "D rose 2-fold"),
    "as large": ("prodigy", STAY | {"d_hat+": 0.1}, "in all its digits"),
    "below 0": ("prodigy", STAY | {"d_hat": -0.3, "d_hat+": -0.2}, "the numerator is still below 0"),
    "growing": ("prodigy", STAY | {"d_hat": 0.05, "d_hat+": 0.06}, "d̂ grew to 0.06, but D remembers the largest so far"),
    "denominator faster": (
        "prodigy",
        STAY | {"d_hat": 0.09, "d_hat+": 0.08, "numerator+": 11.0, "denominator+": 130.0},
        "the numerator grew by 10 %, the denominator grew by 30 %. So d̂ fell to 0.08",
    ),
    "numerator changed its sign": (
        "prodigy",
        STAY | {"d_hat": 0.09, "d_hat+": 0.08, "numerator": -1.0},
        "the numerator went from -1 to 18",
    ),
    "D-Adaptation rose": ("estimate", RISE, "the new estimate d̂ = 0.15 is above it"),
    "D-Adaptation stayed": ("estimate", STAY | {"d_hat+": 0.05}, "d̂ = 0.05 is not above it"),
    "D-Adaptation has none": ("estimate", STAY | {"d_hat+": float("nan")}, "d̂ is not defined"),
    "DoG rose": ("farthest", RISE, "farther from the start than ever before"),
    "DoG stayed": ("farthest", STAY, "not farther from the start"),
    "Mechanic rose": ("bets", RISE, "bets on the way it goes won"),
    "Mechanic fell": ("bets", RISE | {"D+": 0.05}, "bets on the way it goes lost"),
    "Mechanic stayed": ("bets", STAY, "neither won nor lost"),
    "Adam": ("set", {"rate": 0.1}, "the learning rate, 0.1 at this step"),
    "another": ("none", {}, "keeps no estimate D"),
}


@pytest.fixture(scope="module")
def said(site: str, browser: BrowserContext) -> Iterator[Callable[[str, dict[str, Any]], str]]:
    page = browser.new_page()
    page.goto(site)
    asked = """async ([rule, numbers]) =>
      (await import("/steps/why.js")).why({ rule, first: 1e-6 }, (name) => numbers[name])"""
    yield lambda rule, numbers: str(page.evaluate(asked, [rule, numbers])).replace("\N{NO-BREAK SPACE}", " ")
    page.close()


@pytest.mark.parametrize("name", list(REASONS))
def test_the_reason_is_told_where_it_holds_and_nowhere_else(said, name):
    rule, numbers, words = REASONS[name]
    assert words in said(rule, numbers)
    same = {"rose", "no estimate", "infinite estimate"}
    for other, (its_rule, its_numbers, _) in REASONS.items():
        if its_rule == rule and other != name and {name, other} - same:
            assert words not in said(its_rule, its_numbers), other
