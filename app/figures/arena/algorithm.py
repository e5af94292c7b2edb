"""One step of an optimizer as lines of its algorithm, for the arena to fill with numbers.

A line has a formula, in HTML, and a template of the same with numbers: `{numerator}` is the number before step k,
`{numerator+}` the one after it, `{t}` is k + 1. A name is a channel, two channels that are a vector, or a value derived
from others. The letters are the paper's (arXiv 2306.06101, algorithm 4); r and s stand as optax keeps them, over d0 and
without 1 - beta3, which leaves their quotient the same.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from html import escape
from typing import Any

from prodigy_core.experiment import Contender
from prodigy_core.optimizers import OPTIMIZERS
from prodigy_core.optimizers.traits import Story
from prodigy_core.param import format_number
from prodigy_core.trace import Trace

from .records import Algorithm, AlgorithmLine, Binary, Coordinates, Expression, Group, Unary

VECTORS = {  # a vector's name -> its two channels
    "gradient": Coordinates("gx", "gy"),
    "update": Coordinates("ux", "uy"),
    "m": Coordinates("mx", "my"),
    "v": Coordinates("vx", "vy"),
    "s": Coordinates("sx", "sy"),
    "position": Coordinates("x", "y"),
    "way": Coordinates("wx", "wy"),
}
NUMBER = re.compile(r"{(\w+\+?)}")  # in a template

CIRCUMFLEX, EQUALS = "\N{COMBINING CIRCUMFLEX ACCENT}", "\N{NO-BREAK SPACE}=\N{NO-BREAK SPACE}"
G, X, U, A, D, R, S, M, V = (f"<i>{letter}</i><sub>k</sub>" for letter in "gxuαdrsmv")
D1, R1, S1, M1, V1, X1 = (f"<i>{letter}</i><sub>k+1</sub>" for letter in "drsmvx")
D_HAT, M_HAT, V_HAT = (f"<i>{letter}{CIRCUMFLEX}</i><sub>k+1</sub>" for letter in "dmv")
B1, B2, B3 = (f"<i>β</i><sub>{i}</sub>" for i in (1, 2, 3))
X0, D0, LR, LAMBDA, EPS, C = (
    "<i>x</i><sub>0</sub>",
    "<i>d</i><sub>0</sub>",
    "<i>lr</i><sub>k</sub>",
    "<i>λ</i>",
    "<i>ε</i>",
    "<i>c</i>",
)
SLOPE, NORM = f"∇<i>f</i>({X})", "‖{}‖"
INNER, ONE_NORM = f"⟨{G}, {X0} − {X}⟩", f"‖{S1}‖<sub>1</sub>"
UNCORRECTED = f"{A} = {D} · {LR}"
STEP_SIZE = f"{UNCORRECTED} · √(1 − {B2}<sup>k+1</sup>) / (1 − {B1}<sup>k+1</sup>)"
LARGER = f"{D1} = max({D}, {D_HAT})"


@dataclass(frozen=True)
class _Story:
    """The step of an optimizer in formulas, whether or not a run has all the numbers for them."""

    settings: str
    groups: Mapping[str, Sequence[AlgorithmLine]]  # by their titles
    derived: Mapping[str, Expression] = field(default_factory=dict)


def algorithm(contender: Contender, trace: Trace) -> Algorithm:
    """The step of a contender's optimizer, with the numbers that its run has."""
    kind = OPTIMIZERS[contender.optimizer].story
    if kind is Story.ADAM:
        story = _adam(contender, trace)
    elif kind is Story.PRODIGY:
        story = _prodigy(contender, trace)
    else:
        story = _other(contender, trace)
    names = _known(trace)
    vectors = {name: channels for name, channels in VECTORS.items() if name in names}
    known: set[str | None] = {None, *names, *(f"{name}+" for name in names)}
    derived = {name: value for name, value in {**_met(contender, trace), **story.derived}.items() if _is_known(value, known)}
    known.update(derived, [f"{name}+" for name in derived])
    return Algorithm(
        settings=story.settings,
        rule=kind.value,
        first=contender.knobs.get("estim_lr0"),  # type: ignore[arg-type]  # a number where there is one
        vectors=vectors,
        derived=derived,
        groups=[Group(title, [_with_known(line, known) for line in lines]) for title, lines in story.groups.items()],
    )


