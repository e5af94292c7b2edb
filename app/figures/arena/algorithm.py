"""One step of an optimizer as lines of its algorithm, for the arena to fill with numbers.

A line has a formula, in HTML, and a template of the same with numbers: `{numerator}` is the number before step k,
`{numerator+}` the one after it, `{t}` is k + 1. A name is a channel, two channels that are a vector, or a value derived
from others by a few operations, written as ["product", a, b]. The letters are the paper's (arXiv 2306.06101, algorithm
4); r and s stand as optax keeps them, over d0 and without 1 - beta3, which leaves their quotient the same.
"""

from __future__ import annotations

import math
import re
from html import escape
from typing import Any

from prodigy_core.experiment import Contender
from prodigy_core.optimizers import OPTIMIZERS
from prodigy_core.optimizers.traits import Story
from prodigy_core.param import format_number
from prodigy_core.trace import Trace

Line = dict[str, Any]
Groups = list[tuple[str, list[Line]]]
VECTORS = {  # name -> channels
    "gradient": ("gx", "gy"),
    "update": ("ux", "uy"),
    "m": ("mx", "my"),
    "v": ("vx", "vy"),
    "s": ("sx", "sy"),
    "position": ("x", "y"),
    "way": ("wx", "wy"),
}

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
STEP_SIZE = f"{A} = {D} · {LR} · √(1 − {B2}<sup>k+1</sup>) / (1 − {B1}<sup>k+1</sup>)"
LARGER = f"{D1} = max({D}, {D_HAT})"


def algorithm(contender: Contender, trace: Trace) -> dict[str, Any]:
    """The step of a contender's optimizer.

    Returns:
      settings: HTML, the knobs that the formulas name; of an optimizer whose formulas are not told, what it does.
      rule, first: the name of the rule by which the browser says why D rose or did not, and the first D.
      vectors: name -> its two channels.
      derived: name -> an expression: a number, a name, or [operation, *expressions].
      groups: [{"title", "lines"}], a line being {"name", "formula", "numbers": a template or "", "old", "new": names or
        None, "marked": whether it is what the others lead up to}.
    """
    derived, story = _met(contender, trace), OPTIMIZERS[contender.optimizer].story
    if story is Story.ADAM:
        settings, groups = _adam(contender, trace, derived)
    elif story is Story.PRODIGY:
        settings, groups = _prodigy(contender, trace, derived)
    else:
        settings, groups = _other(contender, trace)
    known = _known(trace)
    derived = {name: found for name, found in derived.items() if _names(found) <= known}
    known |= set(derived)
    for _, lines in groups:
        for found in lines:
            if not set(re.findall(r"{(\w+)\+?}", found["numbers"])) <= known:
                found["numbers"] = ""
            found |= {end: found[end] if (found[end] or "").rstrip("+") in known else None for end in ("old", "new")}
    return {
        "settings": settings,
        "rule": story.value,
        "first": contender.knobs.get("estim_lr0"),
        "vectors": {name: pair for name, pair in VECTORS.items() if name in known},
        "derived": derived,
        "groups": [{"title": title, "lines": lines} for title, lines in groups],
    }


