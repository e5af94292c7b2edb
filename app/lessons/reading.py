"""A file of a lesson or a case -> its record, with all its faults reported together. Nothing in a file is evaluated."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, TypeVar

from prodigy_core.experiment import Experiment, ExperimentError
from prodigy_core.optimizers import OPTIMIZERS
from prodigy_core.param import Fault, nearest

from .fields import Table
from .reading_claims import read_claim, read_seen
from .records import COMPLAINT_SECTIONS, LESSON_SECTIONS, Asked, Choice, Complaint, Lesson, Place, Shown, Study, Turn
from .telling import placeholders

FENCE = "+++"
MOST_MINUTES = 5
MOST_TURNS = 2
LETTERS = "abcdef"  # the choices, as `right` names them
NAME = re.compile("[a-z][a-z0-9_]*")  # of an experiment and of a quoted number

S = TypeVar("S", bound=Study)


class LessonError(ValueError):
    """All faults of all files, in `faults`: each with the file's name."""

    def __init__(self, faults: list[tuple[str, Fault]]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(f"{file}: {fault}" for file, fault in faults))


def read_lesson(name: str, text: str, translations: Mapping[str, str]) -> dict[str, Lesson]:
    """Return a lesson by language.

    Args:
      name: the file's name without its ending.
      text: the file.
      translations: the files of its translations by language.

    Raises:
      LessonError: with every fault of every file.
    """
    return _read(name, text, translations, LESSON_SECTIONS, _lesson)


def read_complaint(name: str, text: str, translations: Mapping[str, str]) -> dict[str, Complaint]:
    """Return a case of the clinic by language. Arguments and errors as for `read_lesson`."""
    return _read(name, text, translations, COMPLAINT_SECTIONS, _complaint)


def _read(
    name: str,
    text: str,
    translations: Mapping[str, str],
    headings: tuple[str, ...],
    build: Callable[[Table, dict[str, Any]], S],
) -> dict[str, S]:
    faults: list[Fault] = []
    head, sections = _parts(text, headings, faults)
    study = _study(name, head, sections, build)
    head.close()
    if faults:
        raise LessonError([(f"{name}.md", fault) for fault in faults])
    studies, located = {"en": study}, []
    for language, translation in translations.items():
        faults = []
        words, sections = _parts(translation, headings, faults)
        studies[language] = _translated(study, language, words, sections)
        words.close()
        located += [(f"{name}.{language}.md", fault) for fault in faults]
    if located:
        raise LessonError(located)
    return studies


# --- the two halves of a file ------------------------------------------------------------------------------------------


def _parts(text: str, headings: tuple[str, ...], faults: list[Fault]) -> tuple[Table, dict[str, str]]:
    """Return the head as a table, and the body's texts by heading."""
    lines = text.splitlines()
    fences = [i for i, line in enumerate(lines) if line.rstrip() == FENCE]
    if len(fences) < 2 or fences[0] != 0:
        faults.append(Fault("head", lines[0] if lines else "", f"TOML between two lines of {FENCE}, from the first line on"))
        return Table({}, "", faults), {}
    try:
        data = tomllib.loads("\n".join(lines[1 : fences[1]]))
    except tomllib.TOMLDecodeError as error:
        faults.append(Fault("head", "no TOML", f"TOML: {error}"))
        data = {}
    return Table(data, "", faults), _sections(lines[fences[1] + 1 :], headings, faults)


def _sections(lines: list[str], headings: tuple[str, ...], faults: list[Fault]) -> dict[str, str]:
    sections: dict[str, list[str]] = {}
    under: list[str] = []
    before = under
    for line in lines:
        if not line.startswith("## "):
            under.append(line)
            continue
        heading = line[3:].strip()
        if heading not in headings:
            faults.append(Fault("section", heading, f"one of {', '.join(headings)}", nearest_heading(heading, headings)))
        elif heading in sections:
            faults.append(Fault("section", heading, "there once"))
        under = sections.setdefault(heading, [])
    if any(line.strip() for line in before):
        faults.append(Fault("section", next(line for line in before if line.strip()), "under a heading: ## Predict, say"))
    texts = {heading: "\n".join(under).strip() for heading, under in sections.items()}
    missing = (heading for heading in headings if not texts.get(heading))
    faults += [Fault(f"section {heading!r}", texts.get(heading), "there, with a text under it") for heading in missing]
    if [heading for heading in texts if heading in headings] != [heading for heading in headings if heading in texts]:
        faults.append(Fault("sections", list(texts), f"in the order {', '.join(headings)}"))
    return {heading: texts.get(heading, "") for heading in headings}


def nearest_heading(heading: str, headings: tuple[str, ...]) -> str:
    """Return the heading closest to a misspelt one, "" if none is close."""
    lower = nearest(heading, [each.lower() for each in headings])
    return next((each for each in headings if each.lower() == lower), "")


# --- the records --------------------------------------------------------------------------------------------------------


def _study(name: str, head: Table, sections: dict[str, str], build: Callable[[Table, dict[str, Any]], S]) -> S:
    """Return the record of a file: what lessons and cases share, and by `build` the rest."""
    experiments = _experiments(head)
    title, order = head.text("title"), head.whole("order", 0, 1_000)
    tables = head.tables("claims", 1)
    quoted = head.table("seen")
    for field in quoted.names if quoted else ():
        if not NAME.fullmatch(field):
            head.faults.append(Fault(f"seen.{field}", field, "a name of small letters, digits and _"))
    shared = {
        "name": name,
        "title": title,
        "order": order,
        "experiments": experiments,
        "sections": sections,
        "claims": tuple(read_claim(table, experiments) for table in tables) if experiments else (),
        "seen": tuple(
            read_seen(field, Table(quoted.value(field), f"seen.{field}", head.faults), experiments) for field in quoted.names
        )
        if quoted and experiments
        else (),
    }
    _check_placeholders(sections, quoted.names if quoted else (), head.faults)
    return build(head, shared)


