"""The hyperparameters that stand in the figure as sliders and switches: what the browser is sent of them, and the way back."""

from __future__ import annotations

from collections.abc import Sequence
from math import floor, inf, log, log10

from prodigy_core.experiment import Experiment
from prodigy_core.experiment.params import PARAMS
from prodigy_core.optimizers import OPTIMIZERS
from prodigy_core.param import Param, Value, value_text

from .records import Knob, Knobs, Offer

PROBLEM = -1  # in place of a contender's index, for the settings of the problem and of the run
STOPS = 100  # most intervals between the values of a linear scale
SWITCH = ("off", "on")


def knobs(experiment: Experiment, shown: Sequence[tuple[int, str]], offered: bool = True) -> Knobs:
    """Return the knobs that stand in the figure, and those that could stand there in their place.

    Args:
      experiment: with the values now.
      shown: the index of a contender, or `PROBLEM`, and the name of its hyperparameter or setting, for each knob.
      offered: whether a person may put others there: the hyperparameters of all contenders that have an effect and compile
        nothing anew.

    Raises:
      LookupError: there is no such contender, hyperparameter or setting.
    """
    return Knobs([_knob(experiment, *place) for place in shown], _offers(experiment) if offered else ())


def value_at(experiment: Experiment, contender: object, name: object, index: object) -> Value:
    """Return the value of one of a knob's texts, an allowed one.

    Args:
      contender, name: see `knobs`; like the index they may come from a browser, so they may be anything.
      index: of the text.

    Raises:
      LookupError: there is no such contender, hyperparameter, setting or text.
    """
    values = _values(find(experiment, contender, name)[0])
    if isinstance(index, bool) or not isinstance(index, int) or not 0 <= index < len(values):
        raise LookupError(f"{name} has no value {index!r}; it has {len(values)}.")
    return values[index]


def find(experiment: Experiment, contender: object, name: object) -> tuple[Param, Value]:
    """Return a hyperparameter or setting, and its value now.

    Raises:
      LookupError: there is no such contender, hyperparameter or setting.
    """
    if isinstance(contender, bool) or not isinstance(contender, int) or not isinstance(name, str):
        raise LookupError(f"There is no hyperparameter {name!r} of contender {contender!r}.")
    params: Sequence[Param]
    if contender == PROBLEM:
        params = [*experiment.definition.settings, *PARAMS]
        values = {**{param.name: getattr(experiment, param.name) for param in PARAMS}, **experiment.settings}
    elif 0 <= contender < len(experiment.contenders):
        params = OPTIMIZERS[experiment.contenders[contender].optimizer].params
        values = dict(experiment.contenders[contender].knobs)
    else:
        raise LookupError(f"There is no contender {contender}; there are {len(experiment.contenders)}.")
    param = next((param for param in params if param.name == name), None)
    if param is None:
        raise LookupError(f"There is no hyperparameter {name!r} of contender {contender}.")
    return param, values[name]


def _knob(experiment: Experiment, contender: int, name: str) -> Knob:
    param, now = find(experiment, contender, name)
    values = _values(param)
    return Knob(
        contender=contender,
        name=name,
        kind="switch" if param.kind == "bool" else "choice" if param.kind == "choice" else "slider",
        texts=[_text(param, value) for value in values],
        at=_nearest(param, values, now),
        text=_text(param, now),
        usual=_nearest(param, values, param.default),
        help=param.help,
    )


def _offers(experiment: Experiment) -> list[Offer]:
    return [
        Offer(i, param.name, f"{label} · {param.label}")
        for i, (label, contender) in enumerate(zip(experiment.labels, experiment.contenders, strict=True))
        for param in OPTIMIZERS[contender.optimizer].params
        if not param.static and param.applies(contender.knobs)
    ]


def _values(param: Param) -> tuple[Value, ...]:
    """The values of a knob, ascending; None comes first where it is allowed."""
    if param.kind == "bool":
        return (False, True)
    if param.kind == "choice":
        return param.choices
    numbers = param.stops or _evenly(*param.slider, param.kind == "int")
    allowed = (param.normalise(number) for number in numbers if not param.fault(number, param.name))
    return (*((None,) if param.none_means else ()), *allowed)


def _text(param: Param, value: Value) -> str:
    if value is None:
        return param.none_means
    return SWITCH[value] if isinstance(value, bool) else value_text(value)


def _nearest(param: Param, values: Sequence[Value], value: Value) -> int:
    """The index of the one of the values that is nearest on the knob's scale."""
    if value in values:
        return values.index(value)
    return min(range(len(values)), key=lambda index: _distance(param, values[index], value))


def _distance(param: Param, a: Value, b: Value) -> float:
    """How far two numbers are apart on the scale of a knob; infinitely where one of them is no number or not on the scale."""
    if isinstance(a, str | None) or isinstance(b, str | None):
        return inf
    if param.scale == "linear":
        return abs(a - b)
    if param.scale == "log1m":
        a, b = 1 - a, 1 - b
    return abs(log(a / b)) if a > 0 and b > 0 else inf


def _evenly(low: float, high: float, whole: bool) -> tuple[float, ...]:
    """Numbers from low to high, a round number apart, so that at most `STOPS` intervals lie between them."""
    exact = (high - low) / STOPS
    decade = 10.0 ** floor(log10(exact))
    apart = next(decade * nice for nice in (1, 2, 5, 10) if decade * nice >= exact * (1 - 1e-9))
    if whole:
        apart = max(1.0, apart)
    count = floor((high - low) / apart * (1 + 1e-12))
    numbers = [float(f"{low + apart * k:.12g}") for k in range(count + 1)]
    return tuple(numbers if numbers[-1] == high else [*numbers, high])
