"""A lesson on paper: what a class needs of it, on one sheet that needs nothing else."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from app.lessons import Choice, lesson
from app.lessons.sheet import sheet

LESSON = lesson("which-distance")
NUMBERS = {"d_ten": "1.52", "d_thousand": "1.53", "share": "51 %"}


class Text(HTMLParser):
    """What is read of a page, and whether every tag is closed."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.read, self.open = "", list[str]()
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] != "style":
            self.read += data


def test_it_has_the_question_boxes_and_lines():
    html = sheet(LESSON, NUMBERS, key=False)
    page = Text(html)
    assert not page.open
    for text in (LESSON.title, LESSON.question, *(choice.text for choice in LESSON.choices)):
        assert text in page.read
    assert html.count("<li>") == len(LESSON.choices)
    assert html.count('<div class="line">') == 9
    assert "1.52" not in html, "the sheet would give the answer away"


def test_the_key_is_on_a_page_of_its_own_with_the_numbers_of_the_runs():
    question, key = sheet(LESSON, NUMBERS).split('<section class="key">')
    assert 'class="right"' not in question
    assert "1.53" in Text(f"<section>{key.partition('</section>')[0]}</section>").read
    assert key.count("<li") == 1
    assert "break-before: page" in question


def test_nothing_is_fetched_from_elsewhere():
    assert not re.search(r"https?:|src=|<link|@import|<script", sheet(LESSON, NUMBERS))


def test_texts_are_escaped():
    rude = replace(LESSON, title="<script>x</script>", choices=(Choice('a < b & "c"', True),), question="*a* <b> `<i>`")
    html = sheet(rude, {"d_ten": "<u>"} | dict.fromkeys(("d_thousand", "share"), "1"))
    assert "<script" not in html
    assert "<u>" not in html
    assert "a &lt; b &amp; &quot;c&quot;" in html
    assert "<em>a</em> &lt;b&gt; <code>&lt;i&gt;</code>" in html
    assert not Text(html).open


@pytest.mark.parametrize(
    "latex, html",
    [
        ("$D$", "<i>D</i>"),
        (r"$10^{-6} \cdot x_0$", "<i>10<sup>-6</sup> · x<sub>0</sub></i>"),
        (r"$L_\infty$", "<i>L<sub>∞</sub></i>"),
        (r"$\beta_3 \le 1$", "<i>β<sub>3</sub> ≤ 1</i>"),
        (r"$\frac{a}{b}$", r"<code>\frac{a}{b}</code>"),
        ("$a < b$", "<i>a &lt; b</i>"),
    ],
)
def test_short_formulas_are_letters(latex, html):
    assert html in sheet(replace(LESSON, question=latex), NUMBERS)


def test_it_speaks_the_language_of_the_lesson():
    german = sheet(lesson("which-distance", "de"), NUMBERS)
    assert '<html lang="de">' in german
    assert "Was ich gesehen habe" in german