def _with_known(line: AlgorithmLine, known: set[str | None]) -> AlgorithmLine:
    """The line without the numbers that are not known."""
    complete = not line.numbers or known.issuperset(NUMBER.findall(line.numbers))
    if complete and line.old in known and line.new in known:
        return line
    old, new = (name if name in known else None for name in (line.old, line.new))
    return replace(line, numbers=line.numbers if complete else "", old=old, new=new)


def _prodigy(contender: Contender, trace: Trace) -> _Story:
    hyper: Any = contender.knobs
    beta1, beta2, decay = hyper["beta1"], hyper["beta2"], _decay(contender, trace, "decoupled")
    beta3 = beta2**0.5 if hyper["beta3"] is None else hyper["beta3"]
    numbers = (beta1, beta2, beta3, hyper["estim_lr0"], hyper["eps"], 1 - beta1, 1 - beta2, hyper["estim_lr_coef"], decay)
    b1, b2, b3, d0, eps, rest1, rest2, coef, weight_decay = map(format_number, numbers)
    weight, weighed = f"({A} {D} / {D0})", f"({{effective_step}} · {{D}} / {d0})"
    in_s = (f"({D}² / {D0})", f"({{D}}² / {d0})") if hyper["safeguard_warmup"] else (weight, weighed)
    c, times = (f"{C} ", f"{coef} · ") if coef != "1" else ("", "")
    corrected = hyper.get("use_bias_correction", True)
    bias = f" · √(1 − {b2}<sup>{{t}}</sup>) / (1 − {b1}<sup>{{t}}</sup>)" if corrected else ""
    sliced = hyper.get("slice_p", 1) > 1  # of the plane, only the first coordinate is left
    g, summed = ("{g1}", "sx") if sliced else ("{g}", "s")
    products, parts = ("{g1} · {wx}", "|{sx+}|") if sliced else ("{g1} · {wx} + {g2} · {wy}", "|{sx+}| + |{sy+}|")
    estimate = [
        _line("Inner product", INNER, products, new="inner"),
        _line("Numerator", f"{R1} = {B3} {R} + {weight} {INNER}", f"{b3} · {{numerator}} + {weighed} · {{inner}}", "numerator"),
        _line("Gradient sum", f"{S1} = {B3} {S} + {in_s[0]} {G}", f"{b3} · {{{summed}}} + {in_s[1]} · {g}", summed),
        _line("Denominator", ONE_NORM, parts, "denominator"),
        _line("Estimate", f"{D_HAT} = {c}{R1} / {ONE_NORM}", f"{times}{{numerator+}} / {{denominator+}}", "d_hat"),
        _line("D", *_next_d(hyper), "D", marked=True),
    ]
    averages = [
        _line("First moment", f"{M1} = {B1} {M} + (1 − {B1}) {D} {G}", f"{b1} · {{m}} + {rest1} · {{D}} · {{g}}", "m"),
        _line("Second moment", f"{V1} = {B2} {V} + (1 − {B2}) {D}² {G}²", f"{b2} · {{v}} + {rest2} · {{D}}² · {{g}}²", "v"),
    ]
    pull, pulled = (f" − {LAMBDA} {A} {X}", f" − {weight_decay} · {{effective_step}} · {{position}}") if decay else ("", "")
    formula = f"−{A} {M1} / (√{V1} + {D1} {EPS}){pull}"
    step = _step(trace, formula, f"−{{effective_step}} · {{m+}} / (√{{v+}} + {{D+}} · {eps}){pulled}")
    root = f"√{B2}{EQUALS}" if hyper["beta3"] is None else ""
    values = {B1: b1, B2: b2, B3: f"{root}{b3}", D0: d0, EPS: eps}
    if c:
        values[C] = coef
    if decay:
        values[LAMBDA] = weight_decay
    settings = f"{_with(values)} "
    settings += _limits(hyper)
    settings += "The safeguard keeps the learning rate out of <i>s</i>. " if hyper["safeguard_warmup"] else ""
    settings += f"<i>r</i> and <i>s</i> stand over {D0}, as optax keeps them: their quotient is the same."
    size = _line("Step size", STEP_SIZE if corrected else UNCORRECTED, f"{{D}} · {{rate}}{bias}", new="effective_step")
    groups = {
        "The gradient and the step size": [*_gradient(contender, trace), size],
        "The estimate of the distance": estimate,
        "Adam’s averages": averages,
        "The step": step,
    }
    factor: Expression = Binary("product", "D", _bias(beta1, beta2)) if corrected else "D"
    return _Story(settings, groups, {"rate": Binary("quotient", "effective_step", factor)})


