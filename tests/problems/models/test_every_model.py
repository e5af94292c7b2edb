"""What every model of the catalogue must do so that any optimizer can train it, whatever its settings."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

import equinox as eqx
import jax
import numpy as np
import optax
import pytest

from prodigy_core.problems.models import MODELS
from prodigy_core.problems.models.networks import ACTIVATE
from prodigy_core.problems.models.settings import ACTIVATIONS
from prodigy_core.prodigy import prodigy
from tests.compilations import compilations
from tests.problems.models.training import ENTRIES, cast, model

# What is compiled here runs once or twice: to optimise it would take longer than to run it.
QUICKLY = {"xla_backend_optimization_level": 0, "xla_llvm_disable_expensive_passes": True}

SOME = 40  # examples

every_model = pytest.mark.parametrize("name", list(ENTRIES))
NETWORKS = [name for name, entry in ENTRIES.items() if "activation" in {param.name for param in entry.settings}]
every_network = pytest.mark.parametrize("name", NETWORKS)


def _settings(name: str) -> dict[str, Any]:
    return {param.name: param for param in ENTRIES[name].settings}


def _cases() -> list[Any]:
    """Every model at its defaults and at each other value of a choice."""
    cases = []
    for name in ENTRIES:
        cases.append(pytest.param(name, {}, id=name))
        for param in ENTRIES[name].settings:
            others = [choice for choice in param.choices if choice not in (param.default, "upload")]
            if param.name != "batch":
                cases += [pytest.param(name, {param.name: choice}, id=f"{name}-{param.name}={choice}") for choice in others]
    return cases


every_case = pytest.mark.parametrize("name, changes", _cases())


def _slice(batch: Any, rows: slice) -> Any:
    return jax.tree.map(lambda array: array[rows], batch)


@cache
def _judged_at_defaults(name: str) -> tuple[Any, list[float], Any]:
    """In float64: what a classifier puts out for SOME examples, the losses of these and of each half, the metrics of these."""
    found, rng = model(name), np.random.default_rng(0)
    params = jax.tree.map(lambda leaf: leaf + rng.normal(size=leaf.shape) / 10, found.params)  # a start of 0 is too special
    learning, halves = found.learning, (slice(SOME), slice(SOME // 2), slice(SOME // 2, SOME))

    def judge(p: Any, parts: Any) -> Any:
        whole = parts[0]
        seen = {key: values for key, values in whole.items() if key != "labels"}
        said = learning.outputs and learning.outputs(p, seen, found.settings)
        return said, [learning.loss(p, part, found.settings) for part in parts], learning.metrics(p, whole, found.settings)

    with jax.enable_x64(True):
        parts = [cast(_slice(found.train, rows), np.float64) for rows in halves]
        said, losses, metrics = jax.device_get(jax.jit(judge, compiler_options=QUICKLY)(params, parts))
    return said, [float(loss) for loss in losses], metrics


@cache
def _slopes(name: str, dtype: Any) -> dict[str, tuple[Any, Any]]:
    """The loss of 16 examples and its gradient at the start, by the activation: one program for all; "" where there is none."""
    found = model(name)
    choices = _settings(name)["activation"].choices if name in NETWORKS else ("",)
    branches = [ACTIVATE[choice] for choice in choices if choice]

    def both(params: Any, batch: Any, moving: Any, which: Any) -> Any:
        with pytest.MonkeyPatch.context() as patch:
            patch.setitem(ACTIVATE, "any", lambda x: jax.lax.switch(which, branches, x))
            settings = {**found.settings, **moving, **({"activation": "any"} if branches else {})}
            return jax.value_and_grad(found.learning.loss)(params, batch, settings)

    compiled = jax.jit(both, compiler_options=QUICKLY)
    params, batch = cast(found.params, dtype), cast(_slice(found.train, slice(16)), dtype)
    with jax.enable_x64(True):  # as the engine does
        computed = {choice: compiled(params, batch, found.moving, i) for i, choice in enumerate(choices)}
        slopes: dict[str, tuple[Any, Any]] = jax.device_get(computed)
        return slopes


def _leaves(name: str, seed: int = 0, **changes: Any) -> list[np.ndarray]:
    return jax.tree.leaves(model(name, seed, **changes).params)


def _same(left: list[np.ndarray], right: list[np.ndarray]) -> bool:
    return len(left) == len(right) and all(np.array_equal(a, b) for a, b in zip(left, right, strict=True))


@every_case
def test_parameters_and_examples_are_plain_arrays(name, changes):
    """optax and the engine's cast meet floating-point arrays only; a function among the leaves would break both."""
    found = model(name, **changes)
    leaves = jax.tree.leaves(found.params)
    assert leaves
    for leaf in leaves:
        assert isinstance(leaf, np.ndarray)
        assert leaf.dtype == np.float64
        assert np.isfinite(leaf).all()
    for part in (found.train, found.validation):
        assert len({len(array) for array in part.values()}) == 1
        assert len(next(iter(part.values()))) > 0
        for array in part.values():
            assert isinstance(array, np.ndarray)
            assert array.dtype in (np.float64, np.int32)
            assert np.isfinite(array).all()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@every_model
