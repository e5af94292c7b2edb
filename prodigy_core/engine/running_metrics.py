"""Running metrics of one run, kept in place of its trace so that thousands of runs fit in memory."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float

from prodigy_core.engine import quantities
from prodigy_core.engine.loop import Record
from prodigy_core.trace import is_finite


class RunningMetrics(NamedTuple):
    """Metrics of the entries so far. Counts are of the numbers' own type, so that all of them go through one kind of vector.

    Attributes:
      n_finite: number of entries before the first that is not finite (see `trace.is_finite`).
      n_not_nan: number of entries before the first with a parameter that is NaN.
      steps_to_target: number of entries before the first loss of at most the target; of all entries while there is none.
      best, total: the least loss, and the sum of all losses, of the finite entries.
      last: the final quantities of the last finite entry, by name.
    """

    n_finite: Float[Array, ""]
    n_not_nan: Float[Array, ""]
    steps_to_target: Float[Array, ""]
    best: Float[Array, ""]
    total: Float[Array, ""]
    last: Mapping[str, Float[Array, ""]]

    @classmethod
    def empty(cls, names: Iterable[str], dtype: Any) -> RunningMetrics:
        """Return the metrics before the first entry; the names are those of the final quantities."""
        none, infinite = jnp.zeros((), dtype), jnp.asarray(jnp.inf, dtype)
        return cls(none, none, none, infinite, none, {name: jnp.asarray(jnp.nan, dtype) for name in names})

    def with_entry(self, record: Record, k: Any, target: Any) -> RunningMetrics:
        """Return the metrics with the entry after k steps.

        Args:
          record: of the loop, with all final quantities that `last` has.
          k: number of steps before the entry.
          target: the loss whose step is noted.
        """
        loss, largest, k = (jnp.asarray(x).astype(self.best.dtype) for x in (record["loss"], record["largest"], k))
        final = quantities.named(self.last, record)
        # Behind a barrier: otherwise XLA recomputes in every consumer whether the entry is finite.
        n_finite = jax.lax.optimization_barrier(self.n_finite + (is_finite(loss, largest) & (self.n_finite == k)))
        alive = n_finite > k
        best = jax.lax.optimization_barrier(_either(alive & (loss < self.best), loss, self.best))
        return RunningMetrics(
            n_finite=n_finite,
            n_not_nan=self.n_not_nan + (~jnp.isnan(largest) & (self.n_not_nan == k)),
            steps_to_target=self.steps_to_target + ~(best <= target),
            best=best,
            total=self.total + jnp.where(alive, loss, 0),
            last={name: _either(alive, final[name].astype(value.dtype), value) for name, value in self.last.items()},
        )


def _either(first: Bool[Array, ""], new: Float[Array, ""], old: Float[Array, ""]) -> Float[Array, ""]:
    """Return `new` where `first` is true, else `old`; for the carry of a loop.

    A select would be written where it was read, for which LLVM takes masked stores: some processors need ten times as long
    for these as for everything else.
    """
    return jnp.where(first, new, 0) + jnp.where(first, 0, old)