def _prodigy(contender: Contender, trace: Trace, derived: dict[str, Any]) -> tuple[str, Groups]:
    h: Any = contender.knobs
    beta1, beta2, decay = h["beta1"], h["beta2"], _decay(contender, trace, "decoupled")
    beta3 = beta2**0.5 if h["beta3"] is None else h["beta3"]
    numbers = (beta1, beta2, beta3, h["estim_lr0"], h["eps"], 1 - beta1, 1 - beta2, h["estim_lr_coef"], decay)
    b1, b2, b3, d0, eps, rest1, rest2, coef, weight_decay = map(format_number, numbers)
    derived["rate"] = ["quotient", "effective_step", ["product", "D", _bias(beta1, beta2)]]
    weight, weighed = f"({A} {D} / {D0})", f"({{effective_step}} · {{D}} / {d0})"
    in_s = (f"({D}² / {D0})", f"({{D}}² / {d0})") if h["safeguard_warmup"] else (weight, weighed)
    c, times = (f"{C} ", f"{coef} · ") if coef != "1" else ("", "")
    bias = f"√(1 − {b2}<sup>{{t}}</sup>) / (1 − {b1}<sup>{{t}}</sup>)"
    estimate = [
        _line("Inner product", INNER, "{g1} · {wx} + {g2} · {wy}", new="inner"),
        _line("Numerator", f"{R1} = {B3} {R} + {weight} {INNER}", f"{b3} · {{numerator}} + {weighed} · {{inner}}", "numerator"),
        _line("Gradient sum", f"{S1} = {B3} {S} + {in_s[0]} {G}", f"{b3} · {{s}} + {in_s[1]} · {{g}}", "s"),
        _line("Denominator", ONE_NORM, "|{sx+}| + |{sy+}|", "denominator"),
        _line("Estimate", f"{D_HAT} = {c}{R1} / {ONE_NORM}", f"{times}{{numerator+}} / {{denominator+}}", "d_hat"),
        _line("D", LARGER, "max({D}, {d_hat+})", "D", marked=True),
    ]
    averages = [
        _line("First moment", f"{M1} = {B1} {M} + (1 − {B1}) {D} {G}", f"{b1} · {{m}} + {rest1} · {{D}} · {{g}}", "m"),
        _line("Second moment", f"{V1} = {B2} {V} + (1 − {B2}) {D}² {G}²", f"{b2} · {{v}} + {rest2} · {{D}}² · {{g}}²", "v"),
    ]
    pull, pulled = (f" − {LAMBDA} {A} {X}", f" − {weight_decay} · {{effective_step}} · {{position}}") if decay else ("", "")
    formula = f"−{A} {M1} / (√{V1} + {D1} {EPS}){pull}"
    step = _step(trace, formula, f"−{{effective_step}} · {{m+}} / (√{{v+}} + {{D+}} · {eps}){pulled}")
    root = f"√{B2} = " if h["beta3"] is None else ""
    words = [f"{B1} = {b1}", f"{B2} = {b2}", f"{B3} = {root}{b3}", f"{D0} = {d0}", f"{EPS} = {eps}"]
    words += [f"{C} = {coef}"] * bool(c) + [f"{LAMBDA} = {weight_decay}"] * bool(decay)
    settings = f"With {', '.join(words).replace(' = ', EQUALS)}. "
    settings += "The safeguard keeps the learning rate out of <i>s</i>. " if h["safeguard_warmup"] else ""
    settings += f"<i>r</i> and <i>s</i> stand over {D0}, as optax keeps them: their quotient is the same."
    size = _line("Step size", STEP_SIZE, f"{{D}} · {{rate}} · {bias}", new="effective_step")
    return settings, [
        ("The gradient and the step size", [*_gradient(contender, trace), size]),
        ("The estimate of the distance", estimate),
        ("Adam’s averages", averages),
        ("The step", step),
    ]


def _adam(contender: Contender, trace: Trace, derived: dict[str, Any]) -> tuple[str, Groups]:
    h: Any = contender.knobs
    beta1, beta2, decay = h["beta1"], h["beta2"], _decay(contender, trace, "decoupled")
    b1, b2, eps, rest1, rest2, weight_decay = map(format_number, (beta1, beta2, h["eps"], 1 - beta1, 1 - beta2, decay))
    derived["rate"] = ["quotient", "effective_step", _bias(beta1, beta2)]
    derived["m_hat"] = ["quotient", "m+", ["rest", beta1, "t"]]
    derived["v_hat"] = ["quotient", "v+", ["rest", beta2, "t"]]
    averages = [
        _line("First moment", f"{M1} = {B1} {M} + (1 − {B1}) {G}", f"{b1} · {{m}} + {rest1} · {{g}}", "m"),
        _line("Second moment", f"{V1} = {B2} {V} + (1 − {B2}) {G}²", f"{b2} · {{v}} + {rest2} · {{g}}²", "v"),
        _line("Unbiased", f"{M_HAT} = {M1} / (1 − {B1}<sup>k+1</sup>)", f"{{m+}} / (1 − {b1}<sup>{{t}}</sup>)", new="m_hat"),
        _line("Unbiased", f"{V_HAT} = {V1} / (1 − {B2}<sup>k+1</sup>)", f"{{v+}} / (1 − {b2}<sup>{{t}}</sup>)", new="v_hat"),
    ]
    pull, pulled = (f" − {LAMBDA} {LR} {X}", f" − {weight_decay} · {{rate}} · {{position}}") if decay else ("", "")
    formula = f"−{LR} {M_HAT} / (√{V_HAT} + {EPS}){pull}"
    step = _step(trace, formula, f"−{{rate}} · {{m_hat}} / (√{{v_hat}} + {eps}){pulled}")
    origin = "the best of a search" if OPTIMIZERS[contender.optimizer].search else "set by hand"
    rate = _line("Learning rate", f"{LR}, {origin}", new="rate")
    words = [f"{B1} = {b1}", f"{B2} = {b2}", f"{EPS} = {eps}"] + [f"{LAMBDA} = {weight_decay}"] * bool(decay)
    return f"With {', '.join(words).replace(' = ', EQUALS)}.", [
        ("The gradient and the learning rate", [*_gradient(contender, trace), rate]),
        ("The averages", averages),
        ("The step", step),
    ]