def _next_d(hyper: Mapping[str, Any]) -> tuple[str, str]:
    """The formula of the next D, and its numbers where there are those: none of a D that a knob holds below its estimate."""
    cap, last = hyper.get("growth_rate"), hyper.get("stop_d_at")
    formula = LARGER
    if cap is not None:
        formula = f"{D1} = min(max<sub>j ≤ k</sub> <i>d{CIRCUMFLEX}</i><sub>j+1</sub>, {format_number(cap)} {D})"
    formula += f" for k < {format_number(last)}" if last is not None else ""
    return formula, "max({D}, {d_hat+})" if formula == LARGER else ""


def _limits(hyper: Mapping[str, Any]) -> str:
    """What keeps D below its estimates, and which entries these are made of, in words."""
    cap, last, stride = (hyper.get(name) for name in ("growth_rate", "stop_d_at", "slice_p"))
    text = f"After its first rise D grows by a factor of {format_number(cap)} a step at most. " if cap is not None else ""
    text += f"From step {format_number(last)} on D stays as it is. " if last is not None else ""
    every = f"every {stride}th" if stride not in (2, 3) else "every second" if stride == 2 else "every third"
    return text + (
        f"In the estimate stands {every} entry of each array, from the first on. " if stride not in (None, 1) else ""
    )


def _adam(contender: Contender, trace: Trace) -> _Story:
    hyper: Any = contender.knobs
    beta1, beta2, decay = hyper["beta1"], hyper["beta2"], _decay(contender, trace, "decoupled")
    b1, b2, eps, rest1, rest2, weight_decay = map(format_number, (beta1, beta2, hyper["eps"], 1 - beta1, 1 - beta2, decay))
    derived = {
        "rate": Binary("quotient", "effective_step", _bias(beta1, beta2)),
        "m_hat": Binary("quotient", "m+", Binary("rest", beta1, "t")),
        "v_hat": Binary("quotient", "v+", Binary("rest", beta2, "t")),
    }
    averages = [
        _line("First moment", f"{M1} = {B1} {M} + (1 − {B1}) {G}", f"{b1} · {{m}} + {rest1} · {{g}}", "m"),
        _line("Second moment", f"{V1} = {B2} {V} + (1 − {B2}) {G}²", f"{b2} · {{v}} + {rest2} · {{g}}²", "v"),
        _line("Unbiased", f"{M_HAT} = {M1} / (1 − {B1}<sup>k+1</sup>)", f"{{m+}} / (1 − {b1}<sup>{{t}}</sup>)", new="m_hat"),
        _line("Unbiased", f"{V_HAT} = {V1} / (1 − {B2}<sup>k+1</sup>)", f"{{v+}} / (1 − {b2}<sup>{{t}}</sup>)", new="v_hat"),
    ]
    pull, pulled = (f" − {LAMBDA} {LR} {X}", f" − {weight_decay} · {{rate}} · {{position}}") if decay else ("", "")
    formula = f"−{LR} {M_HAT} / (√{V_HAT} + {EPS}){pull}"
    step = _step(trace, formula, f"−{{rate}} · {{m_hat}} / (√{{v_hat}} + {eps}){pulled}")
    search = OPTIMIZERS[contender.optimizer].search
    origin = search.origin if search else "set by hand"
    rate = _line("Learning rate", f"{LR}, {origin}", new="rate")
    values = {B1: b1, B2: b2, EPS: eps}
    if decay:
        values[LAMBDA] = weight_decay
    groups = {
        "The gradient and the learning rate": [*_gradient(contender, trace), rate],
        "The averages": averages,
        "The step": step,
    }
    return _Story(_with(values), groups, derived)


def _other(contender: Contender, trace: Trace) -> _Story:
    """The gradient, the step and D of an optimizer whose formulas are not told."""
    optimizer = OPTIMIZERS[contender.optimizer]
    sizes = trace.probes["effective_step"]
    late = "+" if sizes.size and math.isnan(sizes[0]) else ""  # its own gradient decides it: known only after the step
    lines = [*_gradient(contender, trace), _line("Step size", "the factor on its direction", new=f"effective_step{late}")]
    if optimizer.story is Story.ESTIMATE:
        lines += [_line("Estimate", D_HAT, "", "d_hat"), _line("D", LARGER, "max({D}, {d_hat+})", "D", marked=True)]
    elif optimizer.story is Story.HANDED:
        lines += [_line("Estimate", D_HAT, "", "d_hat"), _line("D", f"{LARGER} until it hands over", "", "D", marked=True)]
    elif "D" in trace.probes:
        formula = f"{D1} = max({D}, ‖{X} − {X0}‖)" if optimizer.story is Story.FARTHEST else D1
        lines.append(_line("D", formula, "", "D", marked=True))
    step = _step(trace, "", "", averaged=optimizer.evaluation_params is not None)
    groups = {"The gradient and what is made of it": lines, "The step": step}
    return _Story(escape(optimizer.summary), groups)


