"""The limits: a server's operator sets them by environment variables, and learns at the start when one is misspelt."""

from __future__ import annotations

import pytest

from prodigy_core.limits import LimitError, limit


def test_a_limit_is_what_the_environment_says_and_else_its_default(monkeypatch):
    monkeypatch.delenv("LAB_TEST", raising=False)
    assert limit("LAB_TEST", 7) == 7
    monkeypatch.setenv("LAB_TEST", "12")
    assert limit("LAB_TEST", 7) == 12
    monkeypatch.setenv("LAB_TEST", "1")
    assert limit("LAB_TEST", 7) == 1


@pytest.mark.parametrize("text", ["0", "-3", "5MB", "", "1.5", "1e3", "nan", "9" * 5_000])
def test_a_wrong_limit_stops_the_start_and_names_the_variable_the_value_and_what_is_allowed(monkeypatch, text):
    """Ignored in silence, it would leave a server open to what its operator meant to forbid."""
    monkeypatch.setenv("LAB_TEST", text)
    with pytest.raises(LimitError) as error:
        limit("LAB_TEST", 7)
    assert "LAB_TEST" in str(error.value)
    assert repr(text[:60]) in str(error.value)
    assert "a whole number of at least 1" in str(error.value)
    assert len(str(error.value)) < 200
