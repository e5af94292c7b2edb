"""What a sweep runs: an experiment, some of its knobs as axes, and seeds. Checked once, here, as an experiment is.

The JSON has a version of its own: `{"version": 1, "experiment": {...}, "axes": [{"contender": 0, "knob": "estim_lr0", "values":
[1e-6, 1e-3]}], "seeds": [0, 1]}`. In the place of `values` an axis may say `"count": 33`, with `low` and `high` where those are
not the ends of the knob's slider.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from prodigy_core import limits
from prodigy_core.experiment import PARAMS, SEED, Contender, Experiment, ExperimentError
from prodigy_core.optimizers import OPTIMIZERS
from prodigy_core.param import Fault, Param, Value, nearest

VERSION = 1
MAX_AXES = 4  # of one contender, those of the whole experiment among them
MAX_CHARACTERS = 2_000_000  # of JSON: axes list all their values
SETTINGS, START = "settings.", "start."  # before the name of a problem's setting, and of a coordinate of the start
NO_AXES = ("seed", "tolerance")  # what a sweep says itself, and what changes no run
FIELDS = ("experiment", "axes", "seeds", "entries")


@dataclass(frozen=True)
class Axis:
    """A knob, and the values that it takes in a sweep.

    Attributes:
      knob: of a contender the name of the Param; of the whole experiment that of its field ("noise_size", "precision"), or
        "settings.NAME" and "start.NAME".
      values: what it takes, each allowed by its Param.
      contender: whose knob it is, as a place among the experiment's contenders; None for one of the whole experiment.
    """

    knob: str
    values: tuple[Value, ...]
    contender: int | None = None


@dataclass(frozen=True)
class Sweep:
    """Every contender over the product of those axes that concern it, with every seed.

    Attributes:
      experiment: what stands where no axis says something else.
      axes: at most `MAX_AXES` that concern a contender. One of another contender changes nothing about a contender, and so
        gives it no dimension.
      seeds: at least one.
      entries: about how many entries of each run are kept as its trace; 0 for its metrics alone.

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
        clean = (
            replace(axis, values=tuple(map(param_of(self.experiment, axis).normalise, axis.values)))  # type: ignore[union-attr]
            for axis in self.axes
        )
        object.__setattr__(self, "axes", tuple(clean))

    def __hash__(self) -> int:
        return hash(self.to_json())

    def axes_of(self, contender: int) -> tuple[Axis, ...]:
        """Those that concern this contender, in their order: its own, and those of the whole experiment."""
        return tuple(axis for axis in self.axes if axis.contender in (None, contender))

    def shape_of(self, contender: int) -> tuple[int, ...]:
        """How many values the axes of a contender have."""
        return tuple(len(axis.values) for axis in self.axes_of(contender))

    @property
    def runs(self) -> int:
        """How many runs there are in all."""
        return sum(_size(self.shape_of(c)) for c in range(len(self.experiment.contenders))) * len(self.seeds)

    def at(self, contender: int, index: tuple[int, ...], seed: int = 0) -> Experiment:
        """The experiment whose contender at this place is one run of the sweep.

        Args:
          contender: the place of the contender.
          index: for each of `axes_of(contender)` the place of its value.
          seed: the place of the seed.
        """
        found = replace(self.experiment, seed=self.seeds[seed])
        for axis, i in zip(self.axes_of(contender), index, strict=True):
            found = placed(found, axis, axis.values[i])
        return found

    def to_json(self) -> str:
        """This sweep as JSON, the same text for equal sweeps."""
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
        """The sweep that `to_json` wrote, or a person.

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
            seeds = list(range(min(seeds, limits.MAX_RUNS + 1)))  # so many seeds
        if not isinstance(seeds, list):
            raise ExperimentError([Fault("seeds", seeds, "a list of whole numbers, or how many")])
        read = tuple(_axis(experiment, axis, f"axes[{i}]") for i, axis in enumerate(axes))
        return cls(experiment, read, tuple(seeds), data.get("entries", 0))


def param_of(experiment: Experiment, axis: Axis) -> Param | None:
    """The Param behind an axis; None where there is none of this name."""
    return next((param for name, param in _names(experiment, axis.contender).items() if name == axis.knob), None)


def knobs_of(experiment: Experiment, contender: int | None) -> dict[str, Param]:
    """What may be an axis: a contender's knobs, or with None those of the whole experiment, by the name that an axis gives."""
    return _names(experiment, contender)


def placed(experiment: Experiment, axis: Axis, value: Value) -> Experiment:
    """The experiment with this knob at this value."""
    name = axis.knob
    if axis.contender is not None:
        contenders = list(experiment.contenders)
        was = contenders[axis.contender]
        contenders[axis.contender] = Contender(was.optimizer, {**was.knobs, name: value})
        return replace(experiment, contenders=tuple(contenders))
    if name.startswith(SETTINGS):
        return replace(experiment, settings={**experiment.settings, name.removeprefix(SETTINGS): value})
    if name.startswith(START):
        params = experiment.definition.start_params
        now = dict(zip((param.name for param in params), experiment.start or (), strict=True))
        return replace(experiment, start=tuple({**now, name.removeprefix(START): value}.values()))  # type: ignore[arg-type]
    return replace(experiment, **{name: value})  # type: ignore[arg-type]


def _names(experiment: Experiment, contender: int | None) -> dict[str, Param]:
    if contender is not None:
        optimizer = OPTIMIZERS[experiment.contenders[contender].optimizer]
        return {param.name: param for param in optimizer.params}
    problem = experiment.definition
    return {
        **{param.name: param for param in PARAMS if param.name not in NO_AXES},
        **{SETTINGS + param.name: param for param in problem.settings},
        **{START + param.name: param for param in problem.start_params},
    }


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
    last = len(experiment.contenders) - 1
    whose: Any = axis.contender
    knob: Any = axis.knob
    values: Any = axis.values
    if whose is not None and (isinstance(whose, bool) or not isinstance(whose, int) or not 0 <= whose <= last):
        return [Fault(f"{where}.contender", whose, f"the place of a contender, from 0 to {last}")]
    names = _names(experiment, whose)
    param = names.get(knob) if isinstance(knob, str) else None
    if param is None:
        known = f"a knob (known: {', '.join(names)})"
        return [Fault(f"{where}.knob", knob, known, nearest(knob, list(names)))]
    if not isinstance(values, list | tuple) or not values:
        return [Fault(f"{where}.values", values, "a list of at least one value")]
    found = (param.fault(value, f"{where}.values[{i}]") for i, value in enumerate(values))
    return [fault for fault in found if fault][:10]


def _axis(experiment: Experiment, data: Any, where: str) -> Axis:
    """An axis as a person wrote it, with its values or how many there are to be."""
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
    faults = _axis_faults(experiment, replace(axis, values=(None,)), where)
    if faults and not faults[0].field.endswith("values[0]"):  # the one value is not what a person wrote
        raise ExperimentError(faults)
    param = param_of(experiment, axis)
    assert param is not None
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


def _size(shape: tuple[int, ...]) -> int:
    size = 1
    for length in shape:
        size *= length
    return size
