"""A scene and its parts as the browser is sent them. They stand in one file, since together they are one contract.

`encoding` turns them into JSON, `types` writes their shape down for the browser's side. A named tuple is an array there, any
other record an object; a field with the mark OPTIONAL is left out where it is None.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from ...theme import GROUND, REFERENCE
from .encoding import OPTIONAL, encoded

Scale = Literal["linear", "log", "symlog"]
Stroke = Literal["own", "dotted", "dashed"]
Mark = Literal["disc", "ring", "none"]


class Span(NamedTuple):
    """The place of an array in the buffer: its offset and the number of its elements."""

    offset: int
    size: int


class Range(NamedTuple):
    """The two ends of an axis, in data."""

    low: float
    high: float


class Point(NamedTuple):
    """A point of the plane that is drawn."""

    x: float
    y: float


class Coordinates(NamedTuple):
    """The names of the two channels that are a vector's coordinates."""

    x: str
    y: str


class Choice(NamedTuple):
    """One of several values, and its text for a person."""

    value: str
    text: str


@dataclass(frozen=True)
class Channel:
    """The values of one quantity along one of the run's axes.

    Attributes:
      axis: the name of the axis.
    """

    axis: str
    at: Span


@dataclass(frozen=True, kw_only=True)
class Variant:
    """A run.

    Attributes:
      broken: whether it diverged or became NaN.
      ending: how it ended, in a sentence.
      axes: ascending step numbers.
    """

    broken: bool
    ending: str
    axes: Mapping[str, Span]
    channels: Mapping[str, Channel]


@dataclass(frozen=True, kw_only=True)
class Contender(Variant):
    """A contender and its run.

    Attributes:
      colour: "#rrggbb".
      dash: lengths of strokes and gaps of a canvas, in pixels; none where the line is solid.
      variants: its runs for every value of the hyperparameter that is dragged.
    """

    label: str
    colour: str
    dash: Sequence[int]
    variants: Sequence[Variant] | None = field(default=None, metadata=OPTIONAL)


@dataclass(frozen=True)
class Line:
    """A contender's channel as a line of a panel.

    Attributes:
      contender: its index in the scene.
      style: "own" is the contender's dash.
      width: pixels.
      mark: where the line is at a step.
      label: words at the line, in its colour; "" for none.
    """

    contender: int
    channel: str
    name: str
    style: Stroke = "own"
    width: float = 2
    mark: Mark = "disc"
    label: str = ""


@dataclass(frozen=True)
class Level:
    """A horizontal line with a label at its end."""

    value: float
    label: str


@dataclass(frozen=True, kw_only=True)
class Panel:
    """One plot over steps.

    Attributes:
      range: None where it is what the lines span.
      formula: HTML.
      words: the plot in words, with the values at which its lines end.
      facts: sentences on how its lines run, for who does not see them.
    """

    id: str
    title: str
    scale: Scale = "log"
    range: Range | None = None
    formula: str = ""
    sentence: str = ""
    lines: Sequence[Line]
    levels: Sequence[Level] = ()
    words: str
    facts: Sequence[str] = ()


@dataclass(frozen=True)
class MapAxis:
    """An axis of the map.

    Attributes:
      range: None where it is what the paths span.
    """

    label: str
    range: Range | None = None


@dataclass(frozen=True, kw_only=True)
class Grid:
    """Heights on a regular grid, row by row from the lowest y."""

    columns: int
    rows: int
    x: Range
    y: Range
    height: Span


@dataclass(frozen=True, kw_only=True)
class Map:
    """The paths and their ground: a function of two variables, a plane through the paths, or two bare directions.

    Attributes:
      path: the channels of a path.
      grid: None where the ground is bare.
      levels: the heights of the contour lines, ascending.
      logarithmic: whether a height is log10 of the measure.
      measure: the name of the quantity that the heights show.
      clickable: whether a click chooses a start.
      words: the map in words.
    """

    title: str
    x: MapAxis
    y: MapAxis
    path: Coordinates
    grid: Grid | None
    levels: Sequence[float]
    logarithmic: bool
    measure: str
    minimisers: Sequence[Point]
    start: Point
    clickable: bool
    words: str
    note: str


@dataclass(frozen=True)
class Ground:
    """The colours of the ground, "#rrggbb" from the lowest to the highest."""

    light: Sequence[str]
    dark: Sequence[str]


@dataclass(frozen=True)
class Beneath:
    """The choice of a ground for the paths of many parameters."""

    chosen: str
    choices: Sequence[Choice]


