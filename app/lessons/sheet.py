"""A lesson on paper: the question, boxes to tick, lines to write on, and the key on a page of its own, as one HTML file."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape

from .records import Lesson
from .telling import told

LINES = 3  # lines to write on, below each heading


@dataclass(frozen=True, kw_only=True)
class Words:
    """What the sheet says beside the lesson's texts."""

    name: str
    predict: str
    seen: str
    why: str
    key: str
    happens: str


ENGLISH = Words(
    name="Name, date",
    predict="What I predict, and why",
    seen="What I saw",
    why="Why it happens",
    key="Key",
    happens="What happens",
)
WORDS: Mapping[str, Words] = {
    "en": ENGLISH,
    "de": Words(
        name="Name, Datum",
        predict="Was ich vorhersage, und warum",
        seen="Was ich gesehen habe",
        why="Warum es so kommt",
        key="Lösung",
        happens="So kommt es",
    ),
}

STYLE = """
@page { size: A4; margin: 20mm }
* { box-sizing: border-box }
html { background: #fff; color: #000; font: 12pt/1.45 Georgia, "Times New Roman", serif }
body { max-width: 170mm; margin: 10mm auto }
h1 { font-size: 18pt; line-height: 1.2; margin: 6mm 0 4mm }
h2 { font-size: 12pt; margin: 8mm 0 0; break-after: avoid }
ul { list-style: none; padding: 0 }
li { display: flex; gap: 4mm; margin: 2mm 0 }
li::before { content: ""; flex: none; width: 4.5mm; height: 4.5mm; border: .4mm solid #000; margin-top: .6mm }
li.right::before { background: #000; print-color-adjust: exact; -webkit-print-color-adjust: exact }
.question { font-weight: bold; font-size: 13pt }
.line { height: 10mm; border-bottom: .25mm solid #000; break-inside: avoid }
.head { display: flex; justify-content: space-between; font-size: 10pt }
.head span:last-child { flex: 0 0 80mm; border-bottom: .25mm solid #000 }
.key { break-before: page; border-top: .25mm solid #000; margin-top: 15mm }
code { font-size: 11pt }
@media print { body { margin: 0; max-width: none } .key { border: 0; margin: 0 } }
"""

# LaTeX that needs no more than letters: what an inline formula of a lesson is made of.
SYMBOLS = {
    **{"alpha": "α", "beta": "β", "gamma": "γ", "epsilon": "ε", "varepsilon": "ε", "eta": "η", "theta": "θ", "lambda": "λ"},
    **{"sigma": "σ", "infty": "∞", "cdot": "·", "times": "×", "approx": "≈", "le": "≤", "leq": "≤", "ge": "≥", "geq": "≥"},
    **{"sum": "∑", "sqrt": "√", "langle": "⟨", "rangle": "⟩", "lVert": "‖", "rVert": "‖", "to": "→", "in": "∈", "pm": "±"},
    **{"ldots": "…", "dots": "…", "quad": " ", "ll": "≪", "gg": "≫", "propto": "∝", "nabla": "∇"},
    **dict.fromkeys(("hat", "mathrm", "text", "operatorname", "left", "right"), ""),
}
_TOKENS = re.compile(r"\$\$(.*?)\$\$|\$([^$\n]*)\$|`([^`\n]*)`|\*\*(.+?)\*\*|\*(.+?)\*", re.DOTALL)


def sheet(lesson: Lesson, numbers: Mapping[str, str], *, key: bool = True) -> str:
    """Return a lesson as a page of HTML to print on A4: nothing in it is fetched from elsewhere.

    Args:
      lesson: in the language of the sheet.
      numbers: those that its texts quote, written, by name.
      key: whether the answer follows on a page of its own.
    """
    words = WORDS.get(lesson.language, ENGLISH)
    lines = '<div class="line"></div>' * LINES
    answer = "".join(f"<h2>{escape(heading)}</h2>{lines}" for heading in (words.predict, words.seen, words.why))
    body = (
        f'<p class="head"><span>Prodigy Lab</span><span>{escape(words.name)}</span></p>'
        f"<h1>{_inline(lesson.title)}</h1>{_paragraphs(told(lesson, 'Predict', numbers))}"
        f'<p class="question">{_inline(lesson.question)}</p>{_choices(lesson, ticked=False)}{answer}'
    )
    if key:
        body += (
            f'<section class="key"><h1>{escape(words.key)}: {_inline(lesson.title)}</h1>'
            f"<h2>{escape(words.happens)}</h2>{_choices(lesson, ticked=True)}"
            f"{_paragraphs(told(lesson, 'What was seen', numbers))}</section>"
        )
    return (
        f'<!doctype html><html lang="{escape(lesson.language)}"><head><meta charset="utf-8">'
        f"<title>{escape(lesson.title)}</title><style>{STYLE}</style></head><body>{body}</body></html>"
    )


def _choices(lesson: Lesson, *, ticked: bool) -> str:
    shown = [choice for choice in lesson.choices if choice.right or not ticked]
    mark = ' class="right"' if ticked else ""
    return "<ul>" + "".join(f"<li{mark}><span>{_inline(choice.text)}</span></li>" for choice in shown) + "</ul>"


def _paragraphs(markdown: str) -> str:
    """The text as HTML; whatever is no Markdown of a lesson is text."""
    blocks = (block.strip() for block in re.split(r"\n\s*\n", markdown))
    return "".join(f"<p>{_inline(block)}</p>" for block in blocks if block)


def _inline(markdown: str) -> str:
    """Emphasis, code and formulas as HTML, all else escaped."""
    parts, end = [], 0
    for match in _TOKENS.finditer(markdown):
        parts.append(escape(markdown[end : match.start()]))
        display, formula, code, strong, emphasis = match.groups()
        if display is not None or formula is not None:
            parts.append(_formula((display or formula or "").strip()))
        elif code is not None:
            parts.append(f"<code>{escape(code)}</code>")
        else:
            tag, text = ("strong", strong) if strong is not None else ("em", emphasis)
            parts.append(f"<{tag}>{_inline(text)}</{tag}>")
        end = match.end()
    return "".join([*parts, escape(markdown[end:])])


def _formula(latex: str) -> str:
    """A short formula in letters; one with a fraction stays as it is written in LaTeX."""
    if r"\frac" in latex:
        return f"<code>{escape(latex)}</code>"
    text = re.sub(r"\\([a-zA-Z]+)", lambda match: SYMBOLS.get(match[1], match[1]), re.sub(r"\\[,;:! ]", " ", latex))
    text = escape(" ".join(text.split()))
    text = re.sub(r"\^(\{([^{}]*)\}|.)", lambda match: f"<sup>{match[2] if match[2] is not None else match[1]}</sup>", text)
    text = re.sub(r"_(\{([^{}]*)\}|.)", lambda match: f"<sub>{match[2] if match[2] is not None else match[1]}</sub>", text)
    text = text.replace("{", "").replace("}", "")
    return f"<i>{text}</i>"
