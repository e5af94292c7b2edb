"""The card above the figure: the first minute for who is new, then what to look at, and what a click there did.

It has the same height whatever it says, so that the figure below keeps its place.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import streamlit as st

from prodigy_core.diagnosis import Finding, diagnose
from prodigy_core.experiment import PARAMS, Experiment
from prodigy_core.trace import Trace

from ... import state
from ...sidebar.controls import escaped
from ...theme import Style
from . import first_minute
from .outcome import outcome

MINUTE = "minute"  # the choice of this page that says at which step of the first minute a person is; `OVER` for none
OVER = "over"
READ = state.lasting_key("read")  # which of several messages is read

# Widgets that a remedy may move, beside the contender's own.
SCOPES = ("start", "settings", *(param.name for param in PARAMS))

NOTHING = (
    "Nothing went wrong here. Turn a knob under the picture, click on the landscape to start elsewhere, "
    "or add a contender in the sidebar."
)
GOING = "The runs go on. What there is to say about them follows when they are done."


@dataclass(frozen=True)
class Act:
    """A button of a message: its label, and what it does."""

    label: str
    do: Callable[[], None]


@dataclass(frozen=True)
class Message:
    """One thing that the card says.

    Attributes:
      text: Markdown.
      acts: its buttons, the first one the main one.
    """

    text: str
    acts: Sequence[Act] = ()


def minute() -> int | None:
    """Return the step of the first minute that a person is at; None when it is over. A link may hold anything."""
    number = state.kept(MINUTE, 0 if state.arrived_without_link() else OVER)
    known = isinstance(number, int) and not isinstance(number, bool) and 0 <= number < first_minute.STEPS
    return number if known else None


def keep_minute(experiment: Experiment) -> None:
    """Say what the link says of the first minute. A race that it does not speak of ends it."""
    number = minute() if first_minute.speaks_of(experiment) else None
    state.keep(MINUTE, OVER if number is None else number, OVER)


def show(experiment: Experiment, traces: Sequence[Trace], styles: Sequence[Style], *, over: bool) -> None:
    """Draw the card.

    Args:
      experiment: the race.
      traces, styles: of its contenders, of those whose runs have begun.
      over: whether all runs have come to their end.
    """
    number = minute()
    told = first_minute.step(number, experiment, traces) if over and number is not None else None
    with st.container(key="guide", gap=None):
        if told is not None and number is not None:
            _show_step(number, told, experiment, traces)
        elif over:
            _show_messages(_messages(experiment, traces, styles))
        else:
            _show_messages([Message(GOING)])


def show_all_values(experiment: Experiment) -> None:
    """Draw the last step of the first minute over the results for all values; nothing for who is not there."""
    if minute() != first_minute.LAST or not first_minute.speaks_of(experiment):
        return
    with st.container(key="guide", gap=None):
        st.markdown(first_minute.ALL_VALUES)
        with st.container(horizontal=True, gap="small"):
            if st.button("Back to the race", key=state.key("minute", "back"), type="primary"):
                state.visit("Race")
            if st.button("To the lessons", key=state.key("minute", "lessons")):
                _skip()
                state.visit("Lessons")
            st.button("Close", key=state.key("minute", "skip"), type="tertiary", on_click=_skip)


# --- the first minute ----------------------------------------------------------------------------------------------


def _show_step(number: int, told: first_minute.Step, experiment: Experiment, traces: Sequence[Trace]) -> None:
    st.markdown(told.text)
    with st.container(horizontal=True, gap="small"):
        if told.experiment is not None:
            st.button(
                escaped(told.button),
                key=state.key("minute", number),
                type="primary",
                on_click=_next,
                args=(number, told.experiment),
            )
        elif told.button and st.button(escaped(told.button), key=state.key("minute", number), type="primary"):
            state.put_kept(MINUTE, number + 1)
            state.visit("Sensitivity")
        last = number == first_minute.LAST
        if last and st.button("To the lessons", key=state.key("minute", "lessons"), type="primary"):
            _skip()
            state.visit("Lessons")
        st.button("Close" if last else "Skip", key=state.key("minute", "skip"), type="tertiary", on_click=_skip)


def _next(number: int, experiment: Experiment) -> None:
    state.put_kept(MINUTE, number + 1)
    _replace(experiment, range(len(experiment.contenders)))


def _skip() -> None:
    state.put_kept(MINUTE, OVER)


# --- what to look at -----------------------------------------------------------------------------------------------


def _messages(experiment: Experiment, traces: Sequence[Trace], styles: Sequence[Style]) -> list[Message]:
    """Return the effect of what was done last, and the findings, most important first."""
    findings = diagnose(experiment, traces)
    messages = [*_effect(experiment, traces, styles), *(_finding(experiment, traces, styles[f.contender], f) for f in findings)]
    return messages or [Message(NOTHING)]


def _effect(experiment: Experiment, traces: Sequence[Trace], styles: Sequence[Style]) -> list[Message]:
    deed = state.deed()
    if deed is None or deed.identity not in state.identities():
        return []
    place = state.identities().index(deed.identity)
    now = outcome(experiment, traces[place])
    effect = f"still {now}" if now == deed.before else f"now {now}; before, it {deed.before}"
    return [Message(f"{_name(styles[place])} {escaped(f'{deed.words}: it {effect}.')}")]


def _finding(experiment: Experiment, traces: Sequence[Trace], style: Style, finding: Finding) -> Message:
    before = outcome(experiment, traces[finding.contender])
    acts = [Act(remedy.label, partial(_mend, finding, remedy.label, remedy.experiment, before)) for remedy in finding.remedies]
    return Message(f"{_name(style)} {escaped(finding.text)}", acts)


def _mend(finding: Finding, label: str, experiment: Experiment, before: str) -> None:
    _replace(experiment, (finding.contender,))
    state.do(label, state.identities()[finding.contender], before)
    state.set_value(READ, 0)


def _replace(experiment: Experiment, places: Sequence[int]) -> None:
    own = (state.key(state.identities()[place], "") for place in places)
    state.replace(experiment, *own, *(state.key(scope) for scope in SCOPES))


def _name(style: Style) -> str:
    return f':color[━━]{{foreground="{style.colour}"}} **{escaped(style.label)}**'


def _show_messages(messages: Sequence[Message]) -> None:
    """Draw one message, and a way to the others."""
    at = min(state.value_of(READ, int), len(messages) - 1)
    message = messages[at]
    st.markdown(message.text)
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        for i, act in enumerate(message.acts):
            st.button(escaped(act.label), key=state.key("remedy", at, i), on_click=act.do)
        if len(messages) > 1:
            st.button(
                f"{at + 1} of {len(messages)}",
                key=state.key("next"),
                icon=":material/arrow_forward:",
                icon_position="right",
                type="tertiary",
                help="The next thing to look at",
                on_click=state.set_value,
                args=(READ, (at + 1) % len(messages)),
            )
