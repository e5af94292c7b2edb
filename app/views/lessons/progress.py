"""Where a person is: which lesson or case, at which step, with which prediction. It lives in the link.

A link may hold anything, so every field is checked when it is read.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from ... import lessons, state
from ...lessons import Shown, Study
from ..race import stage

QUESTION, SEEN, WHY, TRAINING = range(4)  # steps of a lesson; each shows what those before it show
DONT_KNOW = -1  # in place of a choice
OWN = "lessons/own"  # the choice of this page, never in the link: whether the session's experiment was set by it
PLAYS = "lessons/plays"  # likewise: the lesson whose figure plays once when it comes
FINISHED = "lessons/finished"  # likewise: the lessons that were done in this session, which going back does not undo


@dataclass(frozen=True)
class Progress:
    """Where a person is.

    Attributes:
      lesson, case: the name of what is open; "" for neither, at most one of them.
      at: the step of the lesson.
      choice: the place of the choice that was predicted, or `DONT_KNOW`; None before.
      shown: the place of the experiment in the figure.
      finished: the orders of the lessons that were done.
    """

    lesson: str = ""
    case: str = ""
    at: int = QUESTION
    choice: int | None = None
    shown: int = 0
    finished: frozenset[int] = frozenset()


USUAL = Progress()


def read() -> Progress:
    """Return where the person is, by the link and what was clicked since."""
    lesson, case = _name("lesson", lessons.lessons()), _name("case", lessons.clinic())
    finished = _orders(state.kept("done", [])) | _orders(state.kept(FINISHED, []))
    if not lesson and not case:
        return Progress(finished=finished)
    if lesson:
        study: Study = lessons.lesson(lesson)
        at = _whole("at", QUESTION, TRAINING) or QUESTION
        choice = _whole("choice", DONT_KNOW, len(lessons.lesson(lesson).choices) - 1)
    else:
        study, at, choice = lessons.complaint(case), QUESTION, None
    shown = _whole("shown", 0, len(study.shown) - 1) or 0
    return Progress(lesson, "" if lesson else case, at, choice, shown, finished)


def names_nothing() -> bool:
    """Return whether the link names a lesson or a case that is not there."""
    here = read()
    return not (here.lesson or here.case) and any(state.kept(name, "") for name in ("lesson", "case"))


def keep(progress: Progress) -> None:
    """Say what the link says of it."""
    for name, value in _fields(progress).items():
        state.keep(name, value, _fields(USUAL)[name])
    state.put_kept(FINISHED, sorted(progress.finished))


def go(progress: Progress) -> None:
    """Go there; for callbacks."""
    for name, value in _fields(progress).items():
        state.put_kept(name, value)


def open_study(lesson: str = "", case: str = "") -> None:
    """Open a lesson, a case, or with neither the list; for callbacks."""
    go(Progress(lesson, case, finished=read().finished))
    if lesson or case:
        study: Study = lessons.lesson(lesson) if lesson else lessons.complaint(case)
        take(study.shown[0])


def show(progress: Progress, place: int, study: Study) -> None:
    """Put another experiment of a study into the figure; for callbacks."""
    go(replace(progress, shown=place))
    take(study.shown[place], keep_view=True)


def predict(progress: Progress, choice: int, *, locked: bool) -> None:
    """Take a prediction: what happens is shown, and the figure plays; for callbacks.

    Args:
      progress: where the person is.
      choice: the place of the choice, or `DONT_KNOW`.
      locked: whether a teacher's link keeps the answer back.
    """
    go(replace(progress, choice=choice, at=progress.at if locked else SEEN))
    state.put_kept(PLAYS, progress.lesson)


def go_on(progress: Progress, order: int) -> None:
    """Go to the next step of the lesson with this order; for callbacks."""
    at = progress.at + 1
    finished = progress.finished | {order} if at == TRAINING else progress.finished
    go(replace(progress, at=at, finished=finished))


def take(shown: Shown, *, keep_view: bool = False) -> None:
    """Make an experiment of a lesson that of the session."""
    state.replace(shown.experiment, identities=list(range(len(shown.experiment.contenders))))
    state.put_kept(OWN, True)
    if not keep_view:
        state.put_kept(stage.VIEW, {})


def _fields(progress: Progress) -> dict[str, Any]:
    """What the link says, by name."""
    return {
        "lesson": progress.lesson,
        "case": progress.case,
        "at": progress.at,
        "choice": progress.choice,
        "shown": progress.shown,
        "done": sorted(progress.finished),
    }


def _name(name: str, known: Any) -> str:
    value = state.kept(name, "")
    return value if isinstance(value, str) and value in known else ""


def _whole(name: str, low: int, high: int) -> int | None:
    value = state.kept(name, None)
    return value if type(value) is int and low <= value <= high else None


def _orders(value: object) -> frozenset[int]:
    known = {languages["en"].order for languages in lessons.lessons().values()}
    return frozenset(each for each in value if type(each) is int and each in known) if isinstance(value, list) else frozenset()
