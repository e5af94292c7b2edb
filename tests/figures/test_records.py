"""The records of a scene as JSON, and their shape as the browser's side knows it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, is_dataclass
from typing import Any

import pytest

from app.figures.arena import types
from app.figures.arena.encoding import OPTIONAL, encoded
from app.figures.arena.records import Binary, Scene, Span, Unary
from tests.figures.runs import drawn_runs, scene_of


def test_the_browsers_types_are_current():
    """The checks of the browser's side would else hold it against records of yesterday."""
    assert types.FILE.read_text(encoding="utf-8") == types.declarations(), "run `python -m app.figures.arena.types`"


def test_a_scene_has_in_json_what_its_records_have():
    experiment, traces = drawn_runs("rosenbrock")
    scene = scene_of(experiment, traces)
    _same(json.loads(json.dumps(scene.described)), scene)


def _same(value: Any, record: Any) -> None:
    """Walks through both; the encoder goes by annotations, this by values."""
    if is_dataclass(record):
        names = {one.name for one in fields(record) if one.name != "blob"}
        left_out = {name for name in ("variants", "scrub", "knobs", "score") if getattr(record, name, 0) is None}
        assert set(value) == names - left_out
        for name in value:
            _same(value[name], getattr(record, name))
    elif isinstance(record, Mapping):
        assert set(value) == set(record)
        for key, item in value.items():
            _same(item, record[key])
    elif isinstance(record, list | tuple):
        assert isinstance(value, list)
        for pair in zip(value, record, strict=True):
            _same(*pair)
    else:
        assert value == record


@dataclass(frozen=True)
class Inner:
    span: Span
    name: str | None = None


@dataclass(frozen=True)
class Outer:
    inners: Sequence[Inner]
    by_name: Mapping[str, Inner]
    numbers: Mapping[str, float]
    one: Inner | None
    other: Inner | None = field(default=None, metadata=OPTIONAL)
    blob: bytes = b"abc"


def test_a_record_becomes_an_object_and_a_named_tuple_an_array():
    inner = Inner(Span(3, 4))
    described = {"span": [3, 4], "name": None}
    outer = encoded(Outer([inner], {"a": inner}, {"b": 1.0}, None))
    assert json.loads(json.dumps(outer)) == {
        "inners": [described],
        "by_name": {"a": described},
        "numbers": {"b": 1},
        "one": None,
    }
    assert json.loads(json.dumps(encoded(Outer((), {}, {}, inner, inner))))["other"] == described


def test_an_expression_is_an_array_with_its_operator_first():
    bias = Binary("quotient", Unary("root", Binary("rest", 0.9, "t")), "x")
    assert json.loads(json.dumps(bias)) == ["quotient", ["root", ["rest", 0.9, "t"]], "x"]


def test_every_field_of_a_scene_is_declared_under_its_name():
    text = types.declarations()
    scene = text[text.index("interface Scene ") :]
    assert re.findall(r"^  (\w+)\??: ", scene, re.MULTILINE) == [one.name for one in fields(Scene) if one.name != "blob"]
    assert "  scrub?: Scrub;" in scene
    assert "  beneath: Beneath | null;" in scene
    assert "export interface Contender extends Variant {" in text
    assert 'operator: "root" | "first" | "second", operand: Expression]' in text


@pytest.mark.parametrize("hint", [bytes, complex, Mapping[int, str], set[str]])
def test_a_type_that_json_does_not_know_is_refused(hint):
    with pytest.raises(TypeError, match="JSON knows no"):
        types._type(hint)
