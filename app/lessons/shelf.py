"""All lessons and cases, read once from the files beside this one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import TypeVar

from prodigy_core.param import Fault, nearest

from .reading import LessonError, read_complaint, read_lesson
from .records import Complaint, Lesson, Study

FOLDER = Path(__file__).parent
CLINIC = FOLDER / "clinic"

S = TypeVar("S", bound=Study)
Shelf = Mapping[str, Mapping[str, S]]  # by name, by language; in the order of a course


@cache
def lessons() -> Shelf[Lesson]:
    """Return all lessons, in the order of a course: by name, by language.

    Raises:
      LessonError: with every fault of every file.
    """
    return load(FOLDER, read_lesson)


@cache
def clinic() -> Shelf[Complaint]:
    """Return all cases of the clinic as `lessons` does, and raise as it does."""
    cases = load(CLINIC, read_complaint)
    known = list(lessons())
    if faults := [
        (f"{name}.md", Fault("lesson", case["en"].lesson, "the name of a lesson", nearest(case["en"].lesson, known)))
        for name, case in cases.items()
        if case["en"].lesson and case["en"].lesson not in known
    ]:
        raise LessonError(faults)
    return cases


def lesson(name: str, language: str = "en") -> Lesson:
    """Return a lesson in a language, in English where it is not translated. Raise KeyError where there is none."""
    return _in(lessons()[name], language)


def complaint(name: str, language: str = "en") -> Complaint:
    """Return a case of the clinic as `lesson` does."""
    return _in(clinic()[name], language)


def _in(languages: Mapping[str, S], language: str) -> S:
    return languages.get(language, languages["en"])


def load(folder: Path, read: Callable[[str, str, Mapping[str, str]], dict[str, S]]) -> Shelf[S]:
    """Return what the files NAME.md of a folder hold, each with its translations NAME.LANGUAGE.md.

    Raises:
      LessonError: with every fault of every file, also of a translation of nothing.
    """
    files = {path.name.removesuffix(".md"): path for path in sorted(folder.glob("*.md"))}
    faults: list[tuple[str, Fault]] = []
    studies: dict[str, dict[str, S]] = {}
    for name, path in files.items():
        if "." in name:
            if name.partition(".")[0] not in files:
                faults.append((path.name, Fault("file", path.name, f"beside {name.partition('.')[0]}.md, which it translates")))
            continue
        translations = {
            other.removeprefix(f"{name}."): there.read_text(encoding="utf-8")
            for other, there in files.items()
            if other.startswith(f"{name}.")
        }
        try:
            studies[name] = read(name, path.read_text(encoding="utf-8"), translations)
        except LessonError as error:
            faults += error.faults
    if faults:
        raise LessonError(faults)
    ordered = sorted(studies.items(), key=lambda item: (item[1]["en"].order, item[0]))
    return MappingProxyType({name: MappingProxyType(languages) for name, languages in ordered})
