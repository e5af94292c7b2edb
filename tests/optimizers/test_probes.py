"""The curves of an optimizer's inside, derived once more from the path alone: NumPy, and the formulas of the papers.

Longer than most, for every optimizer has formulas of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from prodigy_core.optimizers import OPTIMIZERS
from prodigy_core.optimizers.traits import Rate
from prodigy_core.param import Value
from tests.optimizers.runs import BOWL, QUICK, START, STEPS, arguments, every_optimizer, objective, ran, rates

Run = dict[str, np.ndarray]
Direction = Callable[[Run], np.ndarray]

# The learning rate moves, so that one of another step would be seen; without eps every direction is a plain quotient.
MOVING: dict[str, Value] = {"schedule": "linear", "warmup": 0.02, "warmup_from": 0.5}


def _ema(values, beta, first=0.0):
    """The exponential moving average after each step."""
    series, now = [], np.full(values.shape[1:], first)
    for value in values:
        now = beta * now + (1 - beta) * value
        series.append(now)
    return np.array(series)


def _corrected(values, beta, ahead=0):
    return _ema(values, beta) / _grown(beta, ahead)


def _grown(beta, ahead=0):
    """1 - beta^k for the steps k = 1, 2, ..."""
    return 1 - beta ** (np.arange(1, STEPS + 2)[:, None] + ahead)


def _adam(run):
    g = run["gradient"]
    return _ema(g, 0.9) / np.sqrt(_ema(g**2, 0.999))


def _nadam(run):
    g = run["gradient"]
    ahead = 0.9 * _corrected(g, 0.9, 1) + 0.1 * g / _grown(0.9)
    return ahead / np.sqrt(_ema(g**2, 0.999))


def _radam(run):
    """Along m / sqrt(v) once the second moment is made of five gradients; along m before."""
    g, j = run["gradient"], np.arange(1, STEPS + 2)[:, None]
    length = (2 / 0.001 - 1) - 2 * j * 0.999**j / (1 - 0.999**j)
    assert 3 < (length < 5).sum() < 10
    return np.where(length >= 5, _adam(run), _ema(g, 0.9))


def _amsgrad(run):
    g = run["gradient"]
    return _ema(g, 0.9) / np.sqrt(np.maximum.accumulate(_corrected(g**2, 0.999)))


def _adamax(run):
    largest, series = np.zeros(2), []
    for g in np.abs(run["gradient"]):
        largest = np.maximum(0.999 * largest, g)
        series.append(largest)
    return _ema(run["gradient"], 0.9) / np.array(series)


def _adabelief(run):
    g, m = run["gradient"], _ema(run["gradient"], 0.9)
    return m / np.sqrt(_ema((g - m) ** 2, 0.999))


def _yogi(run):
    v, series = np.full(2, 1e-6), []
    for square in run["gradient"] ** 2:
        v = v - 0.001 * np.sign(v - square) * square
        series.append(v)
    return _ema(run["gradient"], 0.9, 1e-6) / np.sqrt(series)


def _adan(run):
    g = run["gradient"]
    difference = np.diff(g, axis=0, prepend=g[:1])
    ahead = _corrected(g, 0.98) + 0.08 * _corrected(difference, 0.92)
    return ahead / np.sqrt(_ema((g + 0.08 * difference) ** 2, 0.99))


def _adagrad(run):
    return run["gradient"] / np.sqrt(0.1 + np.cumsum(run["gradient"] ** 2, axis=0))


def _sgd(run):
    return run["gradient"]


def _rmsprop(run):
    return run["gradient"] / np.sqrt(_ema(run["gradient"] ** 2, 0.9))


def _lion(run):
    g = run["gradient"]
    before = np.concatenate([np.zeros((1, 2)), _ema(g, 0.99)[:-1]])
    return np.sign(0.9 * before + 0.1 * g)


def _dadapt(run):
    """Its first moment sums gradients times the step size of their own step; here in units of this step's size."""
    steps = np.maximum(run["effective_step"][:, None], 1e-300)  # the very last one is 0
    return _ema(steps * run["gradient"], 0.9) / np.sqrt(_ema(run["gradient"] ** 2, 0.999)) / steps


def _prodigy(run):
    d = run["D"][:, None]
    return _ema(d * run["gradient"], 0.9) / np.sqrt(_ema((d * run["gradient"]) ** 2, 0.999))


def _momo(run):
    m, series = run["gradient"][0], []
    for g in run["gradient"]:
        m = 0.9 * m + 0.1 * g
        series.append(m)
    return np.array(series)


