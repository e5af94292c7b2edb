"""The app's real server, for the browser tests and the measurements."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 60  # seconds until the server must answer


class Server:
    """`streamlit run app/main.py` on a free port, for the length of a `with` block."""

    def __init__(self, env: Mapping[str, str] | None = None) -> None:
        self._env = dict(os.environ if env is None else env)
        self._folder = tempfile.TemporaryDirectory()
        self._log = Path(self._folder.name) / "log"
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.url = f"http://127.0.0.1:{probe.getsockname()[1]}"

    @property
    def log(self) -> str:
        """All that the server has printed."""
        return self._log.read_text(encoding="utf-8")

    def __enter__(self) -> Server:
        port = self.url.rsplit(":", 1)[1]
        command = ["run", "app/main.py", "--server.address", "127.0.0.1", "--server.port", port]
        with self._log.open("w", encoding="utf-8") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "streamlit", *command], cwd=ROOT, env=self._env, stdout=log, stderr=subprocess.STDOUT
            )
        started = time.monotonic()
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() - started > PATIENCE:
                self._process.kill()
                raise RuntimeError(f"The app's server did not start:\n{self.log}")
            time.sleep(0.02)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._process.terminate()
        try:
            self._process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._folder.cleanup()

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/_stcore/health", timeout=1) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False
