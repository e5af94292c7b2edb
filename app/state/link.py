"""The experiment of the session, and the link that says it."""

from __future__ import annotations

import streamlit as st

from prodigy_core.experiment import Experiment, ExperimentError
from prodigy_core.param import Fault

from .. import handout as handouts
from ..handout import Handout
from .session import by_history, session
from .widgets import WIDGET, forget_other_page, renew

LINK = "experiment"  # the query parameter of the experiment
CLASS = "class"  # the query parameter of a teacher's link
LANGUAGE = "lang"  # the query parameter of the language of the lessons
MAX_LINKS = 200  # links of this session's own that are remembered


def experiment(usual: Experiment | None = None) -> Experiment:
    """Return the experiment of this session; read the link first if another wrote it, or if a person went back to it.

    A session that begins with an address without an experiment has the usual one: the page's, or the app's.

    Only the back and the forward button make an earlier link an order. Any other message may have left the browser before
    the last turn's link reached it: that old link is no wish to undo the turn.
    """
    forget_other_page()
    here, link = session(), st.query_params.get(LINK)
    here.without_link = link is None
    if here.experiment is None:
        here.bare = link is None
    if here.experiment is None or (link is not None and (link not in here.links or _navigated(link))):
        _read(link, usual or Experiment())
    return current()


def current() -> Experiment:
    """Return the experiment of this session as it stands, without a look at the link."""
    experiment = session().experiment
    assert experiment is not None, "`experiment` comes first: it reads the link"
    return experiment


def handout() -> Handout:
    """Return what the teacher's link says that this session began with."""
    here = session()
    if here.handout is None:
        here.handout = handouts.parsed(st.query_params.get(CLASS))
    return here.handout


def put(changed: Experiment) -> None:
    """Keep the experiment that the widgets describe, and write the link."""
    link = take(changed)
    if st.query_params.get(LINK) != link:
        st.query_params[LINK] = link
    if (said := handout().to_json()) and st.query_params.get(CLASS) != said:
        st.query_params[CLASS] = said  # the way to another page leaves it behind


def take(changed: Experiment) -> str:
    """Keep the experiment that the widgets describe, and return its link."""
    here = session()
    if changed != here.experiment:
        here.experiment, here.faults = changed, ()
    link = changed.to_json(full=False)
    _remember(link)
    return link


def replace(changed: Experiment, *scopes: str, identities: list[int] | None = None) -> None:
    """Take another experiment in place of this one, for callbacks.

    Args:
      changed: the experiment.
      scopes: the beginnings of the keys, as `key` makes them, of those widgets that must start from it anew.
      identities: one for each contender, where contenders came or went.
    """
    here = session()
    here.experiment, here.faults = changed, ()
    if identities is not None:
        here.identities = identities
    renew(*scopes)


def arrived_without_link() -> bool:
    """Return whether this session began with a bare address, and has seen no other page since."""
    return session().bare


def language() -> str:
    """Return the language that the link asks for, else that of the browser, in two letters or more: "de"."""
    here = session()
    if here.language is None:
        asked = st.query_params.get(LANGUAGE) or st.context.locale or "en"
        here.language = asked.partition("-")[0].partition("_")[0].lower()
    return here.language


def faults() -> tuple[Fault, ...]:
    """Return the faults of the link, until the experiment changes."""
    return session().faults


def identities() -> list[int]:
    """Return a number for each contender that stays with it when others come and go, so that its widgets do."""
    return session().identities


def _read(link: str | None, usual: Experiment) -> None:
    faults: tuple[Fault, ...] = ()
    try:
        experiment = usual if link is None else Experiment.from_json(link)
    except ExperimentError as error:
        experiment, faults = usual, error.faults
    begun = session().experiment is not None
    replace(experiment, *([WIDGET] if begun else []), identities=list(range(len(experiment.contenders))))
    session().faults = faults
    if link is not None:
        _remember(link)


def _navigated(link: str) -> bool:
    """Whether the browser's back or forward button brought this run about, with a link that is not yet shown."""
    return by_history() and link != next(reversed(session().links), None)


def _remember(link: str) -> None:
    """Make a link the latest of those that were read or written."""
    links = session().links
    links.pop(link, None)
    links[link] = None
    if len(links) > MAX_LINKS:
        del links[next(iter(links))]
