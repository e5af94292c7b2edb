"""Hostile texts: none of them is run, hangs or crashes."""

from __future__ import annotations

import ast
import builtins
import re
import sys
import time
from typing import Any

import jax
import jax.numpy as jnp
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prodigy_core.problems.formula.compile import Formula, FormulaError, parse
from prodigy_core.problems.formula.grammar import DEPTH
from prodigy_core.problems.formula.tokens import NAMES

PIECES = [
    *(*NAMES, *"0123456789", *".eE+-*/^()[]{},;:=<>!#\\'\"`_ \n\t$%&|~?@", *"×·−²³⁻¹πｘх₁∞√\u200b\x00\ud800\u202e"),
    *(
        "**",
        "//",
        "1e999",
        "0x1",
        "1_0",
        "1j",
        ":=",
        "f'{x}'",
        "*x",
        "x=1",
        "(x)",
        "sin(",
        "max(x,",
        "(((((((",
        "-----",
        "9**9",
    ),
    *("lambda", "if", "else", "for", "in", "is", "not", "and", "or", "None", "True", "await", "__class__", "import"),
]

ATTACKS = [
    "__import__('os').system('ls')",
    "().__class__.__bases__[0].__subclasses__()",
    "open('/etc/passwd').read()",
    "exec('import os')",
    "eval('x')",
    "compile('x', '', 'eval')",
    "(lambda: 1)()",
    "[x for x in (1,)]",
    "{x: y for x in y}",
    "(x := 1)",
    "f'{x}'",
    "*x, y",
    "sin(*x)",
    "sin(**x)",
    "sin(x=1)",
    "max(key=x, x)",
    "x.__class__",
    "x[0]",
    "sin.__globals__",
    "print(x)",
    "yield x",
    "await x",
    "...",
    "x; import os",
    "x\nimport os",
    "'x'*9**9",
    "1if x else y",
    "0x10*x",
    "1_0*x",
    "1j*x",
    "True + x",
    "None",
    "x @ y",
    "x << 99",
    "~x",
    "not x",
    "x and y",
    "ｅｘｅｃ(x)",
    "e\\\nxec(x)",
]


def _parsed(text: str) -> Formula | None:
    """Return the formula, or None after checks of the error; another exception or a second of work fails the test."""
    before = time.process_time()  # of this process alone: the machine may have others to serve
    error = None
    try:
        return parse(text)
    except FormulaError as caught:
        error = caught
    finally:
        assert time.process_time() - before < 1
    assert error.text == text
    assert 0 <= error.start <= error.end <= len(text)
    assert re.match(r"At (line \d+, )?character \d+: .", str(error))
    assert len(str(error)) < 400
    lines = error.pointer.split("\n")
    assert len(lines) == 2
    assert re.fullmatch(r" *\^+", lines[1])
    assert len(lines[1]) <= len(lines[0]) + 1
    return None


@given(text=st.text(max_size=600))
@settings(max_examples=300, deadline=None)
def test_any_text_is_a_formula_or_an_error_with_a_place(text):
    _parsed(text)


@given(text=st.lists(st.sampled_from(PIECES), max_size=60).map("".join))
@settings(max_examples=500, deadline=None)
def test_any_row_of_the_pieces_of_formulas_is_a_formula_or_an_error_with_a_place(text):
    formula = _parsed(text)
    if formula:
        assert parse(formula.text) == formula


@given(text=st.text("xy1.e+-*/^²(), ", max_size=30))
@settings(max_examples=500, deadline=None)
def test_any_text_in_the_alphabet_of_formulas_is_a_formula_or_an_error_with_a_place(text):
    formula = _parsed(text)
    if formula:
        assert parse(formula.text) == formula


@pytest.mark.parametrize("text", ATTACKS)
def test_an_attack_is_refused(text):
    assert _parsed(text) is None


