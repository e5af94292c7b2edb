"""The messages about texts that are no formulas: the place, the fault, and what to write instead."""

from __future__ import annotations

import pickle

import pytest

from prodigy_core.problems.formula.compile import FormulaError, parse


def _error(text: object) -> FormulaError:
    with pytest.raises(FormulaError) as caught:
        parse(text)  # type: ignore[arg-type]
    return caught.value


# « and » enclose the place that the message must point at.
@pytest.mark.parametrize(
    "marked, words",
    [
        ("«»", "there is no formula yet"),
        ("« \n\t »", "there is no formula yet"),
        ("x «+»", "after '+' a number, a name or '(' is missing"),
        ("x«-» ", "after '-' a number"),
        ("x ** «*» y", "after '**' a number, a name or '(' is missing; found '*'"),
        ("«*» x", "at the beginning a number, a name or '(' is missing; found '*'"),
        ("«)»", "at the beginning"),
        ("«²»", "at the beginning"),
        ("(«)»", "after '(' a number, a name or '(' is missing; found ')'"),
        ("sin(«)»", "after '(' a number"),
        ("max(x,«)»", "after ',' a number"),
        ("«2x»", "write 2*x"),
        ("y + «2 x»**2", "write 2*x"),
        ("«2e»", "write 2*e"),
        ("«2sin»(x)", "write 2*sin(…)"),
        ("«2(»x)", "write 2*(…)"),
        ("«x(»y)", "write x*(…)"),
        ("(x«)(»y)", "write (…)*(…)"),
        ("«x y»", "write x*y"),
        ("x«² y»", "write **2*y"),
        ("«xy» + 1", "there is no name 'xy'; for a product write x*y"),
        ("«x1x10»", "for a product write x1*x10"),
        ("«sin x»", "after sin its argument must follow in brackets: sin(x)"),
        ("x + «sin»", "after sin its argument must follow in brackets: sin(x)"),
        ("«sin²»(x)", "after sin its argument"),
        ("«sinn»(x)", "there is no function 'sinn'; the functions are sin, cos, tan,"),
        ("«sinn»(x)", "Did you mean 'sin'?"),
        ("«SQRT» (x)", "Did you mean 'sqrt'?"),
        ("«arctan»(x)", "Did you mean 'atan'?"),
        ("«foo»(x)", "there is no function 'foo'"),
        ("«X» + y", "Did you mean 'x'?"),
        ("«z»", "there is no name 'z'; use x and y, or x1 to x10, and pi or e"),
        ("x«.»real", "'.' cannot stand in a formula"),
        ("«__import__»('os').system('ls')", "there is no function '__import__'"),
        ("x «if» y else 1", "there is no name 'if'"),
        ("«lambda» x: x", "there is no name 'lambda'"),
        ("x «==» y", "'==' cannot stand in a formula; a formula computes a number and compares nothing"),
        ("x «>» 1", "'>' cannot stand"),
        ("x «<=» 1", "'<=' cannot stand"),
        ("x «!=» 1", "'!=' cannot stand"),
        ("«[»x]", "write round brackets"),
        ("x«!»", "there are no factorials"),
        ("x «//» 2", "a quotient is written x/y"),
        ("x + y «#» sum", "there are no comments"),
        ("x«;»", "only a single formula"),
        ("«\\»sin(x)", "rather than LaTeX"),
        ("«|»x|", "write abs(x)"),
        ("x«,» y", "a comma only stands between the arguments of a function"),
        ("3«,»5*x", "a decimal number is written with a point: 3.5"),
        ("max((x«,» 1), y)", "a comma only stands"),
        ("x «=» 3", "leave out the '='"),
        ("f(x,y) «=» x", "leave out the '='"),
        ("«sin(x, y)»", "sin takes 1 argument; found 2"),
        ("y + «max( x )» + 1", "max takes 2 to 10 arguments; found 1"),
        ("x1 + «y»", "y and x1 do not go together"),
        ("x + «x2»", "x2 and x do not go together"),
        ("«x11»", "numbered from x1 to x10"),
        ("«x0»", "numbered from x1 to x10"),
        ("«x01»", "numbered from x1 to x10"),
        ("«--»x", "two signs follow each other; write -(-x)"),
        ("x -«-+»x", "two signs follow each other"),
        ("x«²**»3", "a power of a power needs brackets"),
        ("x«²^»3", "a power of a power needs brackets"),
        ("«(»x", "this '(' is never closed"),
        ("(x + «(»y", "this '(' is never closed"),
        ("x«)»", "this ')' closes nothing"),
        ("1/«0»", "this divisor is 0"),
        ("x/(«1-1»)", "this divisor is 0"),
        ("x/«1e-999»", "this divisor is 0"),
        ("10**«400»", "the exponent is 400; it must be from -100 to 100"),
        ("x**«-101»", "the exponent is -101"),
        ("x**(«50+51»)", "the exponent is 101"),
        ("x«¹⁰¹»", "the exponent is 101"),
        ("9**9**«9**9»", "the exponent is 3.8742e+08"),
        ("«1e999»*x", "'1e999' is too large"),
        ("x + «(-8)**0.5»", "is no real number"),
        ("x + «log(0)»", "the value of this part is -inf"),
        ("x*(1 + «1e300*1e300»)", "the value of this part is inf"),
        ("x + «exp(exp(9))»", "the value of this part is inf"),
        ("«0**-1»*x", "the value of this part is inf"),
        ("«1 + 1»", "a constant has nothing to minimise"),
        ("«pi»", "a constant has nothing to minimise"),
        ("x*1«_000»", "there is no name '_000'"),
        ("1«j»*x", "there is no name 'j'"),
    ],
)
def test_the_message_points_at_the_place_and_says_what_to_do(marked, words):
    before, place, after = marked.replace("»", "«").split("«")
    error = _error(before + place + after)
    assert (error.text[error.start : error.end], error.start) == (place, len(before))
    assert words in error.message
    assert error.text == before + place + after


