"""The tables of claims, of readings and of what the texts quote -> their records."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import replace
from typing import TypeVar, cast

from prodigy_core.diagnosis import REMARKS, RULES
from prodigy_core.experiment import Experiment, ExperimentError
from prodigy_core.optimizers import OPTIMIZERS
from prodigy_core.param import Fault, nearest
from prodigy_core.problems import PROBLEMS
from prodigy_core.sweep import spec

from .claims import REDUCTIONS, Claim, Given, Range, Reading, Reduction
from .fields import Table
from .measures import MEASURES, STATUS_NAMES, Detail, Measure
from .records import FORMATS, Format, Seen, Shown

FINDINGS = tuple(rule.__name__ for rule in (*(rule for line in RULES for rule in line), *REMARKS))
MOST_LINES = 12  # lines of starts along each side of the plane, at most
MOST_SEEDS = 100
MOST_STEP = 1_000_000
ENDS = ("between", "at_least", "at_most", "above", "below", "equals")
PAIRS = ({"at_least", "at_most"}, {"at_least", "below"}, {"above", "at_most"}, {"above", "below"})

T = TypeVar("T")


def read_claim(table: Table, experiments: Mapping[str, Shown]) -> Claim:
    """Return the claim of a table."""
    of = _reading(table, experiments, None)
    measure = MEASURES[of.measure]
    divided_by, minus = _others(table, experiments, of)
    compared = divided_by is not None or minus is not None
    experiment = experiments[of.experiment].experiment
    return _closed(
        table,
        Claim(
            says=table.text("says"),
            of=of,
            divided_by=divided_by,
            minus=minus,
            problems=_problems(table),
            starts=_starts(table, experiment),
            seeds=_seeds(table),
            vary=tuple(_axis(each, experiment, of.contenders[0]) for each in table.tables("vary")),
            reduce=cast(Reduction, table.word("reduce", REDUCTIONS, "each")),
            range=_range(table, None if compared else measure),
            count=_inner_range(table, "count"),
            share=_inner_range(table, "share"),
        ),
    )


def read_seen(name: str, table: Table, experiments: Mapping[str, Shown]) -> Seen:
    """Return the quoted number of a table."""
    of = _reading(table, experiments, None)
    divided_by, minus = _others(table, experiments, of)
    for reading in (of, divided_by, minus):
        if reading is not None and reading.given is not None:
            table.refuse("given", "left out: the texts quote the experiments that are shown")
        if reading is not None and not experiments[reading.experiment].shown:
            table.refuse("experiment", "one that is shown: its traces are those that the page has", "")
        if reading is not None and len(reading.contenders) > 1:
            table.refuse("contenders", "one contender")
    if of.entry.kind == "status":
        table.refuse("measure", "a number")
    written = cast(Format, table.word("format", FORMATS, "number"))
    return _closed(table, Seen(name=name, of=of, divided_by=divided_by, minus=minus, format=written))


def _closed(table: Table, record: T) -> T:
    """Return the record of a table of which every field has been read."""
    table.close()
    return record


def _others(table: Table, experiments: Mapping[str, Shown], of: Reading) -> tuple[Reading | None, Reading | None]:
    """Return the two readings that a number may be compared with."""
    readings: list[Reading | None] = []
    for name in ("divided_by", "minus"):
        inner = table.table(name)
        readings.append(None if inner is None else _closed(inner, _reading(inner, experiments, of)))
    if all(readings):
        table.refuse("minus", "left out where divided_by is given")
    return readings[0], readings[1]


def _reading(table: Table, experiments: Mapping[str, Shown], base: Reading | None) -> Reading:
    """Return the reading of a table; what it leaves out is that of `base`, or the first experiment and contender."""
    names = list(experiments)
    experiment = table.word("experiment", names, base.experiment if base else names[0], "one of the experiments")
    contenders = _contenders(table, experiments[experiment].experiment, base.contenders if base else (0,))
    measure = MEASURES[table.word("measure", MEASURES, base.measure if base else None, "one of the measures")]
    detail = _detail(table, measure, experiments[experiment].experiment, contenders, base.detail if base else None)
    given = table.table("given")
    return Reading(
        experiment=experiment,
        contenders=contenders,
        measure=measure.name,
        detail=detail,
        given=None if given is None else _given(given, experiments[experiment].experiment, contenders),
    )


def _contenders(table: Table, experiment: Experiment, default: tuple[int, ...]) -> tuple[int, ...]:
    last = len(experiment.contenders) - 1
    if "contenders" not in table:
        contender = table.whole("contender", 0, last, -1)
        table.value("contenders")
        places = default if contender < 0 else (contender,)
    else:
        places = tuple(int(place) for place in table.numbers("contenders"))
        if "contender" in table:
            table.refuse("contender", "left out where contenders are given")
        table.value("contender")
    if not places or any(not 0 <= place <= last for place in places):
        table.refuse("contenders" if "contenders" in table else "contender", f"places of contenders, from 0 to {last}")
        return (0,)
    return places


def _detail(table: Table, measure: Measure, experiment: Experiment, contenders: tuple[int, ...], base: Detail | None) -> Detail:
    fields = ("named", "coordinate", "at", "part")
    given = [name for name in fields if name in table]
    for name in given:
        if name not in measure.takes:
            table.refuse(name, f"left out: {measure.name} takes {' and '.join(measure.takes) or 'none of these'}")
    if base is not None and not given:
        for name in fields:
            table.value(name)
        return base
    missing = [name for name in measure.takes if name != "at" and name not in table]
    for name in missing:
        table.refuse(name, f"given: the measure {measure.name} asks for it")
    return Detail(
        named=_named(table, measure, experiment, contenders),
        coordinate=table.whole("coordinate", 0, 1, 0),
        at=_at(table),
        part=table.number("part", 1.0),
    )


def _named(table: Table, measure: Measure, experiment: Experiment, contenders: tuple[int, ...]) -> str:
    if measure.name == "finding" and "named" in table:
        return table.word("named", FINDINGS, None, "a rule of the diagnosis:")
    if measure.name == "hyperparameter" and "named" in table:
        optimizer = OPTIMIZERS[experiment.contenders[contenders[0]].optimizer]
        return table.word("named", [param.name for param in optimizer.params], None, "a hyperparameter:")
    return table.text("named", "")


def _at(table: Table) -> float | int | None:
    value = table.value("at")
    if "at" not in table:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        table.refuse("at", "a step, or as a number with a point a part of the run from 0.0 to 1.0")
        return None
    if (isinstance(value, float) and not 0 <= value <= 1) or not 0 <= value <= MOST_STEP:
        table.refuse("at", "a step, or as a number with a point a part of the run from 0.0 to 1.0")
        return None
    return value


def _given(table: Table, experiment: Experiment, contenders: tuple[int, ...]) -> Given:
    optimizer = OPTIMIZERS[experiment.contenders[contenders[0]].optimizer]
    given = Given(
        knob=table.word("knob", [param.name for param in optimizer.params], None, "a hyperparameter:"),
        contender=table.whole("contender", 0, len(experiment.contenders) - 1),
        times=table.number("times", 1.0),
    )
    return _closed(table, given)


def _problems(table: Table) -> tuple[str, ...]:
    names = table.texts("problems")
    for name in names:
        if name not in PROBLEMS:
            table.faults.append(
                Fault(table.path("problems"), name, "a problem of the catalogue", nearest(name, list(PROBLEMS)))
            )
    return tuple(name for name in names if name in PROBLEMS)


def _starts(table: Table, experiment: Experiment) -> int | tuple[tuple[float, ...], ...]:
    value = table.value("starts")
    if "starts" not in table:
        return ()
    if isinstance(value, list):
        points = [each for each in value if isinstance(each, list) and len(each) == len(experiment.definition.start_params)]
        flat = [x for point in points for x in point]
        if value and len(points) == len(value) and all(isinstance(x, int | float) and not isinstance(x, bool) for x in flat):
            return tuple(tuple(map(float, point)) for point in points)
    elif not isinstance(value, bool) and isinstance(value, int) and 2 <= value <= MOST_LINES:
        if experiment.definition.domain is not None:
            return value
        table.refuse("starts", "left out where the problem is no function of the plane")
        return ()
    table.refuse("starts", f"a number of lines from 2 to {MOST_LINES} (6 for 36 starts), or a list of points")
    return ()


def _seeds(table: Table) -> tuple[int, ...]:
    value = table.value("seeds")
    if "seeds" not in table:
        return ()
    if not isinstance(value, bool) and isinstance(value, int) and 1 <= value <= MOST_SEEDS:
        return tuple(range(value))
    if isinstance(value, list) and value and all(isinstance(seed, int) and seed >= 0 for seed in value):
        return tuple(value)
    table.refuse("seeds", f"their number from 1 to {MOST_SEEDS}, or a list of whole numbers")
    return ()


def _axis(table: Table, experiment: Experiment, contender: int) -> spec.Axis:
    """Return the axis of a table: a hyperparameter of the contender if it has one of this name, else of the experiment."""
    names = ("knob", "values", "count", "low", "high")
    fields = {name: table.value(name) for name in names if name in table.names}
    for name in names:
        table.value(name)
    table.close()
    own = [param.name for param in OPTIMIZERS[experiment.contenders[contender].optimizer].params]
    wider = list(spec.knobs_of(experiment, None))
    knob = fields.get("knob")
    if knob not in own and knob not in wider:
        table.refuse("knob", f"one of {', '.join([*own, *wider])}", nearest(knob, [*own, *wider]))
        return spec.Axis("steps", (experiment.steps,))
    axis = {**({"contender": contender} if knob in own else {}), **fields}
    data = {"version": spec.VERSION, "experiment": json.loads(experiment.to_json()), "axes": [axis]}
    try:
        return spec.Sweep.from_json(json.dumps(data)).axes[0]
    except ExperimentError as error:
        table.faults += [replace(fault, field=table.where + fault.field.removeprefix("axes[0]")) for fault in error.faults]
        return spec.Axis("steps", (experiment.steps,))


def _inner_range(table: Table, name: str) -> Range | None:
    inner = table.table(name)
    return None if inner is None else _closed(inner, _range(inner, None))


def _range(table: Table, measure: Measure | None) -> Range:
    """Return the range that a table gives in one or two of `ENDS`; words for a status and truth values for a yes or no."""
    given = [name for name in ENDS if name in table]
    for name in ENDS:
        table.value(name)
    if len(given) != 1 and set(given) not in PAIRS:
        allowed = f"one range: one of {', '.join(ENDS)}, or a low and a high end"
        table.faults.append(Fault(table.path("between"), given, allowed))
        return Range()
    if measure is not None and measure.kind != "number":
        return _word_range(table, measure, given)
    if "equals" in table:
        value = table.number("equals")
        return Range(low=value, high=value)
    if "between" in table:
        low, high = table.numbers("between", 2)
        if low > high:
            table.refuse("between", "two numbers, the lower first")
        return Range(low=low, high=high)
    above, below = "above" in table, "below" in table
    return Range(
        low=table.number("above" if above else "at_least", -math.inf),
        high=table.number("below" if below else "at_most", math.inf),
        above_low=above,
        below_high=below,
    )


def _word_range(table: Table, measure: Measure, given: list[str]) -> Range:
    value = table.value(given[0])
    words = "true or false" if measure.kind == "yes or no" else f"one of {', '.join(STATUS_NAMES)}"
    if given != ["equals"] or (measure.kind == "yes or no" and not isinstance(value, bool)):
        table.refuse(given[0], f"equals, with {words}")
        return Range()
    place = float(value) if measure.kind == "yes or no" else float(STATUS_NAMES.index(table.word("equals", STATUS_NAMES)))
    return Range(low=place, high=place)
