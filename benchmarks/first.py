"""The first result of a fresh process: `python -m benchmarks.first FOLDER`, with a folder for compiled programs."""

from __future__ import annotations

import sys

from prodigy_core.engine import xla

xla.prepare()

import jax  # noqa: E402

from prodigy_core import Experiment, run  # noqa: E402

if __name__ == "__main__":
    jax.config.update("jax_compilation_cache_dir", sys.argv[1])
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 0)
    jax.config.update("jax_persistent_cache_min_entry_size_bytes", -1)
    print(*(f"{trace.loss[-1]:.6g}" for trace in run(Experiment())))
