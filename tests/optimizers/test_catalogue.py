"""The entry of every optimizer: its title, its paper, its traits, and hyperparameters named as in the library."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import numpy as np
import optax
import pytest

import app
from prodigy_core import schedules
from prodigy_core.optimizers import OPTIMIZERS
from prodigy_core.optimizers.hyperparameters import GRADIENT
from prodigy_core.optimizers.prodigy_hyperparameters import MOMENTS
from prodigy_core.optimizers.traits import GridSearch, Rate, Scout, Story
from tests.optimizers.runs import BOWL, VALLEY, every_optimizer, ran, rates


@every_optimizer
def test_a_person_can_read_what_it_is_and_where_it_comes_from(optimizer):
    assert re.fullmatch(r"[a-z0-9_]+", optimizer.name)
    assert optimizer.title
    assert optimizer.summary.endswith(".")
    assert re.search(r"\b(19|20)\d\d\b", optimizer.paper), "the year"
    assert not optimizer.paper.endswith(".")  # the page ends the sentence
    names = [param.name for param in optimizer.params]
    assert len(set(names)) == len(names)
    assert "learning_rate" in names or optimizer.search.knob == "learning_rate"
    assert optimizer.defaults == {param.name: param.default for param in optimizer.params}
    groups = {param.group for param in optimizer.params}
    assert groups - {MOMENTS} == {"", schedules.GROUP, GRADIENT}
    assert MOMENTS in groups or optimizer.story is not Story.PRODIGY


def test_titles_are_told_apart():
    assert len({entry.title for entry in OPTIMIZERS.values()}) == len(OPTIMIZERS)


def test_the_catalogue_begins_with_what_the_lab_is_about():
    names = list(OPTIMIZERS)
    assert names[:5] == ["prodigy", "optax_prodigy", "prodigy_by_layer", "prodigy_then_adam", "dadapt_adamw"]
    free = {"dadapt_adamw", "dog", "dowg", "cocob", "mechanic_adam", "momo", "momo_adam", "schedule_free_adamw"}
    assert set(names[4:12]) == free
    assert names[12:16] == ["adam", "tuned_adam", "adam_at_d", "adamw"]


@every_optimizer
def test_its_traits_name_hyperparameters_and_entries_that_are_there(optimizer):
    """A page would ask for a knob that nobody has, or offer an optimizer that is not there."""
    names = {param.name for param in optimizer.params}
    assert len(set(optimizer.axes)) == 2
    assert set(optimizer.axes) <= names
    if optimizer.estimate:
        assert {optimizer.estimate.starts_at, optimizer.estimate.scaled_by or optimizer.estimate.starts_at} <= names
        assert optimizer.axes[0] == optimizer.estimate.starts_at
    if optimizer.divides_by_rate:
        assert "safeguard_warmup" in names
    if optimizer.robust_variant:
        robust = OPTIMIZERS[optimizer.robust_variant]
        assert robust.compensated
        assert not robust.divides_by_rate
        assert names <= {param.name for param in robust.params}


@every_optimizer
def test_it_records_d_exactly_where_it_estimates_the_distance(optimizer):
    """A sweep would lack the final D, or the map offer one that is not there."""
    run = ran(optimizer.name, tuple(rates(optimizer).items()))
    assert ("D" in run) == (optimizer.estimate is not None)
    if optimizer.estimate:
        assert optimizer.story not in (Story.ADAM, Story.NONE)
        if optimizer.estimate.lower_bound:
            begin = ran(optimizer.name, ((optimizer.estimate.starts_at, 0.01),))["D"]
            assert begin[0] == 0.01
            assert (np.diff(begin) >= 0).all()


@every_optimizer
def test_the_browser_has_words_for_its_story(optimizer):
    """Step by step would stop with an error at the first step."""
    (words,) = Path(app.__file__).parent.rglob("why.js")
    assert re.search(rf"^\s+{optimizer.story.value}\s*[:(]", words.read_text(encoding="utf-8"), re.MULTILINE)


@every_optimizer
def test_no_step_is_far_longer_than_a_rate_that_bounds_it(optimizer):
    """The diagnosis says of such a run how far it can have come at most."""
    for weights in (BOWL, VALLEY):
        run = ran(optimizer.name, (("learning_rate", 0.01), ("weight_decay", 0.0)), weights)
        longest = np.abs(run["updates"]).max() / 0.01
        assert longest < 3 or optimizer.rate is not Rate.BOUND


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


# --- the hyperparameters are those of the library -----------------------------------------------------------------

# Our name -> the library's, where it differs.
NAMES = {"beta1": "b1", "beta2": "b2", "beta3": "b3"}
# Hyperparameters that the library packs into another argument, or that only the search has, or only this lab.
PACKED = {"reps_rel", "s_init", "s_decay", "search_low", "search_high", "search_size", "factor", "hand_over_at", "stop_d_at"}


@every_optimizer
def test_its_hyperparameters_and_their_defaults_are_those_of_the_library(optimizer):
    """What a person learns here must work in their own script under the same name."""
    theirs = {name: param.default for name, param in inspect.signature(optimizer.library).parameters.items()}
    if isinstance(theirs.get("betas"), tuple):
        theirs |= dict(zip(("beta1", "beta2"), theirs["betas"], strict=True))
    for param in optimizer.hyperparameters:
        name = param.name if param.name in theirs else NAMES.get(param.name, param.name)
        if name not in theirs:
            assert name in PACKED or optimizer.library is optax.contrib.mechanize, name
        elif theirs[name] not in (inspect.Parameter.empty, None):
            assert param.default == theirs[name], name


def test_hyperparameters_that_the_library_packs_up_have_its_defaults():
    assert inspect.signature(optax.contrib.dog).parameters["init_step"].default == (
        "heuristic",
        OPTIMIZERS["dog"].defaults["reps_rel"],
    )
    theirs = {name: param.default for name, param in inspect.signature(optax.contrib.mechanize).parameters.items()}
    mechanic = OPTIMIZERS["mechanic_adam"].defaults
    assert (mechanic["s_decay"], mechanic["s_init"]) == (theirs["weight_decay"], theirs["s_init"])


def test_the_search_covers_six_decades():
    tuned = OPTIMIZERS["tuned_adam"]
    assert isinstance(tuned.search, GridSearch)
    names = {param.name for param in tuned.params}
    assert {tuned.search.low, tuned.search.high, tuned.search.size} <= names
    assert tuned.search.knob not in names
    assert (tuned.defaults["search_low"], tuned.defaults["search_high"], tuned.defaults["search_size"]) == (1e-5, 10.0, 25)
    own = {param.name for param in OPTIMIZERS[tuned.search.untuned].hyperparameters}
    assert own == {param.name for param in tuned.hyperparameters} - {tuned.search.low, tuned.search.high, tuned.search.size} | {
        tuned.search.knob
    }


def test_a_scout_has_a_d_and_searches_for_nothing_itself():
    scouts = [entry for entry in OPTIMIZERS.values() if isinstance(entry.search, Scout)]
    assert [entry.name for entry in scouts] == ["adam_at_d"]
    for entry in scouts:
        assert isinstance(entry.search, Scout)
        scout, names = OPTIMIZERS[entry.search.scout], {param.name for param in entry.params}
        assert scout.estimate is not None
        assert scout.search is None
        assert entry.search.factor in names
        assert entry.search.knob not in names
        own = {param.name for param in OPTIMIZERS[entry.search.untuned].hyperparameters}
        assert own == {param.name for param in entry.hyperparameters} - {entry.search.factor} | {entry.search.knob}


@pytest.mark.parametrize("name", ["prodigy", "optax_prodigy", "dadapt_adamw"])
def test_documented_arguments_are_hyperparameters(name):
    """An argument without a knob is one that nobody can see the effect of."""
    documented = set(inspect.signature(OPTIMIZERS[name].library).parameters)
    ours = {param.name for param in OPTIMIZERS[name].hyperparameters}
    # Every contender has a mask; nothing is sharded here, and the steps are always compensated.
    assert documented - {"weight_decay_mask", "betas", "axis_name", "compensate"} == ours - {"beta1", "beta2", "stop_d_at"}


@pytest.mark.parametrize("name", ["prodigy", "optax_prodigy"])
def test_what_prodigy_is_about_comes_first(name):
    """A page shows the first of them without scrolling."""
    names = [param.name for param in OPTIMIZERS[name].params]
    assert names[:5] == ["estim_lr0", "beta3", "safeguard_warmup", "learning_rate", "estim_lr_coef"]
