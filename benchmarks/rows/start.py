"""From the start of a process to its first result, with all programs compiled before."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from benchmarks.clock import Effort, race
from benchmarks.table import Bar, Line

ROOT = Path(__file__).resolve().parents[2]


def lines(effort: Effort) -> Iterator[Line]:
    with tempfile.TemporaryDirectory() as cache:

        def start() -> None:
            command = [sys.executable, "-m", "benchmarks.first", cache]
            subprocess.run(command, cwd=ROOT, check=True, capture_output=True)

        seconds = race({"start": start}, replace(effort, budget=2 * effort.budget))["start"]
    yield Line("start", "process to first result", unit="start", ours=seconds, bar=Bar("under", 0.7))
