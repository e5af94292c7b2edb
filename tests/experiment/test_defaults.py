"""Old links: what they leave out still means the same."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from prodigy_core.experiment import PARAMS, VERSION
from prodigy_core.optimizers import OPTIMIZERS
from prodigy_core.problems import PROBLEMS

RECORDED = Path(__file__).parent / "experiment_defaults.json"


def _defaults() -> dict[str, Any]:
    """What a field or knob means where a link leaves it out."""
    found: dict[str, Any] = {param.name: param.default for param in PARAMS}
    for problem in PROBLEMS.values():
        found[f"{problem.name}.start"] = list(problem.start)
        found |= {f"{problem.name}.{param.name}": param.default for param in problem.settings}
    for optimizer in OPTIMIZERS.values():
        found |= {f"{optimizer.name}.{param.name}": param.default for param in optimizer.params}
    return found


def test_a_link_written_before_still_means_the_same():
    """A short link leaves out what stands at its default: a default that changes, or goes, changes every such link."""
    recorded: dict[str, Any] = json.loads(RECORDED.read_text(encoding="utf-8"))
    assert recorded.pop("version") == VERSION, f"The version is new: record its defaults in {RECORDED.name}."
    now = _defaults()
    moved = {name: (value, now.get(name, "gone")) for name, value in recorded.items() if now.get(name, "gone") != value}
    assert not moved, (
        f"These defaults moved (recorded, now): {moved}. Links and files of version {VERSION} would now run something else. "
        f"Raise VERSION in prodigy_core/experiment.py and record the new defaults in {RECORDED.name}, or keep the old ones."
    )
