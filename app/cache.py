"""The only user of Streamlit's caches, all bounded, and of the garbage collector.

Entries are shared by everyone who looks at the app and must not be changed; the arrays are read-only. Keys are
canonical text, since Streamlit tells dataclasses apart by their fields alone.
"""

from __future__ import annotations

import gc
import os
import threading
import time
from pathlib import Path
from typing import Any

import jax
import streamlit as st

from prodigy_core.engine import run_contender
from prodigy_core.experiment import Contender, Experiment
from prodigy_core.landscape import Landscape, Window, landscape
from prodigy_core.trace import Trace

COLLECT_EVERY = 30.0  # seconds


def traces(experiment: Experiment) -> list[Trace]:
    """Every contender's run; a contender that ran before, here or for another person, does not run again."""
    return [_trace(_alone(experiment, contender)) for contender in experiment.contenders]


def ground(experiment: Experiment, window: Window) -> Landscape:
    """The landscape under the paths."""
    return _ground(experiment.problem, tuple(experiment.settings.items()), window)


def _folder() -> Path:
    """Where the server may keep files: `PRODIGY_LAB_CACHE`, else the user's cache folder."""
    return Path(os.environ.get("PRODIGY_LAB_CACHE") or Path.home() / ".cache" / "prodigy-lab")


def _alone(experiment: Experiment, contender: Contender) -> str:
    return Experiment(
        problem=experiment.problem,
        settings=experiment.settings,
        start=experiment.start,
        contenders=(contender,),
        steps=experiment.steps,
        seed=experiment.seed,
        precision=experiment.precision,
    ).to_json()


@st.cache_resource(max_entries=128, show_spinner=False)  # the longest runs take 2 MB each
def _trace(experiment: str) -> Trace:
    alone = Experiment.from_json(experiment)
    return run_contender(alone, alone.contenders[0])


@st.cache_resource(max_entries=200, show_spinner=False)
def _ground(problem: str, settings: tuple[tuple[str, Any], ...], window: Window) -> Landscape:
    return landscape(problem, dict(settings), window)


@st.cache_resource(show_spinner=False)
def keep_house() -> threading.Thread:
    """Once for the server: keeps compiled programs on disk, and starts the periodic garbage collection.

    The collection replaces Streamlit's own after every rerun, which the settings turn off.
    """
    # JAX's own thresholds would keep none of ours, which compile in under a second.
    jax.config.update("jax_compilation_cache_dir", str(_folder() / "jax"))
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 0)
    jax.config.update("jax_persistent_cache_min_entry_size_bytes", -1)

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
