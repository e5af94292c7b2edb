"""The only user of session_state and query_params: the link <-> the Experiment <-> the widgets.

The Experiment is the truth. A widget starts from it and hands its value back into a new one; a change that comes from
elsewhere (a link, a reset, another problem) replaces the Experiment and forgets the widgets, which then start anew.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from typing import Any

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from prodigy_core.experiment import Experiment, ExperimentError
from prodigy_core.param import Fault

LINK = "experiment"  # the query parameter
VIEW = "view"  # that of the choices that a page has beside the experiment
MOST_VIEW = 4_000  # characters of it
MOST_LINKS = 200  # of this session's own that are remembered
WIDGET = "widget/"  # how the keys of all widgets begin


def experiment() -> Experiment:
    """The experiment of this session; a link that this session did not write, or that a person went back to, is read first.

    Only the back and the forward button make an earlier link an order. Any other message may have left the browser before
    the last turn's link reached it: that old link is no wish to undo the turn.
    """
    _turn_page()
    linked = st.query_params.get(LINK)
    st.session_state["bare"] = linked is None
    known = "experiment" in st.session_state
    if not known or (linked is not None and (linked not in st.session_state["written"] or _navigated(linked))):
        _read(linked)
    found: Experiment = st.session_state["experiment"]
    return found


def put(changed: Experiment) -> None:
    """Keeps what the widgets made, and writes the link."""
    if changed != st.session_state["experiment"]:
        st.session_state["experiment"] = changed
        st.session_state["faults"] = ()
    link = changed.to_json(full=False)
    _remember(link)
    if st.query_params.get(LINK) != link:
        st.query_params[LINK] = link


def replace(changed: Experiment, *scopes: str, identities: list[int] | None = None) -> None:
    """Takes another experiment in the place of this one, for callbacks.

    Args:
      changed: the experiment.
      scopes: how the keys of those widgets begin that must start from it anew, as `key` makes them.
      identities: one for each contender, where contenders came or went.
    """
    st.session_state["experiment"] = changed
    st.session_state["faults"] = ()
    if identities is not None:
        st.session_state["identities"] = identities
    _forget(*scopes)


def pages(drawn: dict[str, Callable[[], None]]) -> list[st.Page]:
    """The pages of the app by their titles, for the navigation and for `visit`. The first one has no path of its own."""
    made = {
        title: st.Page(page, title=title, url_path=title.lower(), default=not i)
        for i, (title, page) in enumerate(drawn.items())
    }
    st.session_state["pages"] = made
    return list(made.values())


def visit(title: str) -> None:
    """Goes to another page with this experiment; for what is no callback, after `replace`.

    The browser keeps this page with what is linked on the way as the one to go back to: so that is this experiment, and the
    choices of the page.
    """
    linked = {**st.query_params.to_dict(), LINK: st.session_state["experiment"].to_json(full=False)}
    st.switch_page(st.session_state["pages"][title], query_params=linked)


def session() -> str:
    """A name for this session."""
    found: str = st.session_state.setdefault("session", uuid.uuid4().hex)
    return found


def cancel(work: object) -> None:
    """Remembers that this work, an experiment or sweeps, is to rest where it is."""
    st.session_state["cancelled"] = work


def go_on() -> None:
    """Forgets that a run was cancelled."""
    st.session_state["cancelled"] = None


def cancelled(work: object) -> bool:
    """Whether this very work was cancelled."""
    return bool(st.session_state.get("cancelled") == work)


def look() -> None:
    """Begins a page with choices of its own: those of the link where it was followed or gone back to, else what was kept."""
    linked, views = st.query_params.get(VIEW), st.session_state.setdefault("views", {})
    context, page = get_script_run_ctx(), _page()
    before, back = views.get(page), context is not None and context.is_history_navigation
    if before is None or (back and not st.session_state["bare"] and (linked or "") != before):
        _forget(*(f"kept/{name}" for name in _choices(before)), key("sweeps"))
        for name, value in _choices(linked).items():
            st.session_state[f"kept/{name}"] = value
    views[page] = linked or ""
    st.session_state["chosen"] = {}


def keep(name: str, value: object, start: object) -> None:
    """Remembers a choice of a page while others are looked at: a widget that is not drawn is forgotten.

    Args:
      name: its own among those of all pages.
      value: what was chosen, as JSON knows it.
      start: what the link need not say.
    """
    st.session_state[f"kept/{name}"] = value
    if value != start:
        st.session_state["chosen"][name] = value


def kept(name: str, otherwise: Any) -> Any:
    """What was remembered, or stood in a link, and so may be anything; else the other one."""
    return st.session_state.get(f"kept/{name}", otherwise)


def put_view() -> None:
    """Writes the choices of the page that is drawn into the link."""
    chosen = st.session_state["chosen"]
    text = json.dumps(chosen) if chosen else ""
    st.session_state["views"][_page()] = text
    if text and st.query_params.get(VIEW) != text:
        st.query_params[VIEW] = text
    elif not text and VIEW in st.query_params:
        del st.query_params[VIEW]


def faults() -> tuple[Fault, ...]:
    """What was wrong with the link, until the experiment changes."""
    found: tuple[Fault, ...] = st.session_state.get("faults", ())
    return found


def identities() -> list[int]:
    """A number for each contender that stays with it when others come and go, so that its widgets do."""
    found: list[int] = st.session_state["identities"]
    return found


def key(*parts: object) -> str:
    """The key of a widget."""
    return WIDGET + "/".join(str(part) for part in parts)


def value_of(name: str, start: Callable[[], Any]) -> Any:
    """The value behind a widget's key; where there is none yet, what it starts with."""
    if name not in st.session_state:
        st.session_state[name] = start()
    return st.session_state[name]


