"""The one description of what is run. Widgets, links, files and lessons all become an `Experiment`.

Checked once, here; what lies below trusts it. All faults are reported together, each with its field, what was found
there and what is allowed. The JSON is versioned: a default or a field changes its meaning only with the version.
What makes the file long is that the faults of all fields are told here, in one place.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import numpy as np
from jaxtyping import Float

from prodigy_core import limits
from prodigy_core.noise import AT as NOISE_AT
from prodigy_core.noise import NOISE
from prodigy_core.noise import SIZE as NOISE_SIZE
from prodigy_core.optimizers import OPTIMIZERS
from prodigy_core.param import Fault, Param, Value, nearest, value_text
from prodigy_core.problems import PROBLEMS, Problem, find
from prodigy_core.problems.formula.compile import FormulaError
from prodigy_core.problems.formula.grammar import EXAMPLE
from prodigy_core.problems.formula.problem import OWN

VERSION = 1
MAX_CONTENDERS = 6
DIGEST = re.compile("[0-9a-f]{32}")
MAX_CHARACTERS = 50_000  # of JSON; a full experiment has under 5,000

STEPS = Param(
    name="steps",
    default=500,
    low=1,
    high=limits.MAX_STEPS,
    span=(10, min(20_000, limits.MAX_STEPS)),
    scale="log",
    help="How many steps every contender takes.",
)
SEED = Param(name="seed", default=0, low=0, high=2**31 - 1, span=(0, 99), help="Fixes everything random about the run.")
PRECISION = Param(
    name="precision",
    default="float64",
    choices=("float64", "float32", "bfloat16", "float16"),
    help="The floating-point numbers of the parameters. Where they are coarse, small steps are rounded away. "
    "Losses and gradients are computed in float32 at least.",
)
TOLERANCE = Param(
    name="tolerance",
    default=1e-6,
    low=0.0,
    above_low=True,
    high=1e6,
    span=(1e-12, 1e2),
    scale="log",
    help="A contender has arrived when its loss is within this of the minimum.",
)
PARAMS = (STEPS, SEED, PRECISION, TOLERANCE, NOISE, NOISE_SIZE, NOISE_AT)
FIELDS = ("problem", "formula", "data", "settings", "start", "contenders", *(param.name for param in PARAMS))


class ExperimentError(ValueError):
    """All that is wrong with an experiment, in `faults`."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(str(fault) for fault in self.faults))


@dataclass(frozen=True)
class Contender:
    """An optimizer with its knobs. Knobs not given stand at their defaults.

    Raises:
      ExperimentError: an unknown optimizer or knob, or a value that a knob does not allow.
    """

    optimizer: str
    knobs: Mapping[str, Value] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if faults := _contender_faults({"optimizer": self.optimizer, "knobs": self.knobs}, "contender"):
            raise ExperimentError(faults)
        object.__setattr__(self, "knobs", _filled(OPTIMIZERS[self.optimizer].params, self.knobs))

    def __hash__(self) -> int:
        return hash((self.optimizer, *self.knobs.items()))

    @property
    def changed(self) -> dict[str, Value]:
        """The knobs that do not stand at their defaults."""
        return _changed(OPTIMIZERS[self.optimizer].params, self.knobs)


