"""The command line: `prodigy-lab [COMMAND]`.

A command is one function in `COMMANDS`: it adds its parser and names the function that runs it.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING

from prodigy_core.engine import xla
from prodigy_core.sweep.exports import FORMATS

if TYPE_CHECKING:
    from prodigy_core.sweep.result import SweepTrace

    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]

DEFAULT_COMMAND = "app"
INTERRUPTED = 130  # the usual exit status after Ctrl-C
TERMINAL_EVERY, FILE_EVERY = 0.1, 10.0  # seconds between two reports of progress, on a terminal and elsewhere
ENDINGS = {kind.ending: kind for kind in FORMATS}
CLEAR = "\x1b[K"  # ANSI: erase to the end of the line


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command named in `argv` (without the program's name; default: this process's) and return its exit status."""
    xla.prepare()
    arguments = list(sys.argv[1:] if argv is None else argv)
    parser = _parser()
    # --help and --version are the program's own; any other option without a command is the app's.
    if not arguments or (arguments[0].startswith("-") and arguments[0] not in {"-h", "--help", "--version"}):
        arguments.insert(0, DEFAULT_COMMAND)
    options = parser.parse_args(arguments)
    run: Callable[[argparse.Namespace], int] = options.run
    return run(options)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="prodigy-lab",
        description="Watch the learning-rate-free optimizer Prodigy work, next to Adam.",
        epilog=f"Without a command, {DEFAULT_COMMAND!r} is run.",
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {_version()}")
    subparsers = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for add in COMMANDS:
        add(subparsers)
    return parser


def _version() -> str:
    try:
        return version("prodigy-lab")
    except PackageNotFoundError:
        return "(not installed)"


# --- app ---------------------------------------------------------------------------------------------------------


def _add_app(subparsers: Subparsers) -> None:
    parser = subparsers.add_parser(
        "app",
        help="start the web app",
        description="Start the web app and print its address. Ctrl-C stops it.",
        epilog="Everything after -- goes to Streamlit as it is: prodigy-lab app -- --server.maxUploadSize 5",
    )
    parser.add_argument("--port", type=_port, help="port to listen on (default: 8501)")
    parser.add_argument("--host", help="address to listen on, 0.0.0.0 for all (default: Streamlit's, all)")
    parser.add_argument("--dask", metavar="ADDRESS", help="a Dask scheduler that computes the sweeps, tcp://HOST:PORT")
    parser.add_argument("streamlit", nargs="*", metavar="-- ARG", help="arguments for Streamlit")
    parser.set_defaults(run=_run_app)


def _run_app(options: argparse.Namespace) -> int:
    script = app_script()
    if script is None:
        print(
            "prodigy-lab: the app is not installed beside prodigy_core "
            f"({Path(__file__).resolve().parent}). Reinstall it: pip install --force-reinstall --no-deps prodigy-lab",
            file=sys.stderr,
        )
        return 1
    if options.dask is not None:
        from prodigy_core.sweep.cluster import ClusterError
        from prodigy_core.sweep.executors import ADDRESS, choose

        try:
            choose(options.dask)
        except ClusterError as error:
            print(f"prodigy-lab: {error}", file=sys.stderr)
            return 1
        os.environ[ADDRESS] = options.dask
    command = [sys.executable, "-m", "streamlit", "run", str(script)]
    if options.port is not None:
        command += ["--server.port", str(options.port)]
    if options.host is not None:
        command += ["--server.address", options.host]
    return _become([*command, *options.streamlit])


def app_script() -> Path | None:
    """Return the script for Streamlit: `prodigy_lab/main.py` of an installed wheel, `app/main.py` of a checkout; None without.

    Both lie beside the running `prodigy_core`, so that the app and the core always have the same version.
    """
    root = Path(__file__).resolve().parent.parent
    candidates = (root / "prodigy_lab" / "main.py", root / "app" / "main.py")
    return next((path for path in candidates if path.is_file()), None)


def _become(command: list[str]) -> int:
    """Replace this process by `command`, which then gets its signals and has its exit status and process id."""
    if sys.platform == "win32":  # exec on Windows returns to the shell at once
        return subprocess.call(command)
    sys.stdout.flush()
    os.execv(command[0], command)


