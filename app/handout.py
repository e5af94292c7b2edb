"""A teacher's link: which controls a class does not see or cannot turn, a seed for all, and the size for a projector.

It is a third part of the address, beside the experiment and the view. It protects from distraction, not from attack: whoever
edits the address has all controls again.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

MAX_CHARACTERS = 2_000  # of the text in the address
MAX_NAMES = 60  # names of controls in either list
MAX_SEED = 2**31 - 1

# Parts of the page that can be hidden as a whole, each with the words for a teacher.
PARTS = {
    "sidebar": "the sidebar",
    "pages": "the way to the other pages",
    "problem": "the choice of the problem, its start and shape",
    "contenders": "adding, comparing and removing contenders",
    "figure": "the knobs in the figure",
    "guide": "the card above the figure",
    "table": "the table of results",
    "reveal": "going on to the answer of a lesson",
}


@dataclass(frozen=True)
class Handout:
    """What a class gets.

    Attributes:
      hidden: names of `PARTS` and of hyperparameters, settings and fields of an experiment that are not shown.
      locked: names of hyperparameters, settings and fields that are shown and cannot be turned.
      seed: the seed of every experiment; None for the experiment's own.
      projector: whether all is drawn larger.
    """

    hidden: frozenset[str] = field(default_factory=frozenset)
    locked: frozenset[str] = field(default_factory=frozenset)
    seed: int | None = None
    projector: bool = False

    def hides(self, name: str) -> bool:
        return name in self.hidden

    def locks(self, name: str) -> bool:
        return name in self.locked

    def to_json(self) -> str:
        """Return it as text for the address, without what is usual; "" where all is."""
        parts: dict[str, Any] = {
            "hide": sorted(self.hidden),
            "lock": sorted(self.locked),
            "seed": self.seed,
            "projector": int(self.projector),
        }
        said = {name: value for name, value in parts.items() if value not in ([], None, 0) or (name == "seed" and value == 0)}
        return json.dumps(said, separators=(",", ":")) if said else ""


USUAL = Handout()


def parsed(text: str | None) -> Handout:
    """Return what a text of the address means; whatever in it is not of the right kind is left out."""
    try:
        given = json.loads(text) if text and len(text) <= MAX_CHARACTERS else {}
    except (ValueError, RecursionError):
        return USUAL
    if not isinstance(given, dict):
        return USUAL
    seed = given.get("seed")
    return Handout(
        hidden=_names(given.get("hide")),
        locked=_names(given.get("lock")),
        seed=seed if type(seed) is int and 0 <= seed <= MAX_SEED else None,
        projector=given.get("projector") in (1, True),
    )


def _names(value: object) -> frozenset[str]:
    return frozenset(name for name in value[:MAX_NAMES] if isinstance(name, str)) if isinstance(value, list) else frozenset()
