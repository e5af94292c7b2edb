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
    """The time that is spent on a comparison.

    Attributes:
      rounds: how often each call is timed at most.
      budget: seconds for all rounds of a comparison together. One round is always finished.
    """

    rounds: int = 200
    budget: float = 3.0


QUICK = Effort(rounds=20, budget=0.4)


def race(calls: Mapping[str, Call], effort: Effort) -> dict[str, float]:
    """Return the seconds of each call, the best of several rounds.

    Calls take turns, so that a slow spell of the machine meets all. Each is called once before, which compiles its programs;
    JAX's results are waited for.
    """
    for call in calls.values():
        jax.block_until_ready(call())
    best = dict.fromkeys(calls, float("inf"))
    spent, rounds = 0.0, 0
    while rounds < effort.rounds and (not rounds or spent < effort.budget):
        for name, call in calls.items():
            started = time.perf_counter()
            jax.block_until_ready(call())
            seconds = time.perf_counter() - started
            best[name], spent = min(best[name], seconds), spent + seconds
        rounds += 1
    return best
