"""Generated formulas, and their values by Python itself."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st

_LEAVES = st.sampled_from(["x", "y", "x", "y", "0.5", "1", "2", "3.25", "1e-1", ".75", "4.", "pi", "e", "x**2", "y**3", "2**x"])
_SMOOTH = (
    "{} + {}", "{} - {}", "{}-{}", "{}*{}", "({})*({})", "({})", "sin({})", "cos({})", "tanh({})", "atan({})",
    "exp(tanh({}))", "log(1.5 + sin({}))", "sqrt(2 + cos({}))", "{}/(1.5 + sin({}))", "(1 + cos({}))**3", "2**tanh({})",
    "-({})", "+sin({})", "-x*{}", "x*-sin({})", "x**2*{}", "-x**2 + {}", "-cos({})**2", "x - -sin({})", "2 / 4 / (2 + cos({}))",
)  # fmt: skip
_KINKED = ("abs({})", "max({}, {})", "min({}, {}, x)", "sqrt(abs({}))", "(abs({}) + 0.1)**1.5", "(1 + sin({})**2)**-2")


def _combined(inner: st.SearchStrategy[str], shapes: tuple[str, ...]) -> st.SearchStrategy[str]:
    return st.builds(
        lambda shape, parts: shape.format(*parts), st.sampled_from(shapes), st.lists(inner, min_size=3, max_size=3)
    )


def _texts(shapes: tuple[str, ...]) -> st.SearchStrategy[str]:
    """Return a strategy of formulas of x and y that mean the same in Python: brackets, precedence and blanks."""
    tree = st.recursive(_LEAVES, lambda inner: _combined(inner, shapes), max_leaves=8)
    return tree.map(lambda text: f"x - {text}").filter(lambda text: len(text) < 200)


SMOOTH = _texts(_SMOOTH)
ANY = _texts(_SMOOTH + _KINKED)

_MEANINGS: dict[str, Any] = {
    **{name: getattr(np, name) for name in ("sin", "cos", "tanh", "exp", "log", "sqrt", "pi", "e")},
    **{"atan": np.arctan, "abs": np.abs, "max": max, "min": min},
}


def python_value(text: str, x: complex, y: complex) -> Any:
    """Return Python's value of a generated text. This `eval` must never see another text; the app has none."""
    return eval(text, {"__builtins__": {}}, {**_MEANINGS, "x": x, "y": y})