def test_loss_and_gradient_are_finite_in_the_dtype_asked_for_with_every_activation(name, dtype):
    """One constant in float64, or a root at 0, and a run in float32 would stop or slow down."""
    for activation, (loss, gradient) in _slopes(name, dtype).items():
        assert loss.shape == ()
        assert loss.dtype == dtype
        assert np.isfinite(loss), activation
        for leaf in jax.tree.leaves(gradient):
            assert leaf.dtype == dtype
            assert np.isfinite(leaf).all(), activation
        assert max(np.abs(leaf).max() for leaf in jax.tree.leaves(gradient)) > 1e-4, activation


@every_model
def test_start_is_that_of_the_seed(name):
    start = _leaves(name, 1)
    assert _same(start, _leaves(name, 1))
    assert _same(start, _leaves(name, 2)) == ("init_scale" not in _settings(name))  # without a scale it is 0
    if "label_noise" in _settings(name):
        assert _same(start, _leaves(name, 1, label_noise=0.3))
    if "init_scale" not in _settings(name):
        assert not any(leaf.any() for leaf in start)


@pytest.mark.parametrize("name", [name for name in ENTRIES if "init_scale" in _settings(name)])
def test_init_scale_lengthens_the_weights_and_turns_none(name):
    """Compared over scales, a student must see the effect of the scale and not that of another draw."""
    for small, large in zip(_leaves(name, init_scale=1.0), _leaves(name, init_scale=3.0), strict=True):
        factor = 3.0 if small.ndim in (2, 4) else 1.0
        np.testing.assert_allclose(large, factor * small, rtol=1e-12)


@every_model
def test_loss_is_the_mean_over_the_examples(name):
    """Else a smaller batch would mean another loss, and not only a noisier one."""
    _, (whole, first, second), _ = _judged_at_defaults(name)
    assert first != second
    assert whole == pytest.approx((first + second) / 2, rel=1e-12)


@every_model
def test_metrics_are_in_their_range(name):
    found = model(name)

    def judge(params: Any, parts: Any) -> Any:
        return [found.learning.metrics(params, part, found.settings) for part in parts]

    parts = [cast(part, np.float32) for part in (found.train, found.validation)]
    with jax.enable_x64(True):
        judged = jax.device_get(jax.jit(judge, compiler_options=QUICKLY)(cast(found.params, np.float32), parts))
    assert len(judged) == 2
    for metrics in judged:
        assert metrics
        for label, value in metrics.items():
            low, high = {
                "accuracy": (0, 1),
                "r2": (-np.inf, 1),
                "explained_variance": (-np.inf, 1),
                "relative_error": (0, np.inf),
            }[label]
            assert value.shape == ()
            assert value.dtype == np.float32
            assert low <= value <= high


@every_model
def test_a_classifier_hands_out_the_logits_behind_its_loss_and_accuracy(name):
    """What a page says a model says must be what the model was trained and judged by."""
    found = model(name)
    if found.learning.outputs is None:
        assert "labels" not in found.train
        return
    logits, (loss, *_), metrics = _judged_at_defaults(name)
    labels = found.train["labels"][:SOME]
    labels = labels if labels.ndim == 1 else labels.argmax(axis=1)
    likelihood = logits[np.arange(SOME), labels] - np.log(np.exp(logits).sum(axis=1))
    assert loss == pytest.approx(-likelihood.mean(), rel=1e-10)
    assert metrics["accuracy"] == pytest.approx(np.mean(logits.argmax(axis=1) == labels))


