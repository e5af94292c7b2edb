"""The knobs of our Prodigy beside optax's, held against the function itself and against what one knows of them."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from prodigy_core import prodigy
from prodigy_core.engine.runner import run_contender
from prodigy_core.experiment import Contender, Experiment
from prodigy_core.sweep.runner import run as sweep
from prodigy_core.sweep.spec import Axis
from prodigy_core.trace import Trace
from tests.engine.runs import STEPS, Pairs, plain_loop, ran

GUARDED: Pairs = (("safeguard_warmup", True),)
PLAIN: Pairs = (("use_bias_correction", False),)
BOOTH: dict[str, Any] = {"problem": "booth", "start": (-8.0, -5.0), "precision": "float64"}
PLACES: dict[str, dict[str, Any]] = {
    "booth": BOOTH,
    "himmelblau": {"problem": "himmelblau", "start": (0.0, 0.0), "precision": "float64"},
    "matyas": {"problem": "matyas", "start": (8.0, 7.0), "precision": "float64"},
}
every_place = pytest.mark.parametrize("place", list(PLACES))


@pytest.mark.parametrize(
    "knobs, given",
    [
        ({"use_bias_correction": False}, {"use_bias_correction": False}),
        ({"growth_rate": 1.3, "estim_lr0": 1e-4}, {"growth_rate": 1.3, "estim_lr0": 1e-4}),
        ({"slice_p": 2}, {"slice_p": 2}),
        ({}, {}),
    ],
    ids=["no bias correction", "cap", "slice", "none"],
)
def test_a_knob_is_the_argument_of_the_function(knobs, given):
    trace = ran("prodigy", tuple(knobs.items()), problem="rosenbrock", start=(-1.5, 2.0), precision="float64")
    entries = plain_loop(prodigy(**given), STEPS)
    for name in ("position", "gradient", "updates"):
        recorded = trace.position if name == "position" else trace.vectors["update" if name == "updates" else name]
        np.testing.assert_allclose(recorded, [entry[name] for entry in entries], rtol=1e-6, atol=1e-9, err_msg=name)
    np.testing.assert_allclose(trace.probes["D"], [entry["state"].estim_lr for entry in entries], rtol=1e-9)


def test_the_numbers_of_a_sliced_estimate_are_those_of_every_nth_entry():
    """<g, x0 - x> over all coordinates beside a numerator over half of them would not add up."""
    trace = ran("prodigy", (("slice_p", 2), ("estim_lr0", 1e-3)), problem="rosenbrock", start=(-1.5, 2.0), precision="float64")
    inner = trace.vectors["gradient"][:, 0] * (-1.5 - trace.position[:, 0])
    np.testing.assert_allclose(trace.probes["inner"], inner, rtol=1e-9, atol=1e-12)
    np.testing.assert_array_equal(trace.vectors["s"][:, 1], 0)
    np.testing.assert_allclose(np.abs(trace.vectors["s"][:, 0]), trace.probes["denominator"], rtol=1e-9)
    assert np.abs(trace.vectors["s"]).max() > 0


def test_a_sweep_over_the_slices_is_the_race():
    """A sweep takes a point of the plane apart; every second entry of each of two numbers would be both of them."""
    experiment = Experiment("beale", start=(1.0, 1.0), steps=60, precision="float64", contenders=(Contender("prodigy"),))
    (grid,) = sweep(experiment, (Axis("slice_p", (1, 2), 0),), (0,)).grids
    for place, stride in enumerate((1, 2)):
        trace = run_contender(experiment, Contender("prodigy", {"slice_p": stride}))
        np.testing.assert_allclose(grid.metrics["D"][place, 0], trace.probes["D"][-1], rtol=1e-9)
    assert grid.metrics["D"][0, 0] != pytest.approx(grid.metrics["D"][1, 0], rel=1e-3)


# --- stop D at a step -----------------------------------------------------------------------------------------------


def _stopped(stop: int, **given: Any) -> list[dict[str, Any]]:
    """The run whose optimizer is Prodigy until D shall stay, and then one of the same state that estimates nothing."""
    before, after = (prodigy(estim_lr_coef=coef, **given) for coef in (1.0, 1e-300))

    def update(g: Any, state: Any, x: Any) -> Any:
        late = state.count >= stop
        at_once, later = before.update(g, state, x), after.update(g, state, x)
        return jax.tree.map(lambda a, b: jnp.where(late, b, a), at_once, later)

    return plain_loop(optax.GradientTransformation(before.init, update), STEPS)


def test_a_stopped_d_stays_and_all_else_goes_on():
    trace = ran("prodigy", (("stop_d_at", 20.0),), problem="rosenbrock", start=(-1.5, 2.0), precision="float64")
    free = ran("prodigy", (), problem="rosenbrock", start=(-1.5, 2.0), precision="float64")
    D = trace.probes["D"]
    np.testing.assert_array_equal(D[:21], free.probes["D"][:21])
    np.testing.assert_array_equal(trace.position[:21], free.position[:21])
    assert (D[20:] == D[20]).all()
    assert free.probes["D"][-1] > 1.5 * D[20] > 3e-6, "D was on its way"
    np.testing.assert_allclose(trace.position, [entry["position"] for entry in _stopped(20)], rtol=1e-9)
    assert (trace.probes["d_hat"][21:] > D[20]).any(), "the estimate itself is still shown"


@pytest.mark.parametrize("stop", [0.0, 3.0, 30.0])
def test_a_capped_d_on_its_way_up_stops_too(stop):
    """Under a cap D follows an estimate of long ago: without an end to that it would go on rising."""
    free = ran("prodigy", (("growth_rate", 1.05), ("estim_lr0", 1e-3)), **BOOTH)
    trace = ran("prodigy", (("growth_rate", 1.05), ("estim_lr0", 1e-3), ("stop_d_at", stop)), **BOOTH)
    k = int(stop)
    np.testing.assert_array_equal(trace.probes["D"][: k + 1], free.probes["D"][: k + 1])
    assert (trace.probes["D"][k:] == trace.probes["D"][k]).all()
    assert free.probes["D"][k + 1 :].max() > free.probes["D"][k]


def test_a_cap_holds_every_rise_but_the_first():
    D = ran("prodigy", (("growth_rate", 1.05), ("estim_lr0", 1e-3)), **BOOTH).probes["D"]
    growth = D[1:] / D[:-1]
    first = int(np.argmax(growth > 1))
    assert growth[first] > 1.05, "the first rise is free"
    assert (growth[first + 1 :] <= 1.05 * (1 + 1e-12)).all()
    assert np.isclose(growth[first + 1 :], 1.05).sum() > 20


# --- Adam's bias correction and the guard ----------------------------------------------------------------------------


def _last(knobs: Pairs, place: str) -> Trace:
    return ran("prodigy", knobs, **{**PLACES[place], "steps": 500})


@every_place
def test_without_bias_correction_the_guard_does_nothing_where_there_is_no_warm_up(place):
    one, other = _last(PLAIN, place), _last((*PLAIN, *GUARDED), place)
    np.testing.assert_allclose(one.probes["D"], other.probes["D"], rtol=1e-12)
    np.testing.assert_allclose(one.position, other.position, rtol=1e-9, atol=1e-12)


@every_place
def test_with_bias_correction_the_guard_makes_d_some_times_smaller(place):
    assert 2.5 < _last((), place).probes["D"][-1] / _last(GUARDED, place).probes["D"][-1] < 4.5


@every_place
def test_without_bias_correction_a_warm_up_raises_d_and_the_guard_prevents_it(place):
    warm: Pairs = (("warmup", 0.3),)
    without = _last(PLAIN, place).probes["D"][-1]
    assert _last((*PLAIN, *warm), place).probes["D"][-1] > 1.3 * without
    assert _last((*PLAIN, *warm, *GUARDED), place).probes["D"][-1] < 0.8 * without
