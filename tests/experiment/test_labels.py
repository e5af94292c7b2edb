"""The labels that tell contenders apart."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from prodigy_core.experiment import MAX_CONTENDERS, Contender, Experiment
from prodigy_core.optimizers import OPTIMIZERS
from tests.experiment.samples import any_contender, fuzz


def test_contenders_of_one_optimizer_are_told_apart_by_what_was_changed():
    experiment = Experiment(
        contenders=(
            Contender("adam"),
            Contender("adam", {"learning_rate": 0.01}),
            Contender("adam", {"learning_rate": 0.1, "schedule": "cosine"}),
            Contender("adam"),
            Contender("prodigy", {"safeguard_warmup": True}),
            Contender("sgd", {"nesterov": True}),
        )
    )
    assert experiment.labels == (
        "Adam",
        "Adam (learning_rate 0.01)",
        "Adam (learning_rate 0.1, schedule cosine)",
        "Adam #2",
        "Prodigy",
        "SGD",
    )


def test_plain_adam_is_called_default_beside_a_tuned_one():
    """A class must see at a glance which of the two was searched for: both are Adam."""
    tuned, plain = Contender("tuned_adam"), Contender("adam")
    assert Experiment(contenders=(plain, tuned)).labels == ("Adam, default", "Tuned Adam")
    assert Experiment(contenders=(plain, Contender("prodigy"))).labels == ("Adam", "Prodigy")
    slow = Contender("adam", {"learning_rate": 1e-4})
    assert Experiment(contenders=(tuned, slow)).labels == ("Tuned Adam", "Adam"), "this one is not the default"
    assert Experiment(contenders=(plain, slow, tuned)).labels == ("Adam, default", "Adam (learning_rate 0.0001)", "Tuned Adam")


@given(st.lists(any_contender(), max_size=MAX_CONTENDERS))
@fuzz
def test_no_two_contenders_share_a_label(contenders):
    labels = Experiment(contenders=tuple(contenders)).labels
    assert len(set(labels)) == len(contenders)
    for label, contender in zip(labels, contenders, strict=True):
        assert label.startswith(OPTIMIZERS[contender.optimizer].title)