class Unary(NamedTuple):
    """An operation on one value. "root" is the square root, "first" and "second" are coordinates of a vector."""

    operator: Literal["root", "first", "second"]
    operand: Expression


class Binary(NamedTuple):
    """An operation on two values. ["rest", b, t] is 1 - b^t; ["shorten", c, v] is the vector v cut to the length c."""

    operator: Literal["sum", "product", "quotient", "rest", "shorten"]
    first: Expression
    second: Expression


Expression = str | float | Unary | Binary  # a name, a number, or an operation


@dataclass(frozen=True)
class AlgorithmLine:
    """A formula of an optimizer's step.

    Attributes:
      formula: HTML.
      numbers: HTML with {name} in the place of a number; "" where some of the numbers are not known.
      old: the name of the value before the step.
      new: the name of the value after it.
      marked: whether the other lines lead up to this one.
    """

    name: str
    formula: str
    numbers: str
    old: str | None
    new: str | None
    marked: bool


@dataclass(frozen=True)
class Group:
    """Lines under a heading."""

    title: str
    lines: Sequence[AlgorithmLine]


@dataclass(frozen=True, kw_only=True)
class Algorithm:
    """The step of one contender's optimizer, as lines to be filled with numbers.

    Attributes:
      settings: HTML, the hyperparameters in the formulas; without formulas, a summary of the optimizer.
      rule: the name of the rule that says why D rose or did not.
      first: the first D.
    """

    settings: str
    rule: str
    first: float | None
    vectors: Mapping[str, Coordinates]
    derived: Mapping[str, Expression]
    groups: Sequence[Group]


@dataclass(frozen=True, kw_only=True)
class Scrub:
    """A hyperparameter that is dragged through all its values.

    Attributes:
      contender: the index of the one whose hyperparameter it is.
      now: the index of the value in the experiment.
      losses: final losses; None where the run broke off.
      words: each value and what it led to.
    """

    contender: int
    knob: str
    values: Sequence[str]
    now: int
    losses: Sequence[float | None]
    words: Sequence[str]


@dataclass(frozen=True, kw_only=True)
class Score:
    """What a model is judged by beside its loss.

    Attributes:
      name: for a person.
      percent: whether it is a part of 1 that is shown in percent.
      note: a sentence where the best loss and the best score are not the same contender's; "" where they are.
    """

    channel: str
    name: str
    percent: bool
    note: str


@dataclass(frozen=True, kw_only=True)
class Knob:
    """A hyperparameter, or a setting of the problem, that is turned in the figure.

    Attributes:
      contender: the index of the one whose hyperparameter it is, whose colour it has; -1 for a setting.
      texts: its values, ascending; a switch has "off" and "on".
      at: the index of the nearest to the value now.
      text: the value now, exactly.
      usual: the index of the nearest to the default.
    """

    contender: int
    name: str
    kind: Literal["slider", "switch", "choice"]
    texts: Sequence[str]
    at: int
    text: str
    usual: int
    help: str


@dataclass(frozen=True)
class Offer:
    """A knob that can be put in the figure in place of another."""

    contender: int
    name: str
    text: str


@dataclass(frozen=True)
class Knobs:
    """The knobs in the figure.

    Attributes:
      offered: those that a person can put there; none where there is no choice.
    """

    shown: Sequence[Knob]
    offered: Sequence[Offer] = ()


@dataclass(frozen=True, kw_only=True)
class Scene:
    """All that the arena shows.

    Attributes:
      key: under another key, nothing of the view is kept.
      last: the last step of the longest run.
      beneath: None where there is no choice of a ground.
      algorithm: one for each contender, or none at all.
      reference: the colour of all but the contenders: minimisers, levels.
      notice: why there is no run at all; "" where there is one.
      blob: the buffer of all arrays, little-endian float32.
    """

    key: str
    contenders: Sequence[Contender]
    last: int
    map: Map
    beneath: Beneath | None = None
    panels: Sequence[Panel]
    inside: Sequence[Panel] = ()
    algorithm: Sequence[Algorithm] = ()
    ground: Ground = Ground(GROUND["light"], GROUND["dark"])
    reference: str = REFERENCE
    notice: str = ""
    score: Score | None = field(default=None, metadata=OPTIONAL)
    scrub: Scrub | None = field(default=None, metadata=OPTIONAL)
    knobs: Knobs | None = field(default=None, metadata=OPTIONAL)
    blob: bytes = field(repr=False)

    @property
    def described(self) -> dict[str, Any]:
        """The scene as JSON, without the buffer."""
        return encoded(self)

    @property
    def nbytes(self) -> int:
        return len(self.blob) + len(json.dumps(self.described))