@dataclass(frozen=True)
class Experiment:
    """What is run: a problem with its settings, a start, the contenders, and for how long.

    Attributes:
      problem: a name in `PROBLEMS`.
      formula: the text of one's own formula, where that is the problem; else "".
      data: the digest of the uploaded data, where a model learns from one; else "".
      settings: the problem's own knobs; those not given stand at their defaults.
      start: where every contender starts; None for the problem's usual start, () where its settings say it.
      contenders: up to `MAX_CONTENDERS`.
      steps, precision: see the Params of these names; None for what is usual of the problem.
      seed, tolerance, noise, noise_size, noise_at: see the Params of these names.

    Raises:
      ExperimentError: with every fault of every field.
    """

    problem: str = "rosenbrock"
    formula: str = ""
    data: str = ""
    settings: Mapping[str, Value] = field(default_factory=dict)
    start: tuple[float, ...] | None = None
    contenders: tuple[Contender, ...] = field(default_factory=lambda: (Contender("prodigy"), Contender("adam")))
    steps: int = None  # type: ignore[assignment]
    seed: int = SEED.default  # type: ignore[assignment]
    precision: str = None  # type: ignore[assignment]
    tolerance: float = TOLERANCE.default  # type: ignore[assignment]
    noise: str = NOISE.default  # type: ignore[assignment]
    noise_size: float = NOISE_SIZE.default  # type: ignore[assignment]
    noise_at: int = NOISE_AT.default  # type: ignore[assignment]

    def __post_init__(self) -> None:
        given = {name: value for name in FIELDS if (value := getattr(self, name)) is not None}
        if faults := _faults(given):
            raise ExperimentError(faults)
        if self.problem == OWN and not self.formula:
            object.__setattr__(self, "formula", EXAMPLE)
        problem = self.definition
        start = problem.start if self.start is None else self.start
        given = {**usual(problem), **given}
        clean: dict[str, Any] = {param.name: param.normalise(given[param.name]) for param in PARAMS}
        clean["settings"] = _filled(problem.settings, self.settings)
        clean["start"] = tuple(param.normalise(x) for param, x in zip(problem.start_params, start, strict=True))
        clean["contenders"] = tuple(c if isinstance(c, Contender) else Contender(**c) for c in given["contenders"])
        for name, value in clean.items():
            object.__setattr__(self, name, value)

    def __hash__(self) -> int:
        return hash(self.to_json())

    @property
    def definition(self) -> Problem:
        """The problem that is run."""
        return find(self.problem, self.formula)

    @property
    def needs_upload(self) -> bool:
        """Whether it learns from a file that somebody uploaded."""
        return self.settings.get("data") == "upload"

    @property
    def random(self) -> bool:
        """Whether the seed decides anything about its runs."""
        return self.definition.learning is not None or self.noise != "none" or bool(self.settings.get("start_spread"))

    @property
    def origin(self) -> Float[np.ndarray, " dim"] | None:
        """Where a function starts, from the start or the settings; None for a model."""
        return self.definition.origin(self.start or (), self.settings, self.seed)

    @property
    def labels(self) -> tuple[str, ...]:
        """A name for each contender: its optimizer's title and, where that is in the race twice, what was changed."""
        titles = [OPTIMIZERS[contender.optimizer].title for contender in self.contenders]
        tuned = any(OPTIMIZERS[contender.optimizer].search for contender in self.contenders)
        found: list[str] = []
        for title, contender in zip(titles, self.contenders, strict=True):
            label = f"{title}, default" if tuned and contender == Contender("adam") else title
            if titles.count(title) > 1 and contender.changed:
                label += " (" + ", ".join(f"{name} {value_text(value)}" for name, value in contender.changed.items()) + ")"
            again = sum(other == label or other.startswith(f"{label} #") for other in found)
            found.append(f"{label} #{again + 1}" if again else label)
        return tuple(found)

    def to_json(self, *, full: bool = True) -> str:
        """This experiment as JSON, the same text for equal experiments.

        Args:
          full: with every knob; else without the knobs that stand at their defaults, short enough for a link.
        """

        def kept(params: tuple[Param, ...], values: Mapping[str, Value]) -> dict[str, Value]:
            return dict(values) if full else _changed(params, values)

        def filled(data: dict[str, Any]) -> dict[str, Any]:
            return {key: value for key, value in data.items() if full or value not in ({}, "")}

        fields = {param.name: getattr(self, param.name) for param in PARAMS}
        standing = usual(self.definition)

        contenders = [
            filled({"optimizer": c.optimizer, "knobs": kept(OPTIMIZERS[c.optimizer].params, c.knobs)}) for c in self.contenders
        ]
        data = {
            "version": VERSION,
            "problem": self.problem,
            "formula": self.formula,
            "data": self.data,
            "settings": kept(self.definition.settings, self.settings),
            **({"start": list(self.start or ())} if full or self.start else {}),
            "contenders": contenders,
            **{name: value for name, value in fields.items() if full or value != standing[name]},
        }
        return json.dumps(filled(data), allow_nan=False, separators=(", ", ": ") if full else (",", ":"))

    @classmethod
    def from_json(cls, text: str) -> Experiment:
        """The experiment that `to_json` wrote; fields left out stand at their defaults.

        Raises:
          ExperimentError: the text is no JSON object, is of another version, or describes no valid experiment.
        """
        data = _parse(text)
        version = data.pop("version", None)
        if version != VERSION or isinstance(version, bool):
            raise ExperimentError([Fault("version", version, f"{VERSION}, the version that this program reads")])
        if faults := [*_unknown(data, FIELDS, ""), *_faults(data)]:
            raise ExperimentError(faults)
        return cls(**data)


def usual(problem: Problem) -> dict[str, Value]:
    """What the fields of an experiment with this problem stand at where nothing is said."""
    return {param.name: problem.usual.get(param.name, param.default) for param in PARAMS}


def _parse(text: str) -> dict[str, Any]:
    def refuse(token: str) -> None:
        raise ValueError(f"{token} is no JSON number")

    allowed = f"a JSON object of at most {MAX_CHARACTERS:,} characters"
    if len(text) > MAX_CHARACTERS:
        raise ExperimentError([Fault("experiment", f"{len(text):,} characters", allowed)])
    try:
        data = json.loads(text, parse_constant=refuse)
    except (ValueError, RecursionError):
        raise ExperimentError([Fault("experiment", text, allowed)]) from None
    if not isinstance(data, dict):
        raise ExperimentError([Fault("experiment", data, allowed)])
    return data


