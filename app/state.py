"""The only user of session_state and query_params: the link <-> the Experiment <-> the widgets.

The Experiment is the truth. A widget starts from it and hands its value back into a new one; a change that comes from
elsewhere (a link, a reset, another problem) replaces the Experiment and forgets the widgets, which then start anew.

The file is long because no other may touch the state.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from prodigy_core.experiment import Experiment, ExperimentError
from prodigy_core.param import Fault

from . import handout as handouts
from .handout import Handout

LINK = "experiment"  # the query parameter of the experiment
VIEW = "view"  # the query parameter of the choices that a page has beside the experiment
CLASS = "class"  # the query parameter of a teacher's link
LANGUAGE = "lang"  # the query parameter of the language of the lessons
MAX_VIEW = 4_000  # characters of that parameter
MAX_LINKS = 200  # links of this session's own that are remembered
SESSION = "session"  # the key of the Session
WIDGET = "widget/"  # the beginning of the keys of all widgets


@dataclass(frozen=True)
class Deed:
    """What a person did with a button beside the figure, and how it was before.

    Attributes:
      words: what was done, as the button said it.
      identity: of the contender that it concerns.
      before: how that contender's run ended before.
      experiment: what it made of the experiment.
    """

    words: str
    identity: int
    before: str
    experiment: Experiment


@dataclass
class Session:
    """All that a session keeps beside the values of its widgets, which are Streamlit's.

    Attributes:
      name: a name that no other session has.
      experiment: what the session shows; None until its first link is read.
      handout: what the teacher's link says that the session began with; None until it is read.
      language: of the lessons, as the link said that the session began with, or its browser; None until it is read.
      identities: a number for each contender that stays with it when others come and go, so that its widgets do.
      faults: the faults of the last link that was read, until the experiment changes.
      links: the links that this session read or wrote, the latest last; a dict for its order.
      bare: whether the session began with an address without an experiment, and has seen no other page since.
      without_link: whether the address had no experiment at the last run.
      cancelled: the work, an experiment or sweeps, that a person stopped; None for none.
      renewals: how often the widgets whose keys begin so were started anew, by that beginning.
      heard: the last event of the arena.
      at_rest: whether a hand let go of the arena since the whole page was last drawn.
      deed: the last one; it is shown until the experiment is another.
      pages: the pages of the app by their titles.
      page: the page that was drawn last, by its hash.
      views: what the link says of each page's choices, as it was last written there, by the page's hash.
      kept: the choices of all pages by their names; each page begins its names with its own.
      choices: the choices of the page that is drawn, without those that stand where they start.
      named: the names of all choices of that page.
    """

    name: str = field(default_factory=lambda: uuid.uuid4().hex)
    experiment: Experiment | None = None
    handout: Handout | None = None
    language: str | None = None
    identities: list[int] = field(default_factory=list)
    faults: tuple[Fault, ...] = ()
    links: dict[str, None] = field(default_factory=dict)
    bare: bool = False
    without_link: bool = True
    cancelled: object = None
    renewals: dict[str, int] = field(default_factory=dict)
    heard: object = None
    at_rest: bool = False
    deed: Deed | None = None
    pages: dict[str, st.Page] = field(default_factory=dict)
    page: str | None = None
    views: dict[str, str] = field(default_factory=dict)
    kept: dict[str, Any] = field(default_factory=dict)
    choices: dict[str, Any] = field(default_factory=dict)
    named: set[str] = field(default_factory=set)


# --- the experiment ------------------------------------------------------------------------------------------------


def experiment() -> Experiment:
    """Return the experiment of this session; read the link first if another wrote it, or if a person went back to it.

    Only the back and the forward button make an earlier link an order. Any other message may have left the browser before
    the last turn's link reached it: that old link is no wish to undo the turn.
    """
    _forget_other_page()
    session, link = _session(), st.query_params.get(LINK)
    session.without_link = link is None
    if session.experiment is None:
        session.bare = link is None
    if session.experiment is None or (link is not None and (link not in session.links or _navigated(link))):
        _read(link)
    return current()


def current() -> Experiment:
    """Return the experiment of this session as it stands, without a look at the link."""
    experiment = _session().experiment
    assert experiment is not None, "`experiment` comes first: it reads the link"
    return experiment


def handout() -> Handout:
    """Return what the teacher's link says that this session began with."""
    session = _session()
    if session.handout is None:
        session.handout = handouts.parsed(st.query_params.get(CLASS))
    return session.handout


def put(changed: Experiment) -> None:
    """Keep the experiment that the widgets describe, and write the link."""
    session = _session()
    if changed != session.experiment:
        session.experiment, session.faults = changed, ()
    link = changed.to_json(full=False)
    _remember(link)
    if st.query_params.get(LINK) != link:
        st.query_params[LINK] = link
    if (said := handout().to_json()) and st.query_params.get(CLASS) != said:
        st.query_params[CLASS] = said  # the way to another page leaves it behind