def _check_placeholders(sections: Mapping[str, str], names: tuple[str, ...], faults: list[Fault]) -> None:
    used = {name: heading for heading, text in sections.items() for name in placeholders(text)}
    for name, heading in used.items():
        if name not in names:
            known = f"one of {', '.join(names)}" if names else "a name in the table seen, which is missing"
            faults.append(Fault(f"section {heading!r}", f"{{{name}}}", known, nearest(name, names)))
    unused = (name for name in names if name not in used)
    faults += [Fault(f"seen.{name}", name, f"quoted in a text as {{{name}}}, or removed") for name in unused]


def _experiments(head: Table) -> dict[str, Shown]:
    experiments: dict[str, Shown] = {}
    for table in head.tables("experiments", 1):
        name = table.text("name")
        if not NAME.fullmatch(name) or name in experiments:
            table.refuse("name", "a name of its own, of small letters, digits and _")
        shown = table.switch("shown", True)
        experiment = _experiment(table)
        opening = table.whole("opening", 0, experiment.steps, -1)
        turns = tuple(_turn(each, experiment) for each in table.tables("turns"))
        if len(turns) > MOST_TURNS:
            table.refuse("turns", f"at most {MOST_TURNS}")
        experiments[name] = Shown(
            name=name,
            title=table.text("title", None if shown else ""),
            experiment=experiment,
            shown=shown,
            turns=turns,
            opening=None if opening < 0 else opening,
        )
        table.close()
    return experiments


def _experiment(table: Table) -> Experiment:
    """Return the experiment, which stands as the text of its JSON or as a table of the same fields, with its version."""
    value = table.value("experiment")
    text = value if isinstance(value, str) else json.dumps(value, default=str)
    try:
        experiment = Experiment.from_json(text)
    except ExperimentError as error:
        where = table.path("experiment")
        table.faults += [replace(fault, field=f"{where}.{fault.field}") for fault in error.faults]
        return Experiment()
    if not experiment.contenders or experiment.needs_upload:
        table.refuse("experiment", "one with contenders, and without an upload")
        return Experiment()
    return experiment


def _turn(table: Table, experiment: Experiment) -> Turn:
    contender = table.whole("contender", 0, len(experiment.contenders) - 1)
    optimizer = OPTIMIZERS[experiment.contenders[contender].optimizer]
    turn = Turn(contender, table.word("knob", [param.name for param in optimizer.params], None, "a hyperparameter:"))
    table.close()
    return turn


def _lesson(head: Table, shared: dict[str, Any]) -> Lesson:
    texts = head.texts("choices", 2, len(LETTERS))
    letters = LETTERS[: max(len(texts), 2)]
    right = head.word("right", letters)
    return Lesson(
        **shared,
        minutes=head.whole("minutes", 1, MOST_MINUTES),
        question=head.text("question"),
        choices=tuple(Choice(text, letter == right) for text, letter in zip(texts, letters, strict=False)),
    )


def _complaint(head: Table, shared: dict[str, Any]) -> Complaint:
    asked = []
    for table in head.tables("asked", 1):
        asked.append(Asked(table.text("where"), table.text("link", "")))
        table.close()
    harmless = head.switch("harmless", False)
    fails, works = (_place(head, name, shared["experiments"]) for name in ("fails", "works"))
    if not harmless and (fails is None or works is None):
        head.refuse("works" if fails else "fails", "given, or harmless = true: a case shows what fails and what works")
    if harmless and fails is not None:
        head.refuse("fails", "left out where the complaint is harmless")
    return Complaint(**shared, asked=tuple(asked), harmless=harmless, fails=fails, works=works, lesson=head.text("lesson", ""))


def _place(head: Table, name: str, experiments: Mapping[str, Shown]) -> Place | None:
    table = head.table(name)
    if table is None or not experiments:
        return None
    names = [each.name for each in experiments.values() if each.shown]
    experiment = table.word("experiment", names, names[0] if names else None)
    last = len(experiments[experiment].experiment.contenders) - 1 if experiment else 0
    place = Place(experiment, table.whole("contender", 0, last, 0))
    table.close()
    return place


# --- translations -------------------------------------------------------------------------------------------------------


def _translated(study: S, language: str, words: Table, sections: dict[str, str]) -> S:
    """Return a study with its texts in another language; the file has texts only."""
    changes: dict[str, Any] = {"language": language, "title": words.text("title"), "sections": sections}
    titles = words.table("titles")
    experiments = dict(study.experiments)
    for each in study.shown:
        title = titles.text(each.name) if titles else each.title
        experiments[each.name] = replace(each, title=title)
    if titles:
        titles.close()
    if isinstance(study, Lesson):
        texts = words.texts("choices", 2, len(LETTERS))
        if len(texts) != len(study.choices):
            words.refuse("choices", f"{len(study.choices)} texts, as many as in English and in the same order")
        changes["question"] = words.text("question")
        changes["choices"] = tuple(replace(choice, text=text) for choice, text in zip(study.choices, texts, strict=False))
    for heading, text in study.sections.items():
        here, there = sorted(set(placeholders(sections[heading]))), sorted(set(placeholders(text)))
        if here != there:
            allowed = f"with the same names between braces as in English: {there}"
            words.faults.append(Fault(f"section {heading!r}", here, allowed))
    return replace(study, experiments=experiments, **changes)
