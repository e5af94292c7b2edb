"""The sidebar: an Experiment goes in, the Experiment that a person makes of it comes out. Every widget comes from a Param."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import streamlit as st

from prodigy_core.experiment import MAX_CONTENDERS, Contender, Experiment
from prodigy_core.optimizers import OPTIMIZERS

from .. import state, theme
from . import problem
from .controls import group_controls, hidden_values, slider_grid


def edit(experiment: Experiment, *, of_problem: bool = True) -> Experiment:
    """Draw the controls of the experiment into the sidebar; return the experiment as they stand.

    Args:
      experiment: what is edited.
      of_problem: whether the problem, its start and the steps are among them; without, only the contenders are.
    """
    with st.sidebar:
        st.html('<div class="lab-brand">Prodigy Lab</div>')
        if of_problem:
            experiment = problem.edit(experiment)
        st.subheader("Contenders")
        experiment = replace(experiment, contenders=tuple(_contenders(experiment)))
        _add(experiment)
    return experiment


def _contenders(experiment: Experiment) -> list[Contender]:
    styles = theme.styles(experiment.contenders, experiment.labels)
    contenders = []
    for place, (identity, contender, style) in enumerate(zip(state.identities(), experiment.contenders, styles, strict=True)):
        optimizer = OPTIMIZERS[contender.optimizer]
        title = f':color[━━]{{foreground="{style.colour}"}} {optimizer.title}'
        key = state.key("open", identity)
        # Set at every run: a drawer whose title changes its colour is a new one to Streamlit, and would close.
        state.set_value(key, state.value_of(key, partial(bool, place == 0)))
        with st.expander(title, key=key, on_change="rerun") as drawer:
            # A closed drawer is not drawn: with six contenders the drawers are most of the page.
            contenders.append(_contender(identity, contender) if drawer.open else _closed(identity, contender))
    return contenders


def _contender(identity: int, contender: Contender) -> Contender:
    optimizer = OPTIMIZERS[contender.optimizer]
    st.caption(f"{optimizer.summary} {optimizer.paper}.")
    with slider_grid(identity):
        knobs = group_controls(optimizer.params, contender.knobs, _key(identity, contender))
    with st.container(horizontal=True):
        st.button("Reset", key=state.key("reset", identity), on_click=_reset, args=(identity,))
        st.button("Remove", key=state.key("remove", identity), on_click=_remove, args=(identity,))
    return Contender(contender.optimizer, knobs)


def _closed(identity: int, contender: Contender) -> Contender:
    knobs = hidden_values(OPTIMIZERS[contender.optimizer].params, contender.knobs, _key(identity, contender))
    return contender if knobs == contender.knobs else Contender(contender.optimizer, knobs)


def _key(identity: int, contender: Contender) -> Callable[[str], str]:
    return partial(state.key, identity, contender.optimizer)


def _reset(identity: int) -> None:
    experiment, place = state.experiment(), state.identities().index(identity)
    contenders = list(experiment.contenders)
    contenders[place] = Contender(contenders[place].optimizer)
    state.replace(replace(experiment, contenders=tuple(contenders)), state.key(identity, ""))


def _remove(identity: int) -> None:
    experiment, place = state.experiment(), state.identities().index(identity)
    contenders, identities = list(experiment.contenders), list(state.identities())
    del contenders[place], identities[place]
    state.replace(replace(experiment, contenders=tuple(contenders)), identities=identities)


def _add(experiment: Experiment) -> None:
    key = state.key("add")
    state.value_of(key, lambda: None)  # anew after each choice: without it the browser would send the last one again
    full = len(experiment.contenders) >= MAX_CONTENDERS

    def add() -> None:
        name = state.value_of(key, lambda: None)
        if name is not None:
            current, identities = state.experiment(), state.identities()
            newcomer = max(identities, default=-1) + 1
            contenders = (*current.contenders, Contender(name))
            state.replace(replace(current, contenders=contenders), key, identities=[*identities, newcomer])
            state.set_value(state.key("open", newcomer), True)

    st.selectbox(
        "Add a contender",
        list(OPTIMIZERS),
        index=None,
        format_func=lambda name: OPTIMIZERS[name].title,
        placeholder=f"{MAX_CONTENDERS} are the most" if full else "Add a contender",
        key=key,
        on_change=add,
        disabled=full,
        label_visibility="collapsed",
    )
