"""The lessons and the cases of the clinic, as the page shows them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from prodigy_core.experiment import Experiment

from .claims import Claim, Reading

Format = Literal["number", "short", "whole", "percent", "steps"]
FORMATS: tuple[Format, ...] = ("number", "short", "whole", "percent", "steps")


@dataclass(frozen=True)
class Turn:
    """A hyperparameter that stands in the figure.

    Attributes:
      contender: the place of the contender that has it.
      knob: its name.
    """

    contender: int
    knob: str


@dataclass(frozen=True, kw_only=True)
class Shown:
    """An experiment of a lesson.

    Attributes:
      name: its name in the file.
      title: a few words on the page; "" of one that only claims run.
      experiment: the experiment.
      shown: whether the page shows it.
      turns: the hyperparameters in the figure, one or two; () for those that the page would take.
      opening: the step from which it is played once when it first comes; None where it stands at the end.
    """

    name: str
    title: str
    experiment: Experiment
    shown: bool = True
    turns: tuple[Turn, ...] = ()
    opening: int | None = None


@dataclass(frozen=True)
class Choice:
    """An answer that a reader may predict; `right` says whether it is what happens."""

    text: str
    right: bool


@dataclass(frozen=True, kw_only=True)
class Seen:
    """A number that the texts quote as {name}, computed from the traces that the page has just run.

    Attributes:
      name: its name in the texts.
      of: the number.
      divided_by, minus: what it is compared with; at most one of them.
      format: how it is written.
    """

    name: str
    of: Reading
    divided_by: Reading | None = None
    minus: Reading | None = None
    format: Format = "number"

    @property
    def other(self) -> Reading | None:
        """The reading it is compared with, if any."""
        return self.divided_by or self.minus


@dataclass(frozen=True, kw_only=True)
class Study:
    """What a lesson and a case have in common.

    Attributes:
      name: the name of its file.
      language: of its texts: "en", or that of a translation.
      title: its heading.
      order: its place among the others; what has the same stands by name.
      experiments: by name, in the order of the file.
      claims: what it says about them.
      seen: the numbers that the texts quote.
      sections: the texts by heading, Markdown with LaTeX between dollar signs, with {name} for the numbers of `seen`.
    """

    name: str
    language: str = "en"
    title: str
    order: int
    experiments: Mapping[str, Shown]
    claims: tuple[Claim, ...]
    seen: tuple[Seen, ...] = ()
    sections: Mapping[str, str] = field(default_factory=dict)

    @property
    def shown(self) -> tuple[Shown, ...]:
        """The experiments that the page shows."""
        return tuple(each for each in self.experiments.values() if each.shown)


@dataclass(frozen=True, kw_only=True)
class Lesson(Study):
    """A lesson: predict, run, why.

    Attributes:
      minutes: how long it takes, at most 5.
      question: what is to be predicted.
      choices: the answers, one of them right.
    """

    minutes: int
    question: str
    choices: tuple[Choice, ...]


@dataclass(frozen=True)
class Asked:
    """Where a complaint comes from: its name in short, and the address of the page, "" where there is none."""

    where: str
    link: str = ""


@dataclass(frozen=True)
class Place:
    """A contender of an experiment by its name."""

    experiment: str
    contender: int


@dataclass(frozen=True, kw_only=True)
class Complaint(Study):
    """A case of the clinic: a complaint, the setting that fails beside the one that works, and the words on it.

    Attributes:
      asked: where people asked.
      harmless: whether nothing is wrong at all.
      fails, works: the contender that shows the complaint, and the one that does not; None where nothing fails.
      lesson: the lesson that tells more; "" for none.
    """

    asked: tuple[Asked, ...]
    harmless: bool = False
    fails: Place | None = None
    works: Place | None = None
    lesson: str = ""


# The headings of a file, in their order.
LESSON_SECTIONS = ("Predict", "What was seen", "Why", "In your training", "Next")
COMPLAINT_SECTIONS = ("Complaint", "What was seen", "Why", "What to do")
