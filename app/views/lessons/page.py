"""The lessons and the clinic: the list of both, or what is open of it."""

from __future__ import annotations

from ... import state
from . import case, course, lesson, progress


def page() -> None:
    """Draw the page."""
    state.take_rest()  # this is the whole page: nothing has to follow any more
    state.experiment()  # reads the link
    state.begin_choices()
    here = progress.read()
    if here.lesson:
        lesson.page(here)
    elif here.case:
        case.page(here)
    else:
        course.page(here)