@every_network
def test_width_depth_and_activation_shape_the_network(name):
    def size(**changes: Any) -> int:
        return sum(leaf.size for leaf in _leaves(name, **changes))

    assert size(width=64) > size(width=16)
    if "depth" in _settings(name):
        shapes = [len(_leaves(name, depth=depth)) for depth in (1, 2, 3)]
        assert np.array_equal(np.diff(shapes), [2, 2])  # a weight and a bias more
    activation = _settings(name)["activation"]
    assert len({float(loss) for loss, _ in _slopes(name, np.float32).values()}) == len(activation.choices)
    assert set(activation.choices) <= set(ACTIVATIONS)


@pytest.mark.parametrize("name, changes", [(name, {"width": 5}) for name in NETWORKS] + [("transformer", {"heads": "8"})])
def test_any_width_works(name, changes):
    """A width that the number of heads does not divide is still a network."""
    found = model(name, **{"width": 5, **changes})
    loss = jax.jit(lambda p, b: found.learning.loss(p, b, found.settings), compiler_options=QUICKLY)
    assert np.isfinite(loss(cast(found.params, np.float32), cast(_slice(found.train, slice(4)), np.float32)))


@every_model
def test_a_traced_setting_traces_nothing_anew_and_the_carry_keeps_its_form(name):
    """scan refuses a carry that changes its structure or a dtype; a slider must not compile."""
    found, traces = model(name), 0
    batch = cast(_slice(found.train, slice(16)), np.float32)
    static = {param.name: found.settings[param.name] for param in ENTRIES[name].settings if param.static}
    optimizers = prodigy(), optax.adam(1e-3)

    @jax.jit
    def run(params, moving):
        nonlocal traces
        traces += 1

        def step(carries, _):
            gradient = jax.grad(found.learning.loss)(carries[0][0], batch, {**static, **moving})
            after = []
            for optimizer, (at, state) in zip(optimizers, carries, strict=True):
                updates, following = optimizer.update(gradient, state, at)
                after.append((optax.apply_updates(at, updates), following))
            return after, None

        carries, _ = jax.lax.scan(step, [(params, optimizer.init(params)) for optimizer in optimizers], length=3)
        return [at for at, _ in carries]

    for param in ENTRIES[name].settings:
        if not param.static:
            moving = {other.name: found.settings[other.name] for other in ENTRIES[name].settings if not other.static}
            moving[param.name] = param.slider[1]
            for after in run.eval_shape(cast(found.params, np.float32), moving):
                assert isinstance(after, type(found.params))
                assert [leaf.shape for leaf in jax.tree.leaves(after)] == [leaf.shape for leaf in jax.tree.leaves(found.params)]
                assert all(leaf.dtype == np.float32 for leaf in jax.tree.leaves(after))
    assert traces == 1


@every_model
def test_entry_is_documented(name):
    entry = ENTRIES[name]
    assert entry.family == "model"
    assert entry.fn is None
    assert re.fullmatch(r"[a-z][a-z0-9_]*", entry.name)
    assert re.fullmatch(r"[A-Z].*[^.]\.", entry.teaches)
    assert re.search(r"\b(18|19|20)\d\d\b", entry.source)
    assert "$" not in entry.formula
    assert entry.formula.count("{") == entry.formula.count("}")
    assert len(re.findall(r"\\left\b", entry.formula)) == len(re.findall(r"\\right\b", entry.formula))
    assert set(entry.usual) == {"steps", "precision"}
    for param in entry.settings:
        assert re.fullmatch(r"[A-Z].*\.", param.help)
    assert {"batch", "l2"} <= set(_settings(name))


def test_names_and_titles_tell_models_apart():
    assert len({entry.name for entry in MODELS}) == len({entry.title for entry in MODELS}) == len(MODELS) == 8


def test_no_network_grows_beyond_a_small_one():
    """A page that many share must not be asked for a giant."""
    for name in NETWORKS:
        largest = {param.name: int(param.high) for param in ENTRIES[name].settings if param.name in ("width", "depth", "code")}
        assert sum(leaf.size for leaf in _leaves(name, **largest)) < 1_000_000
    assert isinstance(model("mlp").params, eqx.Module)


def test_nothing_compiles_before_the_first_step():
    """The page would wait for it at every change of a setting."""
    jax.clear_caches()
    with compilations() as found:
        for name in ENTRIES:
            model(name)
            assert found == [], name
        jax.jit(lambda x: x + 1)(1.0)  # else the test would hold whatever compiles
        assert found
