"""The only user of Streamlit's caches, all bounded, and of the garbage collector.

Entries are shared by everyone who looks at the app and must not be changed; the arrays are read-only. Keys are
canonical text, since Streamlit tells dataclasses apart by their fields alone.
"""

from __future__ import annotations

import gc
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import jax
import streamlit as st

from prodigy_core import environment
from prodigy_core.data.datasets import Dataset, TargetKind
from prodigy_core.data.upload import Table, dataset_from_table, read_table
from prodigy_core.engine.runner import follow
from prodigy_core.experiment import TOLERANCE, Contender, Experiment
from prodigy_core.landscape.grid import Landscape, Window, landscape
from prodigy_core.landscape.plane import Plane, PlaneKind, follow_plane
from prodigy_core.predictions import Boundary, Misread, boundary, misread
from prodigy_core.progress import Progress
from prodigy_core.sweep.executors import choose
from prodigy_core.sweep.result import SweepTrace
from prodigy_core.sweep.runner import follow as follow_sweep
from prodigy_core.sweep.spec import Sweep
from prodigy_core.trace import Trace

from .jobs import Board, Job

UPLOAD_BYTES = 200_000_000  # of all uploads together
COLLECT_EVERY = 30.0  # seconds
YOUNG = (50_000, 20, 1_000)  # Python's 700 new objects are a tenth of a rerun: it would look through them all the time


def runs(experiment: Experiment, watcher: str, patience: float) -> list[Job[Trace]]:
    """Every contender's run, begun where it is new; one that was made before, here or for another person, is not made again.

    Args:
      experiment: what to run.
      watcher: the session that asks; what it asked for before is dropped.
      patience: seconds to wait for all of them to be done.
    """
    return _board().ask(watcher, _wanted(experiment), patience)


def cancel(experiment: Experiment, watcher: str) -> list[Job[Trace]]:
    """Stops what this session alone waits for; returns every contender's run as it is."""
    _board().cancel(_beside(watcher))
    return _board().cancel(watcher, _wanted(experiment))


def plane(experiment: Experiment, kind: PlaneKind, traces: Sequence[Trace | None], watcher: str, patience: float) -> Job[Plane]:
    """The loss on a plane through these runs, begun where it is new, beside the runs that the session asked for.

    Args:
      experiment: what was run, on a problem of many parameters.
      kind: of plane.
      traces: what there is of every contender's run, None where there is nothing. A run that has gone on since then has
        another plane: ask when the runs are done, or cancelled.
      watcher: the session that asks; the plane that it asked for before is dropped.
      patience: seconds to wait for it to be done.
    """
    far = [None if trace is None else (trace.status.name, trace.stopped_at) for trace in traces]
    alike = replace(experiment, tolerance=TOLERANCE.default)  # type: ignore[arg-type]
    data, there = upload(experiment.data), [trace for trace in traces if trace is not None]
    key = f"plane {kind} {far} {alike.to_json()}"
    (job,) = _board().ask(_beside(watcher), [(key, lambda: follow_plane(experiment, there, kind, data))], patience)
    return job


def drop_plane(watcher: str) -> None:
    """This session looks at no plane any more."""
    _board().cancel(_beside(watcher))


def sweeps(wanted: Sequence[Sweep], watcher: str, patience: float, keeps: float = 0.0) -> list[Job[SweepTrace]]:
    """Sweeps, each begun where it is new, in the place of those and of the runs that the session asked for before.

    Args:
      wanted: what to run; equal ones are made once, whoever asks.
      watcher: the session that asks, or a page of it that asks on its own.
      patience: seconds to wait for all of them to be done.
      keeps: seconds for which they are worked at though nobody asks again.
    """
    _board().cancel(_beside(watcher))
    return _board().ask(watcher, _swept(wanted), patience, keeps)


def cancel_sweeps(wanted: Sequence[Sweep], watcher: str) -> list[Job[SweepTrace]]:
    """Stops what this session alone waits for; returns these sweeps as they are."""
    return _board().cancel(watcher, _swept(wanted))


def keep_upload(dataset: Dataset) -> None:
    """Keeps uploaded data for as long as there is room, for everyone who has its digest."""
    with _lock():
        store = _uploads()
        store[dataset.digest] = dataset
        store.move_to_end(dataset.digest)
        while len(store) > 1 and sum(map(_nbytes, store.values())) > UPLOAD_BYTES:
            store.popitem(last=False)


def upload(digest: str) -> Dataset | None:
    """The uploaded data of this digest; None where it is not, or no longer, here."""
    return _uploads().get(digest)


def table(file_id: str, name: str, content: bytes) -> Table:
    """An uploaded file, read. Raises UploadError."""
    return _table(file_id, name, content)


