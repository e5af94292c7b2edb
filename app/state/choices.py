"""The choices that a page has beside the experiment, and what the link says of them."""

from __future__ import annotations

import json
from typing import Any

import streamlit as st

from .session import by_history, page_hash, session
from .widgets import forget, lasting_key

VIEW = "view"  # the query parameter of the choices that a page has beside the experiment
MAX_VIEW = 4_000  # characters of that parameter


def begin_choices() -> None:
    """Begin a page that has choices: those of the link if a person followed it or went back to it, else those that are kept."""
    here, page, link = session(), page_hash(), st.query_params.get(VIEW)
    before = here.views.get(page)
    if before is None or (by_history() and not here.without_link and (link or "") != before):
        for name in parsed(before):
            here.kept.pop(name, None)
        forget(lasting_key("sweeps"))
        here.kept |= parsed(link)
    here.views[page] = link or ""
    here.choices, here.named = {}, set()


def keep(name: str, value: object, start: object) -> None:
    """Remember a choice while a person looks at other pages: Streamlit forgets a widget that is not drawn.

    Args:
      name: its own among those of all pages.
      value: the choice, as JSON knows it.
      start: the value that the link need not say.
    """
    here = session()
    here.kept[name] = value
    here.named.add(name)
    here.choices.pop(name, None)
    if value != start:
        here.choices[name] = value


def put_kept(name: str, value: object) -> None:
    """Remember a choice that comes from elsewhere than its own widget; for callbacks."""
    session().kept[name] = value


def kept(name: str, otherwise: Any) -> Any:
    """Return the choice that was remembered, or stood in a link, and so may be anything; else the other value."""
    return session().kept.get(name, otherwise)


def put_choices() -> None:
    """Write the choices of the page that is drawn into the link."""
    text, before = view(), st.query_params.get(VIEW, "")
    if text and text != before:
        st.query_params[VIEW] = text
    elif before and not text:
        del st.query_params[VIEW]


def view() -> str:
    """Note the choices of the page that is drawn, and return what the link is to say of them; "" for nothing.

    What another page said there stays where this one has nothing to say: a change would be one more page to go back through.
    """
    here, before = session(), st.query_params.get(VIEW, "")
    text = json.dumps(here.choices, separators=(",", ":")) if here.choices else ""
    here.views[page_hash()] = text
    others = parsed(before).keys()
    return text or (before if others and not others & here.named else "")


def parsed(link: str | None) -> dict[str, Any]:
    """The choices in a link; none if it is not one of ours."""
    try:
        choices = json.loads(link) if link is not None and len(link) <= MAX_VIEW else {}
    except (ValueError, RecursionError):
        return {}
    return choices if isinstance(choices, dict) else {}
