"""The rooms as a picture: an SVG with a box for each room and an arrow down to each room that it imports.

A room stands one storey above the highest that it imports; the app stands on the library. An arrow that a longer way of arrows
implies is left out: else there would be four times as many. The layout follows Sugiyama: an arrow over several storeys gets a
point on each, the order on a storey follows the neighbours above and below, and then everything is pulled straight.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from itertools import combinations, pairwise

from docs.rooms import FILES, ROOMS, arrows

# All lengths in pixels.
WIDTH, MARGIN, LEFT = 880, 24, 120  # width of the picture, its border, and the border at the left, with the names of the houses
STOREY, BOX = 72, 30  # height of a storey, and of a box
CHARACTER, PADDING, GAP, LANE = 7.4, 22, 16, 18  # width of a character, of a box's border, between boxes, of an arrow's lane
PORT = 9  # between the ends of two arrows at a box
SWEEPS = 40  # passes over all storeys, up and down, that order them, and as many that pull the arrows straight
STIFF = 6  # pull of the next point of an arrow that passes storeys, against 1 between an arrow and a room

Graph = Mapping[str, frozenset[str]]
Beside = dict["Point", list[tuple["Point", bool]]]  # the points next to each on its arrows, and whether they stand above it

STYLE = """
  .ground { fill: #ffffff } .app { fill: #eef4ff; stroke: #2563c9 } .core { fill: #f3f5f8; stroke: #5b6675 }
  text { font: 12px ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; fill: #1a2230; text-anchor: middle }
  .house { font: 600 13px system-ui, sans-serif; text-anchor: start; fill: #5b6675 }
  .arrow { fill: none; stroke: #8a94a3; stroke-width: 1.2 } .head { fill: #8a94a3 }
  .line { stroke: #c9d1dc; stroke-dasharray: 4 4 }
  @media (prefers-color-scheme: dark) {
    .ground { fill: #0d1117 } .app { fill: #10203c; stroke: #6d9cf0 } .core { fill: #171d27; stroke: #8a97a8 }
    text { fill: #e1e7ef } .house { fill: #9aa7b8 } .arrow { stroke: #6b7787 } .head { fill: #6b7787 } .line { stroke: #3a4555 }
  }
"""


@dataclass(frozen=True)
class Point:
    """A place on a storey: a room's box, or where an arrow passes.

    Attributes:
      room: the room; for an arrow the two rooms that it joins.
      storey: 0 for the lowest.
    """

    room: str
    storey: int

    @property
    def passes(self) -> bool:
        return " " in self.room

    @property
    def width(self) -> float:
        return LANE if self.passes else len(label(self.room)) * CHARACTER + PADDING


def label(room: str) -> str:
    """Return the name of a room as it stands in its box."""
    if room == "prodigy_core":
        return "from prodigy_core import …"
    return room.partition(".")[2] + ("/" if room in FILES and FILES[room].name == "__init__.py" else ".py")


def storeys(graph: Graph) -> dict[str, int]:
    """Return the storey of each room, 0 for the lowest; rooms of the app stand above all of the library."""
    height: dict[str, int] = {}
    for room in graph:
        _height(room, graph, height)
    ground = 1 + max(height[room] for room in graph if not room.startswith("app."))
    inside: dict[str, int] = {}
    app = {
        room: frozenset(other for other in below if other in graph and other.startswith("app."))
        for room, below in graph.items()
    }
    return height | {room: ground + _height(room, app, inside) for room in graph if room.startswith("app.")}


def _height(room: str, graph: Graph, known: dict[str, int]) -> int:
    if room not in known:
        known[room] = 1 + max((_height(below, graph, known) for below in graph[room]), default=-1)
    return known[room]


def needed(graph: Graph) -> dict[str, frozenset[str]]:
    """Return the graph without those arrows that a longer way of arrows implies (its transitive reduction)."""
    far: dict[str, frozenset[str]] = {}

    def reach(room: str) -> frozenset[str]:
        if room not in far:
            far[room] = graph[room].union(*(reach(below) for below in graph[room]))
        return far[room]

    return {room: below - frozenset().union(*(reach(other) for other in below)) for room, below in graph.items()}


def picture(graph: Graph | None = None) -> str:
    """Return the picture of the rooms as an SVG; of the project's own where no graph is given."""
    graph = arrows() if graph is None else graph
    at = storeys(graph)
    ways = [
        [
            Point(upper, at[upper]),
            *(Point(f"{upper} {lower}", s) for s in range(at[upper] - 1, at[lower], -1)),
            Point(lower, at[lower]),
        ]
        for upper, below in needed(graph).items()
        for lower in sorted(below)
    ]
    x = _placed(at, ways)
    top = max(at.values())

    def y(storey: int) -> float:
        return MARGIN + (top - storey) * STOREY + BOX / 2

    lines = [_arrow(way, x, y) for way in _ended(ways, x)]
    boxes = [_box(room, x[Point(room, storey)], y(storey)) for room, storey in at.items()]
    border = y(max((s for room, s in at.items() if not room.startswith("app.")), default=0)) - STOREY / 2
    words = [
        f'<line class="line" x1="{MARGIN}" x2="{WIDTH - MARGIN}" y1="{border:.0f}" y2="{border:.0f}"/>',
        f'<text class="house" x="{MARGIN}" y="{border - 8:.0f}">app</text>',
        f'<text class="house" x="{MARGIN}" y="{border + 18:.0f}">prodigy_core</text>',
    ]
    height = 2 * MARGIN + top * STOREY + BOX
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" role="img">'
    )
    title = "<title>The rooms of the house: each imports the rooms that its arrows lead down to</title>"
    tip = '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
    tip += '<path class="head" d="M0,0 L8,4 L0,8 z"/></marker></defs>'
    ground = f'<rect class="ground" width="{WIDTH}" height="{height}" rx="8"/>'
    return "\n".join([head, title, f"<style>{STYLE}</style>", tip, ground, *words, *lines, *boxes, "</svg>", ""])


def _placed(at: Mapping[str, int], ways: Sequence[Sequence[Point]]) -> dict[Point, float]:
    """Return the x of each room and of each point where an arrow passes a storey."""
    points = [Point(room, at[room]) for room in ROOMS if room in at] + [point for way in ways for point in way[1:-1]]
    beside: Beside = {point: [] for point in points}
    for way in ways:
        for upper, lower in pairwise(way):
            beside[upper].append((lower, False))
            beside[lower].append((upper, True))
    rows = [[point for point in points if point.storey == storey] for storey in range(max(at.values()) + 1)]
    rows = _ordered(rows, beside)
    x = {point: place for row in rows for point, place in _apart(row, [0.0] * len(row)).items()}
    for number in range(SWEEPS):
        for row in rows if number % 2 else reversed(rows):
            x |= _apart(
                row,
                [
                    _mean([(x[other], STIFF if point.passes and other.passes else 1) for other, _ in beside[point]], x[point])
                    for point in row
                ],
            )
    left, right = (f(x[p] + sign * p.width / 2 for p in points) for f, sign in ((min, -1), (max, 1)))
    shrink = min(1.0, (WIDTH - LEFT - MARGIN) / (right - left))
    return {point: (WIDTH + LEFT - MARGIN) / 2 + shrink * (x[point] - (left + right) / 2) for point in points}


def _ordered(rows: list[list[Point]], beside: Beside) -> list[list[Point]]:
    """Return the storeys in the order with the fewest crossings that `SWEEPS` passes over them find."""
    best, fewest = rows, _crossings(rows, beside)
    for number in range(SWEEPS):
        upwards = number % 2 == 0
        order = {point: i - len(row) / 2 for row in rows for i, point in enumerate(row)}
        for row in rows if upwards else rows[::-1]:
            wish = {
                point: _mean([(order[other], 1) for other, above in beside[point] if above != upwards], order[point])
                for point in row
            }
            row.sort(key=lambda point: (wish[point], order[point]))
            order |= {point: i - len(row) / 2 for i, point in enumerate(row)}
        if (crossings := _crossings(rows, beside)) < fewest:
            best, fewest = [list(row) for row in rows], crossings
    return best


def _crossings(rows: Sequence[Sequence[Point]], beside: Beside) -> int:
    order = {point: i for row in rows for i, point in enumerate(row)}
    pairs = [
        sorted((order[point], order[other]) for point in row for other, above in beside[point] if not above) for row in rows
    ]
    return sum(one[1] > other[1] and one[0] != other[0] for row in pairs for one, other in combinations(row, 2))


def _mean(values: Sequence[tuple[float, float]], otherwise: float) -> float:
    """Return the mean of values that each come with their weight; `otherwise` where there are none."""
    return sum(value * weight for value, weight in values) / sum(weight for _, weight in values) if values else otherwise


def _apart(row: Sequence[Point], wish: Sequence[float]) -> dict[Point, float]:
    """Return places as near as possible to the wished ones (least squares) at which nothing overlaps."""
    # Pool adjacent violators: places that would overlap move together, to the mean of what they wish.
    offset = [0.0]
    for one, next_ in pairwise(row):
        offset.append(offset[-1] + (one.width + next_.width) / 2 + GAP)
    blocks: list[tuple[float, int]] = []  # mean and number of the places that touch
    for value in (w - o for w, o in zip(wish, offset, strict=True)):
        mean, count = value, 1
        while blocks and blocks[-1][0] >= mean:
            before, number = blocks.pop()
            mean, count = (before * number + mean * count) / (number + count), number + count
        blocks.append((mean, count))
    places = [mean for mean, count in blocks for _ in range(count)]
    return {point: place + o for point, place, o in zip(row, places, offset, strict=True)}


def _ended(ways: Sequence[Sequence[Point]], x: Mapping[Point, float]) -> list[tuple[Sequence[Point], float, float]]:
    """Return each arrow with the x of its two ends: those at one side of a box stand beside each other, in their order."""
    first, last = ({} for _ in range(2))
    for ends, side, next_ in ((first, 0, 1), (last, -1, -2)):
        for point in {way[side] for way in ways}:
            mine = sorted((i for i, way in enumerate(ways) if way[side] == point), key=lambda i: (x[ways[i][next_]], i))
            step = min(PORT, (point.width - PADDING / 2) / len(mine))
            ends |= {i: x[point] + (n - (len(mine) - 1) / 2) * step for n, i in enumerate(mine)}
    return [(way, first[i], last[i]) for i, way in enumerate(ways)]


def _arrow(way: tuple[Sequence[Point], float, float], x: Mapping[Point, float], y: Callable[[int], float]) -> str:
    points, start, end = way
    at_x, at_y = start, y(points[0].storey) + BOX / 2
    parts = [f"M{at_x:.0f},{at_y:.0f}"]
    for point in points[1:]:
        to_x, to_y = (x[point], y(point.storey) - BOX / 2) if point.passes else (end, y(point.storey) - BOX / 2 - 2)
        middle = (at_y + to_y) / 2
        parts.append(f"C{at_x:.0f},{middle:.0f} {to_x:.0f},{middle:.0f} {to_x:.0f},{to_y:.0f}")
        at_x, at_y = to_x, to_y
        if point.passes:
            at_y += BOX
            parts.append(f"V{at_y:.0f}")
    return f'<path class="arrow" marker-end="url(#tip)" d="{" ".join(parts)}"/>'


def _box(room: str, x: float, y: float) -> str:
    width = Point(room, 0).width
    kind = "app" if room.startswith("app.") else "core"
    rect = f'<rect class="{kind}" x="{x - width / 2:.0f}" y="{y - BOX / 2:.0f}" width="{width:.0f}" height="{BOX}" rx="6"/>'
    return f'<g>{rect}<text x="{x:.0f}" y="{y + 4:.0f}">{escape(label(room))}</text></g>'
