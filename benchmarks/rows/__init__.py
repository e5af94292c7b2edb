"""The rows of the table, by name: each is a function of the effort that yields lines as it measures them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from types import MappingProxyType

from benchmarks.clock import Effort
from benchmarks.rows import accelerator, knob, models, run_2d, space, start, step_vs_adam, sweep_2d, traffic
from benchmarks.table import Line

ROWS: Mapping[str, Callable[[Effort], Iterator[Line]]] = MappingProxyType(
    {
        "run-2d": run_2d.lines,
        "sweep-2d": sweep_2d.lines,
        "space": space.lines,
        **{name: partial(models.lines, name) for name in models.MODELS},
        "step-vs-adam": step_vs_adam.lines,
        "traffic": traffic.lines,
        "knob": knob.lines,
        "start": start.lines,
        "accelerator": accelerator.lines,
    }
)
