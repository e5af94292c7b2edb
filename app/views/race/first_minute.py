"""The first minute: three questions that a new visitor's own race answers, one click each.

Every number is computed from the runs. A step shows itself only to the race that it speaks of: one Prodigy beside one Adam
on a function whose minimisers are known; any other race ends the first minute.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from prodigy_core.experiment import Contender, Experiment
from prodigy_core.optimizers import OPTIMIZERS
from prodigy_core.optimizers.hyperparameters import number
from prodigy_core.param import Value, value_text
from prodigy_core.trace import Trace

from ...sidebar.controls import escaped
from ...theme import Style
from .outcome import arrival, outcome

QUESTION = "How big should a step be? Adam must be told. Prodigy finds out."
STEPS = 4
LAST = STEPS - 1  # it is told on the page of sensitivity first, where the click before it led
ALL_VALUES = (
    "Every point is a whole run, and the sentences under the picture count those that do well. **Your turn**: go back, click "
    "on the landscape to start elsewhere, turn a knob, choose a valley, a network, a formula of your own; or take the lessons."
)
LARGER = 100_000  # factor on the first guess, to show that it hardly matters
RISEN = 0.9  # fraction of its last value at which D has found it


@dataclass(frozen=True)
class Step:
    """One step of the first minute.

    Attributes:
      text: what is to be seen, in Markdown.
      button: what to do next; "" where a person chooses.
      experiment: what the button makes of the experiment; None where it leads to another page.
    """

    text: str
    button: str
    experiment: Experiment | None = None


def speaks_of(experiment: Experiment) -> bool:
    """Return whether the first minute speaks of this race: one Prodigy beside one Adam, a known distance from a minimum."""
    optimizers = sorted(contender.optimizer for contender in experiment.contenders)
    return optimizers == ["adam", "prodigy"] and bool(_way(experiment))


def step(number: int, experiment: Experiment, traces: Sequence[Trace]) -> Step | None:
    """Return a step of the first minute, told by these runs; None if they are not those that it speaks of."""
    pair = _pair(experiment, traces)
    if pair is None or not 0 <= number < STEPS:
        return None
    return (_too_small, _arrives, _luck, _your_turn)[number](experiment, *pair)


def picture(experiment: Experiment, styles: Sequence[Style]) -> str:
    """Return one sentence in Markdown that reads the picture: who is which line, what ring and star are."""
    told = []
    for contender, style in zip(experiment.contenders, styles, strict=True):
        name = f':color[━━]{{foreground="{style.colour}"}} **{escaped(style.label)}**'
        rate = contender.knobs.get("learning_rate")
        by_hand = OPTIMIZERS[contender.optimizer].rate.by_hand and rate is not None
        told.append(f"{name} takes steps of {value_text(rate)}" if by_hand else f"{name} is told nothing")
    return f"From the ring ◦ all look for a star ★, a lowest point. {'; '.join(told)}."


def _pair(experiment: Experiment, traces: Sequence[Trace]) -> tuple[Trace, Trace, float] | None:
    """Return Prodigy's run, Adam's run, and the distance that both have to go."""
    far = _way(experiment)
    if not far or not speaks_of(experiment) or len(traces) != 2 or not all(trace.loss.size for trace in traces):
        return None
    optimizers = [contender.optimizer for contender in experiment.contenders]
    return traces[optimizers.index("prodigy")], traces[optimizers.index("adam")], far


def _way(experiment: Experiment) -> float | None:
    """Return the distance from the start to the nearest minimiser, where it is known."""
    return None if experiment.origin is None else experiment.definition.distance_to_minimiser(experiment.origin)


def _too_small(experiment: Experiment, prodigy: Trace, adam: Trace, far: float) -> Step:
    went = float(adam.distance_linf[-1])
    estimate = _three_digits(float(prodigy.probes["D"][-1]))
    found = "with a step size that it found on the way, D"
    so_far = f"After {experiment.steps:,} steps **Adam** has gone {went:.2g} of about {far:.2g}"
    text = f"{so_far}: its steps are too small. **Prodigy** {outcome(experiment, prodigy)}, {found}."
    changed = _turned(experiment, "adam", learning_rate=estimate)
    return Step(text, f"Give Adam Prodigy's D, {value_text(estimate)}", changed)


def _arrives(experiment: Experiment, prodigy: Trace, adam: Trace, far: float) -> Step:
    ours, theirs = arrival(experiment, prodigy), arrival(experiment, adam)
    sooner = f", sooner than Prodigy at {ours:,}" if ours is not None and theirs is not None and theirs < ours else ""
    d = prodigy.probes["D"]
    found = int(prodigy.steps[np.argmax(d >= RISEN * d[-1])])
    guess, told = _value(experiment, "prodigy", "estim_lr0"), value_text(_value(experiment, "adam", "learning_rate"))
    text = (
        f"Told {told}, **Adam** {outcome(experiment, adam)}{sooner}. But somebody had to know that number. "
        f"**Prodigy** found it in {found:,} steps, from a first guess of {value_text(guess)}. Luck?"
    )
    changed = _turned(experiment, "prodigy", estim_lr0=_three_digits(guess * LARGER))
    return Step(text, f"Start its guess {LARGER:,} times larger", changed)


def _luck(experiment: Experiment, prodigy: Trace, adam: Trace, far: float) -> Step:
    guess = value_text(_value(experiment, "prodigy", "estim_lr0"))
    text = (
        f"No luck: from a first guess of {guess} **Prodigy** {outcome(experiment, prodigy)}, and its D ends "
        f"at {float(prodigy.probes['D'][-1]):.3g}. Any guess below the distance will do, since D only has to grow. And Adam?"
    )
    return Step(text, "All values of both, side by side")


def _your_turn(experiment: Experiment, prodigy: Trace, adam: Trace, far: float) -> Step:
    text = (
        "Your turn: click on the landscape to start elsewhere, turn a knob under the picture, or choose another problem: "
        "a valley, a network, a formula of your own. The lessons ask first and show then."
    )
    return Step(text, "")


def _turned(experiment: Experiment, optimizer: str, **knobs: Value) -> Experiment:
    contenders = tuple(
        Contender(c.optimizer, {**c.knobs, **knobs}) if c.optimizer == optimizer else c for c in experiment.contenders
    )
    return replace(experiment, contenders=contenders)


def _value(experiment: Experiment, optimizer: str, knob: str) -> float:
    """Return a number that the contender with this optimizer has."""
    return number(next(c for c in experiment.contenders if c.optimizer == optimizer).knobs, knob)


def _three_digits(value: float) -> float:
    return float(f"{value:.3g}")
