"""The app in a frame of somebody else's page, as a course's page on a learning platform has it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import BrowserContext, Frame, Page, expect

from .conftest import ARENA, Opened, shoot
from .server import Server

pytestmark = pytest.mark.browser

COURSE = """<!doctype html><html lang="en"><title>A course</title><h1>A course</h1>
<iframe title="Prodigy Lab" src="{app}/?embed=true" style="width: 100%; height: 700px; border: 0"></iframe></html>"""


@pytest.fixture(scope="module")
def course(server: Server) -> Iterator[str]:
    """The address of a page of another origin that has the app in a frame."""

    class Course(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = COURSE.format(app=server.url).encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Print nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Course) as site:
        threading.Thread(target=site.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{site.server_port}"
        site.shutdown()


@pytest.mark.parametrize("width", [1000, 390])
def test_the_app_works_in_a_frame_of_another_origin(tab: Opened, browser: BrowserContext, course: str, width: int):
    """The arena would be refused, or half of the frame would be empty, or the page would turn in a circle."""
    assert tab  # the server has compiled the first race
    page = browser.new_page()
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(course)
    inside = page.frame_locator("iframe[title='Prodigy Lab']")
    drawn = inside.frame_locator(ARENA)
    drawn.locator(".arena[data-scenes]").wait_for()
    app = _frame(page, "embed=true")
    expect(inside.locator("[data-testid=stApp][data-test-script-state=notRunning]")).to_be_attached()
    assert app.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert app.evaluate("document.documentElement.scrollHeight <= innerHeight"), "one bar to scroll, not two"
    assert inside.locator(".lab-bar").is_visible() == (width < 769)
    above = inside.get_by_test_id("stMainBlockContainer").evaluate("it => parseFloat(getComputedStyle(it).paddingTop)")
    header = inside.get_by_test_id("stHeader").evaluate("it => it.getBoundingClientRect().height")
    assert 0 <= above - header <= 16, "no place is left empty for what is not there"
    before = drawn.get_by_label("Step", exact=True).input_value()
    drawn.get_by_label("Step", exact=True).press("Home")
    assert drawn.get_by_label("Step", exact=True).input_value() != before
    shoot(page, f"embed-{width}")
    page.close()


def _frame(page: Page, of: str) -> Frame:
    (found,) = [frame for frame in page.frames if of in frame.url]
    return found
