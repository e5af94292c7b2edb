"""What every optimizer of the catalogue must do. An entry added there is tested here without another line."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from functools import cache
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

import prodigy_core
from app.theme import COLOURS
from prodigy_core.engine import run_contender, traced
from prodigy_core.experiment import Contender, Experiment
from prodigy_core.optimizers import OPTIMIZERS, Optimizer
from prodigy_core.param import Value
from prodigy_core.schedules import PARAMS as SCHEDULE
from prodigy_core.schedules import schedule
from prodigy_core.trace import Status, Trace

every_optimizer = pytest.mark.parametrize("optimizer", [pytest.param(entry, id=name) for name, entry in OPTIMIZERS.items()])

# A learning rate with which a distance of 4 is covered in 500 steps. Not named: the default, which a learning-rate-free
# optimizer must do with. SGD's step is in proportion to the gradient, the others walk about the rate itself a step.
RATES = {"adam": 0.1, "adamw": 0.1, "sgd": 0.05, "rmsprop": 0.05, "lion": 0.05}

STEPS = 100


@cache
def _run(optimizer: str, knobs: tuple[tuple[str, Value], ...] = (), problem: str = "shifted_sphere") -> Trace:
    return run_contender(Experiment(problem=problem, steps=STEPS), Contender(optimizer, dict(knobs)))


def _rates(optimizer: Optimizer) -> dict[str, Value]:
    return {"learning_rate": RATES[optimizer.name]} if optimizer.name in RATES else {}


@every_optimizer
def test_it_finds_the_minimum_of_a_bowl(optimizer):
    knobs = {**_rates(optimizer), "schedule": "cosine"}
    trace = run_contender(Experiment(problem="shifted_sphere", steps=500), Contender(optimizer.name, knobs))
    assert trace.status is Status.FINISHED
    assert trace.loss[-1] < 1e-3 * trace.loss[0]
    np.testing.assert_allclose(trace.position[-1], (3.0, 3.0), atol=0.1)


@every_optimizer
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_its_updates_and_its_state_keep_their_dtypes(optimizer, dtype):
    """A state that changes its type after a step cannot be scanned, and a float32 run would drift into float64."""
    with jax.enable_x64(True):
        knobs = {param.name: traced(param, param.default) for param in optimizer.params}

        def step(x: jax.Array, knobs: dict[str, Any]) -> Any:
            built = optimizer.build(knobs, schedule(knobs["learning_rate"], knobs["schedule"], knobs["warmup"], 10.0))
            state = built.init(x)
            updates, after = built.update(x, state, x)
            return (x, state), (updates, after)

        before, after = jax.eval_shape(step, jnp.zeros(2, dtype), knobs)
    jax.tree.map(lambda x, y: None, before, after)  # of one structure
    shapes = [[(leaf.shape, leaf.dtype) for leaf in jax.tree.leaves(tree)] for tree in (before, after)]
    assert shapes[0] == shapes[1]
    assert shapes[1][0] == ((2,), jnp.dtype(dtype))


@every_optimizer
def test_many_learning_rates_at_once_are_the_same_runs_as_one_after_the_other(optimizer):
    """A sweep runs the same program under vmap: a knob read as a Python number there would be the same for all."""
    names = [param.name for param in optimizer.params if param.kind == "float" and param.default is not None]
    high = {"learning_rate": 0.3, "warmup": 0.15, "weight_decay": 0.3, "eps": 1e-2}
    rows: list[dict[str, Value]] = [{"learning_rate": 0.02}]
    rows.extend({"learning_rate": 0.02, name: high.get(name, 0.5)} for name in names)
    contenders = [Contender(optimizer.name, row) for row in rows]
    start = np.zeros(2)

    def final(knobs: dict[str, Any]) -> jax.Array:
        built = optimizer.build(knobs, schedule(knobs["learning_rate"], knobs["schedule"], knobs["warmup"], float(STEPS)))

        def step(carry: Any, _: None) -> tuple[Any, None]:
            x, state = carry
            updates, state = built.update(2 * (x - 3), state, x)
            return (optax.apply_updates(x, updates), state), None

        return jax.lax.scan(step, (jnp.asarray(start), built.init(jnp.asarray(start))), length=STEPS)[0][0]

    with jax.enable_x64(True):
        stacked = {
            param.name: np.asarray([traced(param, contender.knobs[param.name]) for contender in contenders])
            for param in optimizer.params
        }
        at_once = np.asarray(jax.jit(jax.vmap(final))(stacked))
    for row, found in zip(rows, at_once, strict=True):
        trace = _run(optimizer.name, tuple(row.items()))
        if trace.status is Status.FINISHED:
            np.testing.assert_allclose(found, trace.position[-1], rtol=1e-6, atol=1e-9, err_msg=str(row))
        else:
            assert not np.isfinite(found).all()
    assert len(np.unique(at_once.round(9), axis=0)) >= min(len(rows), 4)  # the rows are different runs


@every_optimizer
def test_every_knob_is_connected(optimizer):
    """A slider that moves nothing is worse than none."""
    base = {**_rates(optimizer)}
    usual = _run(optimizer.name, tuple(base.items()), "rosenbrock")
    extreme: dict[str, Value] = {"schedule": "cosine", "warmup": 0.2, "weight_decay": 1.0, "eps": 0.1}
    for param in optimizer.knobs + SCHEDULE:
        if param.kind == "bool":
            value: Value = not param.default
        else:
            value = extreme.get(param.name, 0.3)
        knobs = base | {param.name: value}
        context = {"warmup": 0.2} if param.name == "safeguard_warmup" else {}
        before = _run(optimizer.name, tuple((base | context).items()), "rosenbrock") if context else usual
        after = _run(optimizer.name, tuple((knobs | context).items()), "rosenbrock")
        assert after.position.shape != before.position.shape or not np.array_equal(after.position, before.position), param.name


@every_optimizer
def test_a_person_can_read_what_it_is_and_where_it_comes_from(optimizer):
    assert optimizer.name in OPTIMIZERS
    assert re.fullmatch(r"[a-z0-9_]+", optimizer.name)
    assert optimizer.title
    assert optimizer.summary.endswith(".")
    assert re.search(r"\b(19|20)\d\d\b", optimizer.paper), "the year"
    assert not optimizer.paper.endswith(".")  # the page ends the sentence
    names = [param.name for param in optimizer.params]
    assert len(set(names)) == len(names)
    assert names[0] == "learning_rate"
    assert optimizer.defaults == {param.name: param.default for param in optimizer.params}


def test_titles_are_told_apart():
    assert len({entry.title for entry in OPTIMIZERS.values()}) == len(OPTIMIZERS)


@every_optimizer
def test_it_has_a_colour_of_its_own(optimizer):
    assert re.fullmatch("#[0-9a-f]{6}", COLOURS[optimizer.name])
    assert list(COLOURS.values()).count(COLOURS[optimizer.name]) == 1


# --- the effective step --------------------------------------------------------------------------------------------


@every_optimizer
def test_its_effective_step_is_recorded_and_follows_the_learning_rate(optimizer):
    trace = _run(optimizer.name, (("learning_rate", 0.02),))
    twice = _run(optimizer.name, (("learning_rate", 0.04),))
    assert (trace.probes["effective_step"] > 0).all()
    assert twice.probes["effective_step"][0] == pytest.approx(2 * trace.probes["effective_step"][0])
    warm = _run(optimizer.name, (("learning_rate", 0.02), ("warmup", 0.1)))
    assert warm.probes["effective_step"][0] == 0.0


def _bias(beta1: float, beta2: float) -> np.ndarray:
    k = np.arange(1, STEPS + 2)
    bias: np.ndarray = np.sqrt(1 - beta2**k) / (1 - beta1**k)
    return bias


DEFINITIONS: dict[str, Callable[[Trace], Any]] = {
    "prodigy": lambda trace: trace.probes["D"] * 0.02 * _bias(0.9, 0.999),
    "optax_prodigy": lambda trace: trace.probes["D"] * 0.02 * _bias(0.9, 0.999),
    "adam": lambda trace: 0.02 * _bias(0.9, 0.999),
    "adamw": lambda trace: 0.02 * _bias(0.9, 0.999),
    "sgd": lambda trace: np.full(STEPS + 1, 0.02),
    "rmsprop": lambda trace: np.full(STEPS + 1, 0.02),
    "lion": lambda trace: np.full(STEPS + 1, 0.02),
}


@pytest.mark.parametrize("name", list(DEFINITIONS))
def test_the_effective_step_is_the_formula_of_its_paper(name):
    trace = _run(name, (("learning_rate", 0.02),))
    np.testing.assert_allclose(trace.probes["effective_step"], DEFINITIONS[name](trace), rtol=1e-9)


@pytest.mark.parametrize("name, direction", [("adam", 0.1 / np.sqrt(0.001)), ("prodigy", 0.1 / np.sqrt(0.001)), ("lion", 1.0)])
def test_the_first_step_is_as_long_as_the_effective_step_says(name, direction):
    """Both coordinates have the same slope at this start, so the normalised direction is known."""
    knobs: list[tuple[str, Value]] = [("learning_rate", 0.02)]
    knobs += [("weight_decay", 0.0)] if name == "lion" else [("eps", 0.0)]
    trace = _run(name, tuple(knobs))
    assert trace.update_norm[0] == pytest.approx(np.sqrt(2) * direction * trace.probes["effective_step"][0], rel=1e-6)


# --- the knobs are those of the library ----------------------------------------------------------------------------

# Our name -> the library's, where it differs.
NAMES = {"beta1": "b1", "beta2": "b2"}
SIGNATURES: dict[str, Callable[..., Any]] = {
    "adam": optax.adam,
    "adamw": optax.adamw,
    "sgd": optax.sgd,
    "rmsprop": optax.rmsprop,
    "lion": optax.lion,
}


@pytest.mark.parametrize("name", list(SIGNATURES))
def test_its_knobs_and_their_defaults_are_those_of_the_library(name):
    """What a person learns here must work in their own script under the same name."""
    signature = inspect.signature(SIGNATURES[name]).parameters
    ours_on_purpose = {"learning_rate", "momentum"}  # optax has no default, or None
    for param in OPTIMIZERS[name].knobs:
        theirs = signature[NAMES.get(param.name, param.name)]
        if param.name not in ours_on_purpose:
            assert param.default == theirs.default, param.name


@pytest.mark.parametrize("name, function", [("prodigy", prodigy_core.prodigy), ("optax_prodigy", optax.contrib.prodigy)])
def test_prodigys_documented_arguments_are_knobs(name, function):
    """An argument without a knob is one that nobody can see the effect of."""
    documented = inspect.signature(prodigy_core.prodigy).parameters
    nine = [p.name for p in documented.values() if p.kind is inspect.Parameter.POSITIONAL_OR_KEYWORD]
    assert len(nine) == 9
    knobs = {param.name: param.default for param in OPTIMIZERS[name].knobs}
    # A mask tells leaves apart, and a point in the plane is one leaf: weight_decay 0 is its only other value there.
    for argument in set(nine) - {"weight_decay_mask"}:
        default = inspect.signature(function).parameters[argument].default
        if argument == "betas":
            assert (knobs["beta1"], knobs["beta2"]) == default
        else:
            assert knobs[argument] == default, argument
