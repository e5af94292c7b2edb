"""A sweep: an experiment, axes of hyperparameters, and seeds. Checked once, here, as an experiment is.

The JSON has a version of its own: `{"version": 1, "experiment": {...}, "axes": [{"contender": 0, "knob": "estim_lr0", "values":
[1e-6, 1e-3]}], "seeds": [0, 1]}`. In place of `values` an axis may say `"count": 33`, with `low` and `high` where those differ
from the ends of the hyperparameter's slider. The file is long because the faults of all fields are told here, in one place.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

from prodigy_core import limits
from prodigy_core.experiment import PARAMS, SEED, Contender, Experiment, ExperimentError
from prodigy_core.experiment.names import labels
from prodigy_core.optimizers import OPTIMIZERS
from prodigy_core.param import Fault, Param, Value, nearest

VERSION = 1
MAX_AXES = 4  # axes that concern one contender, those of the whole experiment among them
MAX_CHARACTERS = 2_000_000  # length of a sweep's JSON: axes list all their values
SETTINGS, START = "settings.", "start."  # prefixes of `Axis.knob`: a problem's setting, a coordinate of the start
NO_AXES = ("seed", "tolerance")  # fields that are no axes: a sweep has its own seeds, and the tolerance changes no run
FIELDS = ("experiment", "axes", "seeds", "entries")


class Owner(Enum):
    """The part of an experiment that has the hyperparameter of an axis."""

    CONTENDER = "contender"
    EXPERIMENT = "experiment"
    SETTING = "setting"
    START = "start"


@dataclass(frozen=True)
class Axis:
    """A hyperparameter, and the values that it takes in a sweep.

    Attributes:
      knob: for a contender the name of the Param; for the whole experiment that of its field ("noise_size", "precision"), or
        "settings.NAME" and "start.NAME".
      values: the values, each allowed by the Param.
      contender: the place of the hyperparameter's owner among the experiment's contenders; None for the whole experiment.
    """

    knob: str
    values: tuple[Value, ...]
    contender: int | None = None

    @property
    def owner(self) -> Owner:
        """The part of the experiment that has the hyperparameter."""
        if self.contender is not None:
            return Owner.CONTENDER
        if self.knob.startswith(SETTINGS):
            return Owner.SETTING
        return Owner.START if self.knob.startswith(START) else Owner.EXPERIMENT

    @property
    def name(self) -> str:
        """The name of the hyperparameter at its owner: of its Param, without a prefix."""
        prefix = {Owner.SETTING: SETTINGS, Owner.START: START}.get(self.owner, "")
        return self.knob.removeprefix(prefix)

    def param_in(self, experiment: Experiment) -> Param:
        """Return the Param of the hyperparameter.

        Raises:
          ExperimentError: the experiment has no such contender or no such hyperparameter.
        """
        if faults := _knob_faults(experiment, self, "axis"):
            raise ExperimentError(faults)
        return knobs_of(experiment, self.contender)[self.knob]

    def value_in(self, experiment: Experiment) -> Value:
        """Return the value of the hyperparameter in an experiment. Raises as `param_in` does."""
        self.param_in(experiment)
        match self.owner:
            case Owner.CONTENDER:
                assert self.contender is not None
                return experiment.contenders[self.contender].knobs[self.name]
            case Owner.SETTING:
                return experiment.settings[self.name]
            case Owner.START:
                return (experiment.start or ())[self.coordinate_in(experiment)]
            case Owner.EXPERIMENT:
                value: Value = getattr(experiment, self.name)
                return value

    def placed_in(self, experiment: Experiment, value: Value) -> Experiment:
        """Return the experiment with this value of the hyperparameter. Raises as `param_in` does."""
        self.param_in(experiment)
        match self.owner:
            case Owner.CONTENDER:
                assert self.contender is not None
                contenders = list(experiment.contenders)
                before = contenders[self.contender]
                contenders[self.contender] = Contender(before.optimizer, {**before.knobs, self.name: value})
                return replace(experiment, contenders=tuple(contenders))
            case Owner.SETTING:
                return replace(experiment, settings={**experiment.settings, self.name: value})
            case Owner.START:
                start = list(experiment.start or ())
                start[self.coordinate_in(experiment)] = value  # type: ignore[assignment]
                return replace(experiment, start=tuple(start))
            case Owner.EXPERIMENT:
                return replace(experiment, **{self.name: value})  # type: ignore[arg-type]

    def coordinate_in(self, experiment: Experiment) -> int:
        """Return the place of the coordinate of an axis of the start."""
        return [param.name for param in experiment.definition.start_params].index(self.name)


@dataclass(frozen=True)
class Sweep:
    """Every contender over the product of those axes that concern it, with every seed.

    Attributes:
      experiment: the experiment, whose values hold unless an axis says otherwise.
      axes: at most `MAX_AXES` that concern a contender. An axis of another contender changes nothing about a contender, and
        so gives it no dimension.
      seeds: at least one.
      entries: about how many entries of each run's trace are kept; 0 for its metrics alone.

    Raises:
      ExperimentError: with every fault of every field, or where there would be more runs than `limits.MAX_RUNS`.
    """

    experiment: Experiment
    axes: tuple[Axis, ...] = ()
    seeds: tuple[int, ...] = (0,)
    entries: int = 0

    def __post_init__(self) -> None:
        if faults := _faults(self):
            raise ExperimentError(faults)
        object.__setattr__(self, "seeds", tuple(int(seed) for seed in self.seeds))
        normal = (replace(axis, values=tuple(map(axis.param_in(self.experiment).normalise, axis.values))) for axis in self.axes)
        object.__setattr__(self, "axes", tuple(normal))

    def __hash__(self) -> int:
        return hash(self.to_json())

    def axes_of(self, contender: int) -> tuple[Axis, ...]:
        """Return the axes that concern a contender, in their order: its own, and those of the whole experiment."""
        return tuple(axis for axis in self.axes if axis.contender in (None, contender))

    def shape_of(self, contender: int) -> tuple[int, ...]:
        """Return the number of values of each axis of a contender."""
        return tuple(len(axis.values) for axis in self.axes_of(contender))

    @property
    def labels(self) -> tuple[str, ...]:
        """A name for each contender, as the experiment's `labels`, but without the hyperparameters that the sweep varies."""
        contenders = self.experiment.contenders
        return labels(contenders, [{axis.knob for axis in self.axes if axis.contender == c} for c in range(len(contenders))])

    @property
    def runs(self) -> int:
        """Number of runs in all."""
        return sum(math.prod(self.shape_of(c)) for c in range(len(self.experiment.contenders))) * len(self.seeds)

    def at(self, contender: int, index: tuple[int, ...], seed: int = 0) -> Experiment:
        """Return the experiment in which a contender is one run of the sweep.

        Args:
          contender: the place of the contender.
          index: for each of `axes_of(contender)` the place of its value.
          seed: the place of the seed.
        """
        experiment = replace(self.experiment, seed=self.seeds[seed])
        for axis, i in zip(self.axes_of(contender), index, strict=True):
            experiment = axis.placed_in(experiment, axis.values[i])
        return experiment

    def to_json(self) -> str:
        """Return this sweep as JSON, the same text for equal sweeps."""
        axes = [
            {
                **({} if axis.contender is None else {"contender": axis.contender}),
                "knob": axis.knob,
                "values": list(axis.values),
            }
            for axis in self.axes
        ]
        experiment = json.loads(self.experiment.to_json(full=False))
        data = {"version": VERSION, "experiment": experiment, "axes": axes, "seeds": list(self.seeds), "entries": self.entries}
        return json.dumps(data, allow_nan=False)

    @classmethod
    def from_json(cls, text: str) -> Sweep:
        """Return the sweep that `to_json`, or a person, wrote.

        Raises:
          ExperimentError: the text is no JSON object, is of another version, or describes no valid sweep.
        """
        data = _parse(text)
        experiment = Experiment.from_json(json.dumps(data["experiment"]))
        axes = data.get("axes", [])
        if not isinstance(axes, list):
            raise ExperimentError([Fault("axes", axes, f"a list of at most {MAX_AXES} axes")])
        seeds = data.get("seeds", [experiment.seed])
        if isinstance(seeds, int) and not isinstance(seeds, bool):
            seeds = list(range(min(seeds, limits.MAX_RUNS + 1)))  # the number of seeds
        if not isinstance(seeds, list):
            raise ExperimentError([Fault("seeds", seeds, "a list of whole numbers, or how many")])
        read = tuple(_axis(experiment, axis, f"axes[{i}]") for i, axis in enumerate(axes))
        return cls(experiment, read, tuple(seeds), data.get("entries", 0))


