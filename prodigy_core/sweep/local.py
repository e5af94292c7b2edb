"""The blocks of a sweep in this process, one after the other, each over all its devices."""

from __future__ import annotations

from collections.abc import Iterator

from prodigy_core.data.datasets import Dataset
from prodigy_core.engine import devices
from prodigy_core.sweep.block import BlockResult, compute
from prodigy_core.sweep.plan import Plan


class LocalExecutor:
    """Computes in this process. Nothing outlives the iterator."""

    @property
    def accelerator(self) -> bool:
        return bool(devices.accelerators())

    def compute(self, plan: Plan, upload: Dataset | None) -> Iterator[tuple[int, float | BlockResult]]:
        """Yield the fraction of each block that is done, and its result, by the block's number."""
        for number in range(len(plan.blocks)):
            for news in compute(plan, number, upload):
                yield number, news
