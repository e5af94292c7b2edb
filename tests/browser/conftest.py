"""A real server, a real Chromium, and pages that fail their test when the browser complains."""

from __future__ import annotations

import json
import os
import re
import urllib.parse
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from playwright.sync_api import BrowserContext, ConsoleMessage, Dialog, Frame, Page, Request, sync_playwright

from prodigy_core.experiment import VERSION

from .chromium import LAUNCH_ARGS, require_chromium
from .server import Server

SHOTS = Path(__file__).resolve().parents[2] / "test-results"
ARENA = "iframe[title*=arena]"
PATIENCE = 30_000  # milliseconds for a first picture on a busy machine; never what a test asserts

WIDTH, HEIGHT = 1280, 800

BESIDE = re.compile(r"://[^/]+/\w+/_stcore/")
START = 120_000  # the same for the very first one, when the server still imports and compiles what all others use

Open = Callable[..., Page]


@pytest.fixture(scope="session")
def server(tmp_path_factory) -> Iterator[Server]:
    chromium = require_chromium()  # skip before the server starts
    assert chromium
    with Server(env=os.environ | {"PRODIGY_LAB_CACHE": str(tmp_path_factory.mktemp("cache"))}) as server:
        yield server
        assert "Traceback" not in server.log, server.log


@pytest.fixture(scope="session")
def browser(tmp_path_factory) -> Iterator[BrowserContext]:
    """One browser for all tests.

    It has a profile, as a person's has: only there does Chromium keep what it has compiled of the page's code.
    """
    chromium = require_chromium()
    profile = tmp_path_factory.mktemp("profile")
    with sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(profile, executable_path=chromium, args=LAUNCH_ARGS)
        yield context
        context.close()


class Opened(NamedTuple):
    """A page, and what its browser has complained about."""

    page: Page
    complaints: list[str]


def opened(server: Server, browser: BrowserContext, width: int = WIDTH, height: int = HEIGHT, scheme: Any = "light") -> Opened:
    """An empty page that is listened to."""
    complaints: list[str] = []

    def console(message: ConsoleMessage) -> None:
        # Of a page other than the first, Streamlit looks for its server beside it before it looks above.
        sought = BESIDE.search(message.location["url"]) and "404" in message.text
        if message.type == "error" and not sought:
            complaints.append(f"console: {message.text}")

    def request(sent: Request) -> None:
        if not sent.url.startswith((server.url, "data:", "blob:")):
            complaints.append(f"request to somebody else: {sent.url}")

    def dialog(opened: Dialog) -> None:
        complaints.append(f"a script ran: {opened.message}")
        opened.dismiss()

    page = browser.new_page()
    page.add_init_script("localStorage.clear()")  # Streamlit keeps there whether the sidebar was open on another page
    page.set_viewport_size({"width": width, "height": height})
    page.emulate_media(color_scheme=scheme)
    page.set_default_timeout(PATIENCE)
    page.on("console", console)
    page.on("pageerror", lambda error: complaints.append(f"page: {error}"))
    page.on("request", request)
    page.on("dialog", dialog)
    return Opened(page, complaints)


@pytest.fixture(scope="session")
def tab(server: Server, browser: BrowserContext) -> Iterator[Opened]:
    """The page that most tests share; with it the server has imported and compiled what all others use."""
    tab = opened(server, browser)
    tab.page.goto(server.url)
    tab.page.frame_locator(ARENA).locator(".arena[data-scenes]").wait_for(timeout=START)
    yield tab
    tab.page.close()


@pytest.fixture
def sent(browser: BrowserContext, tab: Opened) -> Iterator[list[str]]:
    """All that the shared tab says to the server, as it comes."""
    said: list[str] = []
    listener = browser.new_cdp_session(tab.page)
    listener.on("Network.webSocketFrameSent", lambda event: said.append(event["response"]["payloadData"]))
    listener.send("Network.enable")
    yield said
    listener.detach()


@pytest.fixture
def visit(server: Server, browser: BrowserContext, tab: Opened) -> Iterator[Open]:
    """visit(experiment, at="map", fresh=True, done=...) -> a page on which the race, or a word about it, stands.

    It is the shared tab, gone to that link, which replaces all that others did there; with `fresh` a page that is loaded as a
    person's first is. With `done` its runs have come to their end, else there is something of them. `experiment` is a dict,
    the raw text of a link, a whole address, or None for the bare address; `at` is a page other than the race's, `view` what is
    chosen on it.
    """
    pages: list[Opened] = []

    def visit(experiment: Any = None, *, fresh: bool = False, done: bool = True, **place: Any) -> Page:
        pages.append(opened(server, browser) if fresh else tab)
        page, url = pages[-1].page, address(server.url, experiment, **place)
        if fresh:
            page.goto(url)
        else:
            tab.complaints.clear()
            page.bring_to_front()  # Chromium draws no other
            page.set_viewport_size({"width": WIDTH, "height": HEIGHT})
            page.emulate_media(color_scheme="light")
            go(page, url)
        if "at" not in place:
            arena(page)
        settle(page, done)
        return page

    yield visit
    for each in pages:
        if each is not tab:
            each.page.close()
    assert [complaint for each in pages for complaint in each.complaints] == []