def dataset(file_id: str, name: str, content: bytes, target: str, kind: TargetKind) -> Dataset:
    """An uploaded file, made ready to learn from. Raises UploadError."""
    return _dataset(file_id, name, content, target, kind)


def predictions(experiment: Experiment, traces: Sequence[Trace]) -> tuple[Boundary | None, Misread | None]:
    """What the models of a race that is over say of their inputs."""
    last = [trace.snapshot_steps[-1:].tolist() for trace in traces]
    return _predictions(f"{last} {experiment.to_json()}", experiment, traces)


def ground(experiment: Experiment, window: Window) -> Landscape:
    """The landscape under the paths."""
    return _ground(experiment.problem, experiment.formula, tuple(experiment.settings.items()), window)


def _folder() -> Path:
    """Where the server may keep files: `PRODIGY_LAB_CACHE`, else the user's cache folder."""
    return Path(environment.CACHE.text() or Path.home() / ".cache" / "prodigy-lab")


def _wanted(experiment: Experiment) -> list[tuple[str, Callable[[], Iterator[Progress[Trace | None]]]]]:
    """What the runs are called, and what starts them."""
    data = upload(experiment.data)

    def one(contender: Contender) -> tuple[str, Callable[[], Iterator[Progress[Trace | None]]]]:
        return _alone(experiment, contender).to_json(), lambda: follow(experiment, contender, data)

    return [one(contender) for contender in experiment.contenders]


def _swept(wanted: Sequence[Sweep]) -> list[tuple[str, Callable[[], Iterator[Progress[SweepTrace]]]]]:
    """What the sweeps are called, and what starts them."""

    def one(sweep: Sweep) -> tuple[str, Callable[[], Iterator[Progress[SweepTrace]]]]:
        data = upload(sweep.experiment.data)
        return f"sweep {sweep.to_json()}", lambda: follow_sweep(sweep, data, choose())

    return [one(sweep) for sweep in wanted]


def _beside(watcher: str) -> str:
    """Who asks for a session's plane: another than asks for its runs, since asking drops what was wanted before."""
    return f"{watcher}/plane"


def _alone(experiment: Experiment, contender: Contender) -> Experiment:
    """All that this contender's run depends on."""
    return replace(experiment, contenders=(contender,), tolerance=TOLERANCE.default)  # type: ignore[arg-type]


@st.cache_resource(show_spinner=False)
def _board() -> Board:
    return Board()


@st.cache_resource(max_entries=16, show_spinner=False)
def _table(file_id: str, name: str, _content: bytes) -> Table:
    return read_table(name, _content)


@st.cache_resource(max_entries=16, show_spinner=False)
def _dataset(file_id: str, name: str, _content: bytes, target: str, kind: TargetKind) -> Dataset:
    return dataset_from_table(_table(file_id, name, _content), target, kind)


@st.cache_resource(show_spinner=False)
def _uploads() -> OrderedDict[str, Dataset]:
    return OrderedDict()


@st.cache_resource(show_spinner=False)
def _lock() -> threading.Lock:
    return threading.Lock()


def _nbytes(dataset: Dataset) -> int:
    return dataset.train_inputs.nbytes + dataset.validation_inputs.nbytes


@st.cache_resource(max_entries=64, show_spinner=False)
def _predictions(key: str, _experiment: Experiment, _traces: Sequence[Trace]) -> tuple[Boundary | None, Misread | None]:
    data = upload(_experiment.data)
    return boundary(_experiment, _traces, data), misread(_experiment, _traces, data)


@st.cache_resource(max_entries=200, show_spinner=False)
def _ground(problem: str, formula: str, settings: tuple[tuple[str, Any], ...], window: Window) -> Landscape:
    return landscape(problem, dict(settings), window, formula)


@st.cache_resource(show_spinner=False)
def keep_house() -> threading.Thread:
    """Once for the server: keeps compiled programs on disk, and starts the periodic garbage collection.

    The collection replaces Streamlit's own after every rerun, which the settings turn off.
    """
    # JAX's own thresholds would keep none of ours, which compile in under a second.
    jax.config.update("jax_compilation_cache_dir", str(_folder() / "jax"))
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 0)
    jax.config.update("jax_persistent_cache_min_entry_size_bytes", -1)

    gc.set_threshold(*YOUNG)

    def collect() -> None:
        time.sleep(COLLECT_EVERY / 3)
        gc.collect()
        gc.freeze()  # what the start-up left behind stays: later collections need not look at it again
        while True:
            time.sleep(COLLECT_EVERY)
            gc.collect()

    thread = threading.Thread(target=collect, name="garbage-collection", daemon=True)
    thread.start()
    return thread
