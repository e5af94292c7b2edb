"""Prodigy against optax's and against the paper's loop in NumPy, in float64, for whatever settings."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from prodigy_core.prodigy import prodigy
from tests.prodigy import reference
from tests.prodigy.runs import Run, run

STEPS = 500
FORCE = np.array([1.0, -2.0, 0.5, 3.0, -0.7])
# 500 steps of about ten roundings of 2^-53 each, all in one direction: 6e-13. Seen: 1e-13.
TOLERANCE = 1e-12


def gradient(x: Any) -> Any:
    """Of a loss that falls for ever, ever flatter. Around a minimum an adaptive step magnifies rounding without bound;
    here no component of the gradient changes sign, so that two correct programs stay together."""
    return -FORCE * (np if isinstance(x, np.ndarray) else jnp).exp(-abs(x))


SCHEDULES = {
    "constant": np.ones(STEPS),
    "small": np.full(STEPS, 0.3),
    "warm-up": np.minimum(1.0, (np.arange(STEPS) + 1) / 50),
    "cosine": 0.5 * (1 + np.cos(np.pi * np.arange(STEPS) / STEPS)),
}


def compiled(factory: Any, **static: Any) -> Any:
    """A run for any hyperparameters and any schedule: they are traced, so that it compiles once."""

    @jax.jit
    def path(table: jax.Array, numbers: dict[str, Any]) -> tuple[jax.Array, jax.Array]:
        optimizer = factory(learning_rate=lambda count: table[count], **static, **numbers)
        known = run(optimizer, gradient, jnp.zeros(FORCE.shape), STEPS)
        return known.x, known.d

    return path


OURS = {keep: compiled(prodigy, compensate=keep) for keep in (0, 1)}
OPTAX = {safe: compiled(optax.contrib.prodigy, safeguard_warmup=bool(safe)) for safe in (0, 1)}


def assert_close(ours: tuple[Any, Any], known: tuple[Any, Any], tolerance: float = TOLERANCE) -> None:
    for mine, theirs in zip(ours, known, strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=0, atol=tolerance * np.max(np.abs(theirs)))
    np.testing.assert_allclose(ours[1], known[1], rtol=tolerance)


@settings(max_examples=60, deadline=None, derandomize=True, database=None, phases=[Phase.generate])
@given(
    betas=st.tuples(st.sampled_from([0.0, 0.5, 0.9, 0.98]), st.sampled_from([0.9, 0.99, 0.999])),
    beta3=st.sampled_from([None, 0.9, 0.99, 1.0]),
    eps=st.sampled_from([1e-12, 1e-8, 1e-3]),
    estim_lr0=st.floats(-9, -2).map(lambda power: 10.0**power),
    estim_lr_coef=st.floats(0.3, 2.0),
    weight_decay=st.sampled_from([0.0, 1e-4, 1e-3]),
    safeguard_warmup=st.sampled_from([0, 1]),
    schedule=st.sampled_from(sorted(SCHEDULES)),
)
def test_it_is_optax_and_it_is_the_paper(schedule: str, safeguard_warmup: int, beta3: float | None, **numbers: Any) -> None:
    """A user who sets a knob would get another algorithm than the published one."""
    table = SCHEDULES[schedule]
    numbers["beta3"] = float(np.sqrt(numbers["betas"][1])) if beta3 is None else beta3
    paper = reference.prodigy(
        gradient, np.zeros(5), STEPS, learning_rate=lambda k: table[k], safeguard_warmup=bool(safeguard_warmup), **numbers
    )
    with jax.enable_x64(True):
        theirs = jax.device_get(OPTAX[safeguard_warmup](table, numbers))
        numbers["safeguard_warmup"] = bool(safeguard_warmup)
        ours = jax.device_get(OURS[0](table, numbers))
        assert_close(ours, theirs)
        assert_close(ours, paper)
        assert_close(jax.device_get(OURS[1](table, numbers)), paper)


SETTINGS: list[dict[str, Any]] = [
    {},
    {"betas": (0.9, 0.99)},  # beta3 follows beta2
    {"use_bias_correction": False},
    {"growth_rate": 1.02},
    {"growth_rate": 1.1, "estim_lr0": 1e-3, "use_bias_correction": False},
    {"growth_rate": np.inf},
    {"slice_p": 2},
    {"slice_p": 4, "weight_decay": 1e-3},
    {"weight_decay": 1e-3, "use_bias_correction": False},
    {"safeguard_warmup": True, "slice_p": 3, "growth_rate": 1.5, "learning_rate": lambda k: 0.5},
    {"betas": (0.0, 0.9), "beta3": 0.5, "eps": 0.0},
]


@pytest.fixture(scope="module")
def plain_runs() -> list[Run]:
    """A run with each of the settings, all in one program."""
    optimizers = [prodigy(compensate=False, **setting) for setting in SETTINGS]
    with jax.enable_x64(True):
        together = jax.jit(lambda start: [run(each, gradient, start, STEPS) for each in optimizers])
        runs: list[Run] = jax.device_get(together(np.zeros(5)))
    return runs


@pytest.mark.parametrize("index", range(len(SETTINGS)), ids=["-".join(setting) or "defaults" for setting in SETTINGS])
def test_plain_arguments_give_the_paper(plain_runs: list[Run], index: int) -> None:
    """Bias correction, growth cap, slices and the defaults would differ from prodigyopt's."""
    ours = plain_runs[index]
    assert_close((ours.x, ours.d), reference.prodigy(gradient, np.zeros(5), STEPS, **SETTINGS[index]))


