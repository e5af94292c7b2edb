"""All that a session keeps, and what the run of the script says of itself."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import Any

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from prodigy_core.experiment import Experiment
from prodigy_core.param import Fault

from ..handout import Handout

SESSION = "session"  # the key of the Session


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


def session() -> Session:
    """Return what this session keeps."""
    if SESSION not in st.session_state:
        st.session_state[SESSION] = Session()
    kept: Session = st.session_state[SESSION]
    return kept


def page_hash() -> str:
    """Return the hash of the page that is drawn."""
    context = get_script_run_ctx()
    return context.page_script_hash if context else ""


def by_history() -> bool:
    """Return whether the browser's back or forward button brought this run about."""
    context = get_script_run_ctx()
    return context is not None and context.is_history_navigation
