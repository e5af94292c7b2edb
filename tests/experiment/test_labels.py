"""The labels that tell contenders apart."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prodigy_core.experiment import MAX_CONTENDERS, Contender, Experiment
from prodigy_core.experiment.names import short_text
from prodigy_core.optimizers import OPTIMIZERS
from prodigy_core.param import Value
from tests.experiment.samples import any_contender, fuzz


def labels(*contenders: Contender) -> tuple[str, ...]:
    return Experiment(contenders=contenders).labels


def test_contenders_of_one_optimizer_are_told_apart_by_what_differs_and_nothing_else():
    """Names that begin alike are cut off in a readout before what differs."""
    warm: dict[str, Value] = {"warmup": 0.1, "schedule": "cosine", "beta1": 0.8}
    assert labels(*(Contender("prodigy", {**warm, "estim_lr0": value}) for value in (1e-4, 1e-6, 0.01))) == (
        "Prodigy · estim_lr0 1e-4",
        "Prodigy · estim_lr0 1e-6",
        "Prodigy · estim_lr0 0.01",
    )
    assert labels(Contender("prodigy", warm), Contender("adam", warm)) == ("Prodigy", "Adam"), "one alone needs no more"
    assert labels(
        Contender("adam"),
        Contender("adam", {"learning_rate": 0.01}),
        Contender("adam", {"learning_rate": 0.1, "schedule": "cosine"}),
        Contender("adam"),
        Contender("prodigy", {"safeguard_warmup": True}),
        Contender("sgd", {"nesterov": True}),
    ) == (
        "Adam · learning_rate 0.001, schedule constant",
        "Adam · learning_rate 0.01, schedule constant",
        "Adam · learning_rate 0.1, schedule cosine",
        "Adam · learning_rate 0.001, schedule constant #2",
        "Prodigy",
        "SGD",
    )
    assert labels(Contender("prodigy"), Contender("prodigy")) == ("Prodigy", "Prodigy #2")


def test_a_hyperparameter_without_effect_is_not_in_a_name():
    restarts = Contender("prodigy", {"schedule": "restarts", "cycles": 7})
    idle = Contender("prodigy", {"cycles": 5})
    assert labels(restarts, idle) == ("Prodigy · schedule restarts", "Prodigy · schedule constant")
    assert labels(Contender("prodigy"), idle) == ("Prodigy", "Prodigy #2")
    more = Contender("prodigy", {"schedule": "restarts", "cycles": 2})
    assert labels(restarts, more) == ("Prodigy · cycles 7", "Prodigy · cycles 2")
    assert labels(restarts, more, idle)[::2] == ("Prodigy · schedule restarts, cycles 7", "Prodigy · schedule constant")


def test_a_value_that_is_none_says_what_it_means():
    assert labels(Contender("prodigy", {"beta3": 0.9}), Contender("prodigy")) == (
        "Prodigy · beta3 0.9",
        "Prodigy · beta3 sqrt(beta2)",
    )
    assert labels(Contender("adam", {"clip": 1.0}), Contender("adam")) == ("Adam · clip 1", "Adam · no clipping")
    assert labels(Contender("prodigy", {"safeguard_warmup": True}), Contender("prodigy"))[1].endswith("safeguard_warmup false")


@pytest.mark.parametrize(
    "value, text",
    [
        (1e-4, "1e-4"), (1e-6, "1e-6"), (3e-5, "3e-5"), (0.001, "0.001"), (0.0123, "0.0123"), (2.5e-4, "0.00025"),

        (0.9995, "0.9995"), (0.0, "0"), (1.0, "1"), (250.0, "250"), (1e5, "1e5"), (1.25e8, "1.25e8"), (-1e-6, "-1e-6"),
        (7, "7"), (1000, "1000"),
        (True, "true"), ("cosine", "cosine"),
    ],
)  # fmt: skip
def test_numbers_in_names_are_short(value, text):
    assert short_text(value) == text
    assert not isinstance(value, float) or float(text) == value


def test_plain_adam_is_called_default_beside_a_tuned_one():
    """A class must see at a glance which of the two was searched for: both are Adam."""
    tuned, plain = Contender("tuned_adam"), Contender("adam")
    assert Experiment(contenders=(plain, tuned)).labels == ("Adam, default", "Tuned Adam")
    assert Experiment(contenders=(plain, Contender("prodigy"))).labels == ("Adam", "Prodigy")
    slow = Contender("adam", {"learning_rate": 1e-4})
    assert Experiment(contenders=(tuned, slow)).labels == ("Tuned Adam", "Adam"), "this one is not the default"
    assert Experiment(contenders=(plain, slow, tuned)).labels == ("Adam, default", "Adam · learning_rate 1e-4", "Tuned Adam")


@given(st.lists(any_contender(), max_size=MAX_CONTENDERS))
@fuzz
def test_no_two_contenders_share_a_label(contenders):
    labels = Experiment(contenders=tuple(contenders)).labels
    assert len(set(labels)) == len(contenders)
    for label, contender in zip(labels, contenders, strict=True):
        assert label.startswith(OPTIMIZERS[contender.optimizer].title)