def put_with_choices(changed: Experiment) -> None:
    """Do what `put` and `put_choices` do as one change of the address, which the back button undoes as one."""
    session = _session()
    if changed != session.experiment:
        session.experiment, session.faults = changed, ()
    link, view = changed.to_json(full=False), _written(session.choices)
    _remember(link)
    session.views[_page()] = view
    before = st.query_params.to_dict()
    said = {name: text for name, text in before.items() if name != VIEW} | {LINK: link}
    said |= {name: text for name, text in ((VIEW, view), (CLASS, handout().to_json())) if text}
    if said != before:
        st.query_params.from_dict(said)


def replace(changed: Experiment, *scopes: str, identities: list[int] | None = None) -> None:
    """Take another experiment in place of this one, for callbacks.

    Args:
      changed: the experiment.
      scopes: the beginnings of the keys, as `key` makes them, of those widgets that must start from it anew.
      identities: one for each contender, where contenders came or went.
    """
    session = _session()
    session.experiment, session.faults = changed, ()
    if identities is not None:
        session.identities = identities
    _renew(*scopes)


def arrived_without_link() -> bool:
    """Return whether this session began with a bare address, and has seen no other page since."""
    return _session().bare


def language() -> str:
    """Return the language that the link asks for, else that of the browser, in two letters or more: "de"."""
    session = _session()
    if session.language is None:
        asked = st.query_params.get(LANGUAGE) or st.context.locale or "en"
        session.language = asked.partition("-")[0].partition("_")[0].lower()
    return session.language


def faults() -> tuple[Fault, ...]:
    """Return the faults of the link, until the experiment changes."""
    return _session().faults


def identities() -> list[int]:
    """Return a number for each contender that stays with it when others come and go, so that its widgets do."""
    return _session().identities


def _read(link: str | None) -> None:
    faults: tuple[Fault, ...] = ()
    try:
        experiment = Experiment() if link is None else Experiment.from_json(link)
    except ExperimentError as error:
        experiment, faults = Experiment(), error.faults
    replace(experiment, WIDGET, identities=list(range(len(experiment.contenders))))
    _session().faults = faults
    if link is not None:
        _remember(link)


def _navigated(link: str) -> bool:
    """Whether the browser's back or forward button brought this run about, with a link that is not yet shown."""
    return _history() and link != next(reversed(_session().links), None)


def _remember(link: str) -> None:
    """Make a link the latest of those that were read or written."""
    links = _session().links
    links.pop(link, None)
    links[link] = None
    if len(links) > MAX_LINKS:
        del links[next(iter(links))]


# --- the pages and their choices -----------------------------------------------------------------------------------


def pages(drawn: dict[str, Callable[[], None]]) -> list[st.Page]:
    """Return the pages of the app, given by their titles, for the navigation. The first one has no path of its own."""
    made = {
        title: st.Page(page, title=title, url_path=title.lower(), default=not i)
        for i, (title, page) in enumerate(drawn.items())
    }
    _session().pages = made
    return list(made.values())


def visit(title: str) -> None:
    """Go to another page with this experiment; outside of callbacks, after `replace`.

    The browser keeps this page, with the link of the way, as the one to go back to: so the link is of this experiment and
    of the choices of this page.
    """
    link = {**st.query_params.to_dict(), LINK: current().to_json(full=False)}
    st.switch_page(_session().pages[title], query_params=link)


def begin_choices() -> None:
    """Begin a page that has choices: those of the link if a person followed it or went back to it, else those that are kept."""
    session, page, link = _session(), _page(), st.query_params.get(VIEW)
    before = session.views.get(page)
    if before is None or (_history() and not session.without_link and (link or "") != before):
        for name in _parsed(before):
            session.kept.pop(name, None)
        _forget(key("sweeps"))
        session.kept |= _parsed(link)
    session.views[page] = link or ""
    session.choices, session.named = {}, set()


def keep(name: str, value: object, start: object) -> None:
    """Remember a choice while a person looks at other pages: Streamlit forgets a widget that is not drawn.

    Args:
      name: its own among those of all pages.
      value: the choice, as JSON knows it.
      start: the value that the link need not say.
    """
    session = _session()
    session.kept[name] = value
    session.named.add(name)
    session.choices.pop(name, None)
    if value != start:
        session.choices[name] = value


def put_kept(name: str, value: object) -> None:
    """Remember a choice that comes from elsewhere than its own widget; for callbacks."""
    _session().kept[name] = value


def kept(name: str, otherwise: Any) -> Any:
    """Return the choice that was remembered, or stood in a link, and so may be anything; else the other value."""
    return _session().kept.get(name, otherwise)


def said_on_first_page() -> dict[str, Any]:
    """Return the choices that the link of the first page says, as it was last written."""
    session = _session()
    first = next(iter(session.pages.values()), None)
    return _parsed(session.views.get(first._script_hash)) if first is not None else {}


