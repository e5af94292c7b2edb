"""Requirements on every model of the catalogue: any optimizer can train it, whatever its settings."""

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
from tests.problems.models.training import BY_NAME, cast, model_of

# The programs here run once or twice: optimising them would take longer than running them.
QUICKLY = {"xla_backend_optimization_level": 0, "xla_llvm_disable_expensive_passes": True}

SOME = 40  # examples on which outputs, loss and metrics are compared

every_model = pytest.mark.parametrize("name", list(BY_NAME))
NETWORKS = [name for name, problem in BY_NAME.items() if "activation" in {param.name for param in problem.settings}]
every_network = pytest.mark.parametrize("name", NETWORKS)


def _settings(name: str) -> dict[str, Any]:
    return {param.name: param for param in BY_NAME[name].settings}


def _cases() -> list[Any]:
    """Every model at its defaults and at each other value of a choice."""
    cases = []
    for name in BY_NAME:
        cases.append(pytest.param(name, {}, id=name))
        for param in BY_NAME[name].settings:
            others = [choice for choice in param.choices if choice not in (param.default, "upload")]
            if param.name != "batch":
                cases += [pytest.param(name, {param.name: choice}, id=f"{name}-{param.name}={choice}") for choice in others]
    return cases


every_case = pytest.mark.parametrize("name, changes", _cases())


def _slice(batch: Any, rows: slice) -> Any:
    return jax.tree.map(lambda array: array[rows], batch)


