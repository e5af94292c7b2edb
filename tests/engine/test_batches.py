"""What a model learns from at each step."""

from __future__ import annotations

import numpy as np
import pytest

from prodigy_core.engine.prepare import PreparedRun, prepare
from prodigy_core.experiment import Contender
from tests.engine.runs import EPOCH, NETWORK, experiment, ran

EXAMPLES, BATCH = 120, 16


def _task(seed: int = 0, batch: str = "16", data: str = "iris") -> PreparedRun:
    settings = (*NETWORK["settings"], ("batch", batch), ("data", data))
    return prepare(experiment(problem="mlp", settings=settings, seed=seed), Contender("adam"), None)


def _indices(prepared: PreparedRun, at: int, count: int) -> np.ndarray:
    table = prepared.indices(at, count)
    assert table is not None
    assert not table[count:].any(), "the room behind is empty"
    return table[:count]


def test_each_epoch_shows_every_example_at_most_once():
    """Drawn with replacement, a third of the examples would be missed in every epoch."""
    prepared = _task()
    assert prepared.batches.examples // prepared.batches.size == EPOCH
    steps = _indices(prepared, 0, 5 * EPOCH)
    assert steps.shape == (5 * EPOCH, BATCH)
    assert (steps.min(), steps.max()) == (0, EXAMPLES - 1)
    for epoch in np.split(steps, 5):
        assert np.unique(epoch).size == epoch.size == EPOCH * BATCH
    assert np.unique(steps).size == EXAMPLES, "what is over in one epoch has its turn in another"


def test_the_order_changes_with_the_epoch_and_the_seed_and_with_nothing_else():
    first, second = np.split(_indices(_task(), 0, 2 * EPOCH), 2)
    assert not np.array_equal(first, second)
    assert set(first[0]) != set(second[0]), "the batches are others too, not only their order"
    np.testing.assert_array_equal(first, _indices(_task(), 0, EPOCH))
    assert not np.array_equal(first, _indices(_task(seed=1), 0, EPOCH))
    assert not np.array_equal(second, _indices(_task(seed=1), 0, EPOCH))


@pytest.mark.parametrize("at", [1, EPOCH - 1, EPOCH, EPOCH + 3, 50])
def test_a_step_has_its_batch_wherever_its_chunk_begins(at):
    np.testing.assert_array_equal(_indices(_task(), at, 20), _indices(_task(), 0, 100)[at : at + 20])


@pytest.mark.parametrize("batch, data, size", [("full", "iris", 120), ("128", "iris", 120), ("128", "breast_cancer", 128)])
def test_a_batch_larger_than_the_data_is_all_of_them(batch, data, size):
    prepared = _task(batch=batch, data=data)
    assert prepared.batches.size == size
    assert (prepared.indices(0, 5) is None) is (data == "iris")


def test_a_full_batch_has_no_noise():
    """The loss of a full batch is that of all the data: what jitters then is the optimizer."""
    settings = (*NETWORK["settings"], ("l2", 0.0))
    full = ran("adam", problem="mlp", settings=(*settings, ("batch", "full")))
    np.testing.assert_allclose(full.loss, full.metrics["train_loss"], rtol=1e-6)
    part = ran("adam", problem="mlp", settings=settings)
    assert np.abs(part.loss / part.metrics["train_loss"] - 1).max() > 0.1


def test_another_seed_is_another_run_of_a_model():
    """Else error bars over seeds would have no length."""
    one, other = ran("adam", **NETWORK), ran("adam", **NETWORK, seed=1)
    assert one.metrics["train_loss"][0] != other.metrics["train_loss"][0]
    assert one.loss[-1] != other.loss[-1]
