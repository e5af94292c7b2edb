"""Contenders that join the race: another optimizer, or the same one with one knob changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from prodigy_core.experiment import MAX_CONTENDERS, Contender, Experiment
from prodigy_core.optimizers import OPTIMIZERS
from prodigy_core.optimizers.optimizer import Optimizer
from prodigy_core.param import Fault, Param, Value, value_text

from .. import state
from .controls import escaped, parse_number

COPIES = 3  # values that are offered for a comparison
GROUPS = (
    "Find their step size by themselves",
    "Take a step size that other runs have found",
    "Take a step size that you set",
)
FULL = f"A race has at most {MAX_CONTENDERS} contenders: this one is full."


def add(experiment: Experiment) -> None:
    """Draw the button that opens the list of optimizers."""
    full = len(experiment.contenders) >= MAX_CONTENDERS
    key = state.key("add")
    pressed = st.button(
        "Add a contender", key=key, icon=":material/add:", disabled=full, help=FULL if full else None, width="stretch"
    )
    if pressed:
        _list()


def compare(identity: int, contender: Contender) -> None:
    """Draw the button that opens the comparison of a contender with copies of itself, and what it opens."""
    key = state.key("compare", identity)
    with st.popover("Compare", key=key, on_change="rerun", help="Beside copies of itself with one knob changed") as part:
        if part.open:
            _compare(identity, contender)


def group_of(optimizer: Optimizer) -> str:
    """Return the heading under which an optimizer stands in the list."""
    if optimizer.search is not None:
        return GROUPS[1]
    return GROUPS[2] if optimizer.rate.by_hand else GROUPS[0]


@st.dialog("Add a contender", width="medium")
def _list() -> None:
    for heading in GROUPS:
        st.markdown(f"**{heading}**")
        for optimizer in OPTIMIZERS.values():
            if group_of(optimizer) != heading:
                continue
            with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"newcomer-{optimizer.name}"):
                st.markdown(f':color[━━]{{foreground="{optimizer.colour}"}} **{optimizer.title}** {optimizer.summary}')
                if st.button("Add", key=state.key("add", optimizer.name), on_click=join, args=([Contender(optimizer.name)],)):
                    st.rerun()


def _compare(identity: int, contender: Contender) -> None:
    optimizer, left = OPTIMIZERS[contender.optimizer], MAX_CONTENDERS - len(state.current().contenders)
    if left <= 0:
        st.info(FULL)
        return
    params = {param.name: param for param in optimizer.params if param.applies(contender.knobs)}
    name = st.selectbox(
        "Knob", list(params), format_func=lambda name: params[name].label, key=state.key("compare/knob", identity)
    )
    param = params[name]
    st.caption(escaped(param.help))
    proposed = [value_text(value) for value in proposals(param, contender.knobs[name])]
    text = st.text_input(
        "Values, one contender each",
        ", ".join(proposed[:left]),
        key=state.key("compare/values", identity, name),
        help=f"Separated by commas. Now: {value_text(contender.knobs[name])}. There is room for {left}.",
    )
    values = read_values(param, text)
    if isinstance(values, Fault):
        st.error(escaped(str(values)))
    elif len(values) > left:
        st.error(f"Values: {len(values)} are given; there is room for {left}.")
    else:
        copies = [Contender(contender.optimizer, {**contender.knobs, name: value}) for value in values]
        label, add_key = f"Add {len(copies)}" if copies else "Add", state.key("compare/add", identity)
        st.button(label, type="primary", key=add_key, on_click=_join_copies, args=(identity, copies), disabled=not copies)


def _join_copies(identity: int, copies: Sequence[Contender]) -> None:
    join(copies)
    state.set_value(state.key("compare", identity), False)


def join(newcomers: Sequence[Contender]) -> None:
    """Let contenders join the race, each in a drawer of its own; for callbacks."""
    experiment, identities = state.experiment(), state.identities()
    room = MAX_CONTENDERS - len(experiment.contenders)
    first = max(identities, default=-1) + 1
    joined = list(newcomers)[:room]
    fresh = list(range(first, first + len(joined)))
    state.replace(replace(experiment, contenders=(*experiment.contenders, *joined)), identities=[*identities, *fresh])
    if len(fresh) == 1:
        state.set_value(state.key("open", fresh[0]), True)


def proposals(param: Param, now: Value) -> list[Value]:
    """Return values of a hyperparameter, at most `COPIES` and none of them the one now, spread over what the slider offers."""
    values = param.spread(COPIES + 3)
    inner = values if param.kind in ("bool", "choice") else values[1:-1]
    return [value for value in inner if value != now][:COPIES]


def read_values(param: Param, text: str) -> list[Value] | Fault:
    """Return the values that a person typed, separated by commas, or the first fault."""
    values: list[Value] = []
    for word in filter(None, (part.strip() for part in text.split(","))):
        value = _read(param, word)
        if isinstance(value, Fault):
            return value
        if value not in values:
            values.append(value)
    return values


def _read(param: Param, word: str) -> Value | Fault:
    if param.none_means and word == value_text(None):
        return None
    if param.kind == "bool":
        words = {value_text(flag): flag for flag in (False, True)}
        return words.get(word.lower(), Fault(param.label, word, " or ".join(words)))
    if param.kind == "choice":
        return word if word in param.choices else Fault(param.label, word, ", ".join(param.choices))
    return parse_number(param, word)
