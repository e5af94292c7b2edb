"""A lesson: predict, see it happen, and why."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from ... import lessons, state
from ...lessons import Lesson, sheet
from ..race import guide, stage
from . import figure, numbers, progress, texts
from .progress import DONT_KNOW, QUESTION, SEEN, TRAINING, WHY, Progress
from .words import Words, words


def page(here: Progress) -> None:
    """Draw the lesson that is open."""
    study = lessons.lesson(here.lesson, state.language())
    said, shown = words(study.language), study.shown[here.shown]
    experiment = figure.experiment_of(here, study)
    progress.keep(here)
    if here.at > QUESTION:
        figure.keep_choices(experiment, shown)
    state.put_with_choices(experiment)
    with st.container(key="lesson"):
        with st.container(key="lesson-question"):
            _question(here, study, said)
        answer, picture = st.container(key="lesson-answer"), st.container(key="lesson-figure")
        if here.at == QUESTION:
            numbers.numbers(study, 0.0)  # what will be shown is computed while the person thinks
            with picture:
                figure.bar(here, study, said, [each.title for each in study.shown], shown.experiment)
                figure.placeholder(said)
            return
        with answer:
            _answer(here, study, said)
        with picture:
            figure.bar(here, study, said, [each.title for each in study.shown], experiment)
            figure.show(experiment, shown, plays=state.kept(progress.PLAYS, "") == here.lesson)


# --- the question --------------------------------------------------------------------------------------------------


def _question(here: Progress, study: Lesson, said: Words) -> None:
    _top(study, said)
    st.markdown(f"# {study.title}", anchors=False)
    st.markdown(lessons.told(study, "Predict", {}), anchors=False)
    st.markdown(f"## {study.question}", anchors=False)
    locked = state.handout().hides("reveal")
    asked = here.at == QUESTION and not (locked and here.choice is not None)
    with st.container(key="lesson-choices", gap="small"):
        for i, choice in enumerate(study.choices):
            st.button(
                choice.text,
                key=state.lasting_key("choice", study.name, i),
                icon=_icon(here, i, choice.right),
                type="primary" if here.at > QUESTION and choice.right else "secondary",
                width="stretch",
                disabled=not asked,
                on_click=_predict(here, i, locked=locked),
            )
    with st.container(key="lesson-verdict", vertical_alignment="center"):
        if asked:
            unknown = state.lasting_key("choice", study.name, "unknown")
            st.button(said.dont_know, key=unknown, type="tertiary", on_click=_predict(here, DONT_KNOW, locked=locked))
        else:
            st.markdown(_verdict(here, study, said))


def _predict(here: Progress, choice: int, *, locked: bool) -> Callable[[], None]:
    def predict() -> None:
        progress.predict(here, choice, locked=locked)

    return predict


def _icon(here: Progress, place: int, right: bool) -> str:
    """A tick for what happens, a cross for another prediction, else an empty ring; a dot for one whose answer is kept back."""
    if here.at > QUESTION and right:
        return ":material/check_circle:"
    if here.choice == place:
        return ":material/cancel:" if here.at > QUESTION else ":material/radio_button_checked:"
    return ":material/radio_button_unchecked:"


def _verdict(here: Progress, study: Lesson, said: Words) -> str:
    if here.at == QUESTION:
        return said.locked
    if here.choice is None:
        return said.shown
    if here.choice == DONT_KNOW:
        return said.unsure
    return f":green[**{said.right}**]" if study.choices[here.choice].right else said.wrong


def _top(study: Lesson, said: Words) -> None:
    """Draw the way back, which lesson it is, and the sheet to print."""
    names = list(lessons.lessons())
    with st.container(key="lesson-top", horizontal=True, gap="small", vertical_alignment="center"):
        back(said)
        place = said.place.format(at=names.index(study.name) + 1, all=len(names))
        st.caption(f"{place} · {said.minutes.format(minutes=study.minutes)}", width="content")
        if not state.handout().hides("reveal"):
            st.download_button(
                said.sheet,
                lambda: sheet.sheet(study, numbers.numbers(study, 0.0).texts),
                f"{study.name}.html",
                "text/html",
                key=state.lasting_key("sheet", study.name),
                icon=":material/print:",
                type="tertiary",
                on_click="ignore",
            )


def back(said: Words) -> None:
    """Draw the way back to the list, if a teacher's link does not hide it."""
    if not state.handout().hides("pages"):
        key, icon = state.lasting_key("back"), ":material/arrow_back:"
        st.button(said.back, key=key, icon=icon, type="tertiary", on_click=progress.open_study)


# --- the answer ----------------------------------------------------------------------------------------------------


def _answer(here: Progress, study: Lesson, said: Words) -> None:
    parts = [(said.seen, "What was seen")]
    if here.at >= WHY:
        parts.append((said.why, "Why"))
    if here.at >= TRAINING:
        parts += [(said.training, "In your training"), (said.next, "Next")]
    texts.show(study, parts, said)
    with st.container(horizontal=True, gap="small"):
        if here.at < TRAINING:
            if not state.handout().hides("reveal"):
                label = said.ask_why if here.at == SEEN else said.training
                key = state.lasting_key("on", study.name, here.at)
                st.button(label, key=key, type="primary", on_click=progress.go_on, args=(here, study.order))
        elif not state.handout().hides("pages"):
            _onwards(study, said)


def _onwards(study: Lesson, said: Words) -> None:
    """Draw the ways on from the end of a lesson."""
    names = list(lessons.lessons())
    if (at := names.index(study.name) + 1) < len(names):
        title = lessons.lesson(names[at], study.language).title
        key = state.lasting_key("next-lesson", study.name)
        st.button(
            said.next_lesson.format(title=title), key=key, type="primary", on_click=progress.open_study, args=(names[at],)
        )
    to_race(study, said)
    st.button(said.back, key=state.lasting_key("back-below"), on_click=progress.open_study)


def to_race(study: lessons.Study, said: Words) -> None:
    """Draw the way to the race as it stands, with the same hyperparameters in the figure."""
    if st.button(said.race, key=state.lasting_key("to-race", study.name)):
        here = progress.read()
        pins = figure.pins(state.current(), study.shown[here.shown])
        state.put_kept(stage.KNOBS, [list(pin) for pin in pins])
        state.put_kept(guide.MINUTE, guide.OVER)
        state.visit("Race")
