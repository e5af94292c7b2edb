"""A hyperparameter: its allowed values, its messages, and the stops of its slider."""

from __future__ import annotations

import dataclasses
import itertools
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prodigy_core.experiment import PARAMS, PRECISION, STEPS
from prodigy_core.optimizers import OPTIMIZERS
from prodigy_core.param import Fault, Param, nearest, value_text
from prodigy_core.problems import PROBLEMS

EVERY_PARAM = [
    *(pytest.param(param, id=param.name) for param in PARAMS),
    *(pytest.param(p, id=f"{optimizer.name}-{p.name}") for optimizer in OPTIMIZERS.values() for p in optimizer.params),
    *(
        pytest.param(p, id=f"{problem.name}-{p.name}")
        for problem in PROBLEMS.values()
        for p in (*problem.settings, *problem.start_params)
    ),
]
every_param = pytest.mark.parametrize("param", EVERY_PARAM)

# All that JSON can hold, and what Python's own reader makes of it: NaN, infinities, integers beyond a float.
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.integers(-(10**400), 10**400) | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=10,
)


def _number(**given) -> Param:
    return Param(**{"name": "rate", "default": 0.5, "help": "A rate.", "span": (0.1, 0.9), **given})


@pytest.mark.parametrize(
    "given, words",
    [
        ({}, "a number"),
        ({"low": 0}, "a number of at least 0"),
        ({"low": 0, "above_low": True}, "a number above 0"),
        ({"high": 1}, "a number of at most 1"),
        ({"high": 1, "below_high": True}, "a number below 1"),
        ({"low": 0, "high": 1}, "a number from 0 to 1"),
        ({"low": 0, "high": 1, "below_high": True}, "a number from 0 to below 1"),
        ({"low": 0, "high": 1e6, "above_low": True}, "a number above 0 and at most 1e+06"),
        ({"low": 0, "high": 1, "above_low": True, "below_high": True}, "a number above 0 and below 1"),
        ({"default": 3, "low": 1, "high": 20, "span": None}, "a whole number from 1 to 20"),
        ({"none_means": "sqrt(beta2)", "low": 0}, "a number of at least 0, or null for sqrt(beta2)"),
        ({"default": True}, "true or false"),
        ({"default": "b", "choices": ("a", "b")}, "one of a, b"),
    ],
)
def test_a_person_reads_exactly_which_values_are_allowed(given, words):
    assert _number(**given).allowed == words


@pytest.mark.parametrize(
    "given, fine, wrong",
    [
        ({"low": 0, "high": 1}, [0, 0.0, -0.0, 1, 0.3], [-1e-300, 1.0000001, math.nan, math.inf, -math.inf, 10**400]),
        ({"low": 0, "high": 1, "above_low": True}, [5e-324, 1], [0, -0.0, 0.0]),
        ({"low": 0, "high": 1, "below_high": True}, [0, math.nextafter(1, 0)], [1, 1.0]),
        ({}, [-1e308, 10**300], [math.nan, math.inf, 10**400, -(10**400)]),
        ({"default": 3, "low": 1, "high": 20, "span": None}, [1, 20, 7.0], [0, 21, 7.5, math.nan, math.inf, 10**400]),
        ({"default": True}, [True, False], [0, 1, 1.0, "true", None]),
        ({"default": "b", "choices": ("a", "b")}, ["a", "b"], ["A", "", "ab", 0, None, ["a"]]),
        ({}, [1], [True, False, "1", None, [], {}, [1.0]]),
        ({"none_means": "nothing"}, [None, 1.0], ["null", False]),
    ],
)
def test_a_value_outside_the_range_or_of_another_type_is_refused_and_one_inside_is_not(given, fine, wrong):
    """A value let through by mistake reaches the optimizer; one refused by mistake cannot be tried at all."""
    param = _number(**given)
    for value in fine:
        assert param.fault(value, "f") is None, value
    for value in wrong:
        fault = param.fault(value, "f")
        assert fault is not None, value
        assert fault.field == "f"
        assert fault.value is value
        assert fault.allowed == param.allowed


def test_a_message_names_the_field_the_value_what_is_allowed_and_the_nearest_match():
    fault = PRECISION.fault("flaot32", "precision")
    assert (
        str(fault) == "precision is 'flaot32'; it must be one of float64, float32, bfloat16, float16. Did you mean 'float32'?"
    )
    assert str(STEPS.fault(0, "steps")) == "steps is 0; it must be a whole number from 1 to 100,000."


@pytest.mark.parametrize("value", ["x" * 10_000, [0] * 10_000, 10**5_000, -(10**5_000)], ids=["text", "list", "int", "-int"])
def test_a_huge_value_gives_a_short_message(value):
    """A whole pasted file, or a number too long for Python to print, would otherwise fill the page or raise."""
    assert len(str(Fault("steps", value, "short"))) < 120
    assert PRECISION.fault(value, "precision") is not None


def test_a_list_nested_too_deep_to_be_written_still_gives_a_message():
    nested: list[object] = []
    for _ in range(100_000):
        nested = [nested]
    assert "too large to write out" in str(Fault("steps", nested, "a number"))
    while nested:  # taken apart by hand: the interpreter's own way down is as deep
        nested = nested.pop()  # type: ignore[assignment]


@pytest.mark.parametrize(
    "word, name", [("rosenbrok", "rosenbrock"), ("Rosenbrock", "rosenbrock"), ("qqqq", ""), (7, ""), (None, "")]
)
def test_a_misspelt_name_finds_its_neighbour_and_nonsense_finds_none(word, name):
    assert nearest(word, ["booth", "rosenbrock"]) == name