def knobs_of(experiment: Experiment, contender: int | None) -> dict[str, Param]:
    """Return the hyperparameters that may be an axis, by `Axis.knob`: those of a contender, or with None of the experiment."""
    if contender is not None:
        optimizer = OPTIMIZERS[experiment.contenders[contender].optimizer]
        return {param.name: param for param in optimizer.params}
    problem = experiment.definition
    return {
        **{param.name: param for param in PARAMS if param.name not in NO_AXES},
        **{SETTINGS + param.name: param for param in problem.settings},
        **{START + param.name: param for param in problem.start_params},
    }


def race_may_differ(sweep: Sweep) -> bool:
    """Return whether the race of some run of a sweep may end visibly elsewhere than the run does.

    A race and a sweep are two compiled programs, which round the last bit of a number differently. Over some hundred steps
    that stays beyond the tenth digit in float64; in a coarser precision a run that is sensitive to its start ends elsewhere.
    """
    axis = next((axis for axis in sweep.axes if axis.owner is Owner.EXPERIMENT and axis.name == "precision"), None)
    precisions = axis.values if axis else (sweep.experiment.precision,)
    return any(precision != "float64" for precision in precisions)


def _faults(sweep: Sweep) -> list[Fault]:
    faults = []
    if len(sweep.axes) > MAX_AXES * (len(sweep.experiment.contenders) + 1):
        return [Fault("axes", f"{len(sweep.axes)} axes", f"at most {MAX_AXES} that concern a contender")]
    seen: set[tuple[int | None, str]] = set()
    for i, axis in enumerate(sweep.axes):
        if (axis.contender, axis.knob) in seen:
            faults.append(Fault(f"axes[{i}].knob", axis.knob, "another knob than those of the axes before"))
        seen.add((axis.contender, axis.knob))
        faults += _axis_faults(sweep.experiment, axis, f"axes[{i}]")
    if not sweep.seeds or len(set(sweep.seeds)) < len(sweep.seeds):
        faults.append(Fault("seeds", list(sweep.seeds), "one or more whole numbers, each once"))
    faults += [fault for i, seed in enumerate(sweep.seeds[:10]) if (fault := SEED.fault(seed, f"seeds[{i}]"))]
    entries: Any = sweep.entries
    if isinstance(entries, bool) or not isinstance(entries, int) or not 0 <= entries <= limits.ENTRIES:
        faults.append(Fault("entries", entries, f"a whole number from 0 to {limits.ENTRIES:,}"))
    if entries and any(axis.knob == "steps" for axis in sweep.axes):
        faults.append(Fault("entries", entries, "0 where steps is an axis: the traces would have other steps each"))
    most = max((len(sweep.axes_of(c)) for c in range(len(sweep.experiment.contenders))), default=len(sweep.axes))
    if most > MAX_AXES:
        faults.append(Fault("axes", f"{most} axes of one contender", f"at most {MAX_AXES}, those of the experiment among them"))
    if not faults and sweep.runs > limits.MAX_RUNS:
        allowed = f"at most {limits.MAX_RUNS:,} in all (PRODIGY_LAB_MAX_RUNS): fewer values on an axis, or fewer seeds"
        faults.append(Fault("runs", sweep.runs, allowed))
    return faults


