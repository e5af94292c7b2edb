"""Records into JSON: the one place where what the browser is sent loses its types."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from functools import cache
from types import MappingProxyType
from typing import Any, get_args, get_origin, get_type_hints

OPTIONAL = MappingProxyType({"optional": True})  # the mark of a field that is left out where it is None

Encoder = Callable[[Any], Any]


def encoded(record: Any) -> dict[str, Any]:
    """The fields of a frozen dataclass as JSON's objects, arrays, numbers, strings, true, false and null.

    Tuples, named ones too, stay what they are: JSON writes them as arrays. Fields of bytes are left out.
    """
    kind: Any = type(record)
    return _of_record(kind)(record)


@cache
def _of_record(kind: Any) -> Callable[[Any], dict[str, Any]]:
    """The encoder of a record, made from its annotations: a scene is encoded at every turn of a knob."""
    hints = get_type_hints(kind)
    left_out = [name for name, hint in hints.items() if hint is bytes]
    optional = [field.name for field in fields(kind) if field.metadata.get("optional")]
    encoders = {name: encoder for name, hint in hints.items() if (encoder := _of_type(hint))}

    if not (left_out or optional or encoders):
        return lambda value: value.__dict__.copy()  # most records of a scene: lines, channels

    def encode(value: Any) -> dict[str, Any]:
        result: dict[str, Any] = value.__dict__.copy()
        for name in left_out:
            del result[name]
        for name in optional:
            if result[name] is None:
                del result[name]
        for name, encoder in encoders.items():
            if result.get(name) is not None:
                result[name] = encoder(result[name])
        return result

    return encode


def _of_type(hint: Any) -> Encoder | None:
    """The encoder of a type; None where JSON writes its values as they are."""
    if hasattr(hint, "__dataclass_fields__"):
        return _of_record(hint)
    origin, parts = get_origin(hint), get_args(hint)
    if origin is Mapping:
        inner = _of_type(parts[1])
        return dict if inner is None else lambda items: {key: inner(item) for key, item in items.items()}
    encoder = next((encoder for part in parts if (encoder := _of_type(part))), None)
    if origin is Sequence and encoder is not None:
        return lambda items: [encoder(item) for item in items]
    return encoder  # of what may be None too
