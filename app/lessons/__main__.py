"""`python -m app.lessons [NAME ...] [--shift N]`: try the claims of lessons and cases, and print what was measured."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence

from prodigy_core.engine import xla

from . import LessonError, Runs, Study, check, clinic, lessons, seen, told


def main(argv: Sequence[str] | None = None) -> int:
    """Try the claims that the arguments name (default: those of the process); return 0 where every one holds, else 1."""
    xla.prepare()
    parser = argparse.ArgumentParser(prog="app.lessons", description=__doc__)
    parser.add_argument("names", nargs="*", help="lessons and cases; none for all")
    parser.add_argument("--shift", type=int, default=0, help="added to every seed")
    parser.add_argument("--texts", action="store_true", help="print the texts with their numbers")
    given = parser.parse_args(argv)
    try:
        studies: dict[str, Study] = {name: languages["en"] for name, languages in {**lessons(), **clinic()}.items()}
    except LessonError as error:
        print(error)
        return 1
    runs, failed = Runs(), 0
    for name in given.names or studies:
        study, begun = studies[name], time.perf_counter()
        for claim in study.claims:
            outcome = check(study, claim, runs, given.shift)
            failed += not outcome.holds
            print(f"{'holds' if outcome.holds else 'FAILS'} {name}: {outcome.sentence}", flush=True)
        print(f"      {name}: {time.perf_counter() - begun:.1f} s, {_words(study)} words")
        if given.texts:
            numbers = seen(study, {each.name: runs.race(each.experiment) for each in study.shown})
            print("\n\n".join(f"## {heading}\n{told(study, heading, numbers)}" for heading in study.sections))
    return int(failed > 0)


def _words(study: Study) -> int:
    return sum(len(text.split()) for text in study.sections.values())


if __name__ == "__main__":
    sys.exit(main())
