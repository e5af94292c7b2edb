"""What a person chooses on a page of sweeps: each choice is remembered, and stands in the link."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from prodigy_core.experiment import Contender, Experiment
from prodigy_core.optimizers import OPTIMIZERS
from prodigy_core.param import Fault, Param, Value
from prodigy_core.sweep.spec import Axis, Owner, knobs_of

from .. import state
from ..sidebar.controls import plain, read, write

STATIC = 6  # values of a knob that compiles a program for each

T = TypeVar("T")


@contextmanager
def row() -> Iterator[None]:
    """Where a page's choices stand side by side. At its end they are in the link, whatever comes of them."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        yield
    state.put_view()


def details(label: str = "Range") -> DeltaGenerator:
    """A drawer at the end of a row, for what is seldom turned."""
    return st.popover(label, icon=":material/tune:", width="content")


def choose(name: str, label: str, options: Sequence[T], start: T, words: Callable[[T], str] = str, **given: Any) -> T:
    """A choice that is remembered while a person looks at other pages, and stands in the link.

    Args:
      name: its own among those of all pages: the page's, a slash, and so on.
      label: above it, Markdown.
      options: what there is: text or numbers.
      start: where it stands at first, and where what was chosen is there no more.
      words: how an option is written.
      given: for the selectbox.
    """
    key = state.key("sweeps", name)

    def known(value: object) -> bool:
        return any(value == option and type(value) is type(option) for option in options)

    chosen = state.value_of(key, lambda: state.kept(name, start))
    state.set_value(key, chosen if known(chosen) else start)  # said at every run: a drawer draws it only when it is opened
    found: T = st.selectbox(label, list(options), format_func=words, key=key, **given)
    state.keep(name, found, start)
    return found


def choose_knob(name: str, label: str, knobs: Mapping[str, Param], start: str) -> str:
    """A choice among knobs; returns its name."""
    return choose(name, label, list(knobs), start, lambda knob: _titled(knob, knobs[knob]), help=_helps(name, knobs, start))


def values(name: str, param: Param, count: int, now: Value = None) -> tuple[Value, ...]:
    """The values of an axis, between two ends that a person may move.

    Args:
      name: the page's, a slash, and one of its own for every knob.
      param: the knob.
      count: how many; fewer where each compiles a program of its own, all of a choice or a switch.
      now: a value that is to be among them; None for none.
    """
    return _among(param.spread(min(count, STATIC) if param.static else count, *_ends(name, param)), now)


def axis_values(param: Param, now: Value, count: int) -> tuple[Value, ...]:
    """Values of a knob over its whole slider, and among them where it stands."""
    return _among(param.spread(min(count, STATIC) if param.static else count), now)


def knobs_that_apply(experiment: Experiment, place: int) -> dict[str, Param]:
    """A contender's knobs that do something as the others stand, by name."""
    contender = experiment.contenders[place]
    return {name: param for name, param in knobs_of(experiment, place).items() if param.applies(contender.knobs)}


def first_knob(contender: Contender, params: Sequence[Param]) -> str:
    """The knob among these that one asks about first."""
    names, first = [param.name for param in params], OPTIMIZERS[contender.optimizer].axes[0]
    return first if first in names else names[0]


def seeds_of(experiment: Experiment, name: str) -> tuple[int, ...]:
    """The seeds of a sweep, a choice where they change anything."""
    if not experiment.random:
        return (experiment.seed,)
    count = choose(name, "Seeds", (1, 2, 4, 8, 16), 4)
    return tuple(range(experiment.seed, experiment.seed + count))


def _among(found: tuple[Value, ...], now: Value) -> tuple[Value, ...]:
    """Values with another one among them, where that is a number between their ends."""
    numbers = [value for value in (*found, now) if isinstance(value, int | float) and not isinstance(value, bool)]
    if now is None or now in found or len(numbers) <= len(found) or not min(numbers[:-1]) <= numbers[-1] <= max(numbers[:-1]):
        return found
    return tuple(sorted(numbers))


def _titled(knob: str, param: Param) -> str:
    return f"{param.label} (problem)" if Axis(knob, ()).owner is Owner.SETTING else param.label


def _helps(name: str, knobs: Mapping[str, Param], start: str) -> str:
    """What the knob that is chosen means."""
    chosen = state.left(state.key("sweeps", name), start)
    return knobs[chosen if chosen in knobs else start].help


def _ends(name: str, param: Param) -> tuple[float | None, float | None]:
    """Two fields for the ends of an axis, in the order in which they stand; (None, None) for a knob of words."""
    if param.kind in ("bool", "choice"):
        return None, None
    usual = dict(zip(("from", "to"), param.slider, strict=True))
    found: dict[str, float] = dict(usual)
    with st.container(horizontal=True, gap="small"):
        for end, otherwise in usual.items():
            whole = f"{name}/{end}"
            key = state.key("sweeps", whole)
            chosen = state.left(key, state.kept(whole, write(otherwise)))
            state.set_value(key, chosen if isinstance(chosen, str) else write(otherwise))
            text = st.text_input(f"{param.label} {end}", key=key)
            state.keep(whole, text, write(otherwise))
            entered = read(param, text or "")
            if isinstance(entered, Fault):
                st.error(plain(str(entered)))
            else:
                found[end] = entered
    low, high = sorted(found.values())
    return low, high
