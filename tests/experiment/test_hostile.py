"""Hostile texts: numbers out of range, deep or long texts, any text."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from prodigy_core.experiment import FIELDS, MAX_CHARACTERS, VERSION, Experiment, ExperimentError
from prodigy_core.noise import KINDS
from prodigy_core.optimizers import OPTIMIZERS
from prodigy_core.problems import PROBLEMS
from tests.experiment.samples import FORMULAS, experiment_or_message, faults_of, fuzz, json_of


@pytest.mark.parametrize("token", ["NaN", "Infinity", "-Infinity", "1e999", "-1e999", "9" * 400, "9" * 5000])
@pytest.mark.parametrize("field", ["tolerance", "steps", "seed", "start", "noise_size", "noise_at"])
def test_a_number_that_is_no_finite_number_is_refused(field, token):
    """A NaN would travel through the whole run and come out as an empty picture."""
    value = f"[{token}, 0]" if field == "start" else token
    faults = faults_of(f'{{"version": 1, "{field}": {value}}}')
    if token.strip("-").isalpha():
        assert list(faults) == ["experiment"], "no JSON at all: other programs could not read it either"


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "null", "1", '"text"', "[]", "[{}]", "{", "{'version': 1}", '{"version": 1,}', "\x00", "\ufeff{}",
        "<script>alert(1)</script>", '{"version": 1} {"version": 1}', "x" * 100_000, "[" * 100_000,
        "[" * 40_000, '{"a":' * 9_000, '{"version": 1, "problem": ' + "[" * 900 + "]" * 900 + "}",
    ],
)  # fmt: skip
def test_a_text_that_is_no_experiment_is_refused_with_a_short_message(text):
    before = time.perf_counter()
    with pytest.raises(ExperimentError) as error:
        Experiment.from_json(text)
    assert time.perf_counter() - before < 1.0
    assert len(str(error.value)) < 400


@pytest.mark.parametrize("field", ["problem", "formula", "settings", "start", "contenders", "steps", "precision", "extra"])
def test_nesting_of_any_depth_is_refused_where_reading_fails_and_where_only_writing_the_message_does(field):
    for depth in (*range(60, 1_000, 40), *range(900, 1_000, 3), 5_000, 20_000):
        faults_of(f'{{"version": 1, "{field}": {"[" * depth}{"]" * depth}}}')


def test_the_longest_text_full_of_faults_is_answered_at_once():
    """One link must not keep the server busy."""
    many = json.dumps({"version": 1, **{f"k{i}": 0 for i in range(5_000)}}, separators=(",", ":"))
    assert len(many) < MAX_CHARACTERS
    before = time.perf_counter()
    assert len(faults_of(many)) == 5_000
    assert time.perf_counter() - before < 3.0


def test_a_text_one_character_too_long_is_refused_and_one_at_the_limit_is_read():
    room = MAX_CHARACTERS - len(json_of())
    assert Experiment.from_json(json_of() + " " * room) == Experiment()
    assert "50,000" in str(faults_of(json_of() + " " * (room + 1))["experiment"])


@given(st.text(max_size=300))
@example("{}")
@fuzz
def test_any_text_is_an_experiment_or_an_experiment_error(text):
    assert experiment_or_message(text)


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=10)
    | st.sampled_from([*OPTIMIZERS, *PROBLEMS, *FORMULAS, *KINDS]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)
NAMES = ("version", *FIELDS)
CONTENDER = st.fixed_dictionaries(
    {}, optional={"optimizer": st.sampled_from(sorted(OPTIMIZERS)) | JSON, "knobs": st.dictionaries(st.text(), JSON) | JSON}
)


@given(
    st.fixed_dictionaries(
        {"version": st.sampled_from((1, VERSION))},
        optional={name: st.lists(CONTENDER | JSON, max_size=8) if name == "contenders" else JSON for name in NAMES[1:]},
    )
)
@fuzz
def test_any_json_in_any_field_is_an_experiment_or_an_experiment_error(data):
    """No link, whether wrong by mistake or on purpose, may end in a traceback."""
    answer = experiment_or_message(json.dumps(data))
    if isinstance(answer, Experiment):
        assert Experiment.from_json(answer.to_json()) == answer
    else:
        assert answer
