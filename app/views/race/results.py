"""What a race came to, as a table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape

from prodigy_core.experiment import Experiment
from prodigy_core.param import format_number
from prodigy_core.trace import Trace

from ...figures.arena.panels import readable, score_name
from ...theme import Style

NOTHING = "–"

Column = tuple[str, Callable[[Trace], str]]


def table(experiment: Experiment, traces: Sequence[Trace], styles: Sequence[Style]) -> str:
    """The results as an HTML table, one row a contender."""
    columns = [*(_of_model(traces) if experiment.definition.learning else _of_function(experiment)), *_of_any(traces)]
    rows = []
    for trace, style in zip(traces, styles, strict=True):
        cells = (f"{style.swatch}{escape(style.label)}", *(escape(cell(trace)) for _, cell in columns))
        rows.append("<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>")
    header = "".join(f'<th scope="col">{escape(word)}</th>' for word in ("Contender", *(head for head, _ in columns)))
    return (
        '<div class="lab-scroll" tabindex="0" role="region" aria-label="Results"><table class="lab-table">'
        f"<thead><tr>{header}</tr></thead><tbody>{''.join(rows)}</tbody></table></div>"
    )


def _of_function(experiment: Experiment) -> list[Column]:
    minimum = experiment.definition.minimum

    def arrived(trace: Trace) -> str:
        reached = None if minimum is None else trace.steps_to(minimum + experiment.tolerance)
        return NOTHING if reached is None else f"{reached:,}"

    loss: Column = ("Final loss", lambda trace: f"{trace.loss[-1]:.4g}" if trace.loss.size else NOTHING)
    return [loss] if minimum is None else [loss, (f"Steps to {experiment.tolerance:g}", arrived)]


def _of_model(traces: Sequence[Trace]) -> list[Column]:
    names = ["loss"]
    if score := next((name for trace in traces if (name := score_name(trace))), None):
        names.append(score)

    def column(name: str) -> Column:
        def cell(trace: Trace) -> str:
            found = [trace.metrics.get(f"{part}_{name}") for part in ("train", "validation")]
            return " / ".join(_number(values[-1], name) if values is not None and values.size else NOTHING for values in found)

        return f"{capital(readable(name))}, train / val.", cell

    return [column(name) for name in names]


def capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _number(value: float, name: str) -> str:
    return f"{100 * value:.1f} %" if name == "accuracy" else f"{value:.3g}"


def _of_any(traces: Sequence[Trace]) -> list[Column]:
    def estimate(trace: Trace) -> str:
        d = trace.probes.get("D")
        return NOTHING if d is None or not d.size else f"{d[-1]:.4g}"

    def tuning(trace: Trace) -> str:
        if (found := trace.tuning) is None:
            return "none"
        return f"{found.values.size} runs, {found.steps:,} steps: {found.knob} {format_number(found.best)}"

    columns: list[Column] = [
        ("Final D", estimate),
        ("L∞ distance", lambda trace: f"{trace.distance_linf[-1]:.4g}" if trace.loss.size else NOTHING),
    ]
    if any(trace.tuning for trace in traces):
        columns.append(("Tuning", tuning))
    return [*columns, ("How it ended", lambda trace: trace.ending)]
