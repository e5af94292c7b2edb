"""Where the boxes and arrows of a picture stand: a layered drawing of a graph without circles, after Sugiyama.

Each box stands above all that its arrows lead down to. An arrow that passes a storey gets a point there; the order on a storey
follows the neighbours above and below; then the points are pulled below each other, so that arrows run straight. Nothing is
random, and sums are exact, so that every Python places alike.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise

GAP, LANE, PORT = 16, 18, 9  # pixels between boxes, of the lane of a passing arrow, between the ends of two arrows at a box
PASSES = 40  # over all storeys, to order them; as many pull the arrows straight
STIFF = 6  # the pull along an arrow between two storeys that it passes; 1 at its ends

Graph = Mapping[str, frozenset[str]]  # box -> the boxes that its arrows lead to


@dataclass(frozen=True)
class Point:
    """A place on a storey.

    Attributes:
      ends: the box; of a passing arrow the two boxes that it joins.
      storey: 0 for the lowest.
      width: what it takes of the storey, in pixels.
    """

    ends: tuple[str, ...]
    storey: int
    width: float

    @property
    def passes(self) -> bool:
        return len(self.ends) == 2


Path = tuple[tuple[float, int], ...]  # x and storey of an arrow's ends and of the points between, from the upper box down
Neighbours = Mapping[Point, Sequence[tuple[Point, bool]]]  # the next points on a point's arrows, and whether each is above it


def needed(graph: Graph) -> dict[str, frozenset[str]]:
    """Return the graph without the arrows that a longer way of arrows implies (its transitive reduction)."""
    reached: dict[str, frozenset[str]] = {}

    def reach(box: str) -> frozenset[str]:
        if box not in reached:
            reached[box] = graph[box].union(*(reach(lower) for lower in graph[box]))
        return reached[box]

    return {box: lower - frozenset[str]().union(*map(reach, lower)) for box, lower in graph.items()}


def heights(graph: Graph) -> dict[str, int]:
    """Return the storey of each box: one above the highest that its arrows lead to, 0 without arrows."""
    height: dict[str, int] = {}

    def climb(box: str) -> int:
        if box not in height:
            height[box] = 1 + max(map(climb, sorted(graph[box])), default=-1)
        return height[box]

    for box in graph:
        climb(box)
    return height


def place(graph: Graph, storey: Mapping[str, int], width: Mapping[str, float]) -> tuple[dict[str, float], list[Path]]:
    """Return the x of the middle of each box, and every arrow.

    Args:
      graph: boxes and arrows.
      storey: of each box, above those of all boxes that its arrows lead to.
      width: of each box, in pixels.
    """
    box = {name: Point((name,), storey[name], width[name]) for name in graph}
    ways = [
        (box[upper], *(Point((upper, lower), s, LANE) for s in range(storey[upper] - 1, storey[lower], -1)), box[lower])
        for upper in graph
        for lower in sorted(graph[upper])
    ]
    beside: dict[Point, list[tuple[Point, bool]]] = {point: [] for point in [*box.values(), *(p for way in ways for p in way)]}
    for way in ways:
        for upper_point, lower_point in pairwise(way):
            beside[upper_point].append((lower_point, False))
            beside[lower_point].append((upper_point, True))
    rows = [[point for point in beside if point.storey == s] for s in range(1 + max(storey.values()))]
    x = _straight(_ordered(rows, beside), beside)
    return {name: x[point] for name, point in box.items()}, _ended(ways, x)


def _ordered(rows: Sequence[Sequence[Point]], beside: Neighbours) -> list[list[Point]]:
    """Return the storeys in that order, of those that the passes try, in which the fewest arrows cross."""
    tried = [list(row) for row in rows]
    best, fewest = [list(row) for row in tried], _crossings(tried, beside)
    for number in range(PASSES):
        upwards = number % 2 == 0
        at = {point: i - len(row) / 2 for row in tried for i, point in enumerate(row)}
        for row in tried if upwards else tried[::-1]:
            wish = {p: _mean([(at[other], 1) for other, above in beside[p] if above != upwards], at[p]) for p in row}
            row.sort(key=wish.__getitem__)
            at |= {point: i - len(row) / 2 for i, point in enumerate(row)}
        if (crossings := _crossings(tried, beside)) < fewest:
            best, fewest = [list(row) for row in tried], crossings
    return best


def _crossings(rows: Sequence[Sequence[Point]], beside: Neighbours) -> int:
    at = {point: i for row in rows for i, point in enumerate(row)}
    down = [sorted((at[point], at[other]) for point in row for other, above in beside[point] if not above) for row in rows]
    return sum(one[0] < other[0] and one[1] > other[1] for row in down for one, other in combinations(row, 2))


def _straight(rows: Sequence[Sequence[Point]], beside: Neighbours) -> dict[Point, float]:
    """Return the x of each point: near the mean of its neighbours', in the order of the storey."""
    x = {point: at for row in rows for point, at in _apart(row, [0.0] * len(row)).items()}
    for number in range(PASSES):
        for row in rows if number % 2 else rows[::-1]:
            pulls = [[(x[o], STIFF if p.passes and o.passes else 1) for o, _ in beside[p]] for p in row]
            x |= _apart(row, [_mean(pull, x[point]) for point, pull in zip(row, pulls, strict=True)])
    return x


def _mean(values: Sequence[tuple[float, float]], otherwise: float) -> float:
    """Return the mean of values that come with their weights; `otherwise` where there are none."""
    if not values:
        return otherwise
    return math.fsum(value * weight for value, weight in values) / math.fsum(weight for _, weight in values)


def _apart(row: Sequence[Point], wish: Sequence[float]) -> dict[Point, float]:
    """Return the places nearest to the wished ones, by least squares, at which nothing overlaps (pool adjacent violators)."""
    offset = [0.0]
    for one, other in pairwise(row):
        offset.append(offset[-1] + (one.width + other.width) / 2 + GAP)
    touching: list[tuple[float, int]] = []  # mean and number of places that touch each other
    for wished, off in zip(wish, offset, strict=True):
        mean, count = wished - off, 1
        while touching and touching[-1][0] >= mean:
            before, number = touching.pop()
            mean, count = (before * number + mean * count) / (number + count), number + count
        touching.append((mean, count))
    means = [mean for mean, count in touching for _ in range(count)]
    return {point: mean + off for point, mean, off in zip(row, means, offset, strict=True)}


def _ended(ways: Sequence[tuple[Point, ...]], x: Mapping[Point, float]) -> list[Path]:
    """Return the arrows with their ends side by side at each box, in the order of where they come from or go to."""
    leaves, arrives = _ports(ways, x), _ports([way[::-1] for way in ways], x)
    xs = ([leaves[i], *(x[point] for point in way[1:-1]), arrives[i]] for i, way in enumerate(ways))
    return [tuple(zip(xs_, (point.storey for point in way), strict=True)) for xs_, way in zip(xs, ways, strict=True)]


def _ports(ways: Sequence[tuple[Point, ...]], x: Mapping[Point, float]) -> dict[int, float]:
    """Return the x of the first end of each way, by its number."""
    at: dict[int, float] = {}
    for box in dict.fromkeys(way[0] for way in ways):
        own = sorted((x[way[1]], i) for i, way in enumerate(ways) if way[0] == box)
        between = min(PORT, (box.width - PORT) / len(own))
        at |= {i: x[box] + (n - (len(own) - 1) / 2) * between for n, (_, i) in enumerate(own)}
    return at
