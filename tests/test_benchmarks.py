"""The benchmarks compare like with like, and their table says what was measured. No test here looks at a time."""

from __future__ import annotations

import sys
from types import SimpleNamespace

import jax
import numpy as np
import pytest

from benchmarks import __main__ as program
from benchmarks import naive, peers, plain
from benchmarks.clock import QUICK, Effort
from benchmarks.rows import ROWS, accelerator, sweep_2d, traffic
from benchmarks.table import Bar, Line, markdown, ratio, seconds
from prodigy_core import Contender, Experiment, run
from prodigy_core.engine import devices

needs_compiler = pytest.mark.skipif(bool(peers.no_compiler()), reason="there is no C compiler")


@pytest.fixture(scope="module")
def small_grid():
    d0, beta3 = plain.grid(np.float64)
    return d0[::128], beta3[::128]


def test_plain_loop_follows_our_engine():
    trace = run(Experiment("rosenbrock", contenders=(Contender("prodigy"),), steps=60, start=plain.START))[0]
    records = np.empty((60, 4))
    plain.loops(np.float64).record(records, 1e-6, plain.BETA3)
    np.testing.assert_allclose(records[:, 0], trace.loss[:60], rtol=1e-6)
    np.testing.assert_allclose(records[:, 1], trace.probes["D"][:60], rtol=1e-6)
    np.testing.assert_allclose(records[:, 2:], trace.position[:60], rtol=1e-6)


def test_plain_sweep_is_its_run_for_every_configuration(small_grid):
    d0, beta3 = small_grid
    steps = 40
    loops = plain.loops(np.float64)
    metrics = sweep_2d.Metrics(*(np.empty(d0.size) for _ in range(3)))
    loops.sweep(d0, beta3, plain.corrections(steps), *metrics)
    records = np.empty((steps + 1, 4))
    loops.record(records, d0[3], beta3[3])
    np.testing.assert_allclose(metrics.best[3], records[:, 0].min(), rtol=1e-9)
    assert metrics.waited[3] == steps + 1  # no loss came within the tolerance
    np.testing.assert_allclose(metrics.d[3], records[-1, 1], rtol=1e-9)


@needs_compiler
def test_c_sweep_computes_what_optax_does(small_grid):
    d0, beta3 = small_grid
    best, d = naive.reference(d0, beta3, 40)
    metrics = sweep_2d.c(np.float64, d0, beta3, 40)()
    np.testing.assert_allclose(metrics.best, best, rtol=1e-6)
    np.testing.assert_allclose(metrics.d, d, rtol=1e-6)


@needs_compiler
def test_c_leaves_the_smallest_numbers_as_they_are():
    sweep_2d.c(np.float64, np.full(5, 1e-2), np.full(5, plain.BETA3), 3)()
    assert np.float64(5e-324) * 1 > 0


@needs_compiler
def test_c_sweep_counts_the_steps_to_the_tolerance_as_the_plain_loop_does():
    d0, beta3 = (np.full(5, value) for value in (1e-2, plain.BETA3))
    expected = sweep_2d.Metrics(*(np.empty(5) for _ in range(3)))
    plain.loops(np.float64).sweep(d0, beta3, plain.corrections(3000), *expected)
    metrics = sweep_2d.c(np.float64, d0, beta3, steps=3000)()
    assert expected.waited[0] <= 3000
    np.testing.assert_array_equal(metrics.waited, metrics.waited[0])
    np.testing.assert_allclose(metrics.waited, expected.waited, rtol=0.2)  # the run is chaotic before it arrives


@needs_compiler
@pytest.mark.parametrize("compensate", [True, False])
def test_c_update_computes_what_ours_does(compensate):
    traffic.check(compensate)


def test_peers_that_disagree_are_found():
    peers.agree("peer", "loss", [1.0, 2.0], [1.0, 2.0 + 1e-9], within=1e-6)
    with pytest.raises(peers.Disagreement, match=r"peer has another loss: 2\.1 for 2"):
        peers.agree("peer", "loss", [1.0, 2.0], [1.0, 2.1], within=1e-6)


