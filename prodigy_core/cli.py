"""The command line: `prodigy-lab [COMMAND]`.

A command is one function in `COMMANDS`: it adds its parser and names the function that runs it.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING

from prodigy_core import xla

if TYPE_CHECKING:
    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]

DEFAULT_COMMAND = "app"


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command named in `argv` (without the program's name; default: this process's) and return its exit status."""
    xla.prepare()
    arguments = list(sys.argv[1:] if argv is None else argv)
    parser = _parser()
    # Only the program's own --help and --version stand alone; any other option is meant for the app.
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
    command = [sys.executable, "-m", "streamlit", "run", str(script)]
    if options.port is not None:
        command += ["--server.port", str(options.port)]
    if options.host is not None:
        command += ["--server.address", options.host]
    return _become([*command, *options.streamlit])


def app_script() -> Path | None:
    """The script Streamlit runs: `prodigy_lab/main.py` of an installed wheel, `app/main.py` of a checkout.

    Both lie beside the `prodigy_core` that is running, so the app and the core are always of one version.
    """
    root = Path(__file__).resolve().parent.parent
    candidates = (root / "prodigy_lab" / "main.py", root / "app" / "main.py")
    return next((path for path in candidates if path.is_file()), None)


def _become(command: list[str]) -> int:
    """Run `command` in this process's place: signals, exit status and process id are then its own."""
    if sys.platform == "win32":  # where exec returns to the shell at once
        return subprocess.call(command)
    sys.stdout.flush()
    os.execv(command[0], command)


def _port(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port: a whole number from 1 to 65535")
    return int(text)


COMMANDS: tuple[Callable[[Subparsers], None], ...] = (_add_app,)


if __name__ == "__main__":
    sys.exit(main())
