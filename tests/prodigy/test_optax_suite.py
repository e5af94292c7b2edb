"""optax's own generic tests, with this Prodigy in the place of theirs.

They ship inside the installed optax. Its tests look an optimizer up by name at the moment they run, so replacing the
name is enough: `prodigy` in the suite of the contributed optimizers; in the suites of the core ones, which have more
cases (complex parameters, float64, explicit meshes), `adam`, for whose first arguments ours can stand in.
"""

import functools
import importlib
import inspect
import unittest
from typing import Any

import jax
import optax
import optax.contrib
import pytest

from prodigy_core.prodigy import prodigy

# module, class, the name that ours takes, how the suite lists it, what of it is not in the first suite already.
SUITES = [
    ("optax.contrib._common_test", "ContribTest", "prodigy", "opt_name='prodigy'", "test"),
    ("optax._src.alias_test", "AliasTest", "adam", "opt_name='adam', opt_kwargs", "test_optimization"),
    ("optax._src.alias_test", "AliasTest", "adam", "opt_name='adam', opt_kwargs", "test_state_shape"),
]


def _cases() -> list[Any]:
    cases = []
    for module, name, replaced, listed, prefix in SUITES:
        suite = getattr(importlib.import_module(module), name)
        cases += [
            pytest.param(suite, test, replaced, id=f"{name}-{test}")
            for test in unittest.TestLoader().getTestCaseNames(suite)
            if test.startswith(prefix) and listed in getattr(getattr(suite, test), "__x_params_repr__", "")
        ]
    return cases


CASES = _cases()


def test_the_suites_hold_tests_of_prodigy() -> None:
    """A renamed helper in a new optax would leave nothing to run, silently."""
    found = [case.values[2] for case in CASES]
    assert found.count("prodigy") >= 16, found
    assert found.count("adam") >= 10, found


@pytest.mark.parametrize("suite, name, replaced", CASES)
def test_optax_accepts_ours(suite: type[unittest.TestCase], name: str, replaced: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Code written for `optax.contrib.prodigy` or for optax's optimizers in general would break."""
    calls: list[str] = []

    @functools.wraps(prodigy)
    def ours(*args: Any, **kwargs: Any) -> optax.GradientTransformationExtraArgs:
        calls.append(name)
        return prodigy(*args, **kwargs)

    monkeypatch.setattr(optax.contrib if replaced == "prodigy" else importlib.import_module("optax._src.alias"), replaced, ours)
    result = unittest.TestResult()
    suite(name).run(result)
    assert not result.errors + result.failures, "\n".join(trace for _, trace in result.errors + result.failures)
    assert not result.skipped, result.skipped
    assert result.testsRun == 1
    assert calls, "the test ran without this Prodigy"


def _body(test: Any) -> Any:
    """The test under absl's parametrization."""
    return inspect.unwrap(test)


def test_optax_mixed_float32_and_float64_params() -> None:
    """A model with leaves of two precisions would change dtypes at the first step."""
    suite = importlib.import_module("optax._src.float64_test").Float64Test
    body = _body(suite.test_mixed_dtype_input_outputs_adam)
    try:
        body(suite(), prodigy, {"learning_rate": 0.1})
    finally:
        jax.config.update("jax_enable_x64", False)  # the suite sets it, and forgets to where a test fails
