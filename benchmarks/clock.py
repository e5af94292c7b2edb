"""Times that can be compared: warmed up, in turn, and the best of several rounds."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import jax

Call = Callable[[], Any]


@dataclass(frozen=True)
class Effort:
    """How much is spent on a comparison.

    Attributes:
      rounds: how often each call is timed, at most.
      budget: seconds for all rounds of a comparison together. One round is always run to its end.
    """

    rounds: int = 200
    budget: float = 3.0


QUICK = Effort(rounds=20, budget=0.4)


def race(calls: Mapping[str, Call], effort: Effort) -> dict[str, float]:
    """Seconds of each call, the best of several rounds. They take turns, so that a slow spell of the machine meets all.

    Each is called once before, which compiles what is to compile; JAX's results are waited for.
    """
    for call in calls.values():
        jax.block_until_ready(call())
    found = dict.fromkeys(calls, float("inf"))
    spent, taken = 0.0, 0
    while taken < effort.rounds and (not taken or spent < effort.budget):
        for name, call in calls.items():
            begun = time.perf_counter()
            jax.block_until_ready(call())
            took = time.perf_counter() - begun
            found[name], spent = min(found[name], took), spent + took
        taken += 1
    return found