@pytest.mark.parametrize(
    "marked, words",
    [
        ("x² + 2·π·«z»", "there is no name 'z'"),  # ast counts bytes and Python's spelling; a person counts characters
        ("x² − π/«0»", "this divisor is 0"),
        ("π·x¹⁰ ÷ («1−1»)", "this divisor is 0"),
        ("x^2^y + «sin(x, y²)»", "sin takes 1 argument; found 2"),
        ("x·x + «log(−1²)» + 1", "no real number"),
        ("x\u2003+ «exp(800·π)»", "inf"),
        ("«ｘ» + y", "Did you mean 'x'?"),
        ("«ｓｉｎ»(x)", "Did you mean 'sin'?"),
        ("«x₁» + x2", "Did you mean 'x1'?"),
        ("«х» + y", "there is no name 'х'; use x and y"),  # a Cyrillic letter
        ("x +«\u200b»y", r"'\u200b' cannot stand in a formula"),
        ("x + «\x00»", r"'\x00' cannot stand"),
        ("x + «\ud800»", r"'\ud800' cannot stand"),
        ("x + «\u0663»", "cannot stand in a formula"),  # a digit, but none of ours
        ("«𝑥» + y", "Did you mean 'x'?"),
    ],
)
def test_offsets_count_characters_whatever_the_alphabet(marked, words):
    test_the_message_points_at_the_place_and_says_what_to_do(marked, words)


@pytest.mark.parametrize("text", ["a*x", "t(x)", "z", "x if y else 1", "x in y", "qqqq(x)"])
def test_no_name_is_proposed_where_none_was_meant(text):
    """abs for a, or pi for if, would lead astray."""
    assert "Did you mean" not in str(_error(text))


def test_the_sentence_begins_with_the_place():
    assert str(_error("x + sinn(y)")).startswith("At character 5: there is no function 'sinn'; ")
    assert str(_error("x\n+ z")) == "At line 2, character 3: there is no name 'z'; use x and y, or x1 to x10, and pi or e"
    assert str(_error("\n z")).startswith("At character 2:")  # a line break in front makes no second line


@pytest.mark.parametrize("value, name", [(None, "NoneType"), (3, "int"), (b"x", "bytes"), (["x"], "list")])
def test_a_value_that_is_no_text_is_refused_as_well(value, name):
    error = _error(value)
    assert f"a formula is a text, such as (1 - x)**2 + 100*(y - x**2)**2; found {name}" in str(error)
    assert (error.text, error.start, error.end) == ("", 0, 0)


@pytest.mark.parametrize(
    "text, pointer",
    [
        ("x + sinn(y)", "x + sinn(y)\n    ^^^^"),
        ("", "\n^"),
        ("x\n\t+ z", "x  + z\n     ^"),
        ("ｘ + e\u0301", "� + e�\n^"),  # a wide letter and one that takes no column would shift the rest
        ("x" + " + y" * 30 + " + z" + " - x" * 30, "…+ y" + " + y" * 6 + " + z" + " - x" * 7 + " …\n" + " " * 31 + "^"),
        ("x + " * 100 + "z", "…" + " + x" * 14 + " + z\n" + " " * 60 + "^"),
        ("z" + " + x" * 100, "z" + " + x" * 14 + " + …\n^"),
        ("sin(" + "x + " * 40 + "x, 1)", "sin(" + "x + " * 14 + "…\n" + "^" * 60),
    ],
)
def test_the_pointer_stands_under_the_place(text, pointer):
    drawn = _error(text).pointer
    assert drawn == pointer
    assert all(len(line) <= 62 for line in drawn.split("\n"))


def test_a_message_stays_short_whatever_was_typed():
    """It stands in a web page; a pasted novel must not."""
    for text in ("q" * 500, "xy" * 250, "9" * 499 + "x", "x" + "1" * 499, "(" * 500, "x" * 10**6):
        error = _error(text)
        assert len(str(error)) < 300, text[:10]
        assert len(error.pointer) < 130


def test_an_error_survives_the_way_from_a_worker():
    error = _error("x + z")
    again = pickle.loads(pickle.dumps(error))
    assert (str(again), again.pointer, again.start, again.end) == (str(error), error.pointer, error.start, error.end)
