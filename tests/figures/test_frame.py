"""The ticks of a logarithmic axis, of many decades and of few."""

from __future__ import annotations

import numpy as np
import pytest

from app.figures.frame import log_axis


def axis_over(low: float, high: float, *levels: float) -> dict[str, object]:
    return log_axis([{"y": np.array([low, np.nan, high, 0.0, -1.0])}], *levels)


@pytest.mark.parametrize(
    "low, high, ticks",
    [
        (0.15, 0.9, ["0.2", "0.5", "1"]),
        (0.9, 20.0, ["1", "2", "5", "10", "20"]),
        (0.67, 0.6931, ["0.6", "0.65", "0.7", "0.75"]),
        (1.0, 1.01, ["0.9", "1", "1.1"]),
        (150.0, 4000.0, ["200", "500", "1000", "2000"]),
        (1.5e-8, 2.5e-7, ["2×10<sup>-8</sup>", "5×10<sup>-8</sup>", "10<sup>-7</sup>", "2×10<sup>-7</sup>"]),
        (4e4, 6e5, ["5×10<sup>4</sup>", "10<sup>5</sup>", "2×10<sup>5</sup>", "5×10<sup>5</sup>"]),
    ],
)
def test_where_there_are_few_decades_every_tick_is_written_out(low, high, ticks):
    """Plotly would write 2 and 5 beside 10^-7, and leave the decade to be guessed."""
    axis = axis_over(low, high)
    assert axis["ticktext"] == ticks
    values = [_number(text) for text in ticks]
    np.testing.assert_allclose(np.asarray(axis["tickvals"], float), values, rtol=1e-12)
    first, last = np.asarray(axis["range"], float)
    assert first <= np.log10(low) < np.log10(high) <= last
    assert all(first <= np.log10(value) <= last for value in values)


def test_no_axis_is_without_ticks_however_little_the_values_differ():
    """Nor does it have so many that they overlap."""
    for low in (*np.geomspace(1e-5, 1e5, 211), 3e-290, 3e290):
        for ratio in (1.0, 1.1, 1.5, 3.0, 10.0, 30.0):
            axis = axis_over(low, low * ratio)
            first, last = np.asarray(axis["range"], float)
            ticks = axis.get("tickvals", np.zeros(2))
            assert isinstance(ticks, list | np.ndarray)
            assert (2 if "dtick" in axis else 3) <= len(ticks) <= 10, (low, ratio, ticks)
            assert "tickvals" in axis or (last - first) / float(str(axis["dtick"])) >= 1


@pytest.mark.parametrize("low, high, step", [(1e-3, 1e3, 2), (1e-12, 1.0, 3), (1e-2, 1.0, 1), (1e-30, 1e6, 7)])
def test_where_there_are_many_the_ticks_are_whole_decades(low, high, step):
    axis = axis_over(low, high)
    assert axis["dtick"] == step
    assert "tickvals" not in axis


def test_a_level_widens_the_axis_and_an_empty_one_is_an_axis_too():
    low, high = np.asarray(axis_over(1.0, 10.0, 1e-6)["range"], float)
    assert low < -6
    assert high > 1
    assert log_axis([])["range"]


def _number(text: str) -> float:
    digit, _, power = text.replace("</sup>", "").partition("10<sup>")
    return float(digit.rstrip("×") or 1) * 10.0 ** float(power) if power else float(text)


def test_the_ends_of_all_numbers_have_an_axis():
    assert axis_over(1e-320, 2e-320)["range"]
    assert axis_over(1e308, 1.7e308)["range"]
