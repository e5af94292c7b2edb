"""The page of a teacher: a link for tomorrow's class, as text, as a QR code and for an iframe."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import segno
import streamlit as st
from segno.encoder import DataOverflowError

from prodigy_core.experiment import PARAMS, SEED, Experiment
from prodigy_core.optimizers import OPTIMIZERS

from .. import handout, lessons, state
from ..handout import Handout
from ..sidebar.controls import control, slider_grid

TELLS = (
    "A link that opens the race as it stands on the first page, or a lesson: without what distracts, with one seed for all. "
    "Send it, show it as a QR code, or put it into a page of your course."
)
RACE = "The race as it stands"
STEPS = {"The question": 0, "What was seen": 1, "Why": 2}  # at which step a lesson opens, as its link says it
HEIGHT = 900  # pixels of the iframe that is proposed
QR_SCALE = 4  # pixels of a module of the QR code, in its file
QR_WIDTH = 230  # pixels of the QR code on the page
TOO_LONG = "The link is too long for a QR code. Fewer contenders or fewer changes make it shorter; or use a link shortener."


@dataclass(frozen=True)
class Link:
    """The address of a page with what it says.

    Attributes:
      base: the address of the app, without a path.
      path: of the page; "" for the first.
      query: the parameters by their names, empty ones left out.
    """

    base: str
    path: str
    query: Mapping[str, str]

    @property
    def text(self) -> str:
        """The address as it can be sent: short, with what an address may carry left as it is."""
        said = {name: value for name, value in self.query.items() if value}
        return f"{self.base}/{self.path}" + (f"?{urlencode(said, quote_via=quote, safe=SAFE)}" if said else "")


SAFE = "{}[],:'()*!"  # characters of JSON that browsers leave as they are in a query


def page() -> None:
    """Draw the page."""
    experiment = state.experiment()
    state.put(experiment)
    state.begin_choices()
    st.title("Teach", anchor=False)
    st.caption(TELLS)
    left, right = st.columns([3, 2], gap="large")
    with left:
        lesson, view = _opens()
        wanted, embedded = _choose(lessons.lesson(lesson).shown[0].experiment if lesson else experiment)
    query = {
        state.LINK: "" if lesson else experiment.to_json(full=False),
        state.VIEW: json.dumps(view, separators=(",", ":")) if view else "",
        state.CLASS: wanted.to_json(),
        "embed": "true" if embedded else "",
    }
    link = Link(base(st.context.url or ""), "lessons" if lesson else "", query)
    with right:
        _show(link, embedded)
    state.put_choices()


def _opens() -> tuple[str, Mapping[str, Any]]:
    """Draw what the link opens; return the name of a lesson, "" for the race, and what the link says of its view."""
    course = lessons.lessons()

    def title(name: str) -> str:
        return f"{list(course).index(name) + 1}. {course[name]['en'].title}" if name else RACE

    name = st.selectbox("Opens", ["", *course], key=_kept("opens"), format_func=title) or ""
    if not name:
        return "", state.said_on_first_page()
    step = st.segmented_control("At", list(STEPS), default="The question", key=_kept("at"), required=True) or "The question"
    return name, {"lesson": name} | ({"at": STEPS[step]} if STEPS[step] else {})


def _choose(experiment: Experiment) -> tuple[Handout, bool]:
    """Draw what a class gets, and whether it is for an iframe."""
    names = names_of(experiment)
    hidden = st.multiselect(
        "Hide", [*handout.PARTS, *names], key=_kept("hide"), format_func=lambda name: handout.PARTS.get(name, name),
        help="What the class does not see. It stays as it stands now.", placeholder="Nothing is hidden",
    )  # fmt: skip
    locked = st.multiselect(
        "Lock", names, key=_kept("lock"), help="What the class sees but cannot turn.", placeholder="Everything can be turned"
    )
    seed = None
    if st.toggle("One seed for all", key=_kept("seeded"), help="Everybody gets the same numbers, whatever is random."):
        with slider_grid("teach"):
            seed = control(SEED, experiment.seed, _kept("seed"))
    projector = st.toggle("Large, for a projector", key=_kept("projector"))
    embedded = st.toggle("For a page of a course, in an iframe", key=_kept("embed"))
    wanted = Handout(frozenset(hidden), frozenset(locked), int(seed) if isinstance(seed, int | float) else None, projector)
    return wanted, embedded


def _show(link: Link, embedded: bool) -> None:
    st.code(link.text, language=None, wrap_lines=True)
    st.link_button("Try it", link.text, icon=":material/open_in_new:")
    if embedded:
        st.code(frame(link), language="html", wrap_lines=True)
    drawing = qr(link.text)
    if drawing is None:
        st.info(TOO_LONG)
        return
    st.image(drawing, width=QR_WIDTH, alt="The link as a QR code")
    st.download_button("QR code as SVG", drawing, "prodigy-lab.svg", "image/svg+xml", key=state.key("teach", "qr"))


def names_of(experiment: Experiment) -> list[str]:
    """Return the names of what can be turned in this race: hyperparameters, then settings and the run's fields."""
    knobs = [param.name for contender in experiment.contenders for param in OPTIMIZERS[contender.optimizer].params]
    problem = experiment.definition
    own = [param.name for param in (*problem.start_params, *problem.settings, *PARAMS)]
    return list(dict.fromkeys((*knobs, *own)))


def base(url: str) -> str:
    """Return the address of the app: that of a page of it, without the page's path, query and fragment."""
    parts = urlsplit(url)
    folders = parts.path.rstrip("/").split("/")
    above = "/".join(folders[:-1]) if folders[-1] == "teach" else "/".join(folders)
    return f"{parts.scheme}://{parts.netloc}{above}"


def qr(text: str) -> str | None:
    """Return a QR code as SVG, black on white in either theme so that every camera reads it; None if the text is too long."""
    try:
        code = segno.make(text, error="l", micro=False)
    except DataOverflowError:
        return None
    return str(code.svg_inline(scale=QR_SCALE, dark="#000", light="#fff"))


def frame(link: Link) -> str:
    """Return the HTML of an iframe with the page."""
    return (
        f'<iframe src="{escape(link.text)}" title="Prodigy Lab" width="100%" height="{HEIGHT}" style="border: 0" '
        'allow="fullscreen"></iframe>'
    )


def _kept(name: str) -> str:
    return state.lasting_key("teach", name)
