"""Known values of the functions of the plane, for each problem at a few points."""

from __future__ import annotations

import math
from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple


class Known(NamedTuple):
    """A value computed by hand, with the settings that differ from their defaults."""

    point: tuple[float, float]
    value: float
    settings: Mapping[str, float] = MappingProxyType({})


# Computed from the literature's formulas by hand, with Python's math for roots and sines.
KNOWN_VALUES: dict[str, tuple[Known, ...]] = {
    "rosenbrock": (Known((0, 0), 1), Known((-1.5, 2), 12.5), Known((2, -1), 251, {"b": 10})),
    "beale": (Known((0, 0), 14.203125), Known((2, -1), 13.203125)),
    # The last three are its local minima, as listed with the function.
    "goldstein_price": (
        Known((0, 0), 600),
        Known((1, 1), 1876),
        Known((1.2, 0.8), 840),
        Known((1.8, 0.2), 84),
        Known((-0.6, -0.4), 30),
    ),
    "freudenstein_roth": (Known((0.5, -2), 400.5), Known((0, 0), 1010)),
    "dixon_price": (Known((0, 0), 1), Known((-2, 1), 41)),
    "sphere": (Known((3, -4), 25),),
    "shifted_sphere": (Known((0, 0), 18), Known((4, 1), 5)),
    "ill_conditioned_quadratic": (Known((2, 3), 452), Known((2, 3), 20, {"condition": 4})),
    "rotated_quadratic": (
        Known((1, -1), 100),
        Known((2, 0), 3.5, {"condition": 4, "angle": 30}),
        Known((1, 2), 6.5, {"condition": 9, "angle": -90}),
        Known((1, 1), (1 + 4 * 1) / 2, {"condition": 4, "angle": 0}),
    ),
    "booth": (Known((0, 0), 74), Known((1, -2), 125)),
    "matyas": (Known((1, -1), 1), Known((2, 1), 0.34)),
    "zakharov": (Known((2, 1), 25), Known((1, -1), 2.3125)),
    "quartic": (Known((1, -1), 3), Known((0.5, 1), 2.0625)),
    "absolute_sum": (Known((3, -4), 7), Known((-0.5, 0), 0.5)),
    "max_norm": (Known((3, -4), 4), Known((-5, 2), 5)),
    "himmelblau": (Known((0, 0), 170), Known((1, -1), 146)),
    "styblinski_tang": (Known((0, 0), 0), Known((1, 2), -24), Known((1, -1), -15)),
    "three_hump_camel": (Known((1, -1), 67 / 60), Known((2, 1), 73 / 15)),
    "six_hump_camel": (Known((1, 1), 97 / 30), Known((-1, 0.5), 59 / 60)),
    "mccormick": (
        Known((0, 0), 1),
        Known((math.pi / 2, 0), 2 + math.pi**2 / 4 - 0.75 * math.pi),
        Known((1, 1), math.sin(2) + 2),
    ),
    "branin": (Known((0, 0), 56 - 5 / (4 * math.pi)), Known((math.pi, 0), 2.275**2 + 5 / (4 * math.pi))),
    "rastrigin": (Known((1, 1), 2), Known((0.5, 0.5), 40.5), Known((0.25, -0.5), 30.3125)),
    "ackley": (Known((1, 1), 20 * (1 - math.exp(-0.2))), Known((0.5, 0), 19 + math.e - 20 * math.exp(-0.2 * 0.125**0.5))),
    "levy": (
        Known((-3, 1), 1 + 10 * math.sin(1) ** 2),
        Known((5, -1), 1.25 + 10 * math.sin(1) ** 2),
        Known((3, 1), 1.25 + 2.5 * math.cos(1) ** 2),
        Known((1, 0), 0.125),
    ),
    "griewank": (
        Known((math.pi, 0), 2 + math.pi**2 / 4000),
        Known((0, math.pi * math.sqrt(2)), 2 + math.pi**2 / 2000),
        Known((2, 3), 1.00325 - math.cos(2) * math.cos(3 * 0.5**0.5)),
    ),
    "bohachevsky": (Known((1, 1), 3.6), Known((0, 0.25), 0.925)),
    "drop_wave": (Known((0.3, 0.4), -(1 + math.cos(6)) / 2.125), Known((math.pi / 12, 0), 0)),
    "schaffer_2": (
        Known((1, 0), 0.5 + (math.sin(1) ** 2 - 0.5) / 1.001**2),
        Known((1, 2), 0.5 + (math.sin(3) ** 2 - 0.5) / 1.005**2),
    ),
    "cross_in_tray": (
        Known((math.pi / 2, math.pi / 2), -0.0001 * (math.exp(100 - 0.5**0.5) + 1) ** 0.1),
        Known((1, -2), -0.0001 * (math.sin(1) * math.sin(2) * math.exp(100 - math.sqrt(5) / math.pi) + 1) ** 0.1),
        Known((0, 3), -0.0001),
    ),
    "bukin_6": (Known((-10, 0), 100), Known((-15, 2), 50.05), Known((-5, 1.25), 100.05)),
    "schwefel": (Known((0, 0), 2 * 418.98288727243), Known((-4, 9), 2 * 418.98288727243 + 4 * math.sin(2) - 9 * math.sin(3))),
    "plateau": (Known((1, 1), 1 - math.exp(-1)), Known((0, 2), 1 - math.exp(-2))),
    "easom": (
        Known((2 * math.pi, math.pi), math.exp(-(math.pi**2))),
        Known((3, 2), -math.cos(3) * math.cos(2) / math.exp((3 - math.pi) ** 2 + (2 - math.pi) ** 2)),
    ),
    "michalewicz": (
        Known((math.pi / 2, math.pi / 2), -1 - 2**-10),
        Known((2, 1), -sum(math.sin(c) * math.sin(i * c * c / math.pi) ** 20 for i, c in ((1, 2), (2, 1)))),
    ),
    "monkey_saddle": (Known((1, 1), -2), Known((2, 1), 2)),
}
