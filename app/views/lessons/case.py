"""A case of the clinic: a complaint, what fails beside what works, why, and what to do."""

from __future__ import annotations

import streamlit as st

from prodigy_core.experiment import Experiment

from ... import lessons, state, theme
from ...lessons import Complaint, Place
from ...sidebar.controls import escaped
from . import figure, lesson, progress, texts
from .progress import Progress
from .words import Words, words


def page(here: Progress) -> None:
    """Draw the case that is open."""
    study = lessons.complaint(here.case, state.language())
    said, shown = words(study.language), study.shown[here.shown]
    experiment = figure.experiment_of(here, study)
    progress.keep(here)
    figure.keep_choices(experiment, shown)
    state.put_with_choices(experiment)
    with st.container(key="case"):
        with st.container(key="lesson-question"):
            _complaint(study, said)
        with st.container(key="lesson-answer"):
            _answer(study, said)
        with st.container(key="lesson-figure"):
            titles = [_title(study, each.name, each.title, said) for each in study.shown]
            figure.bar(here, study, said, titles, experiment, _who(study, shown.name, experiment, said))
            figure.show(experiment, shown, plays=True)


def _complaint(study: Complaint, said: Words) -> None:
    with st.container(key="lesson-top", horizontal=True, gap="small", vertical_alignment="center"):
        lesson.back(said)
        st.caption(said.clinic, width="content")
    st.markdown(f"# {study.title}", anchors=False)
    if study.harmless:
        st.badge(said.harmless, icon=":material/check_circle:", color="green")
    st.markdown(lessons.told(study, "Complaint", {}), anchors=False)
    sources = [f"[{escaped(each.where)}]({each.link})" if each.link else escaped(each.where) for each in study.asked]
    st.caption(f"{said.asked} {', '.join(sources)}")


def _answer(study: Complaint, said: Words) -> None:
    parts = [(said.seen, "What was seen"), (said.why, "Why"), (said.to_do, "What to do")]
    texts.show(study, parts, said)
    if state.handout().hides("pages"):
        return
    with st.container(horizontal=True, gap="small"):
        if study.lesson:
            key = state.lasting_key("more", study.name)
            st.button(said.more, key=key, type="primary", on_click=progress.open_study, args=(study.lesson,))
        lesson.to_race(study, said)


def _title(study: Complaint, name: str, title: str, said: Words) -> str:
    """The title of an experiment, with what it shows where what fails and what works do not share one."""
    if study.fails and study.works and study.fails.experiment != study.works.experiment:
        for place, word in ((study.fails, said.fails), (study.works, said.works)):
            if place.experiment == name:
                return f"{title}: {word}"
    return title


def _who(study: Complaint, name: str, experiment: Experiment, said: Words) -> str:
    """One sentence on the lines of the figure: which contender fails, and which works."""
    styles = theme.styles(experiment.contenders, experiment.labels)

    def told(place: Place | None, word: str) -> list[str]:
        if place is None or place.experiment != name:
            return []
        style = styles[place.contender]
        return [f':color[━━ **{escaped(style.label)}**]{{foreground="{style.colour}"}} {word}']

    return ", ".join([*told(study.fails, said.fails), *told(study.works, said.works)])
