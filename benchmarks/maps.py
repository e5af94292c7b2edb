"""How long a person waits for a map: from the turn of a knob to all of its cells in the browser.

    python -m benchmarks.maps               (needs the `dev` extra and a Chromium)

Prints a table. Measured in headless Chromium on this machine, server and browser sharing its cores, with the programs compiled
before: 64 x 64 runs of 1,000 steps on a function of the plane, and 32 x 32 runs with 4 seeds of logistic regression.
"""

from __future__ import annotations

import json
import os
import statistics
import tempfile
import urllib.parse

from playwright.sync_api import Page, sync_playwright

from prodigy_core.experiment import VERSION
from tests.browser.chromium import LAUNCH_ARGS, find_chromium
from tests.browser.server import Server

MAPS = (
    ("64 x 64, 1,000 steps, Rosenbrock", {"problem": "rosenbrock", "steps": 1000}, {}, "b", ("90", "80", "70", "60", "50")),
    (
        "32 x 32, 4 seeds, logistic regression",
        {"problem": "logistic_regression"},
        {"map/side/model": 32, "map/seeds": 4},
        "label_noise",
        ("0.01", "0.02", "0.03"),
    ),
)
# Resolves to the seconds from now until another map is whole, which its sentence says, and how many times it was drawn by then.
WATCH = """() => {
  const heat = drawn => drawn[0].trace.type === 'heatmap';
  const cells = () => document.querySelector('.js-plotly-plot')?.calcdata?.find(heat)?.[0].z;
  const said = () => document.body.innerText.match(/The best of [0-9,]+ cells is .*/)?.[0];
  const begun = performance.now(), before = [cells(), said()], seen = new Set();
  window.drawn = new Promise(resolve => {
    const look = () => {
      if (cells() && cells() !== before[0]) seen.add(cells());
      const whole = seen.size && said() && said() !== before[1] && !document.querySelector('[data-testid=stProgress]');
      whole ? resolve([(performance.now() - begun) / 1000, seen.size]) : requestAnimationFrame(look);
    };
    look();
  });
}"""
REST = "() => document.querySelector('[data-testid=stApp]')?.dataset.testScriptState === 'notRunning'"


def main() -> None:
    with tempfile.TemporaryDirectory() as cache, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=LAUNCH_ARGS)
        with Server(env=os.environ | {"PRODIGY_LAB_CACHE": cache}) as server:
            for name, experiment, view, knob, values in MAPS:
                page = browser.new_page(viewport={"width": 1280, "height": 800})
                link = {"experiment": json.dumps({"version": VERSION, **experiment}), "view": json.dumps(view)}
                page.goto(f"{server.url}/map?{urllib.parse.urlencode(link)}")
                page.wait_for_selector(".js-plotly-plot .hm image", timeout=120_000)
                _rest(page)
                waits, parts = zip(*(_turn(page, knob, value) for value in values), strict=True)
                print(
                    f"{name:40s} {statistics.median(waits):6.2f} s   (highest {max(waits):.2f} s; drawn {max(parts)} times)",
                    flush=True,
                )
                page.close()
        browser.close()


def _turn(page: Page, knob: str, value: str) -> tuple[float, int]:
    """Return the seconds from a number's Enter to the whole map, and how many times it was drawn until then."""
    field = page.get_by_label(f"{knob}, exact")
    field.fill(value)
    page.evaluate(WATCH)
    field.press("Enter")
    wait, drawn = page.evaluate("() => window.drawn")
    _rest(page)
    return float(wait), int(drawn)


def _rest(page: Page) -> None:
    page.wait_for_function("() => !document.querySelector('[data-testid=stProgress]')", timeout=120_000)
    page.wait_for_function(REST)
    page.wait_for_timeout(500)


if __name__ == "__main__":
    main()
