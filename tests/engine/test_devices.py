"""Which device computes what, with one of the processor's own in the place of an accelerator."""

from __future__ import annotations

from typing import Any

import jax
import numpy as np
import pytest

from prodigy_core import sweep
from prodigy_core.engine import batch, devices, runner, search
from prodigy_core.experiment import Contender, Experiment
from prodigy_core.landscape.plane import follow_plane
from prodigy_core.sweep import block, local, plan
from prodigy_core.sweep.local import LocalExecutor
from prodigy_core.sweep.result import SweepTrace
from prodigy_core.sweep.spec import Sweep
from tests.sweep.runs import alone, axis

SGD = Contender("sgd")
PLANE = Sweep(alone(contender=SGD), (axis("learning_rate", *np.geomspace(1e-8, 1e-4, 40).tolist()),), entries=9)
MODEL = Sweep(
    alone("logistic_regression", SGD, settings={"data": "iris", "batch": "16"}),
    (axis("learning_rate", *np.geomspace(1e-8, 1e-2, 11).tolist()),),
    seeds=(0, 4, 9),
)


@pytest.fixture
def accelerator(monkeypatch) -> jax.Device:
    """The last device of the processor, which counts as an accelerator, and is worth it for anything."""
    first, last = devices.processors()[0], devices.processors()[-1]
    if first == last:
        pytest.skip("needs two devices: PRODIGY_LAB_DEVICES or XLA_FLAGS was set to one")
    monkeypatch.setattr(devices, "accelerators", lambda: (last,))
    monkeypatch.setattr(batch, "accelerates", lambda device: device == last)
    monkeypatch.setattr(devices, "WORTH", 1)
    return last


def used(monkeypatch: pytest.MonkeyPatch, module: Any) -> set[jax.Device]:
    """The devices on which that module's programs leave what they find, from now on."""
    seen: set[jax.Device] = set()
    before = module.compiled

    def compiled(*of: Any, **fixed: Any) -> Any:
        def call(*given: Any, **static: Any) -> Any:
            result = before(*of, **fixed)(*given, **static)
            seen.update(device for leaf in jax.tree.leaves(result) for device in leaf.devices())
            return result

        return call

    monkeypatch.setattr(module, "compiled", compiled)
    return seen


def whole(asked: Sweep) -> SweepTrace:
    *_, last = sweep.follow(asked)
    return last.result


def test_a_small_step_stays_on_the_processor(accelerator, monkeypatch):
    monkeypatch.setattr(devices, "WORTH", 1000)
    assert devices.of(999) == devices.processors()
    assert devices.of(1000) == (accelerator,)


def test_products_on_an_accelerator_are_of_float32(monkeypatch):
    """A GPU would else round the factors to 10 bits."""

    def product(a):
        return a @ a

    with devices.on(devices.processors()[0]):
        assert "HIGHEST" not in jax.jit(product).lower(np.eye(3)).as_text()
    monkeypatch.setattr(devices, "accelerates", lambda device: True)
    with devices.on(devices.processors()[0]):
        assert "HIGHEST" in jax.jit(product).lower(np.eye(3)).as_text()


def test_without_an_accelerator_the_processor_does_all(monkeypatch):
    monkeypatch.setattr(devices, "accelerators", tuple)
    assert devices.of(1e18) == devices.processors()
    assert not LocalExecutor().accelerator


def test_where_jax_has_no_processor_the_accelerator_does_all(monkeypatch):
    class Gpu:
        platform = "gpu"

    def local_devices(backend: str | None = None) -> list[Gpu]:
        if backend == "cpu":
            raise RuntimeError("Unknown backend cpu")
        return [gpu]

    gpu = Gpu()
    monkeypatch.setattr(jax, "local_devices", local_devices)
    assert devices.of(1) == devices.of(1e18) == (gpu,)


