"""The sidebar: an Experiment goes in, the Experiment that a person makes of it comes out. Every widget comes from a Param."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import streamlit as st

from prodigy_core.experiment import Contender, Experiment
from prodigy_core.optimizers import OPTIMIZERS
from prodigy_core.optimizers.optimizer import Optimizer
from prodigy_core.param import Param

from .. import state, theme
from . import newcomers, problem
from .controls import changes, control, drawer, group_controls, hidden_values, slider_grid

FIRST = 3  # hyperparameters of an optimizer that are seen as soon as its drawer is open; the others have a drawer in it


def edit(experiment: Experiment, *, of_problem: bool = True) -> Experiment:
    """Draw the controls of the experiment into the sidebar; return the experiment as they stand.

    Args:
      experiment: what they start from.
      of_problem: whether the page is about the experiment's problem; else there are the contenders alone.
    """
    handout = state.handout()
    if not handout.hides("sidebar"):
        of_problem = of_problem and not handout.hides("problem")
        with st.sidebar:
            st.html('<div class="lab-brand">Prodigy Lab</div>')
            if of_problem:
                experiment = problem.choose(experiment)
            experiment = replace(experiment, contenders=tuple(_contenders(experiment)))
            if not handout.hides("contenders"):
                newcomers.add(experiment)
            if of_problem:
                experiment = problem.edit(experiment)
    return experiment if handout.seed is None else replace(experiment, seed=handout.seed)


def _contenders(experiment: Experiment) -> list[Contender]:
    styles = theme.styles(experiment.contenders, experiment.labels)
    contenders = []
    for place, (identity, contender, style) in enumerate(zip(state.identities(), experiment.contenders, styles, strict=True)):
        optimizer = OPTIMIZERS[contender.optimizer]
        title = f':color[━━]{{foreground="{style.colour}"}} {optimizer.title}'
        key = state.key("open", identity)
        with drawer(title, changes(optimizer.params, contender.knobs), key, opened=place == 0) as part:
            # A closed drawer is not drawn: with six contenders the drawers are most of the page.
            contenders.append(_contender(identity, contender) if part.open else _closed(identity, contender))
    return contenders


def _contender(identity: int, contender: Contender) -> Contender:
    """Draw a contender: its first hyperparameters, and a drawer with the others and what can be done with it."""
    optimizer = OPTIMIZERS[contender.optimizer]
    key, values = _key(identity, contender), dict(contender.knobs)
    first, others = leading(optimizer)
    with slider_grid(f"first-{identity}"):
        for param in first:
            if param.applies(values):
                values[param.name] = control(param, values[param.name], key(param.name))
    with drawer("More knobs, compare, remove", changes(others, values), state.key("others", identity)) as part:
        if part.open:
            with slider_grid(identity):
                values = group_controls(others, values, key)
            _acts(identity, contender)
            st.caption(f"{optimizer.summary} {optimizer.paper}.")
        else:
            values |= hidden_values(others, values, key)
    return Contender(contender.optimizer, values)


def _acts(identity: int, contender: Contender) -> None:
    if state.handout().hides("contenders"):
        return
    with st.container(horizontal=True, gap="small"):
        newcomers.compare(identity, contender)
        unchanged = not contender.changed
        st.button("Reset", key=state.key("reset", identity), on_click=_reset, args=(identity,), disabled=unchanged)
        st.button("Remove", key=state.key("remove", identity), on_click=_remove, args=(identity,))


def leading(optimizer: Optimizer) -> tuple[list[Param], list[Param]]:
    """Return the hyperparameters that come first on the page, at most `FIRST` of the optimizer's own, and the others."""
    first = [param for param in optimizer.params if not param.group][:FIRST]
    return first, [param for param in optimizer.params if param not in first]


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
