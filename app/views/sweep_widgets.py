"""The choices on a page of sweeps: each is remembered, and stands in the link."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TypeVar

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from prodigy_core.experiment import Contender, Experiment
from prodigy_core.optimizers import OPTIMIZERS
from prodigy_core.param import Fault, Param, Value
from prodigy_core.sweep.spec import Axis, Owner, knobs_of

from .. import state
from ..sidebar.controls import escaped, exact_text, parse_number

STATIC = 6  # values, at most, of a hyperparameter that compiles a program for each

T = TypeVar("T")


@contextmanager
def row() -> Iterator[None]:
    """A row of a page's choices. At its end they are written into the link, whether or not a sweep follows from them."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        yield
    state.put_choices()


def details(label: str = "Range") -> DeltaGenerator:
    """Return a drawer at the end of a row, for choices that are seldom made."""
    return st.popover(label, icon=":material/tune:", width="content")


def choose(
    name: str, label: str, options: Sequence[T], start: T, words: Callable[[T], str] = str, help: str | None = None
) -> T:
    """Draw a choice that is remembered while a person looks at other pages, and stands in the link; return the option.

    Args:
      name: its own among those of all pages: the page's, a slash, and so on.
      label: above it, Markdown.
      options: text or numbers.
      start: the option that is chosen at first, and in place of one that is no option any more.
      words: returns the text of an option.
      help: beside the label.
    """
    key = state.key("sweeps", name)

    def known(value: object) -> bool:
        return any(value == option and type(value) is type(option) for option in options)

    kept = state.value_of(key, lambda: state.kept(name, start))
    state.set_value(key, kept if known(kept) else start)  # at every run: a drawer draws it only when it is opened
    choice: T = st.selectbox(label, list(options), format_func=words, key=key, help=help)
    state.keep(name, choice, start)
    return choice


def choose_knob(name: str, label: str, knobs: Mapping[str, Param], start: str) -> str:
    """Draw a choice among hyperparameters; return its name."""
    return choose(name, label, list(knobs), start, lambda knob: _titled(knob, knobs[knob]), help=_helps(name, knobs, start))


def values(name: str, param: Param, count: int, now: Value = None) -> tuple[Value, ...]:
    """Draw the two ends of an axis; return the values between them.

    Args:
      name: the page's, a slash, and one of its own for every hyperparameter.
      param: the hyperparameter.
      count: the number of values; fewer if each compiles a program of its own, all of a choice or a switch.
      now: a value that is to be among them; None for none.
    """
    return _among(param.spread(min(count, STATIC) if param.static else count, *_ends(name, param)), now)


def axis_values(param: Param, now: Value, count: int) -> tuple[Value, ...]:
    """Return values of a hyperparameter over its whole slider, and among them its value now."""
    return _among(param.spread(min(count, STATIC) if param.static else count), now)


def knobs_that_apply(experiment: Experiment, place: int) -> dict[str, Param]:
    """Return a contender's hyperparameters that have an effect beside the values of the others, by name."""
    contender = experiment.contenders[place]
    return {name: param for name, param in knobs_of(experiment, place).items() if param.applies(contender.knobs)}


def first_knob(contender: Contender, params: Sequence[Param]) -> str:
    """Return the hyperparameter among these to ask about first."""
    names, first = [param.name for param in params], OPTIMIZERS[contender.optimizer].axes[0]
    return first if first in names else names[0]


def seeds_of(experiment: Experiment, name: str) -> tuple[int, ...]:
    """Return the seeds of a sweep; draw a choice of their number if they change anything."""
    if not experiment.random:
        return (experiment.seed,)
    count = choose(name, "Seeds", (1, 2, 4, 8, 16), 4)
    return tuple(range(experiment.seed, experiment.seed + count))


def _among(values: tuple[Value, ...], now: Value) -> tuple[Value, ...]:
    """The values with another one among them, if that is a number between their ends."""
    numbers = [value for value in (*values, now) if isinstance(value, int | float) and not isinstance(value, bool)]
    between = len(numbers) > len(values) and min(numbers[:-1]) <= numbers[-1] <= max(numbers[:-1])
    return tuple(sorted(numbers)) if now is not None and now not in values and between else values


def _titled(knob: str, param: Param) -> str:
    return f"{param.label} (problem)" if Axis(knob, ()).owner is Owner.SETTING else param.label


def _helps(name: str, knobs: Mapping[str, Param], start: str) -> str:
    """The help of the hyperparameter that is chosen."""
    choice = state.value_or(state.key("sweeps", name), start)
    return knobs[choice if choice in knobs else start].help


def _ends(name: str, param: Param) -> tuple[float | None, float | None]:
    """Draw two fields for the ends of an axis; return the ends in their order, or (None, None) for a choice or a switch."""
    if param.kind in ("bool", "choice"):
        return None, None
    ends: dict[str, float] = dict(zip(("from", "to"), param.slider, strict=True))
    with st.container(horizontal=True, gap="small"):
        for end, usual in list(ends.items()):
            full_name, usual_text = f"{name}/{end}", exact_text(usual)
            key = state.key("sweeps", full_name)
            kept = state.value_or(key, state.kept(full_name, usual_text))
            state.set_value(key, kept if isinstance(kept, str) else usual_text)
            text = st.text_input(f"{param.label} {end}", key=key)
            state.keep(full_name, text, usual_text)
            entered = parse_number(param, text or "")
            if isinstance(entered, Fault):
                st.error(escaped(str(entered)))
            else:
                ends[end] = entered
    low, high = sorted(ends.values())
    return low, high