@pytest.mark.parametrize(
    "bar, ours, theirs, met, text",
    [
        (Bar("faster", 20), 1e-6, 20e-6, True, "20x faster"),
        (Bar("faster", 20), 1e-6, 19e-6, False, "19x faster"),
        (Bar("faster", 20), 1e-6, 123_456e-6, True, "123000x faster"),
        (Bar("within", 1.5), 3e-3, 2e-3, True, "1.5x its time"),
        (Bar("within", 1.5), 3.2e-3, 2e-3, False, "1.6x its time"),
        (Bar("faster", 20), 1e-6, None, None, ""),
        (Bar("under", 1e-3), 0.9e-3, None, True, ""),
        (Bar("under", 1e-3), 1.1e-3, None, False, ""),
        (Bar("compiled", 0), 0.0, None, True, ""),
        (Bar("compiled", 0), 1.0, None, False, ""),
        (None, 1e-3, 2e-3, None, "2x faster"),
        (None, 2e-3, 1e-3, None, "2x its time"),
    ],
)
def test_ratio_and_bar(bar, ours, theirs, met, text):
    line = Line("row", peer="peer", unit="step", ours=ours, theirs=theirs, bar=bar)
    assert line.met is met
    assert ratio(line) == text


@pytest.mark.parametrize(
    "value, text", [(2.5, "2.5 s"), (0.9999, "1 s"), (0.0123, "12.3 ms"), (4.5e-5, "45 µs"), (6.3e-10, "0.63 ns")]
)
def test_seconds_have_a_unit_that_suits_them(value, text):
    assert seconds(value) == text


def test_table_says_all_of_a_line():
    table = markdown(
        [
            Line("sweep", "engine", "C", "step", 1e-6, 4e-6, Bar("faster", 5)),
            Line("sweep", "engine", "numba", "step", 1e-6, None, Bar("faster", 8), "not installed"),
            Line("knob", "engine", unit="turn", ours=2.0, bar=Bar("compiled", 0)),
        ]
    )
    head, rule, *body = [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()]
    assert head == ["row", "ours", "peer", "ratio", "bar", "met"]
    assert set("".join(rule)) == {"-"}
    assert body == [
        ["sweep", "engine: 1 µs per step", "C: 4 µs", "4x faster", "at least 5x faster", "**no**"],
        ["sweep", "engine: 1 µs per step", "numba: not installed", "", "at least 8x faster", ""],
        ["knob", "engine: 2 compiled", "", "", "nothing compiled", "**no**"],
    ]


def test_a_missing_package_says_how_to_get_it():
    assert peers.absent("numpy") == ""
    assert peers.absent("numpy", "no_such_package") == "not installed: pip install '.[bench]' (no_such_package)"


def test_program_lists_its_rows(capsys):
    assert program.main(["--list"]) == 0
    assert capsys.readouterr().out.split() == list(ROWS)


def test_program_names_the_rows_there_are(capsys):
    with pytest.raises(SystemExit):
        program.main(["no-such-row"])
    assert "run-2d" in capsys.readouterr().err


def test_a_row_that_breaks_leaves_the_others(monkeypatch, capsys):
    def broken(effort):
        raise ValueError("out of luck")
        yield

    def fine(effort):
        yield Line("fine", unit="step", ours=1.0, bar=Bar("under", 2))

    monkeypatch.setattr(program, "ROWS", {"broken": broken, "fine": fine})
    assert program.main([]) == 1
    out, as_they_came = capsys.readouterr()
    assert "failed: ValueError: out of luck" in out
    assert "| yes" in out
    assert "broken  failed: ValueError: out of luck\nbroken  done in 0 s\nfine  1 s per step  under 2 s  yes\n" in as_they_came


def test_a_row_without_its_peers_still_measures_ours(monkeypatch, capsys):
    for name in ("numba", "prodigyopt", "torch"):
        monkeypatch.setitem(sys.modules, name, None)
    monkeypatch.setattr(peers, "find_spec", lambda name: None)
    assert program.main(["--quick", "run-2d"]) == 0
    out = capsys.readouterr().out
    assert "not installed: pip install '.[bench]'" in out
    assert "optax, jitted step: " in out


def test_without_an_accelerator_its_row_says_so():
    assert "JAX sees none here" in markdown(accelerator.lines(QUICK))


def test_an_accelerator_is_compared_on_the_same_runs(monkeypatch):
    monkeypatch.setattr(devices, "accelerators", lambda: tuple(jax.local_devices()[-1:]))
    for name, value in {"STEPS": 4, "SIDES": (2,), "ALONE": ()}.items():
        monkeypatch.setattr(accelerator, name, value)
    lines = list(accelerator.lines(Effort(rounds=1)))
    assert [line.unit for line in lines] == ["step", "configuration-step"]
    assert all(line.ours and line.theirs for line in lines)


def test_an_accelerator_that_computes_other_numbers_is_not_timed(monkeypatch):
    monkeypatch.setattr(accelerator, "run", lambda experiment: [SimpleNamespace(loss=float(devices.WORTH == 0))])
    with pytest.raises(peers.Disagreement, match="accelerator has another loss"):
        accelerator.check("logistic_regression")
