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
from app.figures.arena.channels import single, step_channels
from app.figures.arena.inside import inside
from app.figures.arena.records import Algorithm, AlgorithmLine, Binary, Expression, Unary
from prodigy_core.engine.runner import run, run_contender
from prodigy_core.experiment import Contender, Experiment
from prodigy_core.trace import Trace
from tests.figures.runs import drawn_runs, styles_of

WARM: dict[str, Any] = {"schedule": "cosine", "warmup": 0.1}
TOLD = {
    "prodigy": Contender("prodigy"),
    "all of it": Contender(
        "prodigy",
        {"safeguard_warmup": True, "weight_decay": 0.1, "beta3": 0.9, "estim_lr_coef": 2.0, "clip": 50.0, "eps": 1e-3, **WARM},
    ),
    "coupled": Contender("prodigy", {"decay": "coupled", "weight_decay": 0.1, "clip": 50.0}),
    "uncorrected, sliced": Contender("prodigy", {"use_bias_correction": False, "slice_p": 2, "safeguard_warmup": True, **WARM}),
    "held": Contender("prodigy", {"growth_rate": 1.5, "stop_d_at": 40.0, "estim_lr0": 1e-3}),
    "optax": Contender("optax_prodigy", {"weight_decay": 0.1, "schedule": "cosine"}),
    "adam": Contender("adam", {"learning_rate": 0.1, "clip": 10.0, **WARM}),
    "adamw": Contender("adamw", {"learning_rate": 0.1, "weight_decay": 0.1}),
}
OTHERS = ("dadapt_adamw", "dog", "mechanic_adam", "schedule_free_adamw", "sgd", "momo")
every_told = pytest.mark.parametrize("name", list(TOLD))


@cache
def told() -> dict[str, tuple[Experiment, Contender, Trace]]:
    experiment = Experiment("rosenbrock", steps=60)
    traces = [run_contender(experiment, contender) for contender in TOLD.values()]
    return {name: (experiment, *one) for name, one in zip(TOLD, zip(TOLD.values(), traces, strict=True), strict=True)}


@cache
def others() -> tuple[Experiment, list[Trace]]:
    experiment = Experiment("rosenbrock", steps=20, contenders=tuple(Contender(name) for name in OTHERS))
    return experiment, run(experiment)


def channels(experiment: Experiment, trace: Trace) -> dict[str, np.ndarray]:
    """What the browser has, in the float32 that it is sent."""
    return {name: single(values).astype(float)[:, None] for name, values in step_channels(experiment, trace).items()}


class Step:
    """The numbers of every step at once, by the names of the templates: (steps, 1) or, of a vector, (steps, 2)."""

    def __init__(self, algorithm: Algorithm, channels: dict[str, np.ndarray]) -> None:
        self.algorithm, self.channels = algorithm, channels

    def __getitem__(self, name: str) -> np.ndarray:
        plain, after = name.rstrip("+"), name.endswith("+")
        if plain == "t":
            return 1.0 + np.arange(len(self.channels["loss"]) - 1)[:, None]
        if plain in self.algorithm.derived:
            return np.asarray(self.value(self.algorithm.derived[plain]))
        values = np.hstack([self.channels[channel] for channel in self.algorithm.vectors.get(plain, (plain,))])
        return values[1:] if after else values[:-1]

    def value(self, expression: Expression) -> Any:
        if not isinstance(expression, Unary | Binary):
            return self[expression] if isinstance(expression, str) else expression
        operator, *operands = expression
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
        return operations[operator](*map(self.value, operands))

    def template(self, text: str) -> np.ndarray:
        """What stands there, calculated."""
        spelt = re.sub(r"<sup>(.*?)</sup>", r"**\1", text)
        for sign, word in {"·": "*", "−": "-", "²": "**2", "√": "sqrt", "max(": "maximum("}.items():
            spelt = spelt.replace(sign, word)
        spelt = re.sub(r"{(\w+\+?)}", r'(at["\1"])', re.sub(r"\|(.*?)\|", r"abs(\1)", spelt))
        return np.asarray(eval(spelt, {"at": self, "sqrt": np.sqrt, "maximum": np.fmax, "abs": abs}))


def lines(algorithm: Algorithm) -> list[AlgorithmLine]:
    return [line for group in algorithm.groups for line in group.lines]


@every_told
def test_the_numbers_come_out(name):
    """A student who follows the arithmetic with a calculator would find another number than the one that stands there."""
    experiment, contender, trace = told()[name]
    step = Step(algorithm(contender, trace), channels(experiment, trace))
    assert len(trace.loss) == experiment.steps + 1
    checked = set()
    for line in lines(step.algorithm):
        if line.numbers:
            assert line.new
            calculated, shown = step.template(line.numbers), step[line.new]
            room = 2e-5 * np.abs(shown) + (1e-6 * np.abs(step[line.old]) if line.old else 0)
            if line.new == "inner":  # a difference
                sizes = (np.linalg.norm(step[name], axis=1, keepdims=True) for name in ("g", "way"))
                room += 1e-6 * np.prod([*sizes], axis=0)
            close = np.isclose(calculated, shown, rtol=0, atol=np.nan_to_num(room), equal_nan=True)
            assert close.all(), (line.name, calculated, shown)
            checked.add(line.name)
    both = {"First moment", "Second moment", "Step", "Position"}
    prodigy = {"Step size", "Inner product", "Numerator", "Gradient sum", "Denominator", "Estimate"}
    prodigy |= {"D"} if name != "held" else set()  # it follows no two numbers of the step
    assert checked == both | ({"Unbiased"} if "adam" in name else prodigy)


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
def test_any_other_optimizer_shows_its_gradient_and_its_step(i):
    experiment, traces = others()
    contender, trace = experiment.contenders[i], traces[i]
    step = Step(algorithm(contender, trace), channels(experiment, trace))
    by_name = {line.name: line for line in lines(step.algorithm)}
    assert {"Gradient", "Step size", "Step", "Position", "Loss"} <= set(by_name)
    assert ("D" in by_name) == ("D" in trace.probes)
    assert np.isfinite(step[by_name["Step size"].new or ""]).all()  # DoG's is known only after the step
    if by_name["Position"].numbers:
        np.testing.assert_allclose(step.template(by_name["Position"].numbers), step["position+"], rtol=1e-5, atol=1e-6)
    else:
        assert contender.optimizer == "schedule_free_adamw"
    if contender.optimizer == "dadapt_adamw":
        np.testing.assert_allclose(step.template(by_name["D"].numbers), step["D+"], rtol=1e-6)