def _novograd(run):
    """The sum of gradients over their averaged norm, which here is that of the whole point: one layer."""
    squares = (run["gradient"] ** 2).sum(axis=1)
    norms = [squares[0]]
    for square in squares[1:]:
        norms.append(0.25 * norms[-1] + 0.75 * square)
    return _ema(run["gradient"] / np.sqrt(norms)[:, None], 0.9) / 0.1


def _as_long_as_the_point(run, direction):
    return direction * (np.linalg.norm(run["x"], axis=1) / np.linalg.norm(direction, axis=1))[:, None]


def _lamb(run):
    return _as_long_as_the_point(run, _adam(run))


def _lars(run):
    return _as_long_as_the_point(run, run["gradient"])


# Name -> the direction that the update is a multiple of, values of hyperparameters without which it would be more than
# that, and whether the effective step is recorded one step later.
DIRECTIONS: dict[str, tuple[Direction, dict[str, Value], bool]] = {
    "prodigy": (_prodigy, {"eps": 0.0, "estim_lr0": 1e-2}, False),
    "optax_prodigy": (_prodigy, {"eps": 0.0, "estim_lr0": 1e-2}, False),
    "prodigy_by_layer": (_prodigy, {"eps": 0.0, "estim_lr0": 1e-2}, False),
    "dadapt_adamw": (_dadapt, {"eps": 0.0, "estim_lr0": 1e-2}, False),
    "dog": (_sgd, {"reps_rel": 1e-2}, True),
    "dowg": (_sgd, {}, True),
    "momo": (_momo, {}, True),
    "momo_adam": (_adam, {"eps": 0.0}, True),
    "adam": (_adam, {"eps": 0.0}, False),
    "tuned_adam": (_adam, {"eps": 0.0}, False),
    "adam_at_d": (_adam, {"eps": 0.0}, False),
    "adamw": (_adam, {"eps": 0.0, "weight_decay": 0.0}, False),
    "nadam": (_nadam, {"eps": 0.0}, False),
    "radam": (_radam, {"eps": 0.0}, False),
    "amsgrad": (_amsgrad, {"eps": 0.0}, False),
    "adamax": (_adamax, {"eps": 0.0}, False),
    "adabelief": (_adabelief, {"eps": 0.0, "eps_root": 0.0}, False),
    "yogi": (_yogi, {"eps": 0.0}, False),
    "adan": (_adan, {"eps": 0.0, "eps_root": 0.0}, False),
    "adagrad": (_adagrad, {"eps": 0.0}, False),
    "sgd": (_sgd, {"momentum": 0.0}, False),
    "rmsprop": (_rmsprop, {"eps": 0.0}, False),
    "lion": (_lion, {"weight_decay": 0.0}, False),
    "novograd": (_novograd, {"eps": 0.0}, False),
    "lamb": (_lamb, {"eps": 0.0}, False),
    "lars": (_lars, {"momentum": 0.0}, False),
}


def _run(name: str, hyperparameters: dict[str, Value]) -> Run:
    return ran(name, tuple({**rates(OPTIMIZERS[name]), **MOVING, **hyperparameters}.items()))


@pytest.mark.parametrize("name", list(DIRECTIONS))
def test_the_update_is_the_effective_step_times_the_direction(name):
    direction, hyperparameters, last = DIRECTIONS[name]
    run = _run(name, hyperparameters)
    step, many = run["effective_step"], slice(0, 300)  # later, the last steps are made of rounding errors
    if last:
        assert np.isnan(step[0])
        step = step[1:]
    assert (step[many] > 0).all()
    expected = -step[many, None] * direction(run)[many]
    np.testing.assert_allclose(run["updates"][many], expected, rtol=1e-6, atol=1e-12)


# Their updates are no multiples of a step size: these are derived below.
NO_MULTIPLE = {"mechanic_adam", "schedule_free_adamw"}


