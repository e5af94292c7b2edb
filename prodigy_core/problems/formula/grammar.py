"""From the text of a formula to its tree, without running anything that a person typed.

    sum     = product (("+" | "-") product)*
    product = signed (("*" | "/") signed)*
    signed  = ("+" | "-")? power
    power   = atom ("**" signed)?
    atom    = number | variable | constant | function "(" sum ("," sum)* ")" | "(" sum ")"

Three steps. The text is cut into tokens; a word or sign that is on no list is refused. The order of the tokens is checked
while a message can still name what is missing. The tokens are then spelt anew in plain ASCII for `ast.parse`, which knows
the precedence of operators and compiles nothing; of its nodes, too, only those on a list are accepted.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from itertools import pairwise

from prodigy_core.problems.formula.tokens import (
    CONSTANTS,
    FUNCTIONS,
    PLANE,
    SPACE,
    FormulaError,
    Token,
    quote,
    shorten,
    tokenise,
)

LENGTH = 500  # characters, as typed and in canonical spelling
NODES = 300  # numbers, names and operators
DEPTH = 100  # nested brackets, or operations of which each needs the one before: a sum of n terms is n deep

OPERATORS: dict[type[ast.operator], str] = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.Pow: "**"}
EXAMPLE = "(1 - x)**2 + 100*(y - x**2)**2"  # Rosenbrock's function
STARTS = ("number", "variable", "constant", "function", "open")  # kinds of token with which an operand begins
ENDS = ("number", "variable", "constant", "superscript", "close")  # kinds of token with which an operand is complete


@dataclass(frozen=True)
class Node:
    """A part of a formula.

    Attributes:
      symbol: an operation, "+", "-", "*", "/", "**", "negate" or a function; else the number or name itself.
      arguments: the operands of an operation; none for a number or a name.
      start, end: its place in the text, as offsets in characters.
      number: its value where that is known and depends on no variable.
    """

    symbol: str
    arguments: tuple[Node, ...]
    start: int
    end: int
    number: float | None = None


def parse_text(text: str) -> tuple[str, tuple[str, ...], Node]:
    """Return the canonical text of a formula, its variables in order (none for a constant), and its tree.

    Raises:
      FormulaError: `text` is no formula, or longer or deeper than allowed.
    """
    if not isinstance(text, str):
        raise FormulaError("", f"a formula is a text, such as {EXAMPLE}; found {type(text).__name__}", 0, 0)
    if not text.strip():
        raise FormulaError(text, f"there is no formula yet; write one, such as {EXAMPLE}", 0, len(text))
    _check_length(text, text)
    tokens = tokenise(text)
    _check_neighbours(text, tokens)
    _check_brackets(text, tokens)
    canonical = _canonical(tokens)
    _check_length(text, canonical)
    nodes = sum(2 if token.kind == "superscript" else token.kind not in ("open", "close", "comma") for token in tokens)
    if nodes > NODES:
        message = f"the formula has {nodes} numbers, names and operators; at most {NODES} are allowed"
        raise FormulaError(text, message, 0, len(text))
    return canonical, _variables(text, tokens), _tree(text, tokens)


def _check_length(text: str, spelling: str) -> None:
    if len(spelling) > LENGTH:
        spelt = "" if spelling is text else f", spelt as {quote(spelling)},"
        message = f"the formula{spelt} is {len(spelling):,} characters long; at most {LENGTH} are allowed"
        raise FormulaError(text, message, 0, len(text))


def _check_neighbours(text: str, tokens: list[Token]) -> None:
    """Refuse neighbouring tokens that the grammar does not allow, so that `ast.parse` never sees them."""
    signed = False  # whether `before` is the sign of an operand and no operator between two
    start, end = Token("start", "", 0, 0), Token("end", "", tokens[-1].end, tokens[-1].end)
    for before, token in pairwise((start, *tokens, end)):
        complete, starts = before.kind in ENDS, token.kind in STARTS
        sign = not complete and token.spelling in ("+", "-")
        message, first = "", before
        if before.kind == "function" and token.kind != "open":
            message = f"after {before.spelling} its argument must follow in brackets: {before.spelling}(x)"
        elif complete and starts:
            message = f"an operator is missing; for a product write {_sketch(before)}*{_sketch(token)}"
        elif sign and signed:
            message = "two signs follow each other; write -(-x)"
        elif before.kind == "superscript" and token.spelling == "**":
            message = "a power of a power needs brackets, such as (x²)**3"
        elif not (complete or starts or sign):
            place = f"after {quote(before.spelling)}" if before.spelling else "at the beginning"
            actual = f"; found {quote(token.spelling)}" if token.spelling else ""
            message = f"{place} a number, a name or '(' is missing{actual}"
            first = token if token.spelling else before
        if message:
            raise FormulaError(text, message, first.start, token.end)
        signed = sign


def _check_brackets(text: str, tokens: list[Token]) -> None:
    """Refuse brackets without their partners, or nested too deep, and commas outside a function's brackets."""
    opened: list[tuple[Token, bool]] = []  # the open brackets, each with whether it holds a function's arguments
    for before, token in pairwise((Token("start", "", 0, 0), *tokens)):
        message = ""
        if token.kind == "open":
            opened.append((token, before.kind == "function"))
            if len(opened) > DEPTH:
                message = f"brackets are nested more than {DEPTH} deep here"
        elif token.kind == "close" and not opened:
            message = "this ')' closes nothing; leave it out, or write its '('"
        elif token.kind == "close":
            opened.pop()
        elif token.kind == "comma" and not (opened and opened[-1][1]):
            message = "a comma only stands between the arguments of a function; a decimal number is written with a point: 3.5"
        if message:
            raise FormulaError(text, message, token.start, token.end)
    if opened:
        raise FormulaError(text, "this '(' is never closed; write its ')'", opened[-1][0].start, opened[-1][0].end)