@cache
def _judged_at_defaults(name: str) -> tuple[Any, list[float], Any]:
    """Return, in float64, the outputs and metrics for SOME examples, and the losses of these and of each half."""
    model, rng = model_of(name), np.random.default_rng(0)
    params = jax.tree.map(lambda leaf: leaf + rng.normal(size=leaf.shape) / 10, model.params)  # a start of 0 is too special
    learning, halves = model.learning, (slice(SOME), slice(SOME // 2), slice(SOME // 2, SOME))

    def judge(p: Any, parts: Any) -> Any:
        batch = parts[0]
        unlabelled = {key: values for key, values in batch.items() if key != "labels"}
        outputs = learning.outputs and learning.outputs(p, unlabelled, model.settings)
        return outputs, [learning.loss(p, part, model.settings) for part in parts], learning.metrics(p, batch, model.settings)

    with jax.enable_x64(True):
        parts = [cast(_slice(model.train, rows), np.float64) for rows in halves]
        outputs, losses, metrics = jax.device_get(jax.jit(judge, compiler_options=QUICKLY)(params, parts))
    return outputs, [float(loss) for loss in losses], metrics


@cache
def _slopes(name: str, dtype: Any) -> dict[str, tuple[Any, Any]]:
    """Return the loss of 16 examples and its gradient at the start, by activation ("" without one), from one program."""
    model = model_of(name)
    choices = _settings(name)["activation"].choices if name in NETWORKS else ("",)
    branches = [ACTIVATE[choice] for choice in choices if choice]

    def both(params: Any, batch: Any, traced: Any, which: Any) -> Any:
        with pytest.MonkeyPatch.context() as patch:
            patch.setitem(ACTIVATE, "any", lambda x: jax.lax.switch(which, branches, x))
            settings = {**model.settings, **traced, **({"activation": "any"} if branches else {})}
            return jax.value_and_grad(model.learning.loss)(params, batch, settings)

    compiled = jax.jit(both, compiler_options=QUICKLY)
    params, batch = cast(model.params, dtype), cast(_slice(model.train, slice(16)), dtype)
    with jax.enable_x64(True):  # as the engine does
        computed = {choice: compiled(params, batch, model.traced, i) for i, choice in enumerate(choices)}
        slopes: dict[str, tuple[Any, Any]] = jax.device_get(computed)
        return slopes


def _leaves(name: str, seed: int = 0, **changes: Any) -> list[np.ndarray]:
    return jax.tree.leaves(model_of(name, seed, **changes).params)


def _same(left: list[np.ndarray], right: list[np.ndarray]) -> bool:
    return len(left) == len(right) and all(np.array_equal(a, b) for a, b in zip(left, right, strict=True))


@every_case
def test_parameters_and_examples_are_plain_arrays(name, changes):
    """optax and the engine's cast meet floating-point arrays only; a function among the leaves would break both."""
    model = model_of(name, **changes)
    leaves = jax.tree.leaves(model.params)
    assert leaves
    for leaf in leaves:
        assert isinstance(leaf, np.ndarray)
        assert leaf.dtype == np.float64
        assert np.isfinite(leaf).all()
    for part in (model.train, model.validation):
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


@pytest.mark.parametrize("name", [name for name in BY_NAME if "init_scale" in _settings(name)])
def test_init_scale_lengthens_the_weights_and_turns_none(name):
    """Compared over scales, a student must see the effect of the scale and not that of another draw."""
    for small, large in zip(_leaves(name, init_scale=1.0), _leaves(name, init_scale=3.0), strict=True):
        factor = 3.0 if small.ndim in (2, 4) else 1.0
        np.testing.assert_allclose(large, factor * small, rtol=1e-12)


@every_model
def test_loss_is_the_mean_over_the_examples(name):
    """Otherwise a smaller batch would mean another loss, and not only a noisier one."""
    _, (all_examples, first, second), _ = _judged_at_defaults(name)
    assert first != second
    assert all_examples == pytest.approx((first + second) / 2, rel=1e-12)


@every_model
def test_metrics_are_in_their_range(name):
    model = model_of(name)

    def judge(params: Any, parts: Any) -> Any:
        return [model.learning.metrics(params, part, model.settings) for part in parts]

    parts = [cast(part, np.float32) for part in (model.train, model.validation)]
    with jax.enable_x64(True):
        judged = jax.device_get(jax.jit(judge, compiler_options=QUICKLY)(cast(model.params, np.float32), parts))
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
    """The page must show the outputs by which the model was trained and judged."""
    model = model_of(name)
    if model.learning.outputs is None:
        assert "labels" not in model.train
        return
    logits, (loss, *_), metrics = _judged_at_defaults(name)
    labels = model.train["labels"][:SOME]
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
    model = model_of(name, **{"width": 5, **changes})
    loss = jax.jit(lambda p, b: model.learning.loss(p, b, model.settings), compiler_options=QUICKLY)
    assert np.isfinite(loss(cast(model.params, np.float32), cast(_slice(model.train, slice(4)), np.float32)))


@every_model
def test_a_traced_setting_traces_nothing_anew_and_the_carry_keeps_its_form(name):
    """scan refuses a carry that changes its structure or a dtype; a slider must not compile."""
    model, traces = model_of(name), 0
    batch = cast(_slice(model.train, slice(16)), np.float32)
    static = {param.name: model.settings[param.name] for param in BY_NAME[name].settings if param.static}
    optimizers = prodigy(), optax.adam(1e-3)

    @jax.jit
    def run(params, traced):
        nonlocal traces
        traces += 1

        def step(carries, _):
            gradient = jax.grad(model.learning.loss)(carries[0][0], batch, {**static, **traced})
            after = []
            for optimizer, (at, state) in zip(optimizers, carries, strict=True):
                updates, following = optimizer.update(gradient, state, at)
                after.append((optax.apply_updates(at, updates), following))
            return after, None

        carries, _ = jax.lax.scan(step, [(params, optimizer.init(params)) for optimizer in optimizers], length=3)
        return [at for at, _ in carries]

    for param in BY_NAME[name].settings:
        if not param.static:
            traced = {other.name: model.settings[other.name] for other in BY_NAME[name].settings if not other.static}
            traced[param.name] = param.slider[1]
            for after in run.eval_shape(cast(model.params, np.float32), traced):
                assert isinstance(after, type(model.params))
                assert [leaf.shape for leaf in jax.tree.leaves(after)] == [leaf.shape for leaf in jax.tree.leaves(model.params)]
                assert all(leaf.dtype == np.float32 for leaf in jax.tree.leaves(after))
    assert traces == 1


@every_model
def test_entry_is_documented(name):
    problem = BY_NAME[name]
    assert problem.family == "model"
    assert problem.fn is None
    assert re.fullmatch(r"[a-z][a-z0-9_]*", problem.name)
    assert re.fullmatch(r"[A-Z].*[^.]\.", problem.teaches)
    assert re.search(r"\b(18|19|20)\d\d\b", problem.source)
    assert "$" not in problem.formula
    assert problem.formula.count("{") == problem.formula.count("}")
    assert len(re.findall(r"\\left\b", problem.formula)) == len(re.findall(r"\\right\b", problem.formula))
    assert set(problem.usual) == {"steps", "precision"}
    for param in problem.settings:
        assert re.fullmatch(r"[A-Z].*\.", param.help)
    assert {"batch", "l2"} <= set(_settings(name))


def test_names_and_titles_tell_models_apart():
    assert len({problem.name for problem in MODELS}) == len({problem.title for problem in MODELS}) == len(MODELS) == 8


def test_no_network_grows_beyond_a_small_one():
    """A page that many share must not be asked for a giant."""
    for name in NETWORKS:
        largest = {param.name: int(param.high) for param in BY_NAME[name].settings if param.name in ("width", "depth", "code")}
        assert sum(leaf.size for leaf in _leaves(name, **largest)) < 1_000_000
    assert isinstance(model_of("mlp").params, eqx.Module)


def test_nothing_compiles_before_the_first_step():
    """The page would wait for it at every change of a setting."""
    jax.clear_caches()
    with compilations() as compiled:
        for name in BY_NAME:
            model_of(name)
            assert compiled == [], name
        jax.jit(lambda x: x + 1)(1.0)  # otherwise the test would pass whatever compiles
        assert compiled