def left(name: str, otherwise: Any) -> Any:
    """The value behind a widget's key, also where the widget is drawn no more since this very run; else the other one."""
    return st.session_state.get(name, otherwise)


def set_value(name: str, value: Any) -> None:
    """Moves a widget; for callbacks, before the widget is drawn."""
    st.session_state[name] = value


def _page() -> str:
    """Which page is drawn."""
    context = get_script_run_ctx()
    return context.page_script_hash if context else ""


def _turn_page() -> None:
    """Forgets the widgets of another page. Those of this one have the same keys, but are new to Streamlit: empty."""
    page = _page()
    if st.session_state.get("page", page) != page:
        _forget(WIDGET)
    st.session_state["page"] = page


def _forget(*scopes: str) -> None:
    for name in [name for name in st.session_state if str(name).startswith(scopes)]:
        del st.session_state[name]


def _navigated(linked: str) -> bool:
    """Whether the browser's back or forward button brought this run about, and this link is not yet what is shown."""
    context = get_script_run_ctx()
    back = context is not None and context.is_history_navigation
    return back and linked != next(reversed(st.session_state["written"]), None)


def _read(linked: str | None) -> None:
    found: tuple[Fault, ...] = ()
    try:
        read = Experiment() if linked is None else Experiment.from_json(linked)
    except ExperimentError as error:
        read, found = Experiment(), error.faults
    replace(read, WIDGET, identities=list(range(len(read.contenders))))
    st.session_state["faults"] = found
    st.session_state.setdefault("written", {})
    if linked is not None:
        _remember(linked)


def _choices(linked: str | None) -> dict[str, Any]:
    """The choices in a link; none where it is not one of ours."""
    try:
        found = json.loads(linked) if linked is not None and len(linked) <= MOST_VIEW else {}
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _remember(link: str) -> None:
    """Makes a link the latest of those that were read or written."""
    written: dict[str, None] = st.session_state["written"]
    written.pop(link, None)
    written[link] = None
    if len(written) > MOST_LINKS:
        del written[next(iter(written))]
