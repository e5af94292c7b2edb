"""What a rule looks at, one contender in its race, and what it hands back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from jaxtyping import Float

from prodigy_core.experiment import Contender, Experiment, ExperimentError
from prodigy_core.optimizers import OPTIMIZERS
from prodigy_core.param import Value, format_number, value_text
from prodigy_core.trace import Status, Trace

# Between 1 and the next larger number.
EPS = {"float64": 2.0**-52, "float32": 2.0**-23, "bfloat16": 2.0**-7, "float16": 2.0**-10}
UNDERWAY = 1e-3  # of the first gradient: far more than a run has left that lies in a minimum
ENOUGH = 20  # entries of a run that still goes on, before anything is said about how it goes


@dataclass(frozen=True)
class Remedy:
    """What to turn, in one click.

    Attributes:
      label: which knob, and to what ("Turn safeguard_warmup on").
      experiment: the experiment with exactly that changed.
    """

    label: str
    experiment: Experiment


@dataclass(frozen=True)
class Finding:
    """Something that happened to a contender.

    Attributes:
      rule: which rule found it.
      contender: to whom, an index into the experiment's contenders.
      text: what happened and why, with the numbers of this run.
      remedies: what may help, best first.
    """

    rule: str
    contender: int
    text: str
    remedies: tuple[Remedy, ...]


@dataclass(frozen=True)
class Case:
    """One contender in its race.

    Attributes:
      experiment: what is run.
      traces: the race so far.
      index: which contender this is about.
    """

    experiment: Experiment
    traces: tuple[Trace, ...]
    index: int

    @property
    def contender(self) -> Contender:
        return self.experiment.contenders[self.index]

    @property
    def optimizer(self) -> str:
        return self.contender.optimizer

    @property
    def title(self) -> str:
        return OPTIMIZERS[self.optimizer].title

    @property
    def knobs(self) -> Mapping[str, Value]:
        return self.contender.knobs

    @property
    def trace(self) -> Trace:
        return self.traces[self.index]

    @property
    def entries(self) -> int:
        return self.trace.loss.size

    @property
    def long_enough(self) -> bool:
        """Whether there is enough of the run to say how it goes."""
        return self.entries >= ENOUGH or (self.trace.ended and self.entries > 1)

    @property
    def finished(self) -> bool:
        return self.trace.status is Status.FINISHED and self.entries > 0

    @property
    def broke_off(self) -> bool:
        return self.trace.status in (Status.DIVERGED, Status.NOT_A_NUMBER)

    @cached_property
    def D(self) -> Float[np.ndarray, " entries"] | None:
        """The estimate of the distance; None where the optimizer has none, or it has no entry or none that is a number."""
        values = self.trace.probes.get("D")
        return values if values is not None and values.size and np.isfinite(values).all() else None

    @property
    def estimates(self) -> bool:
        """Whether it is one of those whose D is an estimate made of the gradients: both Prodigies and D-Adaptation."""
        return "estim_lr0" in self.knobs

    @cached_property
    def to_go(self) -> float | None:
        """The L-infinity distance from the start to the nearest known minimiser; None where none is known."""
        return self.experiment.definition.distance_to_minimiser(self.experiment.origin)

    def excess(self, loss: float) -> float | None:
        """How far a loss is above the minimum; None where that is not known."""
        minimum = self.experiment.definition.minimum
        return None if minimum is None else loss - minimum

    @property
    def losses(self) -> Float[np.ndarray, " entries"]:
        """The loss over the run, of a model on all its training examples where it was judged on them."""
        judged = self.trace.metrics.get("train_loss", self.trace.loss)
        return judged if judged.size else self.trace.loss

    @property
    def arrived(self) -> bool:
        """Whether it is known to have come within the tolerance of the minimum."""
        left = self.excess(self.trace.final_loss)
        return left is not None and left <= self.experiment.tolerance

    @property
    def underway(self) -> bool:
        """Whether the gradient is still there: not that of a run that lies still, in whatever minimum."""
        lengths = self.trace.gradient_norm
        return bool(lengths.size and lengths[-1] > UNDERWAY * lengths[0])

    def parameters(self, entry: int) -> Float[np.ndarray, " parameters"] | None:
        """The first (0) or the last (-1) position that was kept whole; None where none was."""
        kept = self.trace.snapshots if self.trace.projected else self.trace.position
        return np.abs(np.asarray(kept[entry], float)) if len(kept) else None

    def lost(self, entry: int, part: slice) -> float:
        """The share of the parameters in which a usual step of this part of the run is rounded away.

        A step is lost where it is below half the gap to the next number towards zero, the narrower one at a power of two.
        What is recorded is the norm of all of a step, so its root mean square stands for each parameter's own.
        """
        size = self.parameters(entry)
        steps = self.trace.update_norm[part]
        if size is None or not steps.size or not np.isfinite(steps).all():
            return 0.0
        return float(np.mean(np.median(steps) / np.sqrt(size.size) < gap(size, self.experiment.precision) / 2))

    # --- what to turn ------------------------------------------------------------------------------------------------

    def finding(self, rule: str, text: str, *remedies: Remedy | None) -> Finding:
        return Finding(rule, self.index, text, tuple(remedy for remedy in remedies if remedy))

    def turn(self, **knobs: Value) -> Remedy | None:
        """This contender with other knobs; None where it has no such knob, or they stand there already or may not."""
        if not knobs.keys() <= self.knobs.keys():
            return None
        words = " and ".join(_to(name, value) for name, value in knobs.items())
        return self._other(f"Turn {words}", self.optimizer, {**self.knobs, **knobs})

    def instead(self, optimizer: str) -> Remedy | None:
        """Another optimizer in this one's place, with the knobs that both have."""
        names = {param.name for param in OPTIMIZERS[optimizer].params}
        knobs = {name: value for name, value in self.knobs.items() if name in names}
        return self._other(f"Take {OPTIMIZERS[optimizer].title} instead of {self.title}", optimizer, knobs)

    def field(self, **fields: Any) -> Remedy | None:
        """The experiment with other fields, for every contender."""
        return self._remedy("Turn " + " and ".join(_to(name, value) for name, value in fields.items()), fields)

    def setting(self, name: str, value: Value) -> Remedy | None:
        """The problem with another setting."""
        return self._remedy(f"Turn {_to(name, value)}", {"settings": {**self.experiment.settings, name: value}})

    def start(self, *at: float) -> Remedy | None:
        return self._remedy(f"Start at ({', '.join(format_number(x) for x in at)})", {"start": at})

    def _other(self, label: str, optimizer: str, knobs: Mapping[str, Value]) -> Remedy | None:
        try:
            changed = Contender(optimizer, knobs)
        except ExperimentError:
            return None
        contenders = list(self.experiment.contenders)
        contenders[self.index] = changed
        return self._remedy(label, {"contenders": tuple(contenders)})

    def _remedy(self, label: str, fields: Mapping[str, Any]) -> Remedy | None:
        try:
            changed = replace(self.experiment, **fields)
        except ExperimentError:  # beyond what a knob or this server allows
            return None
        return None if changed == self.experiment else Remedy(label, changed)


def gap(size: Float[np.ndarray, " n"], precision: str) -> Float[np.ndarray, " n"]:
    """From each of these sizes to the next smaller number of a precision. 0 at 0, where numbers lie as close as needed."""
    mantissa, exponent = np.frexp(size)  # the mantissa in [1/2, 1)
    return np.where(size > 0, EPS[precision] * np.ldexp(np.where(mantissa == 0.5, 0.25, 0.5), exponent), 0.0)


def number(value: float) -> str:
    """A number of a run in words: two digits suffice."""
    return format_number(float(f"{value:.2g}"))


def rounded(value: float) -> float:
    """A value for a knob, with the two digits that its label shows."""
    return float(f"{value:.2g}")


def last_quarter(entries: int) -> slice:
    return slice(entries - max(entries // 4, 1), entries)


def _to(name: str, value: Value) -> str:
    if value is None or isinstance(value, bool):
        return f"{name} {'on' if value else 'off'}"
    return f"{name} to {value_text(value)}"
