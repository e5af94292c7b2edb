"""The pages of the app, and the way between them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from prodigy_core.experiment import Experiment

from .choices import VIEW, parsed, view
from .link import CLASS, LINK, current, handout, take
from .session import session


def pages(drawn: dict[str, Callable[[], None]]) -> list[st.Page]:
    """Return the pages of the app, given by their titles, for the navigation. The first one has no path of its own."""
    made = {
        title: st.Page(page, title=title, url_path=title.lower(), default=not i)
        for i, (title, page) in enumerate(drawn.items())
    }
    session().pages = made
    return list(made.values())


def visit(title: str) -> None:
    """Go to another page with this experiment; outside of callbacks, after `replace`.

    The browser keeps this page, with the link of the way, as the one to go back to: so the link is of this experiment and
    of the choices of this page.
    """
    link = {**st.query_params.to_dict(), LINK: current().to_json(full=False)}
    st.switch_page(session().pages[title], query_params=link)


def said_on_first_page() -> dict[str, Any]:
    """Return the choices that the link of the first page says, as it was last written."""
    here = session()
    first = next(iter(here.pages.values()), None)
    return parsed(here.views.get(first._script_hash)) if first is not None else {}


def put_with_choices(changed: Experiment) -> None:
    """Do what `put` and `put_choices` do as one change of the address, which the back button undoes as one."""
    before = st.query_params.to_dict()
    said = {name: text for name, text in before.items() if name != VIEW} | {LINK: take(changed)}
    said |= {name: text for name, text in ((VIEW, view()), (CLASS, handout().to_json())) if text}
    if said != before:
        st.query_params.from_dict(said)
