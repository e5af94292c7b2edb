"""Traces made by hand, and parts of traces: whatever a run records, by the entries of the recorded quantities."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from jaxtyping import Int

from prodigy_core.engine.quantities import QUANTITIES
from prodigy_core.trace import Status, Trace

OWN_PANELS = tuple(each.name for each in QUANTITIES if each.panel)  # panels of the arena by their quantity
RECORDED = tuple(each.name for each in QUANTITIES if each.compute)  # the fields of a trace that every run has at each entry


def hand_made(entries: int, **given: Any) -> Trace:
    """Return a finished run of this many entries: what is not given is 0, or empty."""
    zeros = {each.name: np.zeros((entries, 2) if each.coordinates else entries) for each in QUANTITIES if each.compute}
    none = np.zeros(0, int)
    usual: dict[str, Any] = {
        "steps": np.arange(entries),
        "projected": False,
        "probes": {},
        "evaluated": none,
        "metrics": {},
        "snapshots": np.zeros((0, 2)),
        "snapshot_steps": none,
        "status": Status.FINISHED,
        "stopped_at": max(entries - 1, 0),
    }
    return Trace(**{**zeros, **usual, **given})


def cut(trace: Trace, entries: int | Int[np.ndarray, " kept"], **changed: Any) -> Trace:
    """Return some entries of a trace, the first so many or those at these places; `changed` are other fields of the part."""
    kept = slice(entries) if isinstance(entries, int) else entries
    columns = {name: getattr(trace, name)[kept] for name in ("steps", *RECORDED)}
    nested = {name: {key: values[kept] for key, values in getattr(trace, name).items()} for name in ("probes", "vectors")}
    return replace(trace, **{**columns, **nested, **changed})