def _sketch(token: Token) -> str:
    """Return an operand that begins or ends with the token, for a message."""
    brackets = {"open": "(…)", "close": "(…)", "function": f"{token.spelling}(…)"}
    return brackets.get(token.kind, shorten(token.spelling))


def _canonical(tokens: list[Token]) -> str:
    """Return the text that all formulas share which differ in blanks and in the spelling of signs only."""
    pieces, complete = [], False
    for token in tokens:
        blanks = complete and token.spelling in ("+", "-")
        pieces.append(f" {token.spelling} " if blanks else ", " if token.kind == "comma" else token.spelling)
        complete = token.kind in ENDS
    return "".join(pieces)


def _variables(text: str, tokens: list[Token]) -> tuple[str, ...]:
    variables = [token for token in tokens if token.kind == "variable"]
    if not variables:
        return ()
    family = PLANE if variables[0].spelling in PLANE else SPACE
    for token in variables:
        if token.spelling not in family:
            message = f"{token.spelling} and {variables[0].spelling} do not go together; use x and y only, or x1, x2, ... only"
            raise FormulaError(text, message, token.start, token.end)
    return family if family is PLANE else SPACE[: max(2, *(SPACE.index(token.spelling) + 1 for token in variables))]


def _tree(text: str, tokens: list[Token]) -> Node:
    """Return the tree of tokens whose order has been checked."""
    source = ""
    origin: list[Token] = []  # for every character of the source, the token that it comes from
    for token in tokens:
        piece = token.spelling
        if token.kind in ("number", "superscript"):  # floats, so that no huge integer is ever computed
            power, digits = ("**" if token.kind == "superscript" else ""), piece.lstrip("*")
            piece = power + repr(float(digits))
        source += piece
        origin += [token] * len(piece)

    def build(expression: ast.expr, depth: int) -> Node:
        first, last = origin[expression.col_offset], origin[(expression.end_col_offset or 0) - 1]
        start, end = first.start, last.end
        if depth > DEPTH:
            message = f"more than {DEPTH} operations build on one another here; shorten the formula"
            raise FormulaError(text, message, start, end)
        match expression:
            case ast.Constant(value=float(number)):
                return Node(first.spelling.lstrip("*"), (), start, end, number)
            case ast.Name(id=name):
                return Node(name, (), start, end, CONSTANTS.get(name))
            case ast.UnaryOp(op=ast.UAdd(), operand=operand):
                return build(operand, depth + 1)
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return Node("negate", (build(operand, depth + 1),), start, end)
            case ast.BinOp(left=left, op=operator, right=right) if type(operator) in OPERATORS:
                arguments = (build(left, depth + 1), build(right, depth + 1))
                return Node(OPERATORS[type(operator)], arguments, start, end)
            case ast.Call(func=ast.Name(id=name), args=given, keywords=[]) if name in FUNCTIONS:
                fewest, most = FUNCTIONS[name]
                if not fewest <= len(given) <= most:
                    allowed = "1 argument" if most == 1 else f"{fewest} to {most} arguments"
                    raise FormulaError(text, f"{name} takes {allowed}; found {len(given)}", start, end)
                return Node(name, tuple(build(argument, depth + 1) for argument in given), start, end)
        raise FormulaError(text, f"{type(expression).__name__} cannot stand in a formula", start, end)

    return build(ast.parse(source, mode="eval").body, 1)