def _port(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port: a whole number from 1 to 65535")
    return int(text)


# --- sweep -------------------------------------------------------------------------------------------------------


def _add_sweep(subparsers: Subparsers) -> None:
    parser = subparsers.add_parser(
        "sweep",
        help="run an experiment for all values of some knobs",
        description="Run a sweep, and write one row a run. Ctrl-C stops it and keeps what ran until then.",
        epilog="A sweep is what a page of sweeps hands out as JSON; prodigy_core/sweep/spec.py says how to write one.",
    )
    parser.add_argument("sweep", type=Path, metavar="SWEEP.json", help="what to run")
    parser.add_argument("-o", "--output", type=_output, required=True, metavar="FILE", help=f"where to: {', '.join(ENDINGS)}")
    parser.add_argument(
        "--dask", metavar="ADDRESS", help="a Dask scheduler, tcp://HOST:PORT (default: $PRODIGY_LAB_DASK, or here)"
    )
    parser.set_defaults(run=_run_sweep)


def _run_sweep(options: argparse.Namespace) -> int:
    from prodigy_core.experiment import ExperimentError
    from prodigy_core.progress import Progress
    from prodigy_core.sweep.cluster import ClusterError
    from prodigy_core.sweep.executors import choose
    from prodigy_core.sweep.runner import follow
    from prodigy_core.sweep.spec import Sweep

    try:
        text = options.sweep.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        print(f"prodigy-lab: {options.sweep} cannot be read: {error}", file=sys.stderr)
        return 1
    last: Progress[SweepTrace] | None = None
    status, message = 0, ""
    try:
        sweep = Sweep.from_json(text)
        with _progress(sweep.runs) as report:
            for last in follow(sweep, executor=choose(options.dask)):
                report(last.fraction)
    except KeyboardInterrupt:
        status, message = INTERRUPTED, "stopped."
    except (ExperimentError, ClusterError) as error:
        status, message = 1, str(error)
    for line in message.splitlines():
        print(f"prodigy-lab: {line}", file=sys.stderr)
    return status if last is None else _save(last.result, options.output) or status


def _save(trace: SweepTrace, output: Path) -> int:
    """Write the runs that are done, if any, and return the exit status."""
    done = sum(int(grid.there.sum()) for grid in trace.grids)
    if not done:
        print(f"prodigy-lab: no run was done, and {output} is not written.", file=sys.stderr)
        return 0
    try:
        _write(output, ENDINGS[output.suffix].write(trace))
    except OSError as error:
        print(f"prodigy-lab: {output} cannot be written: {error}", file=sys.stderr)
        return 1
    print(f"prodigy-lab: {done:,} of {trace.sweep.runs:,} runs are in {output}.", file=sys.stderr)
    return 0


@contextmanager
def _progress(runs: int) -> Iterator[Callable[[float], None]]:
    """Yield a function that reports a sweep's progress: on a terminal in one line, erased at the end; elsewhere by lines."""
    terminal = sys.stderr.isatty()
    begun = reported = time.monotonic()

    def report(fraction: float) -> None:
        nonlocal reported
        now = time.monotonic()
        if now < reported + (TERMINAL_EVERY if terminal else FILE_EVERY):
            return
        reported = now
        left = f", about {(now - begun) * (1 - fraction) / fraction:.0f} s to go" if fraction > 0.01 else ""
        line = f"{100 * fraction:3.0f} % of {runs:,} runs{left}"
        print(f"\r{line}{CLEAR}" if terminal else line, end="" if terminal else "\n", file=sys.stderr, flush=True)

    try:
        yield report
    finally:
        if terminal and reported > begun:
            print(f"\r{CLEAR}", end="", file=sys.stderr, flush=True)


def _write(path: Path, content: bytes) -> None:
    """Write a file completely or not at all: after an error the old file is still there."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        temporary.write_bytes(content)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def _output(text: str) -> Path:
    path = Path(text)
    if path.suffix not in ENDINGS:
        raise argparse.ArgumentTypeError(f"{text!r} ends in none of {', '.join(ENDINGS)}")
    if not path.resolve().parent.is_dir():
        raise argparse.ArgumentTypeError(f"there is no folder {str(path.parent)!r}")
    return path


# --- bench -------------------------------------------------------------------------------------------------------


def _add_bench(subparsers: Subparsers) -> None:
    parser = subparsers.add_parser(
        "bench",
        help="measure this program beside others",
        description="Peers and ours in one run, as a table with ratios. In a checkout; the extra bench brings the peers.",
    )
    parser.add_argument("rows", nargs="*", metavar="ROW", help="what to run (default: all)")
    parser.add_argument("--list", action="store_true", help="print the names of the rows and stop")
    parser.add_argument("--quick", action="store_true", help="few rounds: rougher numbers, sooner")
    parser.set_defaults(run=_run_bench)


def _run_bench(options: argparse.Namespace) -> int:
    root = Path(__file__).resolve().parent.parent
    if not (root / "benchmarks" / "__main__.py").is_file():
        print(
            "prodigy-lab: the benchmarks are in the source, not in what pip installs: run this in a checkout.", file=sys.stderr
        )
        return 1
    flags = [flag for flag, on in (("--list", options.list), ("--quick", options.quick)) if on]
    return subprocess.call([sys.executable, "-m", "benchmarks", *flags, *options.rows], cwd=root)


COMMANDS: tuple[Callable[[Subparsers], None], ...] = (_add_app, _add_sweep, _add_bench)


if __name__ == "__main__":
    sys.exit(main())
