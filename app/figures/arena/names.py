"""What stands at the ends of lines that the same optimizer drew: what tells its contenders apart, and no more."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import takewhile

from prodigy_core.experiment import Experiment

from ...theme import Style


def at_the_ends(experiment: Experiment, styles: Sequence[Style]) -> list[str]:
    """The words at the end of each contender's line; all are "" where no two contenders share an optimizer."""
    optimizers = [contender.optimizer for contender in experiment.contenders]
    if len(set(optimizers)) == len(optimizers):
        return [""] * len(optimizers)
    labels = [style.label for style in styles]
    words = []
    for label, optimizer in zip(labels, optimizers, strict=True):
        alike = [other for other, name in zip(labels, optimizers, strict=True) if name == optimizer]
        words.append(label[_shared(alike) :] if len(alike) > 1 else label)
    return words


def _shared(labels: Sequence[str]) -> int:
    """How many characters labels begin with alike, up to the end of a word; none where one of them has no more."""
    alike = takewhile(lambda letters: len(set(letters)) == 1, zip(*labels, strict=False))
    shared = "".join(letters[0] for letters in alike).rfind(" ") + 1
    return shared if all(label[shared:] for label in labels) else 0