@every_optimizer
@pytest.mark.parametrize("turned", [0, 3])
def test_a_longer_effective_step_is_a_longer_update(optimizer, turned):
    """A learning rate is turned down in one step: the curve must show it in that step, and the update must follow the curve.

    This holds an entry whose effective step nobody has derived above yet.
    """
    hyper, static = arguments(optimizer, {**rates(optimizer), "weight_decay": 0.0})
    hyper = {**hyper, **static}

    def step(factor: Any) -> Any:
        def rate(k: Any) -> Any:
            return jnp.asarray(hyper["learning_rate"], float) * jnp.where(k == turned, factor, 1.0)

        transformation = optimizer.transformation(hyper, rate)
        x, updates = jnp.asarray(START), jnp.zeros(2)
        state = transformation.init(x)
        for _ in range(turned + 1):
            x, before = x + updates, state
            loss, gradient = jax.value_and_grad(objective)(x, BOWL)
            updates, state, _ = transformation.update(gradient, before, x, value=loss)
        shown = [optimizer.probe(at, hyper, i, rate(i))["effective_step"] for at, i in ((before, turned), (state, turned + 1))]
        late = jnp.isnan(optimizer.probe(transformation.init(x), hyper, 0, rate(0))["effective_step"])
        return updates, jnp.where(late, shown[1], shown[0])

    with jax.enable_x64(True):
        updates, steps = jax.device_get(jax.jit(jax.vmap(step), compiler_options=QUICK)(jnp.asarray([1.0, 0.25])))
    assert steps[0] > 0
    ratio = steps[1] / steps[0]
    assert ratio < 1 or optimizer.rate is Rate.CEILING, "the loss may want less than both of these rates"
    if turned == 0 and optimizer.name not in NO_MULTIPLE:  # later, the steps before have a part in the momentum
        np.testing.assert_allclose(updates[1], ratio * updates[0], rtol=1e-6, atol=1e-12)


def test_schedule_frees_effective_step_is_that_of_z():
    """Its params are y = b1 x + (1 - b1) z; x is what it would hand over."""
    run = _run("schedule_free_adamw", {"eps": 0.0, "beta1": 0.8})
    z = (run["x"] - 0.8 * run["judged"]) / 0.2
    direction = run["gradient"] / np.sqrt(_ema(run["gradient"] ** 2, 0.999))
    expected = -run["effective_step"][:, None] * direction
    np.testing.assert_allclose(np.diff(z, axis=0)[:300], expected[:300], rtol=1e-6, atol=1e-10)
    assert not np.allclose(run["judged"][1:], run["x"][1:])
    np.testing.assert_allclose(run["judged"][0], START, rtol=1e-12)


def test_dadaptations_estimate_is_the_formula_of_its_paper():
    run = _run("dadapt_adamw", {"estim_lr0": 1e-2})
    d, numerator, s, v = 1e-2, 0.0, np.zeros(2), np.zeros(2)
    root = np.sqrt(0.999)
    for k in range(300):
        assert run["D"][k] == pytest.approx(d, rel=1e-9)
        g, step = run["gradient"][k], d * run["rate"][k] * np.sqrt(1 - 0.999 ** (k + 1)) / (1 - 0.9 ** (k + 1))
        numerator = root * numerator + (1 - root) * step * g @ (s / (np.sqrt(v) + 1e-8))
        s = root * s + (1 - root) * step * g
        v = 0.999 * v + 0.001 * g**2
        d_hat = numerator / ((1 - root) * np.abs(s).sum())
        assert run["d_hat"][k + 1] == pytest.approx(d_hat, rel=1e-9)
        d = max(d, d_hat)
    assert d > 0.1
    assert np.isnan(run["d_hat"][0])


def test_the_distances_of_dog_and_dowg_are_the_largest_that_the_steps_so_far_have_seen():
    cases: tuple[tuple[str, float, dict[str, Value]], ...] = (
        ("dog", 1e-2 * (1 + np.hypot(*START)), {"reps_rel": 1e-2}),
        ("dowg", np.sqrt(1e-4), {}),
        ("dowg", 0.3, {"init_estim_sq_dist": 0.09}),
    )
    for name, first, hyperparameters in cases:
        run = _run(name, hyperparameters)
        seen = np.linalg.norm(run["x"] - START, axis=1)[:-1]
        expected = np.maximum.accumulate(np.concatenate([[first], np.maximum(seen, first)]))
        np.testing.assert_allclose(run["D"], expected, rtol=1e-12)
        assert run["D"][-1] > 2


def test_cocobs_wealth_is_what_its_bets_have_won():
    """Coordinate by coordinate: the largest gradient, and the sum of -g (x - x0), which stays above 0."""
    run = _run("cocob", {})
    largest, won = np.full(2, 1e-8), np.zeros(2)
    for k in range(300):
        wealth = np.max((largest + won) / largest)
        assert run["wealth"][k] == pytest.approx(wealth, rel=1e-9)
        assert run["effective_step"][k] == pytest.approx(run["rate"][k] * wealth, rel=1e-9)
        g = run["gradient"][k]
        largest, won = np.maximum(largest, np.abs(g)), np.maximum(won - g * (run["x"][k] - START), 0)
    assert wealth > 2
    # At a learning rate of 1 it stands where its bet puts it: never further from the start than its wealth.
    still = ran("cocob")
    assert (np.abs(still["x"][1:] - START).max(axis=1) <= still["wealth"][1:]).all()


