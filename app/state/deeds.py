"""What a person did beside turning widgets: in the arena, with a remedy, or by stopping work."""

from __future__ import annotations

from .link import current
from .session import Deed, session


def let_go() -> None:
    """Note that a hand let go of the arena: the whole page follows."""
    session().at_rest = True


def is_news(event: object) -> bool:
    """Return whether an event of the arena is another one than the last.

    A browser says a widget's value again with every message; where the session has forgotten it since, such as on the way
    back to an earlier link, that looks like a change.
    """
    here = session()
    news, here.heard = event != here.heard, event
    return news


def take_rest() -> bool:
    """Return whether a hand let go of the arena since this was asked last."""
    here = session()
    rested, here.at_rest = here.at_rest, False
    return rested


def do(words: str, identity: int, before: str) -> None:
    """Remember what a person did, after `replace`."""
    session().deed = Deed(words, identity, before, current())


def deed() -> Deed | None:
    """Return what a person did last, if the experiment is still what it made of it."""
    last = session().deed
    return last if last is not None and last.experiment == session().experiment else None


def watcher() -> str:
    """Return the name under which this session asks for jobs."""
    return session().name


def cancel(work: object) -> None:
    """Remember that a person stopped this work, an experiment or sweeps."""
    session().cancelled = work


def run_on() -> None:
    """Forget that work was stopped."""
    session().cancelled = None


def cancelled(work: object) -> bool:
    """Return whether a person stopped this very work."""
    return bool(session().cancelled == work)
