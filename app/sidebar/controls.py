"""Param -> widget. A number has a slider and, beside it, a field for the exact value.

A wrong entry stays in its field, with a word on what is allowed; the experiment keeps the last good value.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import floor, log10

import streamlit as st
from streamlit.delta_generator import DeltaGenerator
from streamlit.elements.lib.mutable_expander_container import ExpanderContainer

from prodigy_core.param import Fault, Param, Value, value_text

from .. import state


def slider_grid(name: object) -> DeltaGenerator:
    """Return a container in which each slider has its field beside it.

    The style sheet puts them side by side. A container for each of them would be a fifth of what a rerun costs the server.
    """
    return st.container(key=f"sliders-{name}")


def control(param: Param, value: Value, key: str) -> Value:
    """Draw the widget of a hyperparameter with this value, inside `slider_grid`; return its value now, an allowed one.

    A teacher's link may hide or lock it: then it keeps its value.
    """
    if state.handout().hides(param.name):
        return value
    locked = state.handout().locks(param.name)
    if param.none_means:
        return _optional(param, value, key, locked)
    if param.kind == "bool":
        state.value_of(key, lambda: value)
        return bool(st.toggle(param.label, key=key, help=param.help, disabled=locked))
    if param.kind == "choice":
        state.value_of(key, lambda: value)
        return str(st.selectbox(param.label, param.choices, key=key, help=param.help, disabled=locked))
    assert isinstance(value, int | float)
    return _number(param, value, key, locked)


def group_controls(
    params: Sequence[Param], values: Mapping[str, Value], key: Callable[[str], str], unnamed: str = "Knobs"
) -> dict[str, Value]:
    """Draw the hyperparameters of one group, those that apply, under a choice of the groups; return the values of all.

    Args:
      params: the hyperparameters, those of a group side by side.
      values: their values.
      key: returns the key of the widget of a hyperparameter's name, and of the choice of groups for the name "group".
      unnamed: the title of the group without a name.
    """
    now = dict(values)
    groups = list(dict.fromkeys(param.group for param in params))
    shown = groups[0] if groups else ""
    if len(groups) > 1:
        state.value_of(key("group"), lambda: shown)
        group = st.segmented_control(
            "Group", groups, key=key("group"), format_func=lambda name: name or unnamed, label_visibility="collapsed",
            width="stretch", wrap=False, required=True,
        )  # fmt: skip
        shown = str(group)
    now |= hidden_values([param for param in params if param.group != shown], now, key)
    for param in params:
        if param.group == shown and param.applies(now):
            now[param.name] = control(param, now[param.name], key(param.name))
    if changed := changes([param for param in params if param.group != shown], now):
        st.caption("Also changed: " + escaped(changed))
    return now


def changes(params: Sequence[Param], values: Mapping[str, Value]) -> str:
    """Return which hyperparameters that apply are not at their defaults, with their values, as a person reads it."""
    changed = [param for param in params if param.applies(values) and values[param.name] != param.default]
    return ", ".join(f"{param.label} {value_text(values[param.name])}" for param in changed)


def drawer(title: str, changed: str, key: str, *, opened: bool = False) -> ExpanderContainer:
    """Return a drawer whose content is to be drawn only while it is `open`; closed, its title says what was changed in it.

    Args:
      title: Markdown.
      changed: what differs from the defaults, as text; "" for nothing.
      key: of its own.
      opened: whether it is open at first.
    """
    # Said at every run: a drawer whose title changes is a new one to Streamlit, and would close.
    state.set_value(key, state.value_of(key, lambda: opened))
    is_open = bool(state.value_of(key, lambda: opened))
    label = f"{title} :small[{escaped(changed)}]" if changed and not is_open else title
    return st.expander(label, key=key, on_change="rerun")


def hidden_values(params: Sequence[Param], values: Mapping[str, Value], key: Callable[[str], str]) -> dict[str, Value]:
    """Return the values of hyperparameters that are not drawn: those given, unless a turn is still to be taken from a widget.

    A turn and what hides its widget may reach the server together: who leaves a field by closing its drawer does both at
    once, and would lose what was typed.
    """
    return {param.name: _hidden_value(param, values[param.name], key(param.name)) for param in params}


def _hidden_value(param: Param, value: Value, key: str) -> Value:
    if param.kind in {"bool", "choice"}:
        turned: Value = state.value_or(key, value)
        return turned
    if param.none_means:
        if state.value_or(f"{key}/none", value is None):
            return None
        value = param.instead if value is None else value
    text = state.value_or(f"{key}/exact", None)
    entered = None if text is None else parse_number(param, text)
    return value if entered is None or isinstance(entered, Fault) else entered


def _optional(param: Param, value: Value, key: str, locked: bool) -> Value:
    """Draw a switch between None and a number."""
    state.value_of(f"{key}/none", lambda: value is None)
    if st.toggle(f"{param.label} from {param.none_means}", key=f"{key}/none", help=param.help, disabled=locked):
        return None
    number = param.instead if value is None else value
    assert isinstance(number, int | float)
    return _number(param, number, key, locked)


def _number(param: Param, value: float, key: str, locked: bool) -> float:
    field, slider = f"{key}/exact", f"{key}/slider"
    stops = param.stops
    state.value_of(field, lambda: exact_text(value))
    state.value_of(slider, lambda: _slider_value(param, stops, value))

    def take_slider() -> None:
        state.set_value(field, exact_text(state.value_of(slider, lambda: value)))

    def take_field() -> None:
        entered = parse_number(param, state.value_of(field, lambda: ""))
        if not isinstance(entered, Fault):
            state.set_value(slider, _slider_value(param, stops, entered))

    label = param.label
    if stops:
        st.select_slider(
            label, stops, key=slider, format_func=value_text, on_change=take_slider, help=param.help, disabled=locked
        )
    else:
        low, high = param.slider
        step = 1.0 if param.kind == "int" else _step(high - low)
        st.slider(
            label, float(low), float(high), key=slider, step=step, format="%g", on_change=take_slider, help=param.help,
            disabled=locked,
        )  # fmt: skip
    text = st.text_input(f"{label}, exact", key=field, on_change=take_field, label_visibility="collapsed", disabled=locked)
    entered = parse_number(param, text or "")
    if isinstance(entered, Fault):
        st.error(f"{escaped(str(entered))} The run still uses {exact_text(value)}.")
        return value
    return entered


def parse_number(param: Param, text: str) -> float | Fault:
    """Return the number that a person typed, or its fault."""
    fault = Fault(param.label, text, param.allowed)
    try:
        number = float(text.strip())
    except ValueError:
        return fault
    if param.fault(number, param.name):
        return fault
    value = param.normalise(number)
    assert isinstance(value, int | float)
    return value


def escaped(text: str) -> str:
    """Return text from outside with backslashes, so that Markdown shows it as it is."""
    return "".join(f"\\{letter}" if letter in "\\`*_{}[]()<>#+-.!|:$~&" else letter for letter in text)


def exact_text(value: float) -> str:
    """Return a number as a person would type it, with every digit it has."""
    return str(int(value)) if float(value).is_integer() and abs(value) < 1e6 else repr(value)


def _slider_value(param: Param, stops: tuple[float, ...], value: float) -> float:
    """The slider's value for a hyperparameter's: the nearest stop, or the value itself within the slider's ends."""
    if not stops:
        low, high = param.slider
        return float(min(max(value, low), high))
    if value == 0:
        return stops[0]
    if param.scale == "log1m":
        return min(stops, key=lambda stop: abs((1 - value) / (1 - stop) - 1) if stop < 1 else float("inf"))
    return min((stop for stop in stops if stop > 0), key=lambda stop: abs(stop / value - 1))


def _step(width: float) -> float:
    """A round number of which about 200 make up the width of a slider."""
    exact = width / 200
    decade = 10.0 ** floor(log10(exact))
    return next(decade * nice for nice in (1, 2, 5, 10) if decade * nice >= exact * 0.99)