def go(page: Page, address: str) -> None:
    """Goes to another link as the back and the forward button do, and to a new arena; the page is not loaded anew."""
    there = page.evaluate(
        """([url, arena]) => {
          const frame = document.querySelector(arena);
          if (frame) {
            const it = frame.contentWindow;
            it.old = true;
            it.parent = { postMessage() {} };  // the page hears no more of it
          }
          history.pushState(null, "", url);
          dispatchEvent(new PopStateEvent("popstate"));
          return location.href;
        }""",
        [address, ARENA],
    )
    page.wait_for_function("there => location.href !== there", arg=there)  # the server writes links without blanks
    settle(page, done=False)
    page.evaluate(
        "arena => { const it = document.querySelector(arena)?.contentWindow; if (it?.old) it.location.reload(); }", ARENA
    )
    page.wait_for_function("arena => !document.querySelector(arena)?.contentWindow.old", arg=ARENA)


def address(server: str, experiment: Any, at: str = "", view: Any = None) -> str:
    if experiment is None:
        return server
    if isinstance(experiment, str) and experiment.startswith("http"):
        return experiment
    text = experiment if isinstance(experiment, str) else json.dumps({"version": VERSION, "problem": "rosenbrock"} | experiment)
    query = {"experiment": text} | ({"view": json.dumps(view)} if view else {})
    return f"{server}/{at}?{urllib.parse.urlencode(query, quote_via=urllib.parse.quote)}"


def settle(page: Page, done: bool = True) -> None:
    """Waits until the script, and with `done` all runs, have come to their end and the figures are drawn."""
    if done:
        page.wait_for_function("() => !document.querySelector('[data-testid=stProgress]')")
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]", state="attached")
    page.wait_for_function("() => !document.querySelector('[data-stale=true]')")
    still(page)


def still(page: Page) -> None:
    """Waits until the arena has heard what the page last told it, and the frame after that is drawn."""
    page.evaluate("() => new Promise(done => requestAnimationFrame(() => setTimeout(() => requestAnimationFrame(done))))")


def eventually(page: Page, what: Callable[[], Any], wanted: Any) -> None:
    """Waits until `what()` is as wanted, and until the page has settled around it; fails with the last value."""
    for _ in range(PATIENCE // 50):
        if what() == wanted:
            break
        page.wait_for_timeout(50)
    assert what() == wanted
    settle(page)


def unfold(page: Page, title: str) -> None:
    """Opens the first drawer of the sidebar with this title, if it is closed."""
    drawer = page.get_by_test_id("stSidebar").get_by_test_id("stExpander").filter(has_text=title).last
    summary = drawer.locator("summary").last
    summary.scroll_into_view_if_needed()
    if drawer.locator("details").last.get_attribute("open") is None:
        summary.click()
        settle(page)


def link(page: Page) -> dict[str, Any]:
    """The experiment in the address bar."""
    query = urllib.parse.urlsplit(page.evaluate("location.href")).query
    found: dict[str, Any] = json.loads(urllib.parse.parse_qs(query)["experiment"][0])
    return found


def arena(page: Page) -> Frame:
    """The arena's own document, once it has drawn a scene."""
    page.frame_locator(ARENA).locator(".arena[data-scenes]").wait_for()
    handle = page.query_selector(ARENA)
    frame = handle.content_frame() if handle else None
    assert frame is not None
    return frame


def drawn(page: Page, chart: str) -> list[dict[str, Any]]:
    """The lines that the arena draws in a panel, or as "paths": name, colour, dash, and the values as lists."""
    found: list[dict[str, Any]] = arena(page).evaluate(
        """chart => {
          const scene = globalThis.arena.scene();
          const values = (contender, name) => Array.from(contender.channels[name].values);
          if (chart === "paths") {
            const [x, y] = scene.map.path;
            return scene.contenders.map(c => (
              {name: c.label, colour: c.colour, dash: c.dash, x: values(c, x), y: values(c, y)}));
          }
          const panel = [...scene.panels, ...scene.inside].find(panel => panel.id === chart);
          return (panel?.lines ?? []).map(line => {
            const c = scene.contenders[line.contender];
            const {axis} = c.channels[line.channel];
            return {name: line.name, colour: c.colour, dash: c.dash, x: Array.from(c.axes[axis]), y: values(c, line.channel)};
          });
        }""",
        chart,
    )
    return found


def pixels(page: Page, selector: str, index: int = 0) -> str:
    """What a canvas of the arena shows: the digest of its pixels, after the number of its colours."""
    found: str = arena(page).evaluate(
        """async ([selector, index]) => {
          const canvas = [...document.querySelectorAll(selector)].at(index);
          const {data} = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
          const colours = new Set(new Uint32Array(data.buffer)).size;
          const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", data));
          return `${colours} ${Array.from(digest, byte => byte.toString(16)).join("")}`;
        }""",
        [selector, index],
    )
    return found


def colours(page: Page, selector: str) -> int:
    """How many colours a canvas of the arena shows."""
    return int(pixels(page, selector).partition(" ")[0])


def shoot(page: Page, name: str) -> None:
    """Keeps a screenshot for a person to look at."""
    SHOTS.mkdir(exist_ok=True)
    page.screenshot(path=SHOTS / f"{name}.png")
