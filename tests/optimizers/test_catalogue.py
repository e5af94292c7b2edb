"""What a person reads of every optimizer: its title, its paper, and knobs named as in the library."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from typing import Any

import optax
import pytest

import prodigy_core
from app.theme import COLOURS
from prodigy_core import schedules
from prodigy_core.optimizers import OPTIMIZERS
from prodigy_core.optimizers.hyperparameters import GRADIENT
from prodigy_core.optimizers.prodigies import MOMENTS
from tests.optimizers.runs import every_optimizer


@every_optimizer
def test_a_person_can_read_what_it_is_and_where_it_comes_from(optimizer):
    assert re.fullmatch(r"[a-z0-9_]+", optimizer.name)
    assert optimizer.title
    assert optimizer.summary.endswith(".")
    assert re.search(r"\b(19|20)\d\d\b", optimizer.paper), "the year"
    assert not optimizer.paper.endswith(".")  # the page ends the sentence
    names = [param.name for param in optimizer.params]
    assert len(set(names)) == len(names)
    assert names[0] == "learning_rate" or optimizer.search.knob == "learning_rate"
    assert optimizer.defaults == {param.name: param.default for param in optimizer.params}
    of_adam = {MOMENTS} if "prodigy" in optimizer.name else set()
    assert {param.group for param in optimizer.params} == {"", schedules.GROUP, GRADIENT} | of_adam


def test_titles_are_told_apart():
    assert len({entry.title for entry in OPTIMIZERS.values()}) == len(OPTIMIZERS)


def test_the_catalogue_begins_with_what_the_lab_is_about():
    names = list(OPTIMIZERS)
    assert names[:3] == ["prodigy", "optax_prodigy", "dadapt_adamw"]
    free = {"dadapt_adamw", "dog", "dowg", "cocob", "mechanic_adam", "momo", "momo_adam", "schedule_free_adamw"}
    assert set(names[2:10]) == free
    assert names[10:13] == ["adam", "tuned_adam", "adamw"]


@every_optimizer
def test_it_has_a_colour_of_its_own(optimizer):
    assert re.fullmatch("#[0-9a-f]{6}", COLOURS[optimizer.name])
    assert list(COLOURS.values()).count(COLOURS[optimizer.name]) == 1


def test_a_knob_is_shown_where_it_does_something():
    entry = OPTIMIZERS["adamw"]
    shown = {param.name: param.applies for param in entry.params}
    for shape in schedules.SHAPES:
        values = {**entry.defaults, "schedule": shape}
        assert shown["cycles"](values) == (shape == "restarts")
        assert shown["end_fraction"](values) == (shape == "exponential")
        assert shown["learning_rate"](values)
    for value in (0.0, 0.1):
        assert shown["warmup_from"]({**entry.defaults, "warmup": value}) == (value > 0)
        for name in ("decay", "decay_mask"):
            assert shown[name]({**entry.defaults, "weight_decay": value}) == (value > 0)


# --- the knobs are those of the library ----------------------------------------------------------------------------

# Our name -> the library's, where it differs.
NAMES = {"beta1": "b1", "beta2": "b2", "beta3": "b3"}
SIGNATURES: dict[str, Callable[..., Any]] = {
    "dog": optax.contrib.dog,
    "dowg": optax.contrib.dowg,
    "cocob": optax.contrib.cocob,
    "momo": optax.contrib.momo,
    "momo_adam": optax.contrib.momo_adam,
    "schedule_free_adamw": optax.contrib.schedule_free_adamw,
    "adam": optax.adam,
    "tuned_adam": optax.adam,
    "adamw": optax.adamw,
    "nadam": optax.adam,
    "radam": optax.radam,
    "amsgrad": optax.amsgrad,
    "adamax": optax.adamax,
    "adabelief": optax.adabelief,
    "yogi": optax.yogi,
    "adan": optax.adan,
    "adagrad": optax.adagrad,
    "sgd": optax.sgd,
    "rmsprop": optax.rmsprop,
    "lion": optax.lion,
}
OURS = {  # optax has no default, or None, or packs it up
    "learning_rate",
    "momentum",
    "reps_rel",
    "search_low",
    "search_high",
    "search_size",
}


@pytest.mark.parametrize("name", list(SIGNATURES))
def test_its_knobs_and_their_defaults_are_those_of_the_library(name):
    """What a person learns here must work in their own script under the same name."""
    signature = inspect.signature(SIGNATURES[name]).parameters
    for param in OPTIMIZERS[name].knobs:
        if param.name not in OURS:
            assert param.default == signature[NAMES.get(param.name, param.name)].default, param.name
    for learned in ("dog", "dowg", "cocob", "momo", "momo_adam", "schedule_free_adamw"):
        theirs = inspect.signature(SIGNATURES[learned]).parameters["learning_rate"]
        assert OPTIMIZERS[learned].defaults["learning_rate"] == theirs.default


def test_knobs_that_the_library_packs_up_have_its_defaults():
    assert inspect.signature(optax.contrib.dog).parameters["init_step"].default == (
        "heuristic",
        OPTIMIZERS["dog"].defaults["reps_rel"],
    )
    theirs = {name: param.default for name, param in inspect.signature(optax.contrib.mechanize).parameters.items()}
    mechanic = OPTIMIZERS["mechanic_adam"].defaults
    assert (mechanic["s_decay"], mechanic["s_init"]) == (theirs["weight_decay"], theirs["s_init"])


def test_the_search_covers_six_decades():
    tuned = OPTIMIZERS["tuned_adam"]
    assert tuned.search is not None
    names = {param.name for param in tuned.params}
    assert {tuned.search.low, tuned.search.high, tuned.search.size} <= names
    assert tuned.search.knob not in names
    assert (tuned.defaults["search_low"], tuned.defaults["search_high"], tuned.defaults["search_size"]) == (1e-5, 10.0, 25)
    assert all(entry.search is None for entry in OPTIMIZERS.values() if entry is not tuned)


@pytest.mark.parametrize(
    "name, function",
    [
        ("prodigy", prodigy_core.prodigy),
        ("optax_prodigy", optax.contrib.prodigy),
        ("dadapt_adamw", optax.contrib.dadapt_adamw),
    ],
)
def test_documented_arguments_are_knobs(name, function):
    """An argument without a knob is one that nobody can see the effect of."""
    documented = inspect.signature(function).parameters
    plain = [p.name for p in documented.values() if p.kind is inspect.Parameter.POSITIONAL_OR_KEYWORD]
    knobs = {param.name: param.default for param in OPTIMIZERS[name].knobs}
    for argument in set(plain) - {"weight_decay_mask"}:  # a knob of every contender
        default = documented[argument].default
        if argument == "betas":
            assert (knobs["beta1"], knobs["beta2"]) == default
        else:
            assert knobs[argument] == default, argument
