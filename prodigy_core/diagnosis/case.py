"""The case that a rule looks at, one contender in its race, and the finding that it hands back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from jaxtyping import Float

from prodigy_core.experiment import Contender, Experiment, ExperimentError
from prodigy_core.optimizers import OPTIMIZERS, Optimizer, hyperparameters
from prodigy_core.optimizers.traits import Estimate
from prodigy_core.param import Value, format_number, value_text
from prodigy_core.trace import Status, Trace

# Gap between 1 and the next larger number.
EPS = {"float64": 2.0**-52, "float32": 2.0**-23, "bfloat16": 2.0**-7, "float16": 2.0**-10}
UNDERWAY = 1e-3  # fraction of the first gradient: far more than a run has left that lies in a minimum
ENOUGH = 20  # entries of a run that still goes on, before anything is said about how it goes


@dataclass(frozen=True)
class Remedy:
    """A change that may help, one click away.

    Attributes:
      label: the change in words ("Turn safeguard_warmup on").
      experiment: the experiment with exactly that changed.
    """

    label: str
    experiment: Experiment


@dataclass(frozen=True)
class Finding:
    """Something that happened to a contender.

    Attributes:
      rule: which rule found it.
      contender: index of the contender it happened to.
      text: the event and its cause, with the numbers of this run.
      remedies: changes that may help, best first.
    """

    rule: str
    contender: int
    text: str
    remedies: tuple[Remedy, ...]


@dataclass(frozen=True)
class Case:
    """One contender in its race.

    Attributes:
      experiment: the whole race.
      traces: the race so far.
      index: index of the contender.
    """

    experiment: Experiment
    traces: tuple[Trace, ...]
    index: int

    @property
    def contender(self) -> Contender:
        return self.experiment.contenders[self.index]

    @property
    def optimizer(self) -> Optimizer:
        """The contender's entry in the catalogue."""
        return OPTIMIZERS[self.contender.optimizer]

    @property
    def title(self) -> str:
        return self.optimizer.title

    @property
    def knobs(self) -> Mapping[str, Value]:
        return self.contender.knobs

    def value(self, name: str) -> float:
        """Return the number that a hyperparameter of the contender stands at.

        Raises:
          TypeError: it is None, a word or a switch.
        """
        return hyperparameters.number(self.knobs, name)

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
    def estimate(self) -> Estimate | None:
        """The contender's D, where it is a lower bound of the distance computed from the gradients."""
        estimate = self.optimizer.estimate
        return estimate if estimate is not None and estimate.lower_bound else None

    @cached_property
    def to_go(self) -> float | None:
        """The L-infinity distance from the start to the nearest known minimiser; None where none is known."""
        return self.experiment.definition.distance_to_minimiser(self.experiment.origin)

    def excess(self, loss: float) -> float | None:
        """Return the height of a loss above the minimum; None where that is not known."""
        minimum = self.experiment.definition.minimum
        return None if minimum is None else loss - minimum

    @property
    def losses(self) -> Float[np.ndarray, " entries"]:
        """The loss over the run; a model's on all its training examples, where they were evaluated."""
        judged = self.trace.metrics.get("train_loss", self.trace.loss)
        return judged if judged.size else self.trace.loss

    @property
    def arrived(self) -> bool:
        """Whether it is known to have come within the tolerance of the minimum."""
        left = self.excess(self.trace.final_loss)
        return left is not None and left <= self.experiment.tolerance

    @property
    def underway(self) -> bool:
        """Whether the gradient has not vanished, as it has where a run lies still in some minimum."""
        lengths = self.trace.gradient_norm
        return bool(lengths.size and lengths[-1] > UNDERWAY * lengths[0])

    def parameters(self, entry: int) -> Float[np.ndarray, " parameters"] | None:
        """Return the sizes of all parameters at the first (0) or last (-1) snapshot; None without one."""
        kept = self.trace.snapshots if self.trace.projected else self.trace.position
        return np.abs(np.asarray(kept[entry], float)) if len(kept) else None

    def lost(self, entry: int, part: slice) -> float:
        """Return the share of the parameters in which a usual step of this part of the run is rounded away.

        A step is lost where it is below half the gap to the next number towards zero, the narrower one at a power of two.
        The trace has the norm of each step only, so its root mean square stands for each parameter's own.
        """
        size = self.parameters(entry)
        steps = self.trace.update_norm[part]
        if size is None or not steps.size or not np.isfinite(steps).all():
            return 0.0
        return float(np.mean(np.median(steps) / np.sqrt(size.size) < gap(size, self.experiment.precision) / 2))

    # --- remedies ------------------------------------------------------------------------------------------------

    def finding(self, rule: str, text: str, *remedies: Remedy | None) -> Finding:
        return Finding(rule, self.index, text, tuple(remedy for remedy in remedies if remedy))

    def turn(self, **knobs: Value) -> Remedy | None:
        """Return this contender with other values of its knobs.

        None where it has no such knob, or the values stand there already or are not allowed.
        """
        if not knobs.keys() <= self.knobs.keys():
            return None
        words = " and ".join(_to(name, value) for name, value in knobs.items())
        try:
            changed = Contender(self.contender.optimizer, {**self.knobs, **knobs})
        except ExperimentError:
            return None
        return self._with_contender(f"Turn {words}", changed)

    def begin_estimate_at(self, first: float) -> Remedy | None:
        """Return this contender with another first value of D; None where D is no lower bound from gradients."""
        return self.turn(**{self.estimate.starts_at: first}) if self.estimate else None

    def robust_variant(self) -> Remedy | None:
        """Return the entry that computes the same more robustly, with the knobs that both have; None without one."""
        if not (other := OPTIMIZERS.get(self.optimizer.robust_variant)):
            return None
        names = {param.name for param in other.params}
        knobs = {name: value for name, value in self.knobs.items() if name in names}
        return self._with_contender(f"Take {other.title} instead of {self.title}", Contender(other.name, knobs))

    def field(self, **fields: Any) -> Remedy | None:
        """Return the experiment with other fields, for every contender."""
        return self._remedy("Turn " + " and ".join(_to(name, value) for name, value in fields.items()), fields)

    def setting(self, name: str, value: Value) -> Remedy | None:
        """Return the experiment with another setting of its problem."""
        return self._remedy(f"Turn {_to(name, value)}", {"settings": {**self.experiment.settings, name: value}})

    def start(self, *at: float) -> Remedy | None:
        """Return the experiment from another start."""
        return self._remedy(f"Start at ({', '.join(format_number(x) for x in at)})", {"start": at})

    def _with_contender(self, label: str, changed: Contender) -> Remedy | None:
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
    """Return the distance from each size to the next smaller number of a precision; 0 at 0, where numbers lie close."""
    mantissa, exponent = np.frexp(size)  # the mantissa in [1/2, 1)
    return np.where(size > 0, EPS[precision] * np.ldexp(np.where(mantissa == 0.5, 0.25, 0.5), exponent), 0.0)


def number(value: float) -> str:
    """Return a number of a run as text, with two digits."""
    return format_number(float(f"{value:.2g}"))


def rounded(value: float) -> float:
    """Return a value for a knob, with the two digits that its label shows."""
    return float(f"{value:.2g}")


def last_quarter(entries: int) -> slice:
    return slice(entries - max(entries // 4, 1), entries)


def _to(name: str, value: Value) -> str:
    if value is None or isinstance(value, bool):
        return f"{name} {'on' if value else 'off'}"
    return f"{name} to {value_text(value)}"
