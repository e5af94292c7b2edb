"""The contenders over a suite of problems. It runs on while a person looks at another page, and its results are kept."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import replace
from html import escape

import numpy as np
import streamlit as st

from prodigy_core.experiment import Contender, ExperimentError
from prodigy_core.scoreboard import SUITES, Board, board_of, costs, ranks
from prodigy_core.scoreboard import sweeps as suite_of
from prodigy_core.sweeptrace import SweepTrace

from .. import state, theme
from ..controls import plain
from ..figures.measures import number
from ..figures.profiles import profiles, ranking
from ..theme import Look
from . import sweeps

TELLS = (
    "The contenders of the race on a suite of problems. A case is solved when the loss has fallen by all but a small part of "
    "what there was to fall. It runs on while you look at another page."
)
STEPS = (250, 500, 1000, 2000)
TAUS = (1e-1, 1e-2, 1e-3, 1e-5)
KEEPS = 900.0  # seconds for which it runs on while nobody looks
TUNED = Contender("tuned_adam")


def page() -> None:
    experiment = sweeps.head("Scoreboard", TELLS, of_problem=False)
    if experiment is None:
        return
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        suite = sweeps.choose("board/suite", "Suite", list(SUITES), next(iter(SUITES)))
        steps = sweeps.choose("board/steps", "Steps", STEPS, 1000, lambda n: f"{n:,}")
        tau = sweeps.choose("board/tau", "Solved when this part is left", TAUS, 1e-3, lambda part: f"{part:g}")
        counted = sweeps.choose("board/tuning", "Tuning", (False, True), False, lambda on: "counts" if on else "is free")
    contenders = experiment.contenders
    if TUNED.optimizer not in {contender.optimizer for contender in contenders} and len(contenders) < 6:
        st.button(
            "Add Adam with its learning rate tuned", key=state.key("board", "tuned"), icon=":material/add:", on_click=_add_tuned
        )
    if len(contenders) < 2:
        st.info("A scoreboard compares: add a second contender in the sidebar.", icon=":material/group_add:")
        return
    try:
        wanted = suite_of(contenders, SUITES[suite], steps, experiment.seed)
    except ExperimentError as error:
        st.error("\n\n".join(plain(str(fault)) for fault in error.faults), icon=":material/error:")
        return
    looks = theme.looks(contenders, experiment.labels)
    sweeps.show(
        wanted,
        lambda found: _draw(found, looks, tau, counted),
        watcher=f"{state.session()}/scoreboard",
        keeps=KEEPS,
        parts=True,
    )


def _add_tuned() -> None:
    current, identities = state.experiment(), state.identities()
    changed = replace(current, contenders=(*current.contenders, TUNED))
    state.replace(changed, identities=[*identities, max(identities, default=-1) + 1])


def _draw(found: list[SweepTrace], looks: Sequence[Look], tau: float, counted: bool) -> None:
    done = [trace for trace in found if trace.ended]
    if not done:
        return
    boards = [board_of(trace) for trace in done]
    needed = [costs(board, tau, tuning=counted) for board in boards]
    left, right = st.columns(2)
    for column, name, (made, words) in (
        (left, "profile", profiles(np.concatenate(needed), looks)),
        (right, "ranks", ranking(ranks(needed), looks)),
    ):
        column.plotly_chart(made, key=state.key("board", name), config=sweeps.CHART, alt=words)
    st.html(_table(boards, needed, looks))
    st.download_button(
        "CSV", lambda: _csv(boards, needed, looks), "scoreboard.csv", key=state.key("board", "csv"), on_click="ignore"
    )
    names = [board.experiment.problem for board in boards]
    chosen = st.selectbox(
        "Race one of them", names, index=None, key=state.key("board", "race"),
        format_func=lambda name: boards[names.index(name)].experiment.entry.title,
    )  # fmt: skip
    if chosen is not None:
        sweeps.open_in_race(boards[names.index(chosen)].experiment)


def _rows(boards: Sequence[Board], needed: Sequence[np.ndarray]) -> list[list[tuple[float, float, float]]]:
    """For each problem and contender: the median final loss, the share of cases solved, and the median cost of all cases."""
    rows = []
    for board, cost in zip(boards, needed, strict=True):
        last = board.losses[:, :, -1]
        final = np.median(np.where(np.isfinite(last), last, np.inf), axis=0)
        solved, middle = np.isfinite(cost).mean(axis=0), np.median(cost, axis=0)
        rows.append([(float(a), float(b), float(c)) for a, b, c in zip(final, solved, middle, strict=True)])
    return rows


def _table(boards: Sequence[Board], needed: Sequence[np.ndarray], looks: Sequence[Look]) -> str:
    """A row for each problem, two cells for each contender; the fewest steps are bold."""
    heads = "".join(f'<th scope="col" colspan="2">{look.swatch}{escape(look.label)}</th>' for look in looks)
    units = "".join('<th scope="col">final loss</th><th scope="col">steps (solved)</th>' for _ in looks)
    body = []
    for board, row in zip(boards, _rows(boards, needed), strict=True):
        fewest = min((middle for _, _, middle in row), default=np.inf)
        cells = []
        for final, solved, middle in row:
            steps = f"{middle:,.0f}" if np.isfinite(middle) else "–"
            steps = f"<b>{steps}</b>" if np.isfinite(middle) and middle == fewest else steps
            cells.append(f"<td>{number(final)}</td><td>{steps} ({solved:.0%})</td>")
        body.append(f"<tr><td>{escape(board.experiment.entry.title)}</td>{''.join(cells)}</tr>")
    return (
        '<div class="lab-scroll" tabindex="0" role="region" aria-label="Scoreboard"><table class="lab-table lab-even">'
        f'<thead><tr><th scope="col" rowspan="2">Problem</th>{heads}</tr><tr>{units}</tr></thead>'
        f"<tbody>{''.join(body)}</tbody></table></div>"
    )


def _csv(boards: Sequence[Board], needed: Sequence[np.ndarray], looks: Sequence[Look]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["problem", "contender", "median_final_loss", "share_solved", "median_steps"])
    for board, row in zip(boards, _rows(boards, needed), strict=True):
        writer.writerows([board.experiment.problem, look.label, *cells] for look, cells in zip(looks, row, strict=True))
    return out.getvalue()
