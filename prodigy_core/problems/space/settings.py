"""The settings that every function of many variables has: the dimension and the start."""

from __future__ import annotations

from prodigy_core.param import Param

DIMENSION = Param(
    name="dimension",
    default=100,
    low=2,
    high=10_000,
    scale="log",
    static=True,
    help="The number of variables, n.",
)


def start(at: float, reach: float) -> tuple[Param, Param]:
    """Return the settings of the start: `at` in every coordinate by default, on sliders over [-reach, reach]."""
    return (
        Param(
            name="start_at",
            label="start at",
            default=at,
            low=-1e6,
            high=1e6,
            span=(-reach, reach),
            help="Where every run starts: the value of each coordinate.",
        ),
        Param(
            name="start_spread",
            label="start spread",
            default=0.0,
            low=0.0,
            high=1e6,
            span=(0.0, reach),
            help="How far the seed moves each coordinate of the start at most, up or down, uniformly at random.",
        ),
    )