def test_mechanics_estimate_is_the_factor_on_adams_path():
    """x = x0 + S Delta, where Delta is the sum of the steps that Adam would have taken along the same gradients."""
    run = _run("mechanic_adam", {"s_init": 1e-2})
    bias = np.sqrt(_grown(0.999)) / _grown(0.9)
    adam = run["rate"][:, None] * _corrected(run["gradient"], 0.9) / (np.sqrt(_corrected(run["gradient"] ** 2, 0.999)) + 1e-8)
    path = np.cumsum(-adam, axis=0)[:300]
    travelled = run["x"][1:301] - START
    np.testing.assert_allclose(run["D"][1:301, None] * path, travelled, rtol=1e-3)  # optax adds an eps to S
    assert run["D"][0] == 1e-2
    assert run["D"].max() > 0.05
    np.testing.assert_allclose(
        run["effective_step"][1:], (run["D"][1:, None] * run["rate"][:-1, None] * bias[:-1])[:, 0], rtol=1e-9
    )
    assert np.isnan(run["effective_step"][0])


@pytest.mark.parametrize("adaptive", [False, True])
@pytest.mark.parametrize("decay", [0.0, 0.05])
@pytest.mark.parametrize("name, beta", [("momo", 0.9), ("momo_adam", 0.9)])
def test_momos_step_is_the_shorter_of_the_learning_rate_and_polyaks(name, beta, decay, adaptive):
    """Schaipp et al., equation 12 and algorithm 2, with the decay taken off first."""
    hyperparameters: dict[str, Value] = {
        "weight_decay": decay,
        "adapt_lower_bound": adaptive,
        "lower_bound": -3.0,
        "schedule": "linear",
    }
    run = ran(name, tuple({**rates(OPTIMIZERS[name]), **hyperparameters, "learning_rate": 0.2}.items()))
    x, g, losses = run["x"], run["gradient"], run["loss"]
    d, f, gamma = (g[0], losses[0], g[0] @ x[0]) if name == "momo" else (np.zeros(2), 0.0, 0.0)
    v, lowest, bound_once = np.zeros(2), -3.0, 0
    for k in range(150):
        d, f, gamma = beta * d + (1 - beta) * g[k], beta * f + (1 - beta) * losses[k], beta * gamma + (1 - beta) * g[k] @ x[k]
        v = 0.999 * v + 0.001 * g[k] ** 2
        bias, root = (1.0, 1.0) if name == "momo" else (1 - beta ** (k + 1), np.sqrt(1 - 0.999 ** (k + 1)))
        metric = np.ones(2) if name == "momo" else 1e-8 + np.sqrt(v) / root
        norm, shrink, rate = d @ (d / metric), 1 + run["rate"][k] * decay, run["rate"][k]
        model = shrink * (f - gamma) + d @ x[k]
        used = lowest
        if adaptive and model < shrink * bias * lowest:
            used = max(model / (2 * bias * shrink), -3.0)
        polyak = max(model - shrink * bias * used, 0) / norm
        step = min(rate / bias, polyak)
        bound_once += polyak < rate / bias
        assert run["step_bound"][k + 1] == pytest.approx(polyak * root, rel=1e-6, abs=1e-12)
        assert run["effective_step"][k + 1] == pytest.approx(step * root, rel=1e-6, abs=1e-12)
        taken = -rate * decay / shrink * x[k] - step * d / metric
        np.testing.assert_allclose(run["updates"][k], taken, rtol=1e-6, atol=1e-10)
        if adaptive:
            lowest = max((f + d @ x[k] - gamma - step * norm / 2) / bias, -3.0)
        assert run["lower_bound"][k + 1] == pytest.approx(lowest, rel=1e-6)
    assert name == "momo_adam" or bound_once


@pytest.mark.parametrize("name", list(OPTIMIZERS))
def test_probes_are_scalars_that_exist_from_some_step_on(name):
    run = ran(name, tuple(rates(OPTIMIZERS[name]).items()))
    assert set(run) >= {"effective_step"}
    for probe in set(run) - {"x", "gradient", "updates", "judged"}:
        assert run[probe].shape == (STEPS + 1,)
        assert np.isfinite(run[probe][1:]).all(), probe
