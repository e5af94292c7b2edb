"""The contenders over a suite of problems. It runs on while a person looks at another page, and its results are kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from prodigy_core.experiment import MAX_CONTENDERS, Contender, ExperimentError
from prodigy_core.optimizers import OPTIMIZERS
from prodigy_core.problems import PROBLEMS
from prodigy_core.scoreboard import (
    SEEDS,
    STARTS,
    SUITABLE,
    SUITES,
    ContenderResult,
    ProblemResult,
    costs,
    problem_result,
    ranks,
    results,
    to_csv,
)
from prodigy_core.scoreboard import sweeps as suite_of
from prodigy_core.sweep.result import SweepTrace
from prodigy_core.sweep.spec import Sweep

from .. import state, theme
from ..figures.sweeps.measures import number
from ..figures.sweeps.profiles import profiles, ranking
from ..theme import Style
from . import status, sweep_widgets, sweeps

TELLS = (
    "The contenders of the race on a suite of problems. A case, a problem from one start or with one seed, is solved when only "
    "a small part of the way from its first loss to the best is left. It runs on while you look at another page."
)
STEPS = (100, 250, 500, 1000, 2000, 5000)
USUAL_STEPS = {"Plane": 1000, "Many variables": 1000, "Small models": 250}
TAUS = (1e-1, 1e-2, 1e-3, 1e-4, 1e-5)
LEFT = {1e-1: "10 %", 1e-2: "1 %", 1e-3: "0.1 %", 1e-4: "0.01 %", 1e-5: "0.001 %"}
KEEPS = 900.0  # seconds for which it runs on while nobody looks
TUNED = Contender("tuned_adam")
FIRST = {"light": "background-color: #e3efe6", "dark": "background-color: #1c3325"}  # a cell of who is first


class Cell(float):
    """A number of the table, which is sorted by it, and what is written for it."""

    words: str


def page() -> None:
    experiment = sweeps.head("Scoreboard", TELLS, of_problem=False)
    if experiment is None:
        return
    contenders = experiment.contenders
    searches = any(OPTIMIZERS[contender.optimizer].search for contender in contenders)
    with sweep_widgets.row():
        suite = sweep_widgets.choose("board/suite", "Suite", list(SUITES), next(iter(SUITES)))
        steps = sweep_widgets.choose(f"board/steps/{suite}", "Steps", STEPS, USUAL_STEPS[suite], lambda n: f"{n:,}")
        with sweep_widgets.details("Problems, starts, seeds"):
            problems = _problems(suite)
            starts = sweep_widgets.choose("board/starts", "Starts on the plane", (2, 3, 4, 6), STARTS, lambda n: f"{n} x {n}")
            seeds = sweep_widgets.choose("board/seeds", "Seeds of what is random", (1, 2, 3, 5, 10), SEEDS)
        tau = sweep_widgets.choose("board/tau", "Solved at", TAUS, 1e-3, lambda part: f"{LEFT[part]} left")
        counted = _counted(searches)
        if TUNED.optimizer not in {contender.optimizer for contender in contenders} and len(contenders) < MAX_CONTENDERS:
            st.button(
                "Add Adam, tuned", key=state.key("board", "tuned"), icon=":material/add:", help=_price(), on_click=_add_tuned
            )
    if len(contenders) < 2:
        st.info("A scoreboard compares: add a second contender in the sidebar.", icon=":material/group_add:")
        return
    if not problems:
        st.info("The suite is empty: choose at least one problem.", icon=":material/playlist_add:")
        return
    try:
        wanted = suite_of(contenders, problems, steps, starts=starts, seeds=seeds, seed=experiment.seed)
    except ExperimentError as error:
        st.error(status.trouble(error), icon=":material/error:")
        return
    styles = theme.styles(contenders, experiment.labels)
    sweeps.show(
        wanted,
        lambda found: _draw(wanted, found, styles, tau, counted),
        watcher=f"{state.session()}/scoreboard",
        keeps=KEEPS,
        parts=True,
    )


# --- choices -------------------------------------------------------------------------------------------------------


def _problems(suite: str) -> list[str]:
    """The problems of a suite, to which a person may add, or take some away. What a link says of them may be anything."""
    name, start = f"board/problems/{suite}", list(SUITES[suite])
    key = state.key("sweeps", name)
    chosen = state.value_of(key, lambda: state.kept(name, start))
    known = [problem for problem in chosen if problem in SUITABLE] if isinstance(chosen, list) else start
    state.set_value(key, list(dict.fromkeys(known)))
    found: list[str] = st.multiselect(
        "Problems", SUITABLE, format_func=lambda problem: PROBLEMS[problem].title, key=key, placeholder="None is chosen"
    )
    state.keep(name, found, start)
    return found


def _counted(searches: bool) -> bool:
    """Whether the runs of a search are counted; asked where there is one."""
    name = "board/tuning"
    key = state.key("sweeps", name)
    chosen = state.value_of(key, lambda: state.kept(name, False))
    state.set_value(key, chosen is True)
    words = (
        "The runs that a search tried count among its steps." if searches else "None of the contenders is tuned by a search."
    )
    counted = st.toggle("Count the tuning", key=key, help=words, disabled=not searches)
    state.keep(name, counted, False)
    return counted


def _price() -> str:
    search = OPTIMIZERS[TUNED.optimizer].search
    assert search is not None
    return f"Its learning rate is the best of {search.grid(TUNED.knobs).size}, tried anew for every case."


def _add_tuned() -> None:
    current, identities = state.experiment(), state.identities()
    changed = replace(current, contenders=(*current.contenders, TUNED))
    state.replace(changed, identities=[*identities, max(identities, default=-1) + 1])


# --- what came of it -----------------------------------------------------------------------------------------------


def _draw(wanted: Sequence[Sweep], found: Sequence[SweepTrace], styles: Sequence[Style], tau: float, counted: bool) -> None:
    boards = {trace.sweep.experiment.problem: problem_result(trace) for trace in found if trace.ended}
    there = list(boards.values())
    needed = [costs(board, tau, tuning=counted) for board in there]
    if needed:
        left, right = st.columns([3, 2])
        for column, name, (made, words) in (
            (left, "profile", profiles(np.concatenate(needed), styles, tuning=counted)),
            (right, "ranks", ranking(ranks(needed), styles)),
        ):
            column.plotly_chart(made, key=state.key("board", name), config=sweeps.CHART, alt=words)
    problems = [sweep.experiment.problem for sweep in wanted]
    rows = {name: results(board, tau, tuning=counted) for name, board in boards.items()}
    event = st.dataframe(
        _table(problems, boards, rows, styles),
        key=state.key("board", "table"),
        hide_index=True,
        height="content",
        on_select="rerun",
        selection_mode="single-cell",
        placeholder="",
        alt="For each problem who is the first, and each contender's median steps and median final loss",
    )
    if (chosen := _chosen(problems, event)) in boards:
        sweeps.open_in_race(boards[chosen].experiment)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(_legend(len(there), len(problems), there), width="stretch")
        if there:
            st.download_button(
                "CSV", lambda: to_csv(there, tau, tuning=counted), "scoreboard.csv", key=state.key("board", "csv"),
                icon=":material/download:", on_click="ignore",
            )  # fmt: skip


def _legend(done: int, of: int, boards: Sequence[ProblemResult]) -> str:
    cases = sorted({len(board.losses) for board in boards})
    each = f", of {cases[0]} cases each" if len(cases) == 1 else ""
    so_far = f"{done} of {of} problems so far{each}" if done < of else f"{of} problem{'s' if of > 1 else ''}{each}"
    return (
        f"{so_far}. Steps and losses are medians over the cases; in brackets how many were solved, where not all were, and "
        "how many broke off. Who is first is tinted. A click on a row opens the race of its first case, one on a head sorts."
    )


def _chosen(problems: Sequence[str], event: Any) -> str:
    """The problem whose row was clicked at. What a browser sends may be anything."""
    try:
        row = int(event["selection"]["cells"][0][0])
        return problems[row] if row >= 0 else ""
    except (TypeError, KeyError, ValueError, IndexError, OverflowError):
        return ""


def _table(
    problems: Sequence[str],
    boards: Mapping[str, ProblemResult],
    rows: Mapping[str, Sequence[ContenderResult]],
    styles: Sequence[Style],
) -> Any:
    """A row for each problem, empty until it is done: who is first, and two cells for each contender."""
    heads = [("", "Problem"), ("", "First"), *((style.label, name) for style in styles for name in ("Steps", "Final loss"))]
    cells: list[list[Any]] = []
    tints = []
    for name in problems:
        if name not in boards:
            cells.append([PROBLEMS[name].title, "", *[_cell(np.nan, "")] * (2 * len(styles))])
            tints.append([""] * len(heads))
            continue
        found, cases = rows[name], len(boards[name].losses)
        first = [style.label for style, result in zip(styles, found, strict=True) if result.first]
        cells.append([PROBLEMS[name].title, ", ".join(first) or "nobody"])
        tints.append(["", ""])
        for result in found:
            cells[-1] += [_steps(result, cases), _final(result, cases)]
            tints[-1] += [FIRST[sweeps.mode()] if result.first else ""] * 2
    data = pd.DataFrame(cells, columns=pd.MultiIndex.from_tuples(heads), dtype=object)
    written = data.style.format(lambda cell: cell.words, subset=heads[2:])
    return written.apply(lambda _: np.array(tints), axis=None)


def _steps(result: ContenderResult, cases: int) -> Cell:
    words = f"{result.steps:,.0f}" if np.isfinite(result.steps) else "–"
    return _cell(result.steps, words if result.solved == cases else f"{words} ({result.solved} of {cases})")


def _final(result: ContenderResult, cases: int) -> Cell:
    if not np.isfinite(result.final):
        return _cell(np.inf, f"broke off ({result.broke_off} of {cases})")
    return _cell(result.final, number(result.final) + (f" ({result.broke_off} broke off)" if result.broke_off else ""))


def _cell(value: float, words: str) -> Cell:
    made = Cell(value)
    made.words = words
    return made
