"""The catalogue as a page: every problem, every optimizer and every knob, from their entries.

    python -m prodigy_core.catalogue > docs/catalogue.md

A test holds the page against the entries.
"""

from __future__ import annotations

from collections.abc import Iterable

from prodigy_core import experiment
from prodigy_core.optimizers import OPTIMIZERS
from prodigy_core.param import Param, Value, format_number
from prodigy_core.problems import PROBLEMS


def page() -> str:
    """The page, in Markdown."""
    parts = [
        "# What there is to race",
        "Written by `make docs` from the entries themselves; change those, not this page.",
        "## The experiment",
        _table(("field", "default", "allowed", "what it does"), map(_row, experiment.PARAMS)),
        "## Optimizers",
    ]
    for optimizer in OPTIMIZERS.values():
        parts += [
            f"### {optimizer.title} (`{optimizer.name}`)",
            f"{optimizer.summary} {optimizer.paper}.",
            _table(("knob", "default", "allowed", "what it does"), map(_row, optimizer.params)),
        ]
    parts.append("## Problems")
    rows = (
        (
            f"{problem.title} (`{problem.name}`)",
            f"${problem.formula}$",
            ", ".join(f"({format_number(x)}, {format_number(y)})" for x, y in problem.minimisers) or "none",
            "unbounded" if problem.minimum is None else format_number(problem.minimum),
            problem.teaches,
            problem.source,
        )
        for problem in PROBLEMS.values()
    )
    parts.append(_table(("problem", "loss", "minimisers", "minimum", "what an optimizer meets", "source"), rows))
    parts.append("### Settings of the problems")
    settings = ((problem.name, *_row(param)) for problem in PROBLEMS.values() for param in problem.settings)
    parts.append(_table(("problem", "setting", "default", "allowed", "what it does"), settings))
    return "\n\n".join(parts) + "\n"


def _row(param: Param) -> tuple[str, ...]:
    return f"`{param.name}`", _word(param, param.default), param.allowed, param.help


def _word(param: Param, value: Value) -> str:
    if value is None:
        return param.none_means
    return str(value).lower() if isinstance(value, bool | str) else format_number(value)


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


if __name__ == "__main__":
    print(page(), end="")