@given(param=st.sampled_from([case.values[0] for case in EVERY_PARAM]), value=ANY_JSON)
@settings(max_examples=400, deadline=None)
def test_any_json_value_is_allowed_or_a_fault_but_never_an_exception(param, value):
    """A hand-written file must be answered with a message, whatever stands in it."""
    fault = param.fault(value, "field")
    if fault is None:
        kept = param.normalise(value)
        assert param.fault(kept, "field") is None
        assert kept == pytest.approx(value)  # a whole number of 20 digits is a float here
        assert type(kept) is {"float": float, "int": int, "bool": bool, "choice": str}[param.kind] or kept is None
    else:
        assert len(str(fault)) < 1_000


@every_param
def test_the_default_and_every_stop_of_the_slider_are_allowed(param):
    """A slider that can stand where the check refuses would show an error for a mere drag."""
    assert param.fault(param.default, "field") is None
    for stop in (*param.stops, *(param.slider if param.kind in ("float", "int") else ())):
        assert param.fault(stop, "field") is None, stop
    assert list(param.stops) == sorted(set(param.stops))
    if param.instead is not None:
        assert param.fault(param.instead, "field") is None


@every_param
def test_every_hyperparameter_has_a_help_text(param):
    assert param.help.endswith(".")
    assert 10 < len(param.help) < 220


def test_a_logarithmic_slider_has_ten_round_stops_a_decade():
    stops = _number(scale="log", span=(1e-3, 1.0), low=0.0, above_low=True).stops
    assert stops[:11] == (0.001, 0.00125, 0.0016, 0.002, 0.0025, 0.00315, 0.004, 0.005, 0.0063, 0.008, 0.01)
    assert stops[-1] == 1.0
    assert len(stops) == 31


def test_a_span_that_begins_between_two_stops_keeps_to_the_stops_inside():
    assert _number(scale="log", span=(0.11, 0.26)).stops == (0.125, 0.16, 0.2, 0.25)


def test_zero_is_a_stop_only_where_it_is_allowed():
    """Without it nobody can switch a weight decay off with the slider."""
    assert _number(scale="log", span=(0.1, 1.0), low=0.0).stops[:2] == (0.0, 0.1)
    assert _number(scale="log", span=(0.1, 1.0), low=0.0, above_low=True).stops[0] == 0.1


def test_a_decay_rate_slider_is_fine_near_one_and_meets_the_usual_values_exactly():
    (beta,) = (param for param in OPTIMIZERS["adam"].params if param.name == "beta1")
    assert beta.stops[0] == 0.0
    assert beta.stops[-1] == 0.99999
    assert {0.5, 0.9, 0.95, 0.99, 0.999, 0.9999} <= set(beta.stops)
    left = [1 - stop for stop in beta.stops]
    assert all(1.15 < a / b < 1.35 for a, b in itertools.pairwise(left))


def test_the_stops_of_a_whole_number_are_whole_and_each_stands_once():
    count = Param(name="n", default=1, low=1, high=30, scale="log", help="A count.")
    assert count.stops == (1, 2, 3, 4, 5, 6, 8, 10, 12, 16, 20, 25)
    assert all(type(stop) is int for stop in count.stops)
    assert all(type(stop) is int for stop in STEPS.stops)


@pytest.mark.parametrize(
    "value, text",
    [
        (2_000_000, "2000000"),
        (1_234_567, "1234567"),  # six digits would read like 1,234,568
        (2e6, "2e+06"),
        (0.1 + 0.2, "0.3"),
        (0, "0"),
        (True, "true"),
        (None, "none"),
        ("float32", "float32"),
    ],
)
def test_a_value_has_one_text_wherever_it_stands(value, text):
    assert value_text(value) == text


def test_one_and_one_point_zero_are_the_same_value_of_one_type():
    """Otherwise the same experiment would have two links, and a compilation each."""
    assert type(_number().normalise(1)) is float
    assert type(STEPS.normalise(100.0)) is int
    assert math.copysign(1.0, float(_number().normalise(-0.0) or 0.0)) == 1.0


@pytest.mark.parametrize(
    "given, words",
    [
        ({"default": 2.0, "low": 0, "high": 1}, "default"),
        ({"default": "c", "choices": ("a", "b")}, "default"),
        ({"default": None}, "default"),
        ({"span": None}, "needs a span"),
        ({"span": None, "low": 0.0}, "needs a span"),
    ],
)
def test_a_contradictory_hyperparameter_cannot_be_declared(given, words):
    with pytest.raises(ValueError, match=words):
        _number(**given)


def test_a_hyperparameter_cannot_be_changed_by_another_session():
    with pytest.raises(dataclasses.FrozenInstanceError):
        STEPS.default = 7  # type: ignore[misc]


def test_numbers_of_an_optional_knob_can_be_whole():
    """A step of 2.5 is none, and a default of None does not say so."""
    param = Param(name="at", default=None, none_means="never", instead=3.0, whole=True, low=0, span=(1, 8), help="A step.")
    assert param.fault(3, "at") is None
    assert param.fault(None, "at") is None
    assert str(param.fault(2.5, "at")) == "at is 2.5; it must be a whole number of at least 0, or null for never."
    assert param.spread(4) == (1.0, 3.0, 6.0, 8.0)
