"""The command line: the programs that it starts, and its messages when it fails."""

import ast
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from importlib.metadata import version
from pathlib import Path

import pytest

from prodigy_core import cli

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def started(monkeypatch):
    """Return the commands that would have replaced the process."""
    commands: list[list[str]] = []

    def become(command: list[str]) -> int:
        commands.append(command)
        return 0

    monkeypatch.setattr(cli, "_become", become)
    monkeypatch.setattr(cli, "app_script", lambda: Path("/somewhere/main.py"))
    return commands


@pytest.mark.parametrize(
    ("argv", "streamlit"),
    [
        ([], []),
        (["app"], []),
        (["--port", "9000"], ["--server.port", "9000"]),
        (["app", "--port", "9000", "--host", "0.0.0.0"], ["--server.port", "9000", "--server.address", "0.0.0.0"]),
        (["app", "--", "--server.maxUploadSize", "5"], ["--server.maxUploadSize", "5"]),
        (["--", "--server.maxUploadSize", "5"], ["--server.maxUploadSize", "5"]),
        (["--port", "9000", "--", "--client.toolbarMode=viewer"], ["--server.port", "9000", "--client.toolbarMode=viewer"]),
    ],
)
def test_app_hands_streamlit_its_script_and_options(started, argv, streamlit):
    assert cli.main(argv) == 0
    assert started == [[sys.executable, "-m", "streamlit", "run", "/somewhere/main.py", *streamlit]]


def test_app_tells_its_sweeps_of_a_cluster(started, monkeypatch, capsys):
    monkeypatch.setenv("PRODIGY_LAB_DASK", "")
    assert cli.main(["app", "--dask", "tcp://10.0.0.5:8786"]) == 0
    assert os.environ["PRODIGY_LAB_DASK"] == "tcp://10.0.0.5:8786"
    assert len(started) == 1
    assert cli.main(["app", "--dask", "10.0.0.5"]) == 1
    assert "it must be like tcp://" in capsys.readouterr().err
    assert len(started) == 1, "a server with a wrong address does not start"


@pytest.mark.parametrize("port", ["0", "65536", "-1", "eight", "80.5", ""])
def test_impossible_port_is_refused_by_name(started, capsys, port):
    with pytest.raises(SystemExit, match="2"):
        cli.main(["app", f"--port={port}"])
    assert f"{port!r} is not a port" in capsys.readouterr().err
    assert not started


def test_unknown_command_lists_the_known_ones(started, capsys):
    with pytest.raises(SystemExit, match="2"):
        cli.main(["ap"])
    assert "app" in capsys.readouterr().err
    assert not started


def test_missing_app_is_reported_not_raised(monkeypatch, capsys):
    monkeypatch.setattr(cli, "app_script", lambda: None)
    assert cli.main(["app"]) == 1
    assert "not installed" in capsys.readouterr().err


def test_version_is_the_installed_one(capsys):
    with pytest.raises(SystemExit, match="0"):
        cli.main(["--version"])
    assert capsys.readouterr().out == f"prodigy-lab {version('prodigy-lab')}\n"


def test_version_without_an_installation_still_answers(monkeypatch):
    monkeypatch.setattr(cli, "version", lambda _: version("no-such-distribution"))
    assert cli._version() == "(not installed)"


@pytest.mark.parametrize("folder", ["prodigy_lab", "app"])
def test_app_is_found_beside_the_core(monkeypatch, tmp_path, folder):
    monkeypatch.setattr(cli, "__file__", str(tmp_path / "prodigy_core" / "cli.py"))
    assert cli.app_script() is None
    (tmp_path / folder).mkdir()
    (tmp_path / folder / "main.py").touch()
    assert cli.app_script() == tmp_path / folder / "main.py"


def test_installed_app_wins_over_a_foreign_package_called_app(monkeypatch, tmp_path):
    monkeypatch.setattr(cli, "__file__", str(tmp_path / "prodigy_core" / "cli.py"))
    for folder in ("prodigy_lab", "app"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "main.py").touch()
    assert cli.app_script() == tmp_path / "prodigy_lab" / "main.py"


def test_command_line_does_not_import_streamlit():
    tree = ast.parse(Path(cli.__file__).read_text(encoding="utf-8"))
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    assert "streamlit" not in imported


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGTERM to pass on")
def test_app_answers_and_a_terminate_signal_reaches_it(tmp_path):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with (tmp_path / "log").open("wb") as log:
        command = [sys.executable, "-m", "prodigy_core.cli", "app", "--host", "127.0.0.1", "--port", str(port)]
        server = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=subprocess.STDOUT)
    try:
        assert _answer(f"http://127.0.0.1:{port}/_stcore/health", server) == "ok", (tmp_path / "log").read_text()
        server.send_signal(signal.SIGTERM)
        server.wait(timeout=20)
    finally:
        server.kill()
        server.wait()
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0, "the server lives on without its starter"


def _answer(url: str, server: subprocess.Popen[bytes], seconds: float = 60) -> str:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and server.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=2) as reply:
                return str(reply.read().decode())
        except OSError:
            time.sleep(0.2)
    return f"no answer, exit status {server.poll()}"
