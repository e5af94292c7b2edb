"""The part of the sidebar that says what is to be minimised, from where, and for how long."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import partial
from typing import Any

import streamlit as st

from prodigy_core.experiment import PRECISION, SEED, STEPS, TOLERANCE, Experiment
from prodigy_core.noise import PARAMS as NOISE
from prodigy_core.problems import PROBLEMS
from prodigy_core.problems.formula.compile import FormulaError, parse

from .. import state
from . import upload
from .controls import control, grouped, held, pairs, plain

RUN = (PRECISION, *NOISE, SEED, TOLERANCE)  # what is the same for every problem
FAMILIES = {"plane": "2-D", "space": "n-D", "model": "Models", "formula": "Formula"}


def edit(experiment: Experiment) -> Experiment:
    """Draws the controls, and returns the experiment as they say."""
    _choose(experiment)
    if experiment.definition.family == "formula":
        experiment = _formula(experiment)
    problem = experiment.definition
    changed: dict[str, Any] = {}
    with pairs("problem"):
        if problem.start_params:
            changed["start"] = _start(experiment)
        settings = grouped(problem.settings, experiment.settings, partial(state.key, "settings"))
        experiment = replace(experiment, settings=settings)
        if experiment.needs_upload:
            changed["data"] = upload.choose(experiment.data)
        changed["steps"] = control(STEPS, experiment.steps, state.key("steps"))
    with st.expander("Precision, noise, seed", key=state.key("more"), on_change="rerun") as drawer:
        if drawer.open:
            with pairs("run"):
                changed |= _run(experiment)
        else:
            changed |= held(RUN, {param.name: getattr(experiment, param.name) for param in RUN}, state.key)
    return replace(experiment, **changed)


def _choose(experiment: Experiment) -> None:
    """The shelf of the catalogue, and the problem on it."""
    family, chosen = state.key("family"), state.key("problem")
    state.value_of(family, lambda: experiment.definition.family)
    state.value_of(chosen, lambda: experiment.problem)

    def take(name: str) -> None:
        was = state.experiment()
        changed = Experiment(
            problem=name, contenders=was.contenders, seed=was.seed, tolerance=was.tolerance, noise=was.noise,
            noise_size=was.noise_size, noise_at=was.noise_at,
        )  # fmt: skip
        state.replace(changed, *(state.key(part) for part in SCOPES))

    def another() -> None:
        # A browser that has not heard of another shelf yet may send what was on the one before.
        name = state.value_of(chosen, str)
        if name in PROBLEMS:
            take(name)
        else:
            state.set_value(chosen, state.experiment().problem)

    def shelf() -> None:
        name = next(p.name for p in PROBLEMS.values() if p.family == state.value_of(family, str))
        take(name)
        state.set_value(chosen, name)

    st.segmented_control(
        "Problem",
        list(FAMILIES),
        format_func=FAMILIES.__getitem__,
        key=family,
        on_change=shelf,
        width="stretch",
        wrap=False,
        required=True,
    )
    names = [problem.name for problem in PROBLEMS.values() if problem.family == experiment.definition.family]
    if len(names) > 1:
        st.selectbox(
            "Which one",
            names,
            format_func=lambda name: PROBLEMS[name].title.removesuffix(", n dimensions"),
            key=chosen,
            on_change=another,
            label_visibility="collapsed",
        )


SCOPES = ("settings", "start", "steps", "precision", "formula")  # the widgets that start anew with another problem


def _formula(experiment: Experiment) -> Experiment:
    """One's own formula; a wrong one is shown with its fault, and the last good one stays."""
    key = state.key("formula")
    state.value_of(key, lambda: experiment.formula)
    text = st.text_input(
        "f(x, y)",
        key=key,
        help="x and y, or x1 to x10; numbers, + - * / **, and functions such as sin, exp, sqrt, abs. Press Enter to run it.",
    )
    try:
        before, after = experiment.definition.start_params, parse(text or "")
    except FormulaError as error:
        st.error(f"{plain(str(error))}{_pointed(error)}")
        return experiment
    if text == experiment.formula:
        return experiment
    same = len(before) == len(after.variables)
    return replace(experiment, formula=text or "", start=experiment.start if same else None)


def _pointed(error: FormulaError) -> str:
    """The formula with a mark under the place, as a block of code that the formula itself cannot end."""
    if not error.text.strip():
        return ""
    longest = max(map(len, re.findall("~+", error.pointer)), default=0)
    fence = "~" * max(longest + 1, 3)
    return f"\n\n{fence}text\n{error.pointer}\n{fence}"


def _start(experiment: Experiment) -> tuple[Any, ...]:
    def usual() -> None:
        state.replace(replace(state.experiment(), start=None), state.key("start"))

    problem = experiment.definition
    found = tuple(
        control(param, value, state.key("start", param.name))
        for param, value in zip(problem.start_params, experiment.start or problem.start, strict=True)
    )
    there = found == problem.start
    st.button("Usual start", key=state.key("usual"), on_click=usual, type="tertiary", icon=":material/undo:", disabled=there)
    return found


def _run(experiment: Experiment) -> dict[str, Any]:
    """What is the same for every problem."""
    given: dict[str, Any] = {}
    now = {param.name: getattr(experiment, param.name) for param in RUN}
    for param in RUN:
        if param is TOLERANCE and experiment.definition.minimum is None:
            continue
        if param is SEED and not replace(experiment, noise=now["noise"]).random:
            continue
        if param.applies(now):
            given[param.name] = now[param.name] = control(param, now[param.name], state.key(param.name))
    return given