def _axis_faults(experiment: Experiment, axis: Axis, where: str) -> list[Fault]:
    if faults := _knob_faults(experiment, axis, where):
        return faults
    values: Any = axis.values
    if not isinstance(values, list | tuple) or not values:
        return [Fault(f"{where}.values", values, "a list of at least one value")]
    param = axis.param_in(experiment)
    checked = (param.fault(value, f"{where}.values[{i}]") for i, value in enumerate(values))
    return [fault for fault in checked if fault][:10]


def _knob_faults(experiment: Experiment, axis: Axis, where: str) -> list[Fault]:
    """Return what is wrong with the owner or the name of an axis, whose fields may be anything a person wrote."""
    last = len(experiment.contenders) - 1
    contender: Any = axis.contender
    knob: Any = axis.knob
    if contender is not None and (isinstance(contender, bool) or not isinstance(contender, int) or not 0 <= contender <= last):
        return [Fault(f"{where}.contender", contender, f"the place of a contender, from 0 to {last}")]
    names = knobs_of(experiment, contender)
    if not isinstance(knob, str) or knob not in names:
        return [Fault(f"{where}.knob", knob, f"a knob (known: {', '.join(names)})", nearest(knob, list(names)))]
    return []


def _axis(experiment: Experiment, data: Any, where: str) -> Axis:
    """Return the axis that a person wrote, with its values or with their number."""
    if not isinstance(data, Mapping):
        raise ExperimentError([Fault(where, data, "an object with a knob and its values")])
    names = ("contender", "knob", "values", "count", "low", "high")
    if unknown := [
        Fault(f"{where}.{key}", data[key], f"removed (known: {', '.join(names)})") for key in data if key not in names
    ]:
        raise ExperimentError(unknown)
    axis = Axis(data.get("knob", ""), data.get("values", ()), data.get("contender"))
    if "count" not in data:
        values: Any = axis.values
        return replace(axis, values=tuple(values)) if isinstance(values, list | tuple) else axis
    count = data["count"]
    if isinstance(count, bool) or not isinstance(count, int) or not 1 <= count <= limits.MAX_RUNS:
        raise ExperimentError([Fault(f"{where}.count", count, f"a whole number from 1 to {limits.MAX_RUNS:,}")])
    if faults := _knob_faults(experiment, axis, where):
        raise ExperimentError(faults)
    param = axis.param_in(experiment)
    ends = [data.get(name) for name in ("low", "high")]
    for name, end in zip(("low", "high"), ends, strict=True):
        if end is not None and (fault := param.fault(end, f"{where}.{name}")):
            raise ExperimentError([fault])
    return replace(axis, values=param.spread(count, *ends))


def _parse(text: str) -> dict[str, Any]:
    allowed = f"a JSON object of at most {MAX_CHARACTERS:,} characters with an experiment in it"
    try:
        data = json.loads(text) if len(text) <= MAX_CHARACTERS else None
    except (ValueError, RecursionError):
        data = None
    if not isinstance(data, dict) or not isinstance(data.get("experiment"), dict):
        raise ExperimentError([Fault("sweep", text, allowed)])
    version = data.pop("version", None)
    if version != VERSION or isinstance(version, bool):
        raise ExperimentError([Fault("version", version, f"{VERSION}, the version that this program reads")])
    allowed = f"removed: no field has this name (known: {', '.join(FIELDS)})"
    if faults := [Fault(str(key)[:60], data[key], allowed, nearest(key, FIELDS)) for key in data if key not in FIELDS]:
        raise ExperimentError(faults)
    return data