def _with(values: Mapping[str, str]) -> str:
    """The hyperparameters in the formulas, as HTML."""
    return f"With {', '.join(f'{symbol}{EQUALS}{value}' for symbol, value in values.items())}."


def _gradient(contender: Contender, trace: Trace) -> list[AlgorithmLine]:
    """The gradient, and what clipping and a coupled decay turn it into."""
    clip, decay = contender.knobs["clip"], _decay(contender, trace, "coupled")
    changed = clip is not None or decay != 0
    vector, norm = (SLOPE, NORM.format(SLOPE)) if changed else (f"{G} = {SLOPE}", NORM.format(G))
    lines = [_line("Gradient", vector, new="gradient") if trace.vectors else _line("Gradient", norm, new="gradient_norm")]
    if changed:
        cut = f" min(1, {format_number(float(clip))} / {NORM.format(SLOPE)})" if clip is not None else ""
        pull = f" + {format_number(decay)} {X}" if decay else ""
        lines.append(_line("As it is used", f"{G} = {SLOPE}{cut}{pull}", new="g"))
    return lines


def _step(trace: Trace, formula: str, numbers: str, averaged: bool = False) -> list[AlgorithmLine]:
    """The step, the position after it and the loss there; `averaged` where that position is an average of the iterates."""
    equation = f"{U} = {formula}" if formula else U
    lines = []
    if trace.vectors:
        lines.append(_line("Step", equation, numbers, new="update"))
    else:
        if formula:
            lines.append(_line("Step", equation))
        lines.append(_line("Its length", NORM.format(U), new="update_norm"))
    if averaged:
        lines.append(_line("Position", f"{X1}, an average of the places it went to", "", "position"))
    else:
        lines.append(_line("Position", f"{X1} = {X} + {U}", "{position} + {update}", "position"))
    return [*lines, _line("Loss", f"<i>f</i>({X1})", "", "loss")]


def _line(name: str, formula: str, numbers: str = "", both: str = "", new: str = "", marked: bool = False) -> AlgorithmLine:
    """A line; `both` names a quantity that is shown before the step and after it."""
    return AlgorithmLine(name, formula, numbers, both or None, f"{both}+" if both else new or None, marked)


def _met(contender: Contender, trace: Trace) -> dict[str, Expression]:
    """The gradient as the optimizer meets it, from the one that is recorded; and its two coordinates."""
    clip, decay = contender.knobs["clip"], _decay(contender, trace, "coupled")
    met: Expression = "gradient" if clip is None else Binary("shorten", clip, "gradient")
    if decay:
        met = Binary("sum", met, Binary("product", decay, "position"))
    return {"g": met, "g1": Unary("first", met), "g2": Unary("second", met)}


def _decay(contender: Contender, trace: Trace, kind: str) -> float:
    """The weight decay of this kind, else 0. A function's parameters are one vector: a decay of matrices leaves it alone."""
    hyper: Any = contender.knobs
    masked = hyper["decay_mask"] == "none" or (hyper["decay_mask"] == "matrices" and trace.vectors)
    return 0.0 if masked or hyper.get("decay", "coupled") != kind else hyper["weight_decay"]


def _bias(beta1: float, beta2: float) -> Expression:
    """Adam's bias correction."""
    return Binary("quotient", Unary("root", Binary("rest", beta2, "t")), Binary("rest", beta1, "t"))


def _is_known(expression: Expression, known: set[str | None]) -> bool:
    """Whether all names in an expression are known."""
    if isinstance(expression, str):
        return expression in known
    if isinstance(expression, Unary):
        return _is_known(expression.operand, known)
    return not isinstance(expression, Binary) or (_is_known(expression.first, known) and _is_known(expression.second, known))


def _known(trace: Trace) -> set[str]:
    """The names for which the browser has numbers."""
    names = {"t", "loss", *trace.probes}
    if not trace.vectors:
        return names | {"gradient_norm", "update_norm"}
    names |= {*trace.vectors, "position", *(["way"] if "inner" in trace.probes else [])}
    return names | {channel for name in names for channel in VECTORS.get(name, ())}
