"""The controls of the problem: the function or model, its start and shape, and the length of the run."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import partial
from typing import Any

import streamlit as st

from prodigy_core.experiment import PRECISION, SEED, STEPS, TOLERANCE, Experiment
from prodigy_core.noise import PARAMS as NOISE
from prodigy_core.param import value_text
from prodigy_core.problems import PROBLEMS
from prodigy_core.problems.formula.compile import FormulaError, parse

from .. import state
from . import upload
from .controls import changes, control, drawer, escaped, group_controls, hidden_values, slider_grid

RUN = (PRECISION, *NOISE, SEED, TOLERANCE)  # the Params that every problem has, beside the steps
FAMILIES = {
    "plane": "A function of the plane",
    "space": "A function of many variables",
    "model": "A model that learns",
    "formula": "Your own formula",
}


SCOPES = ("settings", "start", "steps", "precision", "formula")  # the widgets that start anew with another problem


def choose(experiment: Experiment) -> Experiment:
    """Draw the choice of the problem, and the field of a formula; return the experiment as they stand."""
    _choose_problem(experiment)
    if experiment.definition.family == "formula":
        experiment = _formula(experiment)
    return experiment


def edit(experiment: Experiment) -> Experiment:
    """Draw the drawers of the problem's start and shape, and of the run; return the experiment as they stand."""
    problem = experiment.definition
    key = state.key("shape", "model" if problem.learning else "function")
    title = "Data, size, steps" if problem.learning else "Start, shape, steps"
    with drawer(title, _shape_changes(experiment), key, opened=bool(problem.learning)) as part:
        if part.open:
            with slider_grid("problem"):
                experiment = _shape(experiment)
        else:
            experiment = _hidden_shape(experiment)
    if experiment.needs_upload:
        experiment = replace(experiment, data=upload.choose(experiment.data))
    now = {param.name: getattr(experiment, param.name) for param in RUN}
    with drawer("Precision, noise, seed", changes(RUN, now), state.key("more")) as part:
        if part.open:
            with slider_grid("run"):
                return replace(experiment, **_run(experiment))
        hidden: dict[str, Any] = hidden_values(RUN, now, state.key)
        return replace(experiment, **hidden)


def _shape(experiment: Experiment) -> Experiment:
    problem = experiment.definition
    changed: dict[str, Any] = {"start": _start(experiment)} if problem.start_params else {}
    changed["settings"] = group_controls(problem.settings, experiment.settings, partial(state.key, "settings"))
    changed["steps"] = control(STEPS, experiment.steps, state.key("steps"))
    return replace(experiment, **changed)


def _hidden_shape(experiment: Experiment) -> Experiment:
    problem = experiment.definition
    changed: dict[str, Any] = {}
    if problem.start_params:
        starts = dict(zip((param.name for param in problem.start_params), experiment.start or problem.start, strict=True))
        changed["start"] = tuple(hidden_values(problem.start_params, starts, partial(state.key, "start")).values())
    changed["settings"] = hidden_values(problem.settings, experiment.settings, partial(state.key, "settings"))
    changed |= hidden_values((STEPS,), {"steps": experiment.steps}, state.key)
    return replace(experiment, **changed)


def _shape_changes(experiment: Experiment) -> str:
    """What differs from the problem's usual start, settings and steps, as a person reads it."""
    problem = experiment.definition
    moved = experiment.start and experiment.start != problem.start
    start = f"start ({', '.join(map(value_text, experiment.start or ()))})" if moved else ""
    usual = problem.usual.get("steps", STEPS.default)
    steps = f"{STEPS.label} {value_text(experiment.steps)}" if experiment.steps != usual else ""
    return ", ".join(filter(None, (start, changes(problem.settings, experiment.settings), steps)))


def _choose_problem(experiment: Experiment) -> None:
    """Draw the choice of a family of problems, and of a problem of it."""
    family, problem = state.key("family"), state.key("problem")
    state.value_of(family, lambda: experiment.definition.family)
    state.value_of(problem, lambda: experiment.problem)

    def replace_problem(name: str) -> None:
        before = state.experiment()
        changed = Experiment(
            problem=name, contenders=before.contenders, seed=before.seed, tolerance=before.tolerance, noise=before.noise,
            noise_size=before.noise_size, noise_at=before.noise_at,
        )  # fmt: skip
        state.replace(changed, *(state.key(part) for part in SCOPES))

    def take_problem() -> None:
        # A browser that does not know of the change to another family yet may send a problem of the one before.
        name = state.value_of(problem, str)
        if name in PROBLEMS:
            replace_problem(name)
        else:
            state.set_value(problem, state.experiment().problem)

    def take_family() -> None:
        name = next(p.name for p in PROBLEMS.values() if p.family == state.value_of(family, str))
        replace_problem(name)
        state.set_value(problem, name)

    st.selectbox("Problem", list(FAMILIES), format_func=FAMILIES.__getitem__, key=family, on_change=take_family)
    names = [p.name for p in PROBLEMS.values() if p.family == experiment.definition.family]
    if len(names) > 1:
        st.selectbox(
            "Which one",
            names,
            format_func=lambda name: PROBLEMS[name].title.removesuffix(", n dimensions"),
            key=problem,
            on_change=take_problem,
            label_visibility="collapsed",
        )


def _formula(experiment: Experiment) -> Experiment:
    """Draw the field of a person's formula; a wrong one is shown with its fault, and the last good one stays."""
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
        st.error(f"{escaped(str(error))}{_pointed(error)}")
        return experiment
    if text == experiment.formula:
        return experiment
    same = len(before) == len(after.variables)
    return replace(experiment, formula=text or "", start=experiment.start if same else None)


def _pointed(error: FormulaError) -> str:
    """The formula with a mark under the fault, as a block of code that the formula itself cannot end."""
    if not error.text.strip():
        return ""
    longest = max(map(len, re.findall("~+", error.pointer)), default=0)
    fence = "~" * max(longest + 1, 3)
    return f"\n\n{fence}text\n{error.pointer}\n{fence}"


def _start(experiment: Experiment) -> tuple[Any, ...]:
    def usual() -> None:
        state.replace(replace(state.experiment(), start=None), state.key("start"))

    problem = experiment.definition
    start = tuple(
        control(param, value, state.key("start", param.name))
        for param, value in zip(problem.start_params, experiment.start or problem.start, strict=True)
    )
    unchanged = start == problem.start
    icon = ":material/undo:"
    st.button("Usual start", key=state.key("usual"), on_click=usual, type="tertiary", icon=icon, disabled=unchanged)
    return start


def _run(experiment: Experiment) -> dict[str, Any]:
    """Draw the controls that every problem has; return their values by their fields' names."""
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
