"""The list: the course in its order, and the clinic."""

from __future__ import annotations

import streamlit as st

from ... import lessons, state
from ...lessons import Complaint, Lesson
from . import progress
from .progress import Progress
from .words import Words, words


def page(here: Progress) -> None:
    """Draw the list."""
    gone = progress.names_nothing()
    progress.keep(here)
    state.put_with_choices(state.current())
    said = words(state.language())
    st.markdown(f"# {said.lessons}", anchors=False)
    st.caption(said.tells)
    if gone:
        st.info(said.gone, icon=":material/link_off:")
    with st.container(key="course"):
        for i, name in enumerate(lessons.lessons()):
            _lesson(i + 1, lessons.lesson(name, state.language()), said, here)
    cases = [lessons.complaint(name, state.language()) for name in lessons.clinic()]
    if cases:
        _clinic(cases, said)


def _lesson(number: int, study: Lesson, said: Words, here: Progress) -> None:
    finished = study.order in here.finished
    with st.container(key=f"card-lesson-{study.name}", gap=None):
        st.button(
            f"{number}. {study.title}",
            key=state.lasting_key("open", study.name),
            icon=":material/check_circle:" if finished else None,
            icon_position="right",
            type="tertiary",
            on_click=progress.open_study,
            args=(study.name,),
        )
        minutes = said.minutes.format(minutes=study.minutes).replace(" ", "&nbsp;")
        st.caption(f"{study.question} ({minutes}" + (f", **{said.done}**)" if finished else ")"))


def _clinic(cases: list[Complaint], said: Words) -> None:
    st.markdown(f"## {said.clinic}", anchors=False)
    st.caption(said.clinic_tells)
    wanted = st.text_input(
        said.search, key=state.lasting_key("search"), type="search", placeholder=said.search, label_visibility="collapsed",
        live=True, icon=":material/search:", width=400,
    )  # fmt: skip
    matching = [study for study in cases if _matches(study, wanted or "")]
    if not matching:
        st.caption(said.nobody)
    with st.container(key="clinic"):
        for study in matching:
            _case(study, said)


def _case(study: Complaint, said: Words) -> None:
    with st.container(key=f"card-case-{study.name}", gap=None):
        key = state.lasting_key("open", "case", study.name)
        st.button(study.title, key=key, type="tertiary", on_click=progress.open_study, kwargs={"case": study.name})
        asked = ", ".join(each.where for each in study.asked)
        st.caption(f"**{said.harmless}** &ensp; {asked}" if study.harmless else asked)


def _matches(study: Complaint, wanted: str) -> bool:
    """Return whether all words that were typed stand somewhere in the case."""
    text = " ".join([study.title, *study.sections.values(), *(each.where for each in study.asked)]).casefold()
    return all(word in text for word in wanted.casefold().split())
