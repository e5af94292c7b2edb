"""Param -> widget. A number has a slider and, beside it, a field for the exact value.

What is typed wrong stays in its field with a word on what is allowed; the experiment keeps the last good value.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from prodigy_core.param import Fault, Param, Value, value_text

from .. import state


def pairs(name: object) -> DeltaGenerator:
    """Where knobs are drawn: each slider with its field beside it.

    The style sheet puts them side by side. A container for each of them would be a fifth of what a rerun costs the server.
    """
    return st.container(key=f"pairs-{name}")


def control(param: Param, value: Value, key: str) -> Value:
    """Draws the widget of a knob that stands at `value`, inside `pairs`, and returns where it stands now.

    It is always an allowed value.
    """
    if param.none_means:
        return _optional(param, value, key)
    if param.kind == "bool":
        state.value_of(key, lambda: value)
        return bool(st.toggle(param.label, key=key, help=param.help))
    if param.kind == "choice":
        state.value_of(key, lambda: value)
        return str(st.selectbox(param.label, param.choices, key=key, help=param.help))
    assert isinstance(value, int | float)
    return _number(param, value, key)


def grouped(
    params: Sequence[Param], values: Mapping[str, Value], key: Callable[[str], str], own: str = "Knobs"
) -> dict[str, Value]:
    """Draws the knobs of one group, those that apply, under a choice of the groups; returns the values of all knobs.

    Args:
      params: the knobs, those of a group side by side.
      values: where they stand.
      key: of the widget of a knob's name, and of the choice of groups under the name "group".
      own: what the group without a name is called.
    """
    found = dict(values)
    groups = list(dict.fromkeys(param.group for param in params))
    shown = groups[0] if groups else ""
    if len(groups) > 1:
        state.value_of(key("group"), lambda: shown)
        chosen = st.segmented_control(
            "Group", groups, key=key("group"), format_func=lambda name: name or own, label_visibility="collapsed",
            width="stretch", wrap=False, required=True,
        )  # fmt: skip
        shown = str(chosen)
    found |= held([param for param in params if param.group != shown], found, key)
    for param in params:
        if param.group == shown and param.applies(found):
            found[param.name] = control(param, found[param.name], key(param.name))
    others = [param for param in params if param.group != shown and param.applies(found)]
    elsewhere = [param for param in others if found[param.name] != param.default]
    if elsewhere:
        st.caption("Also changed: " + plain(", ".join(f"{param.label} {value_text(found[param.name])}" for param in elsewhere)))
    return found


def held(params: Sequence[Param], values: Mapping[str, Value], key: Callable[[str], str]) -> dict[str, Value]:
    """Where knobs stand that are not drawn: where `values` says, unless a turn is still to be taken from their widgets.

    A turn and what hides its knob may reach the server together: who leaves a field by closing its drawer does both in one
    breath, and would lose what was typed.
    """
    return {param.name: _held(param, values[param.name], key(param.name)) for param in params}


def _held(param: Param, value: Value, key: str) -> Value:
    if param.kind in {"bool", "choice"}:
        found: Value = state.left(key, value)
        return found
    if param.none_means:
        if state.left(f"{key}/none", value is None):
            return None
        value = param.instead if value is None else value
    text = state.left(f"{key}/exact", None)
    entered = None if text is None else read(param, text)
    return value if entered is None or isinstance(entered, Fault) else entered


def _optional(param: Param, value: Value, key: str) -> Value:
    """A switch between None and a number."""
    state.value_of(f"{key}/none", lambda: value is None)
    if st.toggle(f"{param.label} from {param.none_means}", key=f"{key}/none", help=param.help):
        return None
    number = param.instead if value is None else value
    assert isinstance(number, int | float)
    return _number(param, number, key)


def _number(param: Param, value: float, key: str) -> float:
    field, slider = f"{key}/exact", f"{key}/slider"
    stops = param.stops
    state.value_of(field, lambda: write(value))
    state.value_of(slider, lambda: _place(param, stops, value))

    def slid() -> None:
        state.set_value(field, write(state.value_of(slider, lambda: value)))

    def typed() -> None:
        entered = read(param, state.value_of(field, lambda: ""))
        if not isinstance(entered, Fault):
            state.set_value(slider, _place(param, stops, entered))

    label = param.label
    if stops:
        st.select_slider(label, stops, key=slider, format_func=value_text, on_change=slid, help=param.help)
    else:
        low, high = param.slider
        step = 1.0 if param.kind == "int" else _step(high - low)
        st.slider(label, float(low), float(high), key=slider, step=step, format="%g", on_change=slid, help=param.help)
    text = st.text_input(f"{label}, exact", key=field, on_change=typed, label_visibility="collapsed")
    entered = read(param, text or "")
    if isinstance(entered, Fault):
        st.error(f"{plain(str(entered))} The run still uses {write(value)}.")
        return value
    return entered


def read(param: Param, text: str) -> float | Fault:
    """The number that a person typed, or what is wrong with it."""
    wrong = Fault(param.label, text, param.allowed)
    try:
        number = float(text.strip())
    except ValueError:
        return wrong
    if param.fault(number, param.name):
        return wrong
    found = param.normalise(number)
    assert isinstance(found, int | float)
    return found


def plain(text: str) -> str:
    """Text from outside, so that Markdown shows it as it is."""
    return "".join(f"\\{letter}" if letter in "\\`*_{}[]()<>#+-.!|:$~&" else letter for letter in text)


def write(value: float) -> str:
    """A number as a person would type it, with every digit it has."""
    return str(int(value)) if float(value).is_integer() and abs(value) < 1e6 else repr(value)


def _place(param: Param, stops: tuple[float, ...], value: float) -> float:
    """Where the slider stands for a value: the nearest stop, or the value itself within the slider's ends."""
    if not stops:
        low, high = param.slider
        return float(min(max(value, low), high))
    if value == 0:
        return stops[0]
    if param.scale == "log1m":
        return min(stops, key=lambda stop: abs((1 - value) / (1 - stop) - 1) if stop < 1 else float("inf"))
    return min((stop for stop in stops if stop > 0), key=lambda stop: abs(stop / value - 1))


def _step(width: float) -> float:
    """About 200 steps to a slider, each a round number."""
    exact = width / 200
    decade = float(f"1e{f'{exact:e}'.split('e')[1]}")
    return next(decade * nice for nice in (1, 2, 5, 10) if decade * nice >= exact * 0.99)
