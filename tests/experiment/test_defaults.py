"""Old links: what they leave out still means the same."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from prodigy_core.engine.runner import run
from prodigy_core.experiment import PARAMS, VERSION, Contender, Experiment
from prodigy_core.optimizers import OPTIMIZERS
from prodigy_core.problems import PROBLEMS
from prodigy_core.problems.formula.grammar import EXAMPLE

RECORDED = Path(__file__).parent / "experiment_defaults.json"


def _defaults() -> dict[str, Any]:
    """What a field or knob means where a link leaves it out."""
    found: dict[str, Any] = {param.name: param.default for param in PARAMS}
    found["formula"] = EXAMPLE
    for problem in PROBLEMS.values():
        found[f"{problem.name}.start"] = list(problem.start)
        found |= {f"{problem.name}.{param.name}": param.default for param in problem.settings}
        found |= {f"{problem.name}, usual {name}": value for name, value in problem.usual.items()}
    for optimizer in OPTIMIZERS.values():
        found |= {f"{optimizer.name}.{param.name}": param.default for param in optimizer.params}
    return found


def test_a_link_written_before_still_means_the_same():
    """A short link leaves out what stands at its default: a default that changes, or goes, changes every such link."""
    recorded: dict[str, Any] = json.loads(RECORDED.read_text(encoding="utf-8"))
    assert recorded.pop("version") == VERSION, f"The version is new: record its defaults in {RECORDED.name}."
    now = _defaults()
    moved = {name: (value, now.get(name, "gone")) for name, value in recorded.items() if now.get(name, "gone") != value}
    assert not moved, (
        f"These defaults moved (recorded, now): {moved}. Links and files of version {VERSION} would now run something else. "
        f"Raise VERSION in prodigy_core/experiment.py and record the new defaults in {RECORDED.name}, or keep the old ones."
    )


# What the program wrote before there were formulas, data, noise, and knobs for clipping.
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
    assert json.loads(before.to_json(full=False)) == json.loads(SHORT), "and today's link can be read by that program"
    assert (before.formula, before.data, before.noise) == ("", "", "none")
    usual = (
        '{"version":1,"problem":"rosenbrock","start":[-1.5,2.0],"contenders":[{"optimizer":"prodigy"},{"optimizer":"adam"}]}'
    )
    assert Experiment.from_json(usual) == Experiment()
    assert Experiment().to_json(full=False) == usual


LOSSES = (65.20237659159496, 65.69915430679868)  # at the end of SHORT, as that program found them


def test_it_still_runs_to_the_same_numbers():
    """A new knob whose default does something would change what every old link shows."""
    traces = run(Experiment.from_json(SHORT))
    np.testing.assert_allclose([trace.loss[-1] for trace in traces], LOSSES, rtol=1e-9)