def put_choices() -> None:
    """Write the choices of the page that is drawn into the link."""
    session = _session()
    text = _written(session.choices)
    session.views[_page()] = text
    if text and st.query_params.get(VIEW) != text:
        st.query_params[VIEW] = text
    elif not text and _parsed(st.query_params.get(VIEW)).keys() & session.named:
        del st.query_params[VIEW]  # what another page said there stays: a change would be one more page to go back through


def _written(choices: dict[str, Any]) -> str:
    return json.dumps(choices, separators=(",", ":")) if choices else ""


def _parsed(link: str | None) -> dict[str, Any]:
    """The choices in a link; none if it is not one of ours."""
    try:
        choices = json.loads(link) if link is not None and len(link) <= MAX_VIEW else {}
    except (ValueError, RecursionError):
        return {}
    return choices if isinstance(choices, dict) else {}


# --- what a person did -----------------------------------------------------------------------------------------------


def let_go() -> None:
    """Note that a hand let go of the arena: the whole page follows."""
    _session().at_rest = True


def is_news(event: object) -> bool:
    """Return whether an event of the arena is another one than the last.

    A browser says a widget's value again with every message; where the session has forgotten it since, such as on the way
    back to an earlier link, that looks like a change.
    """
    session = _session()
    news, session.heard = event != session.heard, event
    return news


def take_rest() -> bool:
    """Return whether a hand let go of the arena since this was asked last."""
    session = _session()
    rested, session.at_rest = session.at_rest, False
    return rested


def do(words: str, identity: int, before: str) -> None:
    """Remember what a person did, after `replace`."""
    _session().deed = Deed(words, identity, before, current())


def deed() -> Deed | None:
    """Return what a person did last, if the experiment is still what it made of it."""
    last = _session().deed
    return last if last is not None and last.experiment == _session().experiment else None


# --- the work ------------------------------------------------------------------------------------------------------


def watcher() -> str:
    """Return the name under which this session asks for jobs."""
    return _session().name


def cancel(work: object) -> None:
    """Remember that a person stopped this work, an experiment or sweeps."""
    _session().cancelled = work


def run_on() -> None:
    """Forget that work was stopped."""
    _session().cancelled = None


def cancelled(work: object) -> bool:
    """Return whether a person stopped this very work."""
    return bool(_session().cancelled == work)


# --- the widgets ---------------------------------------------------------------------------------------------------


def lasting_key(*parts: object) -> str:
    """Return the key of a widget that is never started anew."""
    return WIDGET + "/".join(str(part) for part in parts)


def key(*parts: object) -> str:
    """Return the key of a widget: another one each time that `replace` started it anew."""
    name = lasting_key(*parts)
    times = sum(count for scope, count in _session().renewals.items() if name.startswith(scope))
    return f"{name}~{times}" if times else name


def value_of(name: str, start: Callable[[], Any]) -> Any:
    """Return the value behind a widget's key; if it has none yet, give it the one that it starts with."""
    if name not in st.session_state:
        st.session_state[name] = start()
    return st.session_state[name]


def value_or(name: str, otherwise: Any) -> Any:
    """Return the value behind a widget's key, also of one that is drawn no more since this very run; else the other value."""
    return st.session_state.get(name, otherwise)


def set_value(name: str, value: Any) -> None:
    """Move a widget; for callbacks, and before the widget is drawn."""
    st.session_state[name] = value


def _forget_other_page() -> None:
    """Forget the widgets of another page. Those of this one have the same keys, but are new to Streamlit: empty."""
    session, page = _session(), _page()
    if session.page not in (None, page):
        _forget(WIDGET)
        session.bare = False
    session.page = page


def _renew(*scopes: str) -> None:
    """Start the widgets of these scopes anew, under keys that no message of the browser can mean yet.

    A message may have left the browser before it heard of the change, with the values that the widgets had before it; under
    the same keys they would undo it. A link is another page to the browser: there all keys begin anew as they were.
    """
    plain = [scope.partition("~")[0] for scope in scopes]
    _forget(*plain)
    renewals = _session().renewals
    for scope in plain:
        if scope == WIDGET:
            renewals.clear()
        else:
            renewals[scope] = renewals.get(scope, 0) + 1


def _forget(*scopes: str) -> None:
    for name in [name for name in st.session_state if str(name).startswith(scopes)]:
        del st.session_state[name]


# --- the run of the script -----------------------------------------------------------------------------------------


def _session() -> Session:
    if SESSION not in st.session_state:
        st.session_state[SESSION] = Session()
    session: Session = st.session_state[SESSION]
    return session


def _page() -> str:
    """The hash of the page that is drawn."""
    context = get_script_run_ctx()
    return context.page_script_hash if context else ""


def _history() -> bool:
    """Whether the browser's back or forward button brought this run about."""
    context = get_script_run_ctx()
    return context is not None and context.is_history_navigation