def test_nothing_that_was_typed_is_compiled_or_run(monkeypatch):
    """Only the words and signs of a formula reach Python's parser, spelt by us, and it makes a tree and no code."""
    sources = []
    real_compile, real_import = builtins.compile, builtins.__import__

    def only_a_tree(source: Any, filename: str, mode: str, flags: int = 0, *args: Any, **kwargs: Any) -> Any:
        assert flags & ast.PyCF_ONLY_AST
        assert mode == "eval"
        sources.append(source)
        return real_compile(source, filename, mode, flags, *args, **kwargs)

    def only_difflib(name: str, *args: Any, **kwargs: Any) -> Any:
        assert name == "difflib"  # which looks for near matches
        return real_import(name, *args, **kwargs)

    def never(*args: Any, **kwargs: Any) -> Any:
        raise AssertionError(args)

    texts = [*ATTACKS, "x^2 + sin(π·y²) - max(x, 1e3, 007)", *(f"x + {attack}" for attack in ATTACKS)]
    _parsed("sinn(x)")  # difflib imports modules of its own, once
    with monkeypatch.context() as patch:
        for name in ("eval", "exec", "open", "input"):
            patch.setattr(builtins, name, never)
        patch.setattr(builtins, "compile", only_a_tree)
        patch.setattr(builtins, "__import__", only_difflib)
        parsed = [_parsed(text) is not None for text in texts]
    assert parsed == [text.startswith("x^2") for text in texts]
    words = {word for source in sources for word in re.findall(r"[a-z]\w*", re.sub(r"[0-9.]+(e[+-]?[0-9]+)?", "", source))}
    assert sources
    assert words <= {*NAMES, "x"}
    assert all(source.isascii() for source in sources)


OTHER_NODES = [
    *("x.real", "x[0]", "[x]", "(x, y)", "'x'", "f'{x}'", "True", "None", "1", "1j", "x // y", "x % y", "x @ y", "~x", "not x"),
    *("x if y else 1", "lambda: x", "x == y", "x and y", "(x := y)", "[x for x in y]"),
    *("foo(x)", "sin(x=1)", "sin(*x)", "sin(x)(y)", "sin.real(x)"),
]


@pytest.mark.parametrize("source", OTHER_NODES)
def test_even_if_a_token_slipped_through_no_other_node_is_taken(source, monkeypatch):
    """The second lock: whatever tree Python's parser gives, only the nodes of the grammar become part of a formula."""
    tree = ast.parse(source, mode="eval")
    monkeypatch.setattr(ast, "parse", lambda *args, **kwargs: tree)
    with pytest.raises(FormulaError, match="cannot stand in a formula"):
        parse("max(x + y, x - y) * sin(x) + cos(y)")


@pytest.mark.parametrize(
    "text",
    [
        *(opening * 500 for opening in ("(", "-", "sin(", "x**", "x^-", "x²", "1", "e", "max(x,", "9**", "²", "((x)")),
        "(" * 250 + ")" * 250,
        "(" * 249 + "x" + ")" * 249,
        "9**9**9**9**9*x",
        "x" + "**99" * 20,
        "((9**99)**99)**99 + x",
        "1e" + "9" * 490,
        "9" * 499,
        "x**0." + "0" * 490 + "1",
        "x" * 10_000_000,
        " " * 10_000_000 + "x",
        "x" * 10_000_000 + "=",
    ],
    ids=range(23),
)
def test_no_text_takes_long(text):
    _parsed(text)


def _deep(frames: int, call: Any) -> Any:
    return call() if frames == 0 else _deep(frames - 1, call)


DEEPEST = {
    "sum": "+".join("x" * DEPTH),
    "tower": "x**" + "-x**" * 49 + "x",
    "signs": "-(" * (DEPTH // 2) + "x" + ")" * (DEPTH // 2),
    "functions": "sin(" * 90 + "x" + ")" * 90,
}


@pytest.mark.parametrize("text", DEEPEST.values(), ids=DEEPEST)
def test_the_deepest_formulas_leave_room_on_the_stack(text):
    """A server calls from far down, and JAX goes further: a formula that is accepted must not end in a RecursionError."""
    assert sys.getrecursionlimit() <= 1000
    formula = _deep(300, lambda: parse(text))
    assert _deep(300, lambda: jax.make_jaxpr(jax.grad(formula))(jnp.ones(2)))
