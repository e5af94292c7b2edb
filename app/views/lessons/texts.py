"""The texts of a lesson or a case, with their numbers as they come."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from ... import lessons
from ...lessons import Study
from . import numbers
from .words import Words

PATIENCE = 0.3  # seconds that the numbers get before the figure is drawn
EVERY = 1.0  # seconds between two looks at numbers that are not all there

Part = tuple[str, str]  # a heading on the page, and the heading in the file whose text stands below it


def show(study: Study, parts: Sequence[Part], words: Words) -> None:
    """Draw parts of the texts; those whose numbers are not all there are drawn anew until they are."""
    now = numbers.numbers(study, PATIENCE)
    if now.over:
        with st.container():  # as deep as in the fragment, so that elements keep their identity
            _draw(study, parts, words, now)
    else:
        st.fragment(_go_on, run_every=EVERY)(study, parts, words)


def _go_on(study: Study, parts: Sequence[Part], words: Words) -> None:
    now = numbers.numbers(study, 0.0)
    if now.over:
        st.rerun()
    _draw(study, parts, words, now)


def _draw(study: Study, parts: Sequence[Part], words: Words, now: numbers.Numbers) -> None:
    for i, (heading, section) in enumerate(parts):
        st.markdown(f"## {heading}", anchors=False)
        st.markdown(lessons.told(study, section, now.texts), anchors=False)
        if not i and not now.over:
            st.caption(words.computing.format(percent=round(100 * now.fraction)))
