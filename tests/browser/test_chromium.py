"""A missing Chromium is an error where CI promised one, and a reasoned skip on a person's machine."""

import pytest

from tests.browser import chromium


@pytest.fixture
def machine(monkeypatch, tmp_path):
    """A machine without any browser: an empty PATH and nothing of Playwright's."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CHROMIUM", raising=False)
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.setattr(chromium, "_playwrights_own", lambda: None)
    return tmp_path


def _program(path, status):
    path.write_text(f"#!/bin/sh\nexit {status}\n")
    path.chmod(0o755)
    return str(path)


def test_the_named_browser_comes_first(machine, monkeypatch):
    _program(machine / "chromium", 0)
    named = _program(machine / "mine", 0)
    monkeypatch.setenv("CHROMIUM", named)
    assert chromium.find_chromium() == named


def test_a_named_browser_that_is_not_there_is_not_replaced_silently(machine, monkeypatch):
    _program(machine / "chromium", 0)
    monkeypatch.setenv("CHROMIUM", "/no/such/browser")
    with pytest.raises(FileNotFoundError, match="/no/such/browser"):
        chromium.find_chromium()


def test_a_browser_that_does_not_start_is_passed_over(machine):
    _program(machine / "chromium", 1)
    chrome = _program(machine / "google-chrome", 0)
    assert chromium.find_chromium() == chrome


def test_playwrights_own_browser_is_the_last_resort(machine, monkeypatch):
    own = _program(machine / "downloaded", 0)
    monkeypatch.setattr(chromium, "_playwrights_own", lambda: own)
    assert chromium.find_chromium() == own


@pytest.mark.parametrize(("ci", "status", "outcome"), [("true", 1, pytest.fail.Exception), ("", 0, pytest.skip.Exception)])
def test_no_browser_fails_in_ci_and_skips_elsewhere(machine, monkeypatch, capsys, ci, status, outcome):
    monkeypatch.setenv("CI", ci)
    monkeypatch.setattr(chromium, "_run", lambda *_: False)  # nothing can be installed either
    assert chromium.main(["--install"]) == status
    assert "none found" in capsys.readouterr().err
    with pytest.raises(outcome, match="no Chromium"):
        chromium.require_chromium()
