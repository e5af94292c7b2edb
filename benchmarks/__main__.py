"""Peers and ours in one run, as a table with ratios.

    python -m benchmarks                     all rows, some minutes
    python -m benchmarks run-2d mlp          these rows
    python -m benchmarks --list              what rows there are

A peer that is not installed is named with what to do (`pip install '.[bench]'` takes all of them). The exit status says
whether every row ran, not whether every bar is met.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from collections.abc import Sequence

from prodigy_core.engine import xla

xla.prepare()  # before JAX starts, as the app and the command line do

from benchmarks import machine  # noqa: E402
from benchmarks.clock import QUICK, Effort  # noqa: E402
from benchmarks.rows import ROWS  # noqa: E402
from benchmarks.table import Line, markdown  # noqa: E402


def main(argv: Sequence[str] | None = None) -> int:
    """Run the rows named in `argv` (default: this process's arguments) and return the exit status."""
    parser = argparse.ArgumentParser(prog="benchmarks", description="Peers and ours in one run, as a table with ratios.")
    parser.add_argument("rows", nargs="*", metavar="ROW", help="what to run (default: all)")
    parser.add_argument("--list", action="store_true", help="print the names of the rows and stop")
    parser.add_argument("--quick", action="store_true", help="few rounds: rougher numbers, sooner")
    options = parser.parse_args(argv)
    if options.list:
        print(*ROWS, sep="\n")
        return 0
    if unknown := [name for name in options.rows if name not in ROWS]:
        parser.error(f"no row is called {', '.join(unknown)}; there are {', '.join(ROWS)}")
    effort = QUICK if options.quick else Effort()
    lines: list[Line] = []
    broken = False
    for name in options.rows or ROWS:
        started = time.perf_counter()
        try:
            for line in ROWS[name](effort):
                lines.append(line)
                _say(*filter(None, line.cells()))  # at once, for a person who stops the rest
        except Exception as error:  # the other rows still run
            broken = True
            lines.append(Line(name, note=f"failed: {_reason(error)}"))
            _say(name, lines[-1].note)
        _say(name, f"done in {time.perf_counter() - started:.0f} s")
    print(f"On {machine.described()}; the best of several rounds.\n\n{markdown(lines)}")
    return int(broken)


def _say(*words: str) -> None:
    print(*words, sep="  ", file=sys.stderr, flush=True)


def _reason(error: Exception) -> str:
    """Return the last line of an error's message."""
    message = error.stderr if isinstance(error, subprocess.CalledProcessError) else str(error)
    text = message.decode(errors="replace") if isinstance(message, bytes) else message or ""
    return f"{type(error).__name__}: {(text.strip().splitlines() or [''])[-1]}".replace("|", "/")


if __name__ == "__main__":
    sys.exit(main())