def _faults(given: Mapping[str, Any]) -> list[Fault]:
    """Everything wrong with the fields that are given."""
    faults, problem = _problem_faults(given)
    if problem is not None:
        faults += _mapping_faults(problem.settings, given.get("settings", {}), "settings")
        faults += _start_faults(problem.start_params, given.get("start"))
    contenders = given.get("contenders", ())
    if not isinstance(contenders, list | tuple) or len(contenders) > MAX_CONTENDERS:
        found = f"{len(contenders)} contenders" if isinstance(contenders, list | tuple) else contenders
        faults.append(Fault("contenders", found, f"a list of at most {MAX_CONTENDERS}"))
    else:
        for i, contender in enumerate(contenders):
            if not isinstance(contender, Contender):
                faults += _contender_faults(contender, f"contenders[{i}]")
    for param in PARAMS:
        if param.name in given and (fault := param.fault(given[param.name], param.name)):
            faults.append(fault)
    return faults


def _problem_faults(given: Mapping[str, Any]) -> tuple[list[Fault], Problem | None]:
    """What is wrong with what names the problem, and the problem where it can be made out."""
    name, formula, data = given.get("problem", "rosenbrock"), given.get("formula", ""), given.get("data", "")
    faults = []
    if not (isinstance(data, str) and (not data or DIGEST.fullmatch(data))):
        faults.append(Fault("data", data, "the digest of an uploaded file, or empty"))
    problem = PROBLEMS.get(name) if isinstance(name, str) else None
    if problem is None:
        return [*faults, Fault("problem", name, "a problem of the catalogue", nearest(name, list(PROBLEMS)))], None
    if problem.name != OWN:
        if formula != "":
            faults.append(Fault("formula", formula, f"empty where the problem is not {OWN!r}"))
        return faults, problem
    if not isinstance(formula, str):
        return [*faults, Fault("formula", formula, "text")], None
    try:
        return faults, find(OWN, formula)
    except FormulaError as error:
        return [*faults, Fault("formula", formula, f"a formula: {error}")], None


def _start_faults(params: tuple[Param, ...], start: Any) -> list[Fault]:
    if start is None:
        return []
    if not isinstance(start, list | tuple) or len(start) != len(params):
        return [Fault("start", start, f"a list of {len(params)} numbers" if params else "empty: the problem's settings say it")]
    found = (param.fault(value, f"start.{param.name}") for param, value in zip(params, start, strict=True))
    return [fault for fault in found if fault]


def _contender_faults(contender: Any, where: str) -> list[Fault]:
    if not isinstance(contender, Mapping):
        return [Fault(where, contender, "an object with an optimizer and its knobs")]
    faults = _unknown(contender, ("optimizer", "knobs"), f"{where}.")
    name = contender.get("optimizer")
    optimizer = OPTIMIZERS.get(name) if isinstance(name, str) else None
    if optimizer is None:
        return [*faults, Fault(f"{where}.optimizer", name, "an optimizer of the catalogue", nearest(name, list(OPTIMIZERS)))]
    return faults + _mapping_faults(optimizer.params, contender.get("knobs", {}), f"{where}.knobs")


def _mapping_faults(params: tuple[Param, ...], given: Any, where: str) -> list[Fault]:
    if not isinstance(given, Mapping):
        return [Fault(where, given, "an object of names and values")]
    faults = _unknown(given, tuple(param.name for param in params), f"{where}.")
    found = (param.fault(given[param.name], f"{where}.{param.name}") for param in params if param.name in given)
    return faults + [fault for fault in found if fault]


def _unknown(given: Mapping[Any, Any], names: tuple[str, ...], prefix: str) -> list[Fault]:
    allowed = "removed: no field has this name" + (f" (known: {', '.join(names)})" if names else "")
    return [Fault(prefix + _printable(key), given[key], allowed, nearest(key, names)) for key in given if key not in names]


def _printable(key: object) -> str:
    """A misspelt name as it may stand in a message: short, on one line, and without characters that no text may hold."""
    text = key if isinstance(key, str) and key.isprintable() else repr(key)
    return text if len(text) <= 60 else text[:57] + "..."


def _filled(params: tuple[Param, ...], given: Mapping[str, Value]) -> Mapping[str, Value]:
    return MappingProxyType({param.name: param.normalise(given.get(param.name, param.default)) for param in params})


def _changed(params: tuple[Param, ...], values: Mapping[str, Value]) -> dict[str, Value]:
    return {param.name: values[param.name] for param in params if values[param.name] != param.default}
