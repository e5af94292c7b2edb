"""The experiment itself, and its JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from jaxtyping import Float

from prodigy_core.experiment.contender import Contender, ExperimentError, changed_values, unknown_names, with_defaults
from prodigy_core.experiment.faults import field_faults
from prodigy_core.experiment.names import labels
from prodigy_core.experiment.params import FIELDS, PARAMS, PROBLEM, SEED, TOLERANCE
from prodigy_core.experiment.versions import VERSION, upgraded
from prodigy_core.noise import AT as NOISE_AT
from prodigy_core.noise import NOISE
from prodigy_core.noise import SIZE as NOISE_SIZE
from prodigy_core.optimizers import OPTIMIZERS
from prodigy_core.param import Fault, Param, Value
from prodigy_core.problems import Problem, find
from prodigy_core.problems.formula.grammar import EXAMPLE
from prodigy_core.problems.formula.problem import OWN

MAX_CHARACTERS = 50_000  # characters of the JSON, at most; a full experiment has under 5,000


@dataclass(frozen=True)
class Experiment:
    """A run: a problem with its settings, a start, the contenders and the number of steps.

    Attributes:
      problem: a name in `PROBLEMS`.
      formula: the text of a person's own formula if that is the problem; else "".
      data: the digest of the uploaded data if a model learns from them; else "".
      settings: the problem's own hyperparameters; those not given get their defaults.
      start: the start of every contender; None for the problem's usual start, () if its settings give it.
      contenders: at most `MAX_CONTENDERS`.
      steps, precision: see the Params of these names; None for the problem's usual value.
      seed, tolerance, noise, noise_size, noise_at: see the Params of these names.

    Raises:
      ExperimentError: a field is not valid; the error has every fault of every field.
    """

    problem: str = PROBLEM
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
        if faults := field_faults(given):
            raise ExperimentError(faults)
        if self.problem == OWN and not self.formula:
            object.__setattr__(self, "formula", EXAMPLE)
        problem = self.definition
        start = problem.start if self.start is None else self.start
        given = {**usual_values(problem), **given}
        clean: dict[str, Any] = {param.name: param.normalise(given[param.name]) for param in PARAMS}
        clean["settings"] = with_defaults(problem.settings, self.settings)
        clean["start"] = tuple(param.normalise(x) for param, x in zip(problem.start_params, start, strict=True))
        clean["contenders"] = tuple(c if isinstance(c, Contender) else Contender(**c) for c in given["contenders"])
        for name, value in clean.items():
            object.__setattr__(self, name, value)

    def __hash__(self) -> int:
        return hash(self.to_json())

    @property
    def definition(self) -> Problem:
        """The problem of the run."""
        return find(self.problem, self.formula)

    @property
    def needs_upload(self) -> bool:
        """Whether the model learns from an uploaded file."""
        return self.settings.get("data") == "upload"

    @property
    def random(self) -> bool:
        """Whether the runs depend on the seed."""
        return self.definition.learning is not None or self.noise != "none" or bool(self.settings.get("start_spread"))

    @property
    def origin(self) -> Float[np.ndarray, " dim"] | None:
        """The start of a function, from the field `start` or the settings; None for a model."""
        return self.definition.origin(self.start or (), self.settings, self.seed)

    @property
    def labels(self) -> tuple[str, ...]:
        """A name for each contender: its optimizer's title and, where several share it, the hyperparameters that differ."""
        return labels(self.contenders)

    def to_json(self, *, full: bool = True) -> str:
        """Return this experiment as JSON, the same text for equal experiments.

        Args:
          full: with every value; else without those that are defaults, short enough for a link.
        """

        def written(params: tuple[Param, ...], values: Mapping[str, Value]) -> dict[str, Value]:
            return dict(values) if full else changed_values(params, values)

        def without_empty(data: dict[str, Any]) -> dict[str, Any]:
            return {key: value for key, value in data.items() if full or value not in ({}, "")}

        fields = {param.name: getattr(self, param.name) for param in PARAMS}
        usual = usual_values(self.definition)

        contenders = [
            without_empty({"optimizer": c.optimizer, "knobs": written(OPTIMIZERS[c.optimizer].params, c.knobs)})
            for c in self.contenders
        ]
        data = {
            "version": VERSION,
            "problem": self.problem,
            "formula": self.formula,
            "data": self.data,
            "settings": written(self.definition.settings, self.settings),
            **({"start": list(self.start or ())} if full or self.start != self.definition.start else {}),
            "contenders": contenders,
            **{name: value for name, value in fields.items() if full or value != usual[name]},
        }
        return json.dumps(without_empty(data), allow_nan=False, separators=(", ", ": ") if full else (",", ":"))

    @classmethod
    def from_json(cls, text: str) -> Experiment:
        """Return the experiment of a text by `to_json`, of this version or an earlier one; fields left out get its defaults.

        Raises:
          ExperimentError: the text is no JSON object, has no or a later version, or describes no valid experiment.
        """
        data = _parse(text)
        version = data.pop("version", None)
        if version not in range(1, VERSION + 1) or isinstance(version, bool):
            raise ExperimentError([Fault("version", version, f"1 to {VERSION}, the versions that this program reads")])
        data = upgraded(data, int(version))
        if faults := [*unknown_names(data, FIELDS, ""), *field_faults(data)]:
            raise ExperimentError(faults)
        return cls(**data)


def usual_values(problem: Problem) -> dict[str, Value]:
    """Return the defaults of the fields of an experiment with this problem."""
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
