"""How XLA is told to compile: only what it knows, only in time, and never against a person's will."""

from __future__ import annotations

import os
from contextlib import nullcontext
from types import SimpleNamespace

import jax
import jax.numpy as jnp
import pytest

from prodigy_core import Contender, Experiment, limits
from prodigy_core.engine import batch, devices, loop, xla
from prodigy_core.engine.prepare import prepare

FLAG = xla.FLAG


@pytest.fixture
def fresh(monkeypatch):
    """A process in which XLA has not started."""
    monkeypatch.setattr(xla, "_started", lambda: False)
    monkeypatch.delenv("XLA_FLAGS", raising=False)
    monkeypatch.setattr(jax.config, "update", lambda name, value: None)
    return monkeypatch


@pytest.mark.parametrize(
    "before, after",
    [
        (None, FLAG),
        ("", FLAG),
        ("--xla_cpu_use_fusion_emitters=false", f"--xla_cpu_use_fusion_emitters=false {FLAG}"),
        (f"--{xla.OPTION}={xla.SMALL}=1", f"--{xla.OPTION}={xla.SMALL}=1"),
        ("/etc/xla.flags", "/etc/xla.flags"),  # XLA reads that file: an option behind its name would be part of the name
    ],
)
def test_what_a_person_set_stays(fresh, before, after):
    if before is not None:
        fresh.setenv("XLA_FLAGS", before)
    for _ in range(2):  # the page does it at every rerun
        xla.prepare()
        assert os.environ["XLA_FLAGS"] == after


@pytest.mark.parametrize(
    "version, known",
    [
        ("0.10.1", False),
        ("0.9.9", False),
        ("0.10.2", True),
        ("0.10.9", True),
        ("0.11.2", True),
        ("0.12.0", False),
        ("0.12.0rc1", False),
        ("x", False),
    ],
)
@pytest.mark.parametrize("starts", [True, False])
def test_another_jaxlib_is_tried_before_it_is_given_the_option(fresh, version, known, starts):
    """XLA ends the process on an option that it does not know; and without the option every loop is ten times as slow."""
    tried: list[str] = []

    def starts_with(flags: str) -> bool:
        tried.append(flags)
        return bool(starts)

    fresh.setattr(xla, "JAXLIB", version)
    fresh.setattr(xla, "_starts_with", starts_with)
    with nullcontext() if known or starts else pytest.warns(RuntimeWarning, match=f"jaxlib {version} .*Install"):
        xla.prepare()
    assert os.environ.get("XLA_FLAGS") == (FLAG if known or starts else None)
    assert tried == ([] if known else [FLAG])


@pytest.mark.parametrize("flags, starts", [(FLAG, True), ("--xla_no_such_option=1", False)])
def test_whether_xla_starts_is_found_out_in_a_process_of_its_own(flags, starts):
    assert xla._starts_with(flags) is starts


@pytest.mark.parametrize(
    "flags, started, devices, expected",
    [
        ("", False, -1, [("jax_num_cpu_devices", 3)]),
        (f"--{xla.DEVICES}=8", False, -1, []),  # the older way to say it: XLA takes one of the two
        ("", True, -1, []),
        ("", False, 5, []),  # said by a person
    ],
)
def test_each_core_is_a_device_unless_a_person_said_otherwise(fresh, flags, started, devices, expected):
    said = []
    fresh.setattr(xla, "_started", lambda: started)
    fresh.setattr(limits, "DEVICES", 3)
    fresh.setenv("XLA_FLAGS", flags)
    fresh.setattr(jax, "config", SimpleNamespace(jax_num_cpu_devices=devices, update=lambda *given: said.append(given)))
    xla.prepare()
    assert said == expected


def test_once_xla_runs_the_environment_is_left_alone(fresh):
    fresh.setattr(xla, "_started", lambda: True)
    xla.prepare()
    assert "XLA_FLAGS" not in os.environ


def test_a_loop_of_some_kibibytes_is_compiled_as_one_piece_here():
    """The tests run what the page runs: in the compiled text, a loop of that kind is called as a small one."""
    flags = os.environ.get("XLA_FLAGS", "")
    if xla.OPTION in flags and FLAG not in flags:
        pytest.skip("XLA was set otherwise from outside")
    assert FLAG in flags, "does this jaxlib still know the option? Try, and move xla.KNOWN"

    @jax.jit
    def loop(rows):
        return jax.lax.fori_loop(0, 100, lambda i, now: jnp.sin(now).at[i].set(1.0) + jnp.cumsum(now), rows)

    assert "xla_cpu_small_call" in str(loop.lower(jnp.zeros(1000)).compile().as_text())
    assert xla._started()


@pytest.mark.parametrize("problem, older", [("rosenbrock", True), ("quadratic_nd", True), ("formula", True), ("mlp", False)])
def test_the_older_code_generator_is_for_functions_alone(monkeypatch, problem, older):
    """It writes a network's small matrix products out: with 32 units the first picture came after 20 s in the place of 3."""
    asked = []
    monkeypatch.setattr(xla, "options", lambda platform, *, learns: asked.append(learns))
    prepared = prepare(
        Experiment(problem, formula="x**2 + y**2" if problem == "formula" else "", steps=3), Contender("adam"), None
    )
    loop.compiled.cache_clear()
    batch.compiled.cache_clear()
    loop.compiled(loop.begin, prepared.program, "cpu")
    batch.compiled(batch.begin, prepared.program, devices.processors()[:1])
    loop.compiled.cache_clear()
    batch.compiled.cache_clear()
    assert asked == [not older] * 2
    monkeypatch.undo()
    assert xla.options("cpu", learns=True) is None
    assert xla.options("gpu", learns=False) is None
