"""Old links: what they leave out still means the same."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from prodigy_core.engine.runner import run
from prodigy_core.experiment import FIELDS, PARAMS, VERSION, Contender, Experiment
from prodigy_core.experiment.versions import CHANGED
from prodigy_core.optimizers import OPTIMIZERS
from prodigy_core.problems import PROBLEMS
from prodigy_core.problems.formula.grammar import EXAMPLE

RECORDED = Path(__file__).parent / "experiment_defaults.json"


def _defaults() -> dict[str, Any]:
    """Return the values that a link may leave out."""
    defaults: dict[str, Any] = {param.name: param.default for param in PARAMS}
    defaults |= {"formula": EXAMPLE, "problem": Experiment().problem}
    for problem in PROBLEMS.values():
        defaults[f"{problem.name}.start"] = list(problem.start)
        defaults |= {f"{problem.name}.{param.name}": param.default for param in problem.settings}
        defaults |= {f"{problem.name}, usual {name}": value for name, value in problem.usual.items()}
    for optimizer in OPTIMIZERS.values():
        defaults |= {f"{optimizer.name}.{param.name}": param.default for param in optimizer.params}
    return defaults


def test_a_link_written_before_still_means_the_same():
    """A short link leaves out defaults: a default that changes or goes changes every such link."""
    recorded: dict[str, Any] = json.loads(RECORDED.read_text(encoding="utf-8"))
    assert recorded.pop("version") == VERSION, f"The version is new: record its defaults in {RECORDED.name}."
    now = _defaults()
    moved = {name: (value, now.get(name, "gone")) for name, value in recorded.items() if now.get(name, "gone") != value}
    assert not moved, (
        f"These defaults moved (recorded, now): {moved}. Links and files of version {VERSION} would now run something else. "
        f"Raise VERSION in prodigy_core/experiment/versions.py, with the old values in CHANGED, and record the new defaults in "
        f"{RECORDED.name}; or keep the old ones."
    )


# Links and files from before there were formulas, data, noise and clipping.
SHORT = (
    '{"version":1,"problem":"rotated_quadratic","settings":{"condition":30.0},"start":[2.0,-1.0],"contenders":['
    '{"optimizer":"prodigy","knobs":{"beta3":0.99,"estim_lr0":0.0001,"safeguard_warmup":true}},'
    '{"optimizer":"adamw","knobs":{"schedule":"cosine","warmup":0.1,"weight_decay":0.1}}],'
    '"steps":40,"seed":4,"tolerance":0.0001}'
)
FULL = (
    '{"version": 1, "problem": "rotated_quadratic", "settings": {"condition": 30.0, "angle": 45.0}, "start": [2.0, -1.0], '
    '"contenders": [{"optimizer": "prodigy", "knobs": {"learning_rate": 1.0, "schedule": "constant", "warmup": 0.0, '
    '"beta1": 0.9, "beta2": 0.999, "beta3": 0.99, "eps": 1e-08, "estim_lr0": 0.0001, "estim_lr_coef": 1.0, '
    '"weight_decay": 0.0, "safeguard_warmup": true}}, {"optimizer": "adamw", "knobs": {"learning_rate": 0.001, '
    '"schedule": "cosine", "warmup": 0.1, "beta1": 0.9, "beta2": 0.999, "eps": 1e-08, "weight_decay": 0.1}}], '
    '"steps": 40, "seed": 4, "precision": "float64", "tolerance": 0.0001}'
)


def test_a_link_and_a_file_of_the_first_release_are_read_as_what_they_were():
    """Links stand in papers and lecture notes: a field that is new must not ask them for anything."""
    before = Experiment(
        problem="rotated_quadratic",
        settings={"condition": 30.0, "angle": 45.0},
        start=(2.0, -1.0),
        contenders=(
            Contender("prodigy", {"beta3": 0.99, "estim_lr0": 1e-4, "safeguard_warmup": True}),
            Contender("adamw", {"schedule": "cosine", "warmup": 0.1, "weight_decay": 0.1}),
        ),
        steps=40,
        seed=4,
        precision="float64",
        tolerance=1e-4,
    )
    assert Experiment.from_json(SHORT) == Experiment.from_json(FULL) == before
    assert json.loads(before.to_json(full=False)) == {**json.loads(SHORT), "version": VERSION}, "and today's link is as short"
    assert (before.formula, before.data, before.noise) == ("", "", "none")
    usual = (
        '{"version":1,"problem":"rosenbrock","start":[-1.5,2.0],"contenders":[{"optimizer":"prodigy"},{"optimizer":"adam"}]}'
    )
    assert Experiment.from_json(usual) == Experiment("rosenbrock", steps=500)


LINKS = json.loads((Path(__file__).parent / "links_of_version_1.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", [pytest.param(case, id=case["name"]) for case in LINKS])
def test_a_link_of_version_1_opens_as_it_did(case):
    """Recorded from the last program that wrote version 1. A hyperparameter may have been added since; no value may move."""
    opened = Experiment.from_json(case["link"])
    assert _recorded_part(json.loads(opened.to_json()), case["opens"]) == {**case["opens"], "version": VERSION}
    assert Experiment.from_json(json.dumps(case["opens"])) == opened, "its file of version 1 says the same"
    for full in (True, False):
        assert Experiment.from_json(opened.to_json(full=full)) == opened


def _recorded_part(now: Any, recorded: Any) -> Any:
    """Return of a JSON value what stands in the recorded one too: of objects the keys, of lists the elements."""
    if isinstance(recorded, dict):
        return {name: _recorded_part(now[name], value) for name, value in recorded.items()}
    if isinstance(recorded, list) and len(now) == len(recorded):
        return [_recorded_part(one, value) for one, value in zip(now, recorded, strict=True)]
    return now


def test_a_text_of_version_1_means_its_own_defaults_and_one_of_today_todays():
    bare = json.dumps({"version": 1})
    assert Experiment.from_json(bare) == Experiment("rosenbrock", steps=500)
    assert Experiment.from_json(json.dumps({"version": VERSION})) == Experiment() == Experiment("himmelblau", steps=300)
    valley = {"problem": "himmelblau"}
    assert Experiment.from_json(json.dumps({"version": 1, **valley})).steps == 500
    assert Experiment.from_json(json.dumps({"version": 1, **valley, "steps": 300})).steps == 300
    assert Experiment.from_json(json.dumps({"version": VERSION, **valley})).steps == 300


def test_the_defaults_of_every_earlier_version_are_kept():
    assert sorted(CHANGED) == list(range(1, VERSION))
    assert {default.field for defaults in CHANGED.values() for default in defaults} <= {*FIELDS}


LOSSES = (65.20237659159496, 65.69915430679868)  # final losses of SHORT in that program


def test_it_still_runs_to_the_same_numbers():
    """A new hyperparameter whose default has an effect would change what every old link shows."""
    traces = run(Experiment.from_json(SHORT))
    np.testing.assert_allclose([trace.loss[-1] for trace in traces], LOSSES, rtol=1e-9)
