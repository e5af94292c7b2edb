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

from .jobs import Job, Scheduler

UPLOAD_BYTES = 200_000_000  # bytes of all uploads together
COLLECT_EVERY = 30.0  # seconds between two full garbage collections
# New objects after which Python collects the young ones, and how often it then goes on to the older ones. Its own 700 are a
# tenth of those of one rerun: it would collect all the time.
GC_THRESHOLDS = (50_000, 20, 1_000)


def runs(experiment: Experiment, watcher: str, patience: float) -> list[Job[Trace]]:
    """Return every contender's run, begun where it is new: a run that anybody has asked for before is not computed again.

    Args:
      experiment: what to run.
      watcher: the session that asks; the runs that it asked for before are dropped.
      patience: seconds to wait for all of them to be done.
    """
    return _scheduler().ask(watcher, _runs_of(experiment), patience)


def cancel(experiment: Experiment, watcher: str) -> list[Job[Trace]]:
    """Stop the runs that this session alone waits for; return every contender's run as it is."""
    _scheduler().cancel(_plane_watcher(watcher))
    return _scheduler().cancel(watcher, _runs_of(experiment))


def plane(experiment: Experiment, kind: PlaneKind, traces: Sequence[Trace | None], watcher: str, patience: float) -> Job[Plane]:
    """Return the loss on a plane through these runs, begun where it is new, beside the runs that the session asked for.

    Args:
      experiment: the race, on a problem of many parameters.
      kind: the kind of plane.
      traces: every contender's run so far, None for one without an entry yet. A run that has gone on since then has
        another plane: ask when the runs are done, or cancelled.
      watcher: the session that asks; the plane that it asked for before is dropped.
      patience: seconds to wait for it to be done.
    """
    ends = [None if trace is None else (trace.status.name, trace.stopped_at) for trace in traces]
    data, begun = upload(experiment.data), [trace for trace in traces if trace is not None]
    key = f"plane {kind} {ends} {_without_tolerance(experiment).to_json()}"
    (job,) = _scheduler().ask(_plane_watcher(watcher), [(key, lambda: follow_plane(experiment, begun, kind, data))], patience)
    return job


def drop_plane(watcher: str) -> None:
    """Stop the plane that this session alone waits for."""
    _scheduler().cancel(_plane_watcher(watcher))


def sweeps(wanted: Sequence[Sweep], watcher: str, patience: float, keep: float = 0.0) -> list[Job[SweepTrace]]:
    """Return sweeps, each begun where it is new, in place of the sweeps and runs that the watcher asked for before.

    Args:
      wanted: the sweeps to run; equal ones run once, whoever asks.
      watcher: the session that asks, or a page of it that asks on its own.
      patience: seconds to wait for all of them to be done.
      keep: seconds for which they go on though nobody asks again.
    """
    _scheduler().cancel(_plane_watcher(watcher))
    return _scheduler().ask(watcher, _jobs_of(wanted), patience, keep)


def cancel_sweeps(wanted: Sequence[Sweep], watcher: str) -> list[Job[SweepTrace]]:
    """Stop the sweeps that this watcher alone waits for; return these sweeps as they are."""
    return _scheduler().cancel(watcher, _jobs_of(wanted))


def keep_upload(dataset: Dataset) -> None:
    """Keep uploaded data, for as long as there is room, for everyone who has its digest."""
    with _lock():
        store = _uploads()
        store[dataset.digest] = dataset
        store.move_to_end(dataset.digest)
        while len(store) > 1 and sum(map(_nbytes, store.values())) > UPLOAD_BYTES:
            store.popitem(last=False)


def upload(digest: str) -> Dataset | None:
    """Return the uploaded data of this digest; None if this server does not, or no longer, have it."""
    return _uploads().get(digest)


def table(file_id: str, name: str, content: bytes) -> Table:
    """Return the table in an uploaded file. Raises UploadError."""
    return _table(file_id, name, content)


def dataset(file_id: str, name: str, content: bytes, target: str, kind: TargetKind) -> Dataset:
    """Return an uploaded file as data to learn from. Raises UploadError."""
    return _dataset(file_id, name, content, target, kind)


def predictions(experiment: Experiment, traces: Sequence[Trace]) -> tuple[Boundary | None, Misread | None]:
    """Return the predictions of the models of a race that is over, each at its last position."""
    last_steps = [trace.snapshot_steps[-1:].tolist() for trace in traces]
    return _predictions(f"{last_steps} {experiment.to_json()}", experiment, traces)


def ground(experiment: Experiment, window: Window) -> Landscape:
    """Return the loss of a function of the plane on a grid over this window."""
    return _ground(experiment.problem, experiment.formula, tuple(experiment.settings.items()), window)


def _folder() -> Path:
    """The folder in which the server may keep files: `PRODIGY_LAB_CACHE`, else one in the user's cache folder."""
    return Path(environment.CACHE.text() or Path.home() / ".cache" / "prodigy-lab")


def _runs_of(experiment: Experiment) -> list[tuple[str, Callable[[], Iterator[Progress[Trace | None]]]]]:
    """The key and the start of every contender's run."""
    data = upload(experiment.data)

    def one(contender: Contender) -> tuple[str, Callable[[], Iterator[Progress[Trace | None]]]]:
        alone = _without_tolerance(experiment, contenders=(contender,))
        return alone.to_json(), lambda: follow(experiment, contender, data)

    return [one(contender) for contender in experiment.contenders]


def _jobs_of(wanted: Sequence[Sweep]) -> list[tuple[str, Callable[[], Iterator[Progress[SweepTrace]]]]]:
    """The key and the start of every sweep."""

    def one(sweep: Sweep) -> tuple[str, Callable[[], Iterator[Progress[SweepTrace]]]]:
        data = upload(sweep.experiment.data)
        return f"sweep {sweep.to_json()}", lambda: follow_sweep(sweep, data, choose())

    return [one(sweep) for sweep in wanted]


def _plane_watcher(watcher: str) -> str:
    """The watcher of a session's plane: not that of its runs, since to ask drops what the same one asked for before."""
    return f"{watcher}/plane"


def _without_tolerance(experiment: Experiment, **fields: Any) -> Experiment:
    """The experiment with these fields and the default tolerance: no run depends on it."""
    return replace(experiment, tolerance=TOLERANCE.default, **fields)  # type: ignore[arg-type]


@st.cache_resource(show_spinner=False)
def _scheduler() -> Scheduler:
    return Scheduler()


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
    """Set up the process, once: compiled programs are kept on disk, and garbage is collected periodically.

    The collection replaces Streamlit's own after every rerun, which the settings turn off.
    """
    # JAX's own thresholds would keep none of the programs here, which compile in under a second.
    jax.config.update("jax_compilation_cache_dir", str(_folder() / "jax"))
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 0)
    jax.config.update("jax_persistent_cache_min_entry_size_bytes", -1)

    gc.set_threshold(*GC_THRESHOLDS)

    def collect() -> None:
        time.sleep(COLLECT_EVERY / 3)
        gc.collect()
        gc.freeze()  # the modules and programs of the start-up stay: later collections need not look through them again
        while True:
            time.sleep(COLLECT_EVERY)
            gc.collect()

    thread = threading.Thread(target=collect, name="garbage-collection", daemon=True)
    thread.start()
    return thread
