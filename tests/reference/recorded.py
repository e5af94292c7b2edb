"""The problems and settings of the recorded runs in `golden.npz`; see the README beside it.

No random numbers: the data come with scikit-learn and the network's first weights from a formula, so any language can
rebuild them. Full batch always; leaves in sorted key order.
"""

import functools
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

STEPS = 200
PROBLEMS = ("rosenbrock", "logreg", "mlp")
LEAVES = ("x", "b", "w", "W1", "W2", "b1", "b2")
DECAYED = ("x", "w", "W1", "W2")  # weight_decay_mask: True for these leaves, False for the biases

SCHEDULES: dict[str, Callable[[int], float]] = {
    "constant": lambda k: 1.0,
    "warm-up": lambda k: min(1.0, (k + 1) / 20),
    "cosine": lambda k: 0.5 * (1 + math.cos(math.pi * k / STEPS)),
}

# T: prodigyopt, which has no bias correction unless asked. O: optax.
SETTINGS: dict[str, dict[str, Any]] = {
    "T01_default": {"use_bias_correction": False},
    "T02_bias_correction": {},
    "T03_bias_correction_decay": {"weight_decay": 0.01},
    "T05_growth_rate": {"use_bias_correction": False, "growth_rate": 1.02, "estim_lr0": 1e-4},
    "T08_slice3": {"use_bias_correction": False, "slice_p": 3},
    "T11_beta1_zero": {"betas": (0.0, 0.999)},  # prodigyopt's ProdigyReference
    "O01_default": {},
    "O02_decay": {"weight_decay": 0.01},
    "O04_safeguard_warmup": {"safeguard_warmup": True, "learning_rate": "warm-up"},
    "O06_decay_mask": {"weight_decay": 0.1, "weight_decay_mask": DECAYED},
    "O07_cosine": {"learning_rate": "cosine"},
}


@functools.cache
def golden() -> dict[str, np.ndarray]:
    """Every recorded array by its key."""
    with np.load(Path(__file__).with_name("golden.npz")) as stored:
        return dict(stored)


def _weights(rows: int, columns: int) -> np.ndarray:
    i, j = np.arange(rows)[:, None], np.arange(columns)[None, :]
    return np.asarray(np.sqrt(2.0 / rows) * np.sin(0.7 + 1.3 * i + 2.1 * j + 0.01 * i * j))


def start(problem: str) -> dict[str, np.ndarray]:
    """The parameters before the first step."""
    if problem == "rosenbrock":
        return {"x": np.array([-1.5, 2.0])}
    if problem == "logreg":
        return {"b": np.zeros(1), "w": np.zeros(30)}
    return {"W1": _weights(64, 16), "W2": _weights(16, 10), "b1": np.zeros(16), "b2": np.zeros(10)}


@functools.cache
def data(problem: str) -> tuple[np.ndarray, np.ndarray]:
    """Inputs and targets: breast cancer, standardised, with targets +1 and -1; or the digits, scaled to [0, 1]."""
    from sklearn.datasets import load_breast_cancer, load_digits

    if problem == "logreg":
        cancer = load_breast_cancer()
        return (cancer.data - cancer.data.mean(0)) / cancer.data.std(0), 2.0 * cancer.target - 1.0
    digits = load_digits()
    return digits.data / 16.0, digits.target


def loss(problem: str) -> Callable[[dict[str, jax.Array]], jax.Array]:
    """The full-batch loss of the parameters, in the precision JAX runs in."""
    if problem == "rosenbrock":
        return lambda t: (1 - t["x"][0]) ** 2 + 100 * (t["x"][1] - t["x"][0] ** 2) ** 2
    inputs, targets = data(problem)
    if problem == "logreg":
        return lambda t: jnp.mean(jnp.logaddexp(0.0, -targets * (inputs @ t["w"] + t["b"][0]))) + 0.5e-3 * jnp.sum(t["w"] ** 2)

    def network(t: dict[str, jax.Array]) -> jax.Array:
        logits = jnp.tanh(inputs @ t["W1"] + t["b1"]) @ t["W2"] + t["b2"]
        right = jnp.take_along_axis(logits, targets[:, None], 1)[:, 0]
        return jnp.mean(jax.nn.logsumexp(logits, axis=1) - right)

    return network
