"""The records of a scene as TypeScript, for the checks of the browser's side; `python -m app.figures.arena.types` writes them.

JSON's null stands for None, an array for a named tuple or a sequence, an object for any other record or a mapping.
"""

from __future__ import annotations

import re
import types
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from inspect import getdoc
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from . import records

FILE = Path(__file__).parents[2] / "arena" / "web" / "shared" / "json.d.ts"
HEAD = """\
// The JSON that Python sends. `python -m app.figures.arena.types` writes this file from app/figures/arena/records.py: change
// the records there. No browser loads this file.
"""
LINE_LENGTH = 128
PRIMITIVES = {str: "string", int: "number", float: "number", bool: "boolean", type(None): "null"}
ALIASES = {"Scale": records.Scale, "Stroke": records.Stroke, "Mark": records.Mark, "Expression": records.Expression}


def declarations() -> str:
    """The text of the file."""
    aliases = [_broken(f"export type {name} = ", _members(value)) for name, value in ALIASES.items()]
    return "\n".join([HEAD, *aliases, "", *map(_declaration, _records())])


def _records() -> Iterator[type]:
    """The records and named tuples, in the order in which they stand."""
    for value in vars(records).values():
        if isinstance(value, type) and value.__module__ == records.__name__:
            yield value


def _declaration(record: type) -> str:
    summary, attributes = _documentation(record)
    if not is_dataclass(record):
        hints = get_type_hints(record)
        members = ", ".join(f"{name}: {_type(hint)}" for name, hint in hints.items())
        return f"{_comment(summary)}export type {record.__name__} = [{members}];\n"
    base = next((base for base in record.__bases__ if is_dataclass(base)), None)
    inherited = {field.name for field in fields(base)} if base else set()
    hints = get_type_hints(record)
    lines = [f"{_comment(summary)}export interface {record.__name__}{f' extends {base.__name__}' if base else ''} {{\n"]
    for field in fields(record):
        hint = hints[field.name]
        if hint is bytes or field.name in inherited:
            continue
        lines.append(_comment(attributes.get(field.name, ""), "  "))
        if field.metadata.get("optional"):  # then it is left out in the place of being null
            lines.append(f"  {field.name}?: {' | '.join(part for part in _members(hint) if part != 'null')};\n")
        else:
            lines.append(f"  {field.name}: {_type(hint)};\n")
    return "".join([*lines, "}\n"])


def _documentation(record: type) -> tuple[str, dict[str, str]]:
    """A docstring's text, and its attributes."""
    summary, _, rest = (getdoc(record) or "").partition("\n\nAttributes:\n")
    attributes: dict[str, str] = {}
    name = ""
    for line in rest.splitlines():
        if line.startswith("    "):
            attributes[name] += f" {line.strip()}"
        else:
            name, _, attributes[name] = line.strip().partition(": ")
    return " ".join(summary.split()), attributes


def _comment(text: str, indent: str = "") -> str:
    text = re.sub(r"\bNone\b", "null", text)
    return f"{indent}/** {text[0].upper()}{text[1:]}{'' if text.endswith('.') else '.'} */\n" if text else ""


def _broken(begin: str, members: Sequence[str]) -> str:
    """A union on one line, or one line a member as prettier would break it."""
    line = f"{begin}{' | '.join(members)};"
    return line if len(line) <= LINE_LENGTH else begin.rstrip() + "".join(f"\n  | {member}" for member in members) + ";"


def _members(hint: Any) -> list[str]:
    """The members of a union, or of one of literals."""
    if get_origin(hint) is Literal:
        return [f'"{value}"' for value in get_args(hint)]
    parts = get_args(hint) if get_origin(hint) in (Union, types.UnionType) else (hint,)
    return [_type(part) for part in parts]


def _type(hint: Any) -> str:
    """A type as TypeScript writes it.

    Raises:
      TypeError: it has no counterpart in JSON.
    """
    if (alias := next((name for name, value in ALIASES.items() if value == hint), None)) is not None:
        return alias
    if hint in PRIMITIVES:
        return PRIMITIVES[hint]
    if isinstance(hint, type) and hint.__module__ == records.__name__:
        return hint.__name__
    origin, parts = get_origin(hint), get_args(hint)
    if origin in (Literal, Union, types.UnionType):
        return " | ".join(_members(hint))
    if origin is Sequence:
        element = _type(parts[0])
        return f"({element})[]" if " " in element else f"{element}[]"
    if origin is Mapping and parts[0] is str:
        return f"Record<string, {_type(parts[1])}>"
    raise TypeError(f"JSON knows no {hint}")


if __name__ == "__main__":
    FILE.parent.mkdir(parents=True, exist_ok=True)
    FILE.write_text(declarations(), encoding="utf-8")
