"""How long a person waits: from `streamlit run` to the first picture, and from a turned knob to its pixels.

    python -m benchmarks.latency            (needs the `dev` extra and a Chromium)

Prints a table. Measured in headless Chromium on this machine, server and browser sharing its cores, with two contenders of
2,000 steps; then how many distinct frames a second the arena draws while it plays.
"""

from __future__ import annotations

import os
import statistics
import tempfile
import time
import urllib.parse

from playwright.sync_api import Page, sync_playwright

from tests.browser.chromium import LAUNCH_ARGS, find_chromium
from tests.browser.server import Server

TURNS = 25
LINK = urllib.parse.quote('{"version":2,"problem":"rosenbrock","steps":2000}')
# The number of scenes that the arena has drawn.
SCENES = "document.querySelector('iframe')?.contentDocument?.querySelector('.arena')?.dataset.scenes"


def main() -> None:
    with tempfile.TemporaryDirectory() as cache, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=LAUNCH_ARGS)
        env = os.environ | {"PRODIGY_LAB_CACHE": cache}
        for name in ("first picture, nothing compiled before", "first picture, compiled once before"):
            started = time.perf_counter()
            with Server(env=env) as server:
                page = browser.new_page(viewport={"width": 1280, "height": 800})
                page.goto(f"{server.url}/?experiment={LINK}")
                page.wait_for_function(f"() => {SCENES}")
                print(f"{name:42s} {time.perf_counter() - started:6.2f} s", flush=True)
                if name.endswith("once before"):
                    another = browser.new_page(viewport={"width": 1280, "height": 800})
                    opened = time.perf_counter()
                    another.goto(f"{server.url}/?experiment={LINK}")
                    another.wait_for_function(f"() => {SCENES}")
                    print(f"{'first picture, server already warm':42s} {time.perf_counter() - opened:6.2f} s", flush=True)
                    another.close()
                    _report("knob to pixels", _turns(page, "estim_lr0"))
                    print(f"{'playing, distinct frames a second':42s} {_frames(page):6.1f}", flush=True)
        browser.close()


def _turns(page: Page, knob: str) -> list[float]:
    """Return the seconds from each key press on a slider to the frame after that in which the arena drew what came of it."""
    thumb = page.get_by_role("slider", name=knob).first
    thumb.focus()
    waits = []
    for turn in range(TURNS):
        # Inside the browser, so that no time is lost on the way to it.
        page.evaluate(
            f"""() => {{
              const before = {SCENES};
              window.changed = new Promise(resolve => addEventListener('keydown', () => {{
                const pressed = performance.now();
                const look = () => {SCENES} !== before
                  ? requestAnimationFrame(() => resolve(performance.now() - pressed)) : requestAnimationFrame(look);
                look();
              }}, {{once: true, capture: true}}));
            }}"""
        )
        page.keyboard.press("ArrowRight" if turn % 10 < 5 else "ArrowLeft")
        waits.append(page.evaluate("() => window.changed") / 1000)
        page.wait_for_timeout(300)
    return waits


def _frames(page: Page) -> float:
    """Return the distinct frames a second over some seconds of playing, each of them a step that was drawn."""
    frames = page.evaluate(
        """async () => {
          const { player } = document.querySelector('iframe').contentWindow.arena;
          const show = player.show, steps = new Set();
          player.show = step => { show(step); steps.add(step); };
          player.seek(0);
          const begun = performance.now();
          player.play();
          await new Promise(resolve => setTimeout(resolve, 5000));
          player.pause();
          player.show = show;
          return steps.size / (performance.now() - begun) * 1000;
        }"""
    )
    return float(frames)


def _report(name: str, waits: list[float]) -> None:
    waits.sort()
    print(
        f"{name + ', median of ' + str(len(waits)):42s} {statistics.median(waits):6.3f} s   (highest {waits[-1]:.3f} s)",
        flush=True,
    )


if __name__ == "__main__":
    main()
