"""The blocks of a sweep in this process, one after the other, each over all its devices."""

from __future__ import annotations

from collections.abc import Iterator

from prodigy_core import devices
from prodigy_core.blocks import Plan
from prodigy_core.compute import Found, compute
from prodigy_core.problems.datasets import Dataset


class Here:
    """Computes in this process. Nothing outlives the iterator."""

    @property
    def accelerator(self) -> bool:
        return bool(devices.accelerators())

    def compute(self, plan: Plan, upload: Dataset | None) -> Iterator[tuple[int, float | Found]]:
        for block in range(len(plan.blocks)):
            for found in compute(plan, block, upload):
                yield block, found
