"""The results of a race as a table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape

from prodigy_core.experiment import Experiment
from prodigy_core.param import format_number
from prodigy_core.trace import Trace

from ...figures.arena.panels import readable, score_name
from ...theme import Style

NONE = "–"  # in a cell without a value

Column = tuple[str, Callable[[Trace], str]]


def table(experiment: Experiment, traces: Sequence[Trace], styles: Sequence[Style]) -> str:
    """Return the results as an HTML table, one row a contender."""
    own = _model_columns(traces) if experiment.definition.learning else _function_columns(experiment)
    columns = [*own, *_common_columns(traces)]
    rows = []
    for trace, style in zip(traces, styles, strict=True):
        cells = (f"{style.swatch}{escape(style.label)}", *(escape(cell(trace)) for _, cell in columns))
        rows.append("<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>")
    header = "".join(f'<th scope="col">{escape(word)}</th>' for word in ("Contender", *(head for head, _ in columns)))
    return (
        '<div class="lab-scroll" tabindex="0" role="region" aria-label="Results"><table class="lab-table">'
        f"<thead><tr>{header}</tr></thead><tbody>{''.join(rows)}</tbody></table></div>"
    )


def _function_columns(experiment: Experiment) -> list[Column]:
    minimum = experiment.definition.minimum

    def steps(trace: Trace) -> str:
        count = None if minimum is None else trace.steps_to(minimum + experiment.tolerance)
        return NONE if count is None else f"{count:,}"

    loss: Column = ("Final loss", lambda trace: f"{trace.loss[-1]:.4g}" if trace.loss.size else NONE)
    return [loss] if minimum is None else [loss, (f"Steps to {experiment.tolerance:g}", steps)]


def _model_columns(traces: Sequence[Trace]) -> list[Column]:
    names = ["loss"]
    if score := next((name for trace in traces if (name := score_name(trace))), None):
        names.append(score)

    def column(name: str) -> Column:
        def cell(trace: Trace) -> str:
            metrics = [trace.metrics.get(f"{part}_{name}") for part in ("train", "validation")]
            return " / ".join(_number(values[-1], name) if values is not None and values.size else NONE for values in metrics)

        return f"{capital(readable(name))}, train / val.", cell

    return [column(name) for name in names]


def capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _number(value: float, name: str) -> str:
    return f"{100 * value:.1f} %" if name == "accuracy" else f"{value:.3g}"


def _common_columns(traces: Sequence[Trace]) -> list[Column]:
    def estimate(trace: Trace) -> str:
        d = trace.probes.get("D")
        return NONE if d is None or not d.size else f"{d[-1]:.4g}"

    def tuning(trace: Trace) -> str:
        if (search := trace.tuning) is None:
            return "none"
        if search.scout:
            return f"1 run of {search.scout}, {search.steps:,} steps: {search.knob} {format_number(search.best)}"
        return f"{search.values.size} runs, {search.steps:,} steps: {search.knob} {format_number(search.best)}"

    columns: list[Column] = [
        ("Final D", estimate),
        ("L∞ distance", lambda trace: f"{trace.distance_linf[-1]:.4g}" if trace.loss.size else NONE),
    ]
    if any(trace.tuning for trace in traces):
        columns.append(("Tuning", tuning))
    return [*columns, ("How it ended", lambda trace: trace.ending)]