def _other(contender: Contender, trace: Trace) -> tuple[str, Groups]:
    """Of an optimizer whose formulas are not told: what goes in, and what comes out."""
    optimizer = OPTIMIZERS[contender.optimizer]
    sizes = trace.probes["effective_step"]
    late = "+" if sizes.size and math.isnan(sizes[0]) else ""  # where its own gradient decides it: known after the step
    lines = [*_gradient(contender, trace), _line("Step size", "the factor on its direction", new=f"effective_step{late}")]
    if optimizer.story is Story.ESTIMATE:
        lines += [_line("Estimate", D_HAT, "", "d_hat"), _line("D", LARGER, "max({D}, {d_hat+})", "D", marked=True)]
    elif "D" in trace.probes:
        formula = f"{D1} = max({D}, ‖{X} − {X0}‖)" if optimizer.story is Story.FARTHEST else D1
        lines.append(_line("D", formula, "", "D", marked=True))
    return escape(optimizer.summary), [
        ("The gradient and what is made of it", lines),
        ("The step", _step(trace, "", "", judged=optimizer.evaluation_params is not None)),
    ]


def _gradient(contender: Contender, trace: Trace) -> list[Line]:
    """The gradient, and what clipping and a coupled decay make of it."""
    clip, decay = contender.knobs["clip"], _decay(contender, trace, "coupled")
    touched = clip is not None or decay != 0
    whole, norm = (SLOPE, NORM.format(SLOPE)) if touched else (f"{G} = {SLOPE}", NORM.format(G))
    lines = [_line("Gradient", whole, new="gradient") if trace.vectors else _line("Gradient", norm, new="gradient_norm")]
    if touched:
        cut = f" min(1, {format_number(float(clip))} / {NORM.format(SLOPE)})" if clip is not None else ""
        pull = f" + {format_number(decay)} {X}" if decay else ""
        lines.append(_line("As it is used", f"{G} = {SLOPE}{cut}{pull}", new="g"))
    return lines


def _step(trace: Trace, formula: str, numbers: str, judged: bool = False) -> list[Line]:
    """The step, the place after it and the loss there; `judged` where that is another place than the one it steps from."""
    equation = f"{U} = {formula}" if formula else U
    if judged:
        place = _line("Position", f"{X1}, an average of the places it went to", "", "position")
    else:
        place = _line("Position", f"{X1} = {X} + {U}", "{position} + {update}", "position")
    moved = [_line("Step", equation, numbers, new="update")] if trace.vectors else [_line("Step", equation)] * bool(formula)
    length = [] if trace.vectors else [_line("Its length", NORM.format(U), new="update_norm")]
    return [*moved, *length, place, _line("Loss", f"<i>f</i>({X1})", "", "loss")]


def _line(name: str, formula: str, numbers: str = "", both: str = "", new: str = "", marked: bool = False) -> Line:
    """A line; `both` is the name of what is shown as it was before the step and as it is after it."""
    ends = {"old": both or None, "new": f"{both}+" if both else new or None}
    return {"name": name, "formula": formula, "numbers": numbers, **ends, "marked": marked}


def _met(contender: Contender, trace: Trace) -> dict[str, Any]:
    """The gradient as the optimizer meets it, from the one that is recorded; and its two coordinates."""
    clip, decay = contender.knobs["clip"], _decay(contender, trace, "coupled")
    cut: Any = "gradient" if clip is None else ["shorten", clip, "gradient"]
    met = ["sum", cut, ["product", decay, "position"]] if decay else cut
    return {"g": met, "g1": ["first", met], "g2": ["second", met]}


def _decay(contender: Contender, trace: Trace, kind: str) -> float:
    """The weight decay of this kind, else 0. A function's parameters are one vector: what only matrices meet, they do not."""
    h: Any = contender.knobs
    spared = h["decay_mask"] == "none" or (h["decay_mask"] == "matrices" and trace.vectors)
    return 0.0 if spared or h.get("decay", "coupled") != kind else h["weight_decay"]


def _bias(beta1: float, beta2: float) -> list[Any]:
    """Adam's bias correction; ["rest", b, t] is 1 - b^t."""
    return ["quotient", ["root", ["rest", beta2, "t"]], ["rest", beta1, "t"]]


def _names(expression: Any) -> set[str]:
    """The names in an expression, without the sign of what comes after the step."""
    if isinstance(expression, str):
        return {expression.rstrip("+")}
    return set().union(*map(_names, expression[1:])) if isinstance(expression, list) else set()


def _known(trace: Trace) -> set[str]:
    """What the browser has numbers for, by the names of the templates."""
    names = {"t", "loss", *trace.probes}
    if not trace.vectors:
        return names | {"gradient_norm", "update_norm"}
    names |= {*trace.vectors, "position", *(["way"] if "inner" in trace.probes else [])}
    return names | {channel for name in names for channel in VECTORS.get(name, ())}