@pytest.mark.parametrize("worth, there", [(1, True), (1e9, False)])
def test_a_run_goes_where_its_step_is_worth_it(accelerator, monkeypatch, worth, there):
    experiment = Experiment("sphere", contenders=(Contender("tuned_adam", {"search_size": 3}),), steps=20)
    expected = runner.run(experiment)
    monkeypatch.setattr(devices, "WORTH", worth)
    seen, searched = used(monkeypatch, runner), used(monkeypatch, search)
    result = runner.run(experiment)
    assert seen == searched == ({accelerator} if there else {devices.processors()[0]})
    for one, other in zip(result, expected, strict=True):  # the same processor
        np.testing.assert_array_equal(one.loss, other.loss)


def test_so_does_the_plane_beneath_its_path(accelerator, monkeypatch):
    experiment = Experiment("quadratic_nd", contenders=(SGD,), steps=20)
    traces = runner.run(experiment)
    planes = []
    for worth in (1, 1e9):
        monkeypatch.setattr(devices, "WORTH", worth)
        *_, last = follow_plane(experiment, traces, "pca", points=5)
        assert last.result is not None
        planes.append(last.result.landscape.loss)
    np.testing.assert_array_equal(planes[0], planes[1])


@pytest.mark.parametrize("asked", [PLANE, MODEL], ids=["plane", "model"])
def test_an_accelerator_takes_all_tiles_at_once(accelerator, monkeypatch, asked):
    monkeypatch.setattr(batch, "WIDEST", 32)
    monkeypatch.setattr(plan, "FEWEST", 1)
    monkeypatch.setattr(plan, "BLOCK_WORK", 20_000)
    monkeypatch.setattr(devices, "WORTH", 1e18)
    expected = whole(asked)
    monkeypatch.setattr(devices, "WORTH", 1)
    assert len(plan.make_plan(asked, accelerator=True).blocks) < len(plan.make_plan(asked).blocks)
    seen, taken = used(monkeypatch, block), []

    def counted(cut: plan.Plan, place: int, upload: Any) -> Any:
        taken.append(place)
        return block.compute(cut, place, upload)

    def one_by_one(*given: Any) -> Any:
        raise AssertionError("the tiles went one after the other")

    monkeypatch.setattr(local, "compute", counted)
    monkeypatch.setattr(jax.lax, "map", one_by_one)
    result = whole(asked)
    assert seen == {accelerator}
    assert len(taken) == len(plan.make_plan(asked, accelerator=True).blocks)
    one, other = result.grids[0], expected.grids[0]
    np.testing.assert_array_equal(one.status, other.status)
    # The same operations on arrays of another shape: sums over parameters and examples go in another order. Some 30 steps
    # multiply that rounding, in float64, by less than a million.
    for name, values in {**one.metrics, **one.traces}.items():
        np.testing.assert_allclose(values, {**other.metrics, **other.traces}[name], rtol=1e-9, atol=1e-12, err_msg=name)


def test_a_long_block_of_an_accelerator_says_how_far_it_is(accelerator, monkeypatch):
    monkeypatch.setattr(plan, "MOMENT", 50)
    cut = plan.make_plan(Sweep(alone(contender=SGD, steps=1000), PLANE.axes), accelerator=True)
    words = [word for word in block.compute(cut, 0) if isinstance(word, float)]
    assert len(words) >= 1000 // plan.MOMENT
    assert words == sorted(words)


def test_blocks_for_an_accelerator_are_worth_its_while(accelerator, monkeypatch):
    monkeypatch.setattr(devices, "WORTH", 1_000_000)
    many = Sweep(alone(steps=100_000), tuple(axis(name, *np.linspace(0.1, 0.9, 250).tolist()) for name in ("beta1", "beta2")))
    group = plan.make_plan(many, accelerator=True).groups[0]
    assert group.accelerated
    assert group.tiles * group.width * group.work >= devices.WORTH
    assert not plan.make_plan(PLANE, accelerator=True).groups[0].accelerated, "forty lanes are not"