def every_step() -> list[tuple[Experiment, Contender, Trace]]:
    """All of the runs here, and each as a run of many parameters would be."""
    experiment, traces = others()
    runs = [*told().values(), *((experiment, *one) for one in zip(experiment.contenders, traces, strict=True))]
    return runs + [(e, c, replace(trace, vectors={}, projected=True)) for e, c, trace in runs]


def test_every_number_that_a_line_wants_is_there():
    """A hole in a line would stay empty."""
    for experiment, contender, trace in every_step():
        step = Step(algorithm(contender, trace), channels(experiment, trace))
        for coordinates in step.algorithm.vectors.values():
            assert set(coordinates) <= set(step.channels)
        for line in lines(step.algorithm):
            for name in (*re.findall(r"{(\w+\+?)}", line.numbers), *filter(None, (line.old, line.new))):
                assert len(step[name]) == len(trace.loss) - 1, (contender.optimizer, line.name, name)


def test_of_many_parameters_the_sums_stay_and_the_vectors_go():
    _, contender, trace = told()["all of it"]
    by_name = {line.name: line for line in lines(algorithm(contender, replace(trace, vectors={}, projected=True)))}
    assert by_name["Gradient"].new == "gradient_norm"
    assert by_name["Its length"].new == "update_norm"
    assert by_name["Numerator"].numbers
    assert by_name["D"].numbers
    for name in ("First moment", "Gradient sum", "Step", "Position", "As it is used"):
        assert not by_name[name].numbers
        assert by_name[name].new is None


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
        story, alone = algorithm(contender, trace), replace(experiment, contenders=(contender,))
        texts = [story.settings, *(panel.formula for panel in inside(alone, [trace], styles_of(alone)))]
        for text in texts + [text for line in lines(story) for text in (line.formula, line.numbers)]:
            parser = Balance()
            parser.feed(text)
            parser.close()
            assert not parser.open, text
            assert parser.seen <= {"i", "sub", "sup"}, text
            assert text.count("(") == text.count(")"), text


def test_the_settings_say_what_the_formulas_use():
    _, contender, trace = told()["all of it"]
    story = algorithm(contender, trace)
    formulas = "".join(line.formula for line in lines(story))
    for symbol, value in {"λ</i>": "0.1", "c</i>": "2", "ε</i>": "0.001"}.items():
        assert symbol in formulas
        assert f"{symbol}\N{NO-BREAK SPACE}=\N{NO-BREAK SPACE}{value}" in story.settings
    assert "safeguard" in story.settings
    plain = algorithm(Contender("prodigy"), told()["prodigy"][2])
    assert "λ" not in plain.settings + "".join(line.formula for line in lines(plain))
    masked = algorithm(Contender("prodigy", {"weight_decay": 0.1, "decay_mask": "matrices"}), told()["prodigy"][2])
    assert "λ" not in masked.settings  # a function's parameters are no matrix


def test_the_inside_shows_those_that_have_a_d_and_what_they_have():
    experiment, traces = others()
    panels = {panel.id: panel for panel in inside(experiment, traces, styles_of(experiment))}
    assert {line.contender for panel in panels.values() for line in panel.lines} == {0, 1, 2}
    for panel in panels.values():
        for line in panel.lines:
            assert line.channel in step_channels(experiment, traces[line.contender])
    assert "inner" not in panels
    assert {(line.contender, line.channel) for line in panels["D"].lines} >= {(0, "d_hat"), (1, "D"), (1, "distance")}
    race, drawn = drawn_runs("rosenbrock")
    assert inside(race, drawn[1:], styles_of(race)[1:]) == []


def test_the_inside_of_prodigy():
    experiment, contender, trace = told()["prodigy"]
    alone = replace(experiment, contenders=(contender,))
    panels = inside(alone, [trace], styles_of(alone))
    assert [panel.id for panel in panels] == ["D", "distances", "sums", "hat", "inner", "size"]
    assert [panel.scale for panel in panels] == ["log", "log", "symlog", "symlog", "symlog", "log"]
    assert all(text for panel in panels for text in (panel.title, panel.formula, panel.sentence, panel.words))
    (level,) = panels[0].levels
    assert level.value == pytest.approx(2.5)  # from (-1.5, 2) to (1, 1)
    assert set(VECTORS) >= set(trace.vectors)
