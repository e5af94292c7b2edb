"""The words and signs that may stand in a formula, and the messages about all others."""

from __future__ import annotations

import keyword
import math
import re
import unicodedata
from typing import NamedTuple

from prodigy_core.param import nearest

ARGUMENTS = 10  # arguments of max and min, at most
DIMENSIONS = 10  # variables, at most

PLANE = ("x", "y")
SPACE = tuple(f"x{i}" for i in range(1, DIMENSIONS + 1))
CONSTANTS = {"pi": math.pi, "e": math.e}
# Name of a function -> its fewest and its most arguments.
FUNCTIONS = {
    **dict.fromkeys(("sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "tanh"), (1, 1)),
    **dict.fromkeys(("exp", "log", "ln", "log2", "log10", "sqrt", "abs"), (1, 1)),
    **dict.fromkeys(("max", "min"), (2, ARGUMENTS)),
}
NAMES = (*PLANE, *SPACE, *CONSTANTS, *FUNCTIONS)

# Spelling that people type or paste -> its canonical spelling.
SPELLINGS = {"^": "**", "×": "*", "·": "*", "⋅": "*", "÷": "/", "−": "-", "π": "pi"}
SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹"
# Sign that has no place in a formula -> the advice in the message.
INSTEAD = {
    **dict.fromkeys(("==", "!=", "<", ">", "<=", ">="), "a formula computes a number and compares nothing"),
    **dict.fromkeys("[]{}", "write round brackets: (x + y)"),
    **dict.fromkeys((".",), "a point stands only within a number, such as 0.5"),
    **dict.fromkeys("'\"", "there are no texts in a formula"),
    **dict.fromkeys((";", ":"), "only a single formula can be given"),
    **dict.fromkeys("#", "there are no comments"),
    **dict.fromkeys("\\", "write plain text rather than LaTeX: sin(x), pi, x/y"),
    **dict.fromkeys("!", "there are no factorials"),
    **dict.fromkeys("|", "write abs(x)"),
    **dict.fromkeys("√", "write sqrt(x)"),
    **dict.fromkeys(("//", "%"), "a quotient is written x/y"),
}
TOKEN = re.compile(
    rf"""(?P<blank>\s+)
      | (?P<number>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)
      | (?P<superscript>[{SUPERSCRIPTS}]+)
      | (?P<word>[^\W\d{SUPERSCRIPTS}][^\W{SUPERSCRIPTS}]*)
      | (?P<operator>\*\*|/(?!/)|[-+*^×·⋅÷−])
      | (?P<open>\()
      | (?P<close>\))
      | (?P<comma>,)
      | (?P<foreign>//|[=!<>]=|.)""",
    re.VERBOSE | re.DOTALL,
)


class FormulaError(ValueError):
    """A text that is no formula.

    Attributes:
      text: the text that was typed; empty where it was no text at all.
      message: the fault and what is allowed, without the place.
      start, end: the place of the fault, as offsets in characters with 0 <= start <= end <= len(text).
    """

    def __init__(self, text: str, message: str, start: int, end: int) -> None:
        super().__init__(text, message, start, end)  # all four: pickle builds the error anew from them
        self.text, self.message, self.start, self.end = text, message, start, end

    def __str__(self) -> str:
        line_start = self.text.rfind("\n", 0, self.start) + 1
        line = f"line {self.text.count(chr(10), 0, self.start) + 1}, " if "\n" in self.text.strip() else ""
        return f"At {line}character {self.start - line_start + 1}: {self.message}"

    @property
    def pointer(self) -> str:
        """Two lines for a monospaced font: the formula, shortened around the place, and ^^^^ under the place."""
        width = 60
        first = max(0, min(self.start - width // 2, len(self.text) - width))
        last = min(first + width, len(self.text))
        before, after = "…" * (first > 0), "…" * (last < len(self.text))
        carets = "^" * max(1, min(self.end, last) - self.start)
        shown = "".join(map(_one_column, self.text[first:last]))
        return f"{before}{shown}{after}\n{' ' * (len(before) + self.start - first)}{carets}"


class Token(NamedTuple):
    """A piece of the text: its kind, its canonical spelling, and its place as offsets in characters."""

    kind: str
    spelling: str
    start: int
    end: int


def tokenise(text: str) -> list[Token]:
    """Return the tokens of a text, in whatever order. Blanks and line breaks separate them.

    Raises:
      FormulaError: a word or sign has no place in a formula, or a number is beyond float64.
    """
    if equals := re.search(r"(?<![=!<>])=(?!=)", text):  # checked first: the fault of "f(x, y) = ..." is not its f
        message = "leave out the '=' and what stands left of it; a formula is only the right-hand side"
        raise FormulaError(text, message, equals.start(), equals.end())
    tokens = []
    for match in TOKEN.finditer(text):
        kind, typed, (start, end) = match.lastgroup or "", match[0], match.span()
        spelling = SPELLINGS.get(typed, typed)
        if kind == "word":
            kind = _kind(spelling)
            if not kind:
                called = text[end:].lstrip().startswith("(")
                raise FormulaError(text, _unknown(typed, called), start, end)
        if kind == "foreign":
            instead = INSTEAD.get(typed, "allowed are numbers, names, + - * / ** ( ) and the comma")
            raise FormulaError(text, f"{quote(typed)} cannot stand in a formula; {instead}", start, end)
        if kind == "superscript":
            spelling = "**" + "".join(str(SUPERSCRIPTS.index(digit)) for digit in typed)
        if kind == "number":
            spelling = typed.lower()
        if kind in ("number", "superscript") and math.isinf(float(spelling.lstrip("*"))):
            raise FormulaError(text, f"{quote(typed)} is too large; a number is at most 1.8e308", start, end)
        if kind != "blank":
            tokens.append(Token(kind, spelling, start, end))
    return tokens


def _kind(word: str) -> str:
    """Return the kind of a word; "" if it is on no list. The lists are ASCII, so no look-alike letter passes."""
    if word in PLANE or word in SPACE:
        return "variable"
    return "constant" if word in CONSTANTS else "function" if word in FUNCTIONS else ""


def _unknown(word: str, called: bool) -> str:
    if re.fullmatch(r"x\d+", word):
        return f"there is no variable {quote(word)}; they are numbered from x1 to x{DIMENSIONS}"
    if re.fullmatch(r"(?:x10|x[1-9]|x|y|pi|e)+", word):
        product = "*".join(re.findall(r"x10|x[1-9]|x|y|pi|e", word))
        return f"there is no name {quote(word)}; for a product write {shorten(product)}"
    if called:
        return f"there is no function {quote(word)}; the functions are {', '.join(FUNCTIONS)}{_meant(word)}"
    return f"there is no name {quote(word)}; use x and y, or x1 to x{DIMENSIONS}, and {' or '.join(CONSTANTS)}{_meant(word)}"


def _meant(word: str) -> str:
    """Return a question with the nearest name; "" if none is near."""
    plain = unicodedata.normalize("NFKC", word).lower()  # a full-width x, a subscript 1
    if len(plain) > 1 and not keyword.iskeyword(plain):  # a single letter is near to every name with that letter
        plain = nearest(plain, NAMES)
    return f". Did you mean {plain!r}?" if plain in NAMES else ""


def quote(text: str) -> str:
    """Return a piece of text for a message: short, and with every invisible character escaped."""
    return repr(shorten(text))


def shorten(text: str) -> str:
    """Return at most 30 characters of a text."""
    return text if len(text) <= 30 else text[:29] + "…"


def _one_column(character: str) -> str:
    """Return the character if it takes one column of a monospaced font, else one that does."""
    if character.isspace():
        return " "
    wide = unicodedata.east_asian_width(character) in ("W", "F") or unicodedata.combining(character)
    return character if character.isprintable() and not wide else "�"
