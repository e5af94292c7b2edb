"""The race page in a session of its own, what it shows, and what a person does with it."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

from streamlit.testing.v1 import AppTest

from app.state import SESSION
from prodigy_core.experiment import Contender, Experiment
from tests.traces import OWN_PANELS

STEPS = 100  # few, and one compiled length for all
CHARTS = 4
USUAL = (Contender("prodigy"), Contender("adam"))


def _page() -> None:
    from app.views.race import page as race

    race.page()


def open_page(link: str | None = None) -> AppTest:
    """A new session that opens the page, with a link or without."""
    at = AppTest.from_function(_page, default_timeout=60)
    if link is not None:
        at.query_params["experiment"] = link
    return unfolded(checked(at.run()))


def unfolded(at: AppTest) -> AppTest:
    """The same page with every drawer of the sidebar open: what is closed is not drawn."""
    for identity in at.session_state[SESSION].identities:
        at.session_state[now(at, f"widget/open/{identity}")] = True
        at.session_state[now(at, f"widget/others/{identity}")] = True
    for drawer in ("more", "shape/function", "shape/model"):
        at.session_state[now(at, f"widget/{drawer}")] = True
    return checked(at.run())


def usual_page(**fields: Any) -> AppTest:
    return open_page(Experiment(**{"steps": STEPS, "contenders": USUAL, **fields}).to_json(full=False))


def checked(at: AppTest) -> AppTest:
    assert not at.exception, [element.message for element in at.exception]
    return at


def shown(at: AppTest) -> Experiment:
    """The experiment that the address bar describes."""
    (link,) = values(at.query_params["experiment"])
    return Experiment.from_json(link)


def values(found: Any) -> list[str]:
    return [found] if isinstance(found, str) else list(found)


def scene(at: AppTest) -> dict[str, Any]:
    """What the arena was last told; empty where there is none."""
    found = at.get("component_instance")
    return dict(json.loads(found[0].proto.json_args)["scene"]) if found else {}


def chart_names(at: AppTest) -> list[str]:
    """The pictures of the arena's first view as they are read, without the panels that recorded quantities ask for."""
    panels = [panel["id"] for panel in scene(at).get("panels", []) if panel["id"] not in OWN_PANELS]
    return ["paths", *panels] if scene(at) else []


def charts(at: AppTest) -> int:
    return len(chart_names(at))


def legend(at: AppTest) -> list[str]:
    """Who is in the arena."""
    return [contender["label"] for contender in scene(at).get("contenders", [])]


def table(at: AppTest) -> dict[str, dict[str, str]]:
    """The results: of each contender its cells under their heads."""
    found = html(at).partition("<table")[2].partition("</table>")[0]
    head, *rows = [re.split(r"</t[hd]>", row)[:-1] for row in found.split("<tr>")[1:]]
    names = [cell.rpartition(">")[2] for cell in head]
    cells = [dict(zip(names, (cell.rpartition(">")[2] for cell in row), strict=True)) for row in rows]
    return {row.pop("Contender"): row for row in cells}


def knobs(at: AppTest, where: str) -> set[str]:
    """The names of the widgets of a place, such as "settings" or "0/adam", that are drawn."""
    kinds = (at.text_input, at.selectbox, at.toggle, at.slider, at.select_slider, at.segmented_control)
    found = {str(widget.key) for kind in kinds for widget in kind}
    prefix = f"widget/{where}/"
    names = {key.removeprefix(prefix).partition("/")[0].partition("~")[0] for key in found if key.startswith(prefix)}
    return names - {"group"}


def group(at: AppTest, where: str, name: str) -> AppTest:
    """Opens a group of the knobs of a place."""
    return checked(at.segmented_control(key=now(at, f"widget/{where}/group")).set_value(name).run())


def family(at: AppTest, name: str) -> AppTest:
    return checked(at.selectbox(key="widget/family").set_value(name).run())


def captions(at: AppTest) -> list[str]:
    return [as_read(caption.value) for caption in at.caption]


def html(at: AppTest) -> str:
    return "".join(element.proto.body for element in at.get("html"))


def be_patient(page: Any) -> None:
    """From now on this page, or these pages, wait for their jobs."""
    page.PATIENCE = replace(page.PATIENCE, begin=60.0)


def now(at: AppTest, key: str) -> str:
    """The key of a widget as it is now: it has another one each time that it was started anew."""
    renewals = at.session_state[SESSION].renewals
    head, slash, tail = key.rpartition("/")
    stem, end = (head, slash + tail) if tail in ("exact", "slider", "none") else (key, "")
    times = sum(count for scope, count in renewals.items() if stem.startswith(scope))
    return f"{stem}~{times}{end}" if times else key


def type_in(at: AppTest, knob: str, text: str) -> AppTest:
    return checked(at.text_input(key=now(at, f"widget/{knob}/exact")).set_value(text).run())


def click(at: AppTest, button: str) -> AppTest:
    return checked(at.button(key=f"widget/{button}").click().run())


def add(at: AppTest, optimizer: str) -> AppTest:
    """Chooses an optimizer in the list that the button opens."""
    at.button(key="widget/add").click().run()
    return checked(at.button(key=f"widget/add/{optimizer}").click().run())


def optimizers(at: AppTest) -> list[str]:
    return [contender.optimizer for contender in shown(at).contenders]


def as_read(markdown: str) -> str:
    """A message as a person reads it, without the backslashes that keep Markdown from being one."""
    return re.sub(r"\\(.)", r"\1", markdown)