@pytest.mark.usefixtures("x64")
def test_slices_and_masks_count_per_leaf() -> None:
    """Every slice_p-th entry of each leaf, not of the whole: a small leaf would drop out of the estimate."""
    start = {"a": np.zeros((2, 2)), "b": np.zeros(1)}  # slices of 3 take entries 0 and 3 of a, and b
    pull = {"a": FORCE[:4].reshape(2, 2), "b": FORCE[4:]}

    def by_leaf(x: Any) -> Any:
        return jax.tree.map(lambda x, f: -f * jnp.exp(-abs(x)), x, pull)

    optimizer = prodigy(slice_p=3, weight_decay=1e-3, weight_decay_mask={"a": True, "b": False}, compensate=False)
    ours = jax.device_get(run(optimizer, by_leaf, start, STEPS))
    # The loop in NumPy knows one vector: order it so that its slice of 3 is the same set of entries.
    order = [0, 1, 2, 3, None, None, 4]
    strength = np.array([0.0 if i is None else FORCE[i] for i in order])
    decayed = np.array([i in (0, 1, 2, 3) for i in order])
    known = reference.prodigy(
        lambda x: -strength * np.exp(-abs(x)) + 0.0, np.zeros(7), STEPS, slice_p=3, weight_decay=1e-3, decayed=decayed
    )
    np.testing.assert_allclose(ours.d, known.d, rtol=TOLERANCE)
    np.testing.assert_allclose(ours.params["a"].ravel(), known.x[-1, :4], rtol=TOLERANCE)
    np.testing.assert_allclose(ours.params["b"], known.x[-1, 6:], rtol=TOLERANCE)


@pytest.mark.usefixtures("x64")
@pytest.mark.parametrize("slice_p", [None, 2])
def test_complex_params(slice_p: int | None) -> None:
    """|g|^2 in v, the modulus in the denominator, a real D: without them, complex models get another step size."""
    pull = FORCE * np.exp(1j * np.arange(5))

    def turning(x: Any) -> Any:  # the argument depends on x, so that the imaginary parts matter to D
        return -pull * (np if isinstance(x, np.ndarray) else jnp).exp(-abs(x) + 0.3j * abs(x))

    setting: dict[str, Any] = {"weight_decay": 1e-3, "growth_rate": 2.0}
    ours = run(prodigy(compensate=False, slice_p=slice_p, **setting), turning, np.zeros(5, complex), STEPS)
    known = reference.prodigy(turning, np.zeros(5, complex), STEPS, slice_p=slice_p or 1, **setting)
    assert ours.state.exp_avg_sq.dtype == ours.d.dtype == jnp.float64
    assert_close((ours.x, ours.d), known)
