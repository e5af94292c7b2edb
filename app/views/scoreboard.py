"""The page of the contenders over a suite of problems. It runs on while a person looks at another page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from prodigy_core.experiment import MAX_CONTENDERS, Contender, ExperimentError
from prodigy_core.optimizers import OPTIMIZERS
from prodigy_core.optimizers.traits import GridSearch
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
from . import charts, status, sweep_widgets, sweeps

TELLS = (
    "The contenders of the race on a suite of problems. A case, a problem from one start or with one seed, is solved when only "
    "a small part of the way from its first loss to the best is left. It runs on while you look at another page."
)
STEPS = (100, 250, 500, 1000, 2000, 5000)
USUAL_STEPS = {"Plane": 1000, "Many variables": 1000, "Small models": 250}
TAUS = (1e-1, 1e-2, 1e-3, 1e-4, 1e-5)
TAU_TEXTS = {1e-1: "10 %", 1e-2: "1 %", 1e-3: "0.1 %", 1e-4: "0.01 %", 1e-5: "0.001 %"}
KEEP = 900.0  # seconds for which it runs on while nobody looks
TUNED = Contender("tuned_adam")
FIRST = {"light": "background-color: #e3efe6", "dark": "background-color: #1c3325"}  # CSS of a cell of who is first


class Cell(float):
    """A number of the table, by which its column is sorted, with the words that stand there.

    It is a float, since Streamlit sends a column of anything else as text, which is sorted by letters. The table's styler asks
    each cell for its words: a formatter of the styler sees the number alone, and equal numbers may have different words.
    """

    __slots__ = ("words",)
    words: str

    def __new__(cls, value: float, words: str) -> Cell:
        cell = super().__new__(cls, value)
        cell.words = words
        return cell


def page() -> None:
    """Draw the page."""
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
        tau = sweep_widgets.choose("board/tau", "Solved at", TAUS, 1e-3, lambda tau: f"{TAU_TEXTS[tau]} left")
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
        lambda traces: _draw(wanted, traces, styles, tau, counted),
        watcher=f"{state.watcher()}/scoreboard",
        keep=KEEP,
        parts=True,
    )


# --- choices -------------------------------------------------------------------------------------------------------


def _problems(suite: str) -> list[str]:
    """Draw a choice of problems, at first those of a suite; return it. A link may say anything of them."""
    name, start = f"board/problems/{suite}", list(SUITES[suite])
    key = state.key("sweeps", name)
    kept = state.value_of(key, lambda: state.kept(name, start))
    known = [problem for problem in kept if problem in SUITABLE] if isinstance(kept, list) else start
    state.set_value(key, list(dict.fromkeys(known)))
    problems: list[str] = st.multiselect(
        "Problems", SUITABLE, format_func=lambda problem: PROBLEMS[problem].title, key=key, placeholder="None is chosen"
    )
    state.keep(name, problems, start)
    return problems


def _counted(searches: bool) -> bool:
    """Draw a switch of whether the runs of a search are counted, disabled if there is none; return it."""
    name = "board/tuning"
    key = state.key("sweeps", name)
    kept = state.value_of(key, lambda: state.kept(name, False))
    state.set_value(key, kept is True)
    words = (
        "The runs that a search tried count among its steps." if searches else "None of the contenders is tuned by a search."
    )
    counted = st.toggle("Count the tuning", key=key, help=words, disabled=not searches)
    state.keep(name, counted, False)
    return counted


def _price() -> str:
    search = OPTIMIZERS[TUNED.optimizer].search
    assert isinstance(search, GridSearch)
    return f"Its learning rate is the best of {search.grid(TUNED.knobs).size}, tried anew for every case."


def _add_tuned() -> None:
    current, identities = state.experiment(), state.identities()
    changed = replace(current, contenders=(*current.contenders, TUNED))
    state.replace(changed, identities=[*identities, max(identities, default=-1) + 1])


# --- results -------------------------------------------------------------------------------------------------------


def _draw(wanted: Sequence[Sweep], traces: Sequence[SweepTrace], styles: Sequence[Style], tau: float, counted: bool) -> None:
    boards = {trace.sweep.experiment.problem: problem_result(trace) for trace in traces if trace.ended}
    done = list(boards.values())
    steps = [costs(board, tau, tuning=counted) for board in done]
    if steps:
        left, right = st.columns([3, 2])
        with left:
            charts.show(*profiles(np.concatenate(steps), styles, tuning=counted), "board", "profile")
        with right:
            charts.show(*ranking(ranks(steps), styles), "board", "ranks")
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
    if (clicked := _clicked(problems, event)) in boards:
        sweeps.open_in_race(boards[clicked].experiment)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(_legend(done, len(problems)), width="stretch")
        if done:
            st.download_button(
                "CSV", lambda: to_csv(done, tau, tuning=counted), "scoreboard.csv", key=state.key("board", "csv"),
                icon=":material/download:", on_click="ignore",
            )  # fmt: skip


def _legend(done: Sequence[ProblemResult], of: int) -> str:
    cases = sorted({len(board.losses) for board in done})
    each = f", of {cases[0]} cases each" if len(cases) == 1 else ""
    problems = f"{of} problem{'s' if of > 1 else ''}" if len(done) == of else f"{len(done)} of {of} problems so far"
    return (
        f"{problems}{each}. Steps and losses are medians over the cases; in brackets how many were solved, where not all "
        "were, and how many broke off. Who is first is tinted. A click on a row opens the race of its first case, one on a "
        "head sorts."
    )


def _clicked(problems: Sequence[str], event: Any) -> str:
    """The problem whose row was clicked at; "" for none. A browser may send anything."""
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
    empty, tint = Cell(np.nan, ""), FIRST[charts.mode()]
    cells: list[list[Any]] = []
    tints: list[list[str]] = []
    for name in problems:
        if name not in boards:
            cells.append([PROBLEMS[name].title, "", *[empty] * (2 * len(styles))])
            tints.append([""] * len(heads))
            continue
        cases, row = len(boards[name].losses), rows[name]
        first = [style.label for style, result in zip(styles, row, strict=True) if result.first]
        numbers = [cell for result in row for cell in (_steps(result, cases), _final(result, cases))]
        cells.append([PROBLEMS[name].title, ", ".join(first) or "nobody", *numbers])
        tints.append(["", "", *(tint if result.first else "" for result in row for _ in range(2))])
    data = pd.DataFrame(cells, columns=pd.MultiIndex.from_tuples(heads), dtype=object)
    styled = data.style.format(lambda cell: cell.words, subset=heads[2:])
    return styled.apply(lambda _: np.array(tints), axis=None)


def _steps(result: ContenderResult, cases: int) -> Cell:
    words = f"{result.steps:,.0f}" if np.isfinite(result.steps) else "–"
    return Cell(result.steps, words if result.solved == cases else f"{words} ({result.solved} of {cases})")


def _final(result: ContenderResult, cases: int) -> Cell:
    if not np.isfinite(result.final):
        return Cell(np.inf, f"broke off ({result.broke_off} of {cases})")
    return Cell(result.final, number(result.final) + (f" ({result.broke_off} broke off)" if result.broke_off else ""))
