"""The catalogue in the docs: every problem, optimizer and hyperparameter, written from their entries.

    python -m prodigy_core.catalogue

writes docs/catalogue.md and the tables of README.md in the current folder. A test checks that both are current.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from prodigy_core import experiment
from prodigy_core.optimizers import OPTIMIZERS
from prodigy_core.param import Param, format_number, value_text
from prodigy_core.problems import PROBLEMS, Problem
from prodigy_core.problems.problem import Family

PAGE, README = Path("docs/catalogue.md"), Path("README.md")
BEGIN, END = "<!-- what there is: written by `make docs` -->", "<!-- end -->"
FAMILIES: dict[Family, str] = {
    "plane": "Functions of the plane",
    "space": "Functions of 2 to 10,000 dimensions",
    "model": "Models that learn",
    "formula": "Your own",
}


def page() -> str:
    """Return docs/catalogue.md, in Markdown."""
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
    for family, title in FAMILIES.items():
        problems = _problems_of(family)
        parts += [f"### {title}", _functions(problems) if family in ("plane", "space") else _models(problems)]
        settings = [(problem.name, *_row(param)) for problem in problems for param in problem.settings]
        if settings:
            parts.append(_table(("problem", "setting", "default", "allowed", "what it does"), settings))
    return "\n\n".join(parts) + "\n"


def readme(text: str) -> str:
    """Return README.md with its tables written anew.

    Raises:
      ValueError: the text lacks one of the two comments around the tables.
    """
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"README.md lacks {BEGIN} or {END}")
    problems = (
        (title, " · ".join(_short_title(problem) for problem in _problems_of(family))) for family, title in FAMILIES.items()
    )
    optimizers = ((optimizer.title, optimizer.summary, optimizer.paper) for optimizer in OPTIMIZERS.values())
    tables = [_table(("Problems", ""), problems), _table(("Optimizer", "What it does", "Paper"), optimizers)]
    return before + BEGIN + "\n\n" + "\n\n".join(tables) + "\n\n" + END + after


def _problems_of(family: Family) -> list[Problem]:
    return [problem for problem in PROBLEMS.values() if problem.family == family]


def _short_title(problem: Problem) -> str:
    return problem.title.removesuffix(", n dimensions")


def _functions(problems: list[Problem]) -> str:
    rows = (
        (
            f"{problem.title} (`{problem.name}`)",
            f"${problem.formula}$",
            _minimisers(problem),
            "unbounded" if problem.minimum is None else format_number(problem.minimum),
            problem.teaches,
            problem.source,
        )
        for problem in problems
    )
    return _table(("problem", "loss", "minimisers", "minimum", "what an optimizer meets", "source"), rows)


def _models(problems: list[Problem]) -> str:
    rows = (
        (f"{problem.title} (`{problem.name}`)", f"${problem.formula}$", problem.teaches, problem.source) for problem in problems
    )
    return _table(("problem", "loss", "what an optimizer meets", "source"), rows)


def _minimisers(problem: Problem) -> str:
    if problem.solution is not None:
        coordinate = format_number(problem.solution)
        return f"({coordinate}, ..., {coordinate})"
    return ", ".join(f"({format_number(x)}, {format_number(y)})" for x, y in problem.minimisers) or "none"


def _row(param: Param) -> tuple[str, ...]:
    default = param.none_means if param.default is None else value_text(param.default)
    return f"`{param.name}`", default, param.allowed, param.help


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    README.write_text(readme(README.read_text(encoding="utf-8")), encoding="utf-8")
