"""Where the browser tests' Chromium is, and how it gets there: `python -m tests.browser.chromium --install`.

Without a Chromium the browser tests are skipped on a person's machine and fail where `CI` is set.
"""

import argparse
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

# No sandbox: tests run as root in containers. The rest keeps Chromium from talking to anyone but the app.
LAUNCH_ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

HELP = "Install Chromium or Chrome, or name one: CHROMIUM=/path/to/chromium"
INSTALL_SECONDS = 600


def find_chromium() -> str | None:
    """The path of a Chromium that starts: `$CHROMIUM`, one on the PATH, or Playwright's own. None when there is none.

    Raises FileNotFoundError when `$CHROMIUM` names something that does not start.
    """
    if named := os.environ.get("CHROMIUM"):
        if (path := shutil.which(named)) and _starts(path):
            return path
        raise FileNotFoundError(f"CHROMIUM={named} is no browser that starts")
    for name in NAMES:
        if (path := shutil.which(name)) and _starts(path):
            return path
    own = _playwrights_own()
    return own if own and _starts(own) else None


def require_chromium() -> str:
    """For a fixture: the path; or skip the test, with the reason, where nobody promised a browser; or fail it in CI."""
    if path := find_chromium():
        return path
    if in_ci():
        pytest.fail(f"no Chromium, and CI is set. {HELP}")
    pytest.skip(f"no Chromium. {HELP}")


def in_ci() -> bool:
    return os.environ.get("CI", "").lower() not in {"", "0", "false"}


def install() -> str | None:
    """Try the system's package, then Playwright's download; the path of what is there afterwards."""
    if hasattr(os, "geteuid") and os.geteuid() == 0 and shutil.which("apt-get"):
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        if _run(["apt-get", "update", "-qq"], environment) and _run(
            ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium"], environment
        ):
            path = find_chromium()
            if path:
                return path
    _run([sys.executable, "-m", "playwright", "install", "chromium"])
    return find_chromium()


def _starts(path: str) -> bool:
    # Ubuntu's chromium-browser is a script that only asks for a snap: being on the PATH says little.
    try:
        return subprocess.run([path, "--version"], capture_output=True, timeout=30, check=False).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def _playwrights_own() -> str | None:
    # In a process of its own: Playwright refuses to start a second time within one.
    code = "from playwright.sync_api import sync_playwright as s\nwith s() as p: print(p.chromium.executable_path)"
    try:
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    except subprocess.TimeoutExpired:
        return None
    path = done.stdout.strip()
    return path if done.returncode == 0 and Path(path).is_file() else None


def _run(command: list[str], environment: dict[str, str] | None = None) -> bool:
    print(f"Chromium: {' '.join(command)}", flush=True)
    try:
        done = subprocess.run(
            command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=INSTALL_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        print(f"Chromium: gave up after {INSTALL_SECONDS} s", flush=True)
        return False
    if done.returncode != 0:
        print(done.stdout.decode(errors="replace")[-1000:], flush=True)
    return done.returncode == 0


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.browser.chromium", description=__doc__)
    parser.add_argument("--install", action="store_true", help="install a Chromium when none is found")
    options = parser.parse_args(argv)
    path = find_chromium() or (install() if options.install else None)
    if path:
        print(f"Chromium: {path}")
        return 0
    print(f"Chromium: none found. {HELP}", file=sys.stderr)
    if in_ci():
        return 1
    print("Chromium: the browser tests will be skipped.", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
