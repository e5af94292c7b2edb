"""The step taken apart: formulas whose numbers come out, of channels that there are."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from functools import cache
from html.parser import HTMLParser
from typing import Any

import numpy as np
import pytest

from app.figures.arena.algorithm import VECTORS, algorithm
from app.figures.arena.channels import of_steps, single
from app.figures.arena.inside import inside
from prodigy_core.engine.runner import run
from prodigy_core.experiment import Contender, Experiment
from prodigy_core.trace import Trace
from tests.figures.runs import drawn_runs, looks_of

WARM: dict[str, Any] = {"schedule": "cosine", "warmup": 0.1}
TOLD = {
    "prodigy": Contender("prodigy"),
    "all of it": Contender(
        "prodigy",
        {"safeguard_warmup": True, "weight_decay": 0.1, "beta3": 0.9, "estim_lr_coef": 2.0, "clip": 50.0, "eps": 1e-3, **WARM},
    ),
    "coupled": Contender("prodigy", {"decay": "coupled", "weight_decay": 0.1, "clip": 50.0}),
    "optax": Contender("optax_prodigy", {"weight_decay": 0.1, "schedule": "cosine"}),
    "adam": Contender("adam", {"learning_rate": 0.1, "clip": 10.0, **WARM}),
    "adamw": Contender("adamw", {"learning_rate": 0.1, "weight_decay": 0.1}),
}
OTHERS = ("dadapt_adamw", "dog", "mechanic_adam", "schedule_free_adamw", "sgd", "momo")
every_told = pytest.mark.parametrize("name", list(TOLD))


@cache
def told() -> dict[str, tuple[Experiment, Contender, Trace]]:
    experiment = Experiment(steps=60)
    traces = run(replace(experiment, contenders=tuple(TOLD.values())))
    return {name: (experiment, *one) for name, one in zip(TOLD, zip(TOLD.values(), traces, strict=True), strict=True)}


@cache
def others() -> tuple[Experiment, list[Trace]]:
    experiment = Experiment(steps=20, contenders=tuple(Contender(name) for name in OTHERS))
    return experiment, run(experiment)


def channels(experiment: Experiment, trace: Trace) -> dict[str, np.ndarray]:
    """What the browser has, in the float32 that it is sent."""
    return {name: single(values).astype(float)[:, None] for name, values in of_steps(experiment, trace).items()}


class Step:
    """The numbers of every step at once, by the names of the templates: (steps, 1) or, of a vector, (steps, 2)."""

    def __init__(self, found: dict[str, Any], have: dict[str, np.ndarray]) -> None:
        self.found, self.have = found, have

    def __getitem__(self, name: str) -> np.ndarray:
        plain, after = name.rstrip("+"), name.endswith("+")
        if plain == "t":
            return 1.0 + np.arange(len(self.have["loss"]) - 1)[:, None]
        if plain in self.found["derived"]:
            return np.asarray(self.value(self.found["derived"][plain]))
        values = np.hstack([self.have[channel] for channel in self.found["vectors"].get(plain, (plain,))])
        return values[1:] if after else values[:-1]

    def value(self, expression: Any) -> Any:
        if not isinstance(expression, list):
            return self[expression] if isinstance(expression, str) else expression
        operations: dict[str, Any] = {
            "sum": np.add,
            "product": np.multiply,
            "quotient": np.divide,
            "root": np.sqrt,
            "rest": lambda b, t: 1 - b**t,
            "first": lambda v: v[:, :1],
            "second": lambda v: v[:, 1:],
            "shorten": lambda most, v: v * np.minimum(1, most / np.linalg.norm(v, axis=1, keepdims=True)),
        }
        return operations[expression[0]](*map(self.value, expression[1:]))

    def template(self, text: str) -> np.ndarray:
        """What stands there, calculated."""
        spelt = re.sub(r"<sup>(.*?)</sup>", r"**\1", text)
        for sign, word in {"·": "*", "−": "-", "²": "**2", "√": "sqrt", "max(": "maximum("}.items():
            spelt = spelt.replace(sign, word)
        spelt = re.sub(r"{(\w+\+?)}", r'(at["\1"])', re.sub(r"\|(.*?)\|", r"abs(\1)", spelt))
        return np.asarray(eval(spelt, {"at": self, "sqrt": np.sqrt, "maximum": np.fmax, "abs": abs}))


def lines(found: dict[str, Any]) -> list[dict[str, Any]]:
    return [line for group in found["groups"] for line in group["lines"]]


@every_told
def test_the_numbers_come_out(name):
    """A student who follows the arithmetic with a calculator would find another number than the one that stands there."""
    experiment, contender, trace = told()[name]
    step = Step(algorithm(contender, trace), channels(experiment, trace))
    assert len(trace.loss) == experiment.steps + 1
    checked = set()
    for line in lines(step.found):
        if line["numbers"]:
            came, stands = step.template(line["numbers"]), step[line["new"]]
            room = 2e-5 * np.abs(stands) + (1e-6 * np.abs(step[line["old"]]) if line["old"] else 0)
            if line["new"] == "inner":  # a difference
                room += (
                    1e-6 * np.linalg.norm(step["g"], axis=1, keepdims=True) * np.linalg.norm(step["way"], axis=1, keepdims=True)
                )
            assert (np.isclose(came, stands, rtol=0, atol=np.nan_to_num(room), equal_nan=True)).all(), (
                line["name"],
                came,
                stands,
            )
            checked.add(line["name"])
    both = {"First moment", "Second moment", "Step", "Position"}
    told_of = {"Step size", "Inner product", "Numerator", "Gradient sum", "Denominator", "Estimate", "D"}
    assert checked == both | ({"Unbiased"} if "adam" in name else told_of)


@every_told
def test_the_derived_numbers_are_what_they_are_called(name):
    experiment, contender, trace = told()[name]
    step = Step(algorithm(contender, trace), channels(experiment, trace))
    rate, peak = step["rate"], float(str(contender.knobs["learning_rate"]))
    if contender.knobs["warmup"]:
        assert rate[0] == 0
    if contender.knobs["schedule"] == "cosine":
        assert rate[-1] < rate.max() == pytest.approx(peak, rel=1e-5)
    else:
        np.testing.assert_allclose(rate, peak, rtol=1e-5)
    assert (np.linalg.norm(step["g"], axis=1) <= float(str(contender.knobs["clip"] or math.inf)) + 1).all()


@pytest.mark.parametrize("i", range(len(OTHERS)), ids=OTHERS)
def test_of_any_other_optimizer_there_is_what_goes_in_and_what_comes_out(i):
    experiment, traces = others()
    contender, trace = experiment.contenders[i], traces[i]
    step = Step(algorithm(contender, trace), channels(experiment, trace))
    found = {line["name"]: line for line in lines(step.found)}
    assert {"Gradient", "Step size", "Step", "Position", "Loss"} <= set(found)
    assert ("D" in found) == ("D" in trace.probes)
    assert np.isfinite(step[found["Step size"]["new"]]).all()  # DoG's is known only after the step
    if found["Position"]["numbers"]:
        np.testing.assert_allclose(step.template(found["Position"]["numbers"]), step["position+"], rtol=1e-5, atol=1e-6)
    else:
        assert contender.optimizer == "schedule_free_adamw"
    if contender.optimizer == "dadapt_adamw":
        np.testing.assert_allclose(step.template(found["D"]["numbers"]), step["D+"], rtol=1e-6)


def every_step() -> list[tuple[Experiment, Contender, Trace]]:
    """All of the runs here, and each as a run of many parameters would be."""
    experiment, traces = others()
    found = [*told().values(), *((experiment, *one) for one in zip(experiment.contenders, traces, strict=True))]
    return found + [(e, c, replace(trace, vectors={}, projected=True)) for e, c, trace in found]


def test_every_number_that_a_line_wants_is_there():
    """A hole in a line would stay empty."""
    for experiment, contender, trace in every_step():
        found, have = algorithm(contender, trace), set(channels(experiment, trace))
        for pair in found["vectors"].values():
            assert set(pair) <= have
        step = Step(found, channels(experiment, trace))
        for line in lines(found):
            names = [*re.findall(r"{(\w+\+?)}", line["numbers"]), *filter(None, (line["old"], line["new"]))]
            for name in names:
                assert len(step[name]) == len(trace.loss) - 1, (contender.optimizer, line["name"], name)


def test_of_many_parameters_the_sums_stay_and_the_vectors_go():
    _, contender, trace = told()["all of it"]
    found = {line["name"]: line for line in lines(algorithm(contender, replace(trace, vectors={}, projected=True)))}
    assert found["Gradient"]["new"] == "gradient_norm"
    assert found["Its length"]["new"] == "update_norm"
    assert found["Numerator"]["numbers"]
    assert found["D"]["numbers"]
    for name in ("First moment", "Gradient sum", "Step", "Position", "As it is used"):
        assert not found[name]["numbers"]
        assert found[name]["new"] is None


class Balance(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: set[str] = set()

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.open.append(tag)
        self.seen |= {tag, *map(str, attrs)}

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_html_is_balanced_and_only_letters_and_indices():
    """It goes into the page as it is."""
    for experiment, contender, trace in every_step():
        found = algorithm(contender, trace)
        panels = inside(
            replace(experiment, contenders=(contender,)), [trace], looks_of(replace(experiment, contenders=(contender,)))
        )
        texts = [found["settings"], *(panel["formula"] for panel in panels)]
        for text in texts + [line[key] for line in lines(found) for key in ("formula", "numbers")]:
            parser = Balance()
            parser.feed(text)
            parser.close()
            assert not parser.open, text
            assert parser.seen <= {"i", "sub", "sup"}, text
            assert text.count("(") == text.count(")"), text


def test_the_settings_say_what_the_formulas_use():
    _, contender, trace = told()["all of it"]
    found = algorithm(contender, trace)
    formulas = "".join(line["formula"] for line in lines(found))
    for symbol, value in {"λ</i>": "0.1", "c</i>": "2", "ε</i>": "0.001"}.items():
        assert symbol in formulas
        assert f"{symbol}\N{NO-BREAK SPACE}=\N{NO-BREAK SPACE}{value}" in found["settings"]
    assert "safeguard" in found["settings"]
    plain = algorithm(Contender("prodigy"), told()["prodigy"][2])
    assert "λ" not in plain["settings"] + "".join(line["formula"] for line in lines(plain))
    spared = algorithm(Contender("prodigy", {"weight_decay": 0.1, "decay_mask": "matrices"}), told()["prodigy"][2])
    assert "λ" not in spared["settings"]  # a function's parameters are no matrix


def test_the_inside_shows_those_that_have_a_d_and_what_they_have():
    experiment, traces = others()
    panels = {panel["id"]: panel for panel in inside(experiment, traces, looks_of(experiment))}
    assert {line["contender"] for panel in panels.values() for line in panel["lines"]} == {0, 1, 2}
    for panel in panels.values():
        for line in panel["lines"]:
            assert line["channel"] in of_steps(experiment, traces[line["contender"]])
    assert "inner" not in panels
    assert {(line["contender"], line["channel"]) for line in panels["D"]["lines"]} >= {(0, "d_hat"), (1, "D"), (1, "distance")}
    race, drawn = drawn_runs("rosenbrock")
    assert inside(race, drawn[1:], looks_of(race)[1:]) == []


def test_the_inside_of_prodigy():
    experiment, contender, trace = told()["prodigy"]
    alone = replace(experiment, contenders=(contender,))
    panels = inside(alone, [trace], looks_of(alone))
    assert [panel["id"] for panel in panels] == ["D", "distances", "sums", "hat", "inner", "size"]
    assert [panel["scale"] for panel in panels] == ["log", "log", "symlog", "symlog", "symlog", "log"]
    assert all(panel[key] for panel in panels for key in ("title", "formula", "sentence", "words"))
    (level,) = panels[0]["levels"]
    assert level["value"] == pytest.approx(2.5)  # from (-1.5, 2) to (1, 1)
    assert set(VECTORS) >= set(trace.vectors)
