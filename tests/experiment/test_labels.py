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


@given(st.lists(any_contender(), max_size=MAX_CONTENDERS))
@fuzz
def test_no_two_contenders_share_a_label(contenders):
    labels = Experiment(contenders=tuple(contenders)).labels
    assert len(set(labels)) == len(contenders)
    for label, contender in zip(labels, contenders, strict=True):
        assert label.startswith(OPTIMIZERS[contender.optimizer].title)
