"""An experiment written in Python gets the checks of one that is read."""

from __future__ import annotations

from typing import Any

import pytest

from prodigy_core.experiment import MAX_CONTENDERS, Contender, Experiment, ExperimentError


def test_a_python_user_gets_the_same_checks():
    with pytest.raises(ExperimentError, match=r"steps is 0.*\n.*precision is 'half'|precision") as error:
        Experiment(steps=0, precision="half")
    assert {fault.field for fault in error.value.faults} == {"steps", "precision"}
    with pytest.raises(ExperimentError, match="Did you mean 'prodigy'"):
        Contender("Prodigy")
    with pytest.raises(ExperimentError, match=r"knobs\.beta1"):
        Contender("adam", {"beta1": 2})
    with pytest.raises(ExperimentError, match="too large to write out"):
        Experiment(steps=10**5_000)


def test_contenders_given_as_plain_data_become_contenders():
    """They pass the checks, so they must not fail later in the run."""
    plain: Any = [{"optimizer": "adam", "knobs": {"beta1": 0.5}}]
    assert Experiment(contenders=plain) == Experiment(contenders=(Contender("adam", {"beta1": 0.5}),))


def test_six_contenders_are_the_most():
    assert len(Experiment(contenders=(Contender("adam"),) * MAX_CONTENDERS).contenders) == MAX_CONTENDERS
    with pytest.raises(ExperimentError, match="7 contenders'; it must be a list of at most 6"):
        Experiment(contenders=(Contender("adam"),) * (MAX_CONTENDERS + 1))
