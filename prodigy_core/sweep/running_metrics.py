"""What is noted of a run as it goes, instead of its path: so much that many runs at once need no memory for theirs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float

from prodigy_core.engine.loop import PROBE
from prodigy_core.engine.runner import FAR

NOTED = ("loss", PROBE + "D", PROBE + "effective_step", "distance_linf")  # of the last entry that is not broken


class RunningMetrics(NamedTuple):
    """What is known of a run so far. Counts are of the numbers' own type, so that all of it goes through one kind of vector.

    Attributes:
      lived: how many entries there were before the first broken one.
      sane: how many there were before the first with a parameter that is NaN.
      waited: how many there were before the first loss of at most the target; all where none was before the run broke.
      best, total: the least loss, and the sum of all, before it broke.
      last: of the last entry before it broke, by name.
    """

    lived: Float[Array, ""]
    sane: Float[Array, ""]
    waited: Float[Array, ""]
    best: Float[Array, ""]
    total: Float[Array, ""]
    last: dict[str, Float[Array, ""]]

    @classmethod
    def empty(cls, names: Iterable[str], dtype: Any) -> RunningMetrics:
        """Before the first entry. Of the last one, what is named is kept."""
        none, infinite = jnp.zeros((), dtype), jnp.asarray(jnp.inf, dtype)
        last = {name: jnp.asarray(jnp.nan, dtype) for name in names}
        return cls(none, none, none, infinite, none, last)

    def with_entry(self, entry: Mapping[str, Any], k: Any, target: Any) -> RunningMetrics:
        """With what holds after k steps."""
        loss, largest, k = (jnp.asarray(x).astype(self.best.dtype) for x in (entry["loss"], entry["largest"], k))
        good = jnp.isfinite(loss) & (largest <= FAR)  # false for NaN
        # Behind a barrier, so that what depends on them does not find out again, each for itself, whether the entry is good.
        lived = jax.lax.optimization_barrier(self.lived + (good & (self.lived == k)))
        alive = lived > k
        best = jax.lax.optimization_barrier(_either(alive & (loss < self.best), loss, self.best))
        return RunningMetrics(
            lived=lived,
            sane=self.sane + (~jnp.isnan(largest) & (self.sane == k)),
            waited=self.waited + ~(best <= target),
            best=best,
            total=self.total + jnp.where(alive, loss, 0),
            last={name: _either(alive, entry[name].astype(value.dtype), value) for name, value in self.last.items()},
        )


def _either(first: Bool[Array, ""], new: Float[Array, ""], old: Float[Array, ""]) -> Float[Array, ""]:
    """`new` where `first` is true, else `old`; for what a loop carries.

    As a select it would be written where it was read, for which LLVM takes masked stores; some processors need ten times as
    long for these as for all else.
    """
    return jnp.where(first, new, 0) + jnp.where(first, 0, old)
