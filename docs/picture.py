"""The rooms as a picture: an SVG with a box for each room and an arrow down to each room that it imports.

A room stands one storey above the highest that it imports; the app stands on the library. An arrow that a longer way of arrows
implies is left out: else there would be three times as many.
"""

from __future__ import annotations

from collections.abc import Callable
from html import escape

from docs.layout import Graph, Path, heights, needed, place
from docs.rooms import FILES, arrows

# All lengths in pixels.
MARGIN, LEFT = 24, 140  # the border of the picture, and its left part, with the names of the houses
STOREY, BOX = 72, 30  # height of a storey, and of a box
CHARACTER, PADDING = 7.4, 22  # width of a character, and of a box beside its words

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
HEAD = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img">
<title>The rooms of the house: each imports the rooms that its arrows lead down to</title>
<style>{style}</style>
<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">
<path class="head" d="M0,0 L8,4 L0,8 z"/></marker></defs>
<rect class="ground" width="{width}" height="{height}" rx="8"/>"""


def picture() -> str:
    """Return the picture of the project's rooms as an SVG."""
    graph = arrows()
    storey, width = storeys(graph), {room: len(label(room)) * CHARACTER + PADDING for room in graph}
    middle, paths = place(needed(graph), storey, width)
    edges = [middle[room] + side * width[room] / 2 for room in middle for side in (-1, 1)] + [
        x for path in paths for x, _ in path
    ]
    left, right = min(edges), max(edges)
    top = max(storey.values())

    def x(at: float) -> float:
        return LEFT + at - left

    def y(number: int) -> float:
        return MARGIN + BOX / 2 + (top - number) * STOREY

    across = round(LEFT + right - left + MARGIN)
    height = 2 * MARGIN + top * STOREY + BOX
    border = y(min(storey[room] for room in graph if _in_app(room))) + STOREY / 2
    parts = [
        HEAD.format(width=across, height=height, style=STYLE),
        f'<line class="line" x1="{MARGIN}" x2="{across - MARGIN}" y1="{border:.0f}" y2="{border:.0f}"/>',
        f'<text class="house" x="{MARGIN}" y="{border - 8:.0f}">app</text>',
        f'<text class="house" x="{MARGIN}" y="{border + 18:.0f}">prodigy_core</text>',
        *(_arrow(path, x, y) for path in paths),
        *(_box(room, x(middle[room]), y(storey[room]), width[room]) for room in graph),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def label(room: str) -> str:
    """Return the words in the box of a room: its folder or file."""
    if room == "prodigy_core":
        return "from prodigy_core import …"
    return room.partition(".")[2] + ("/" if FILES[room].name == "__init__.py" else ".py")


def storeys(graph: Graph) -> dict[str, int]:
    """Return the storey of each room, 0 for the lowest; the rooms of the app stand above all of the library."""
    library = {room: lower for room, lower in graph.items() if not _in_app(room)}
    app = {room: frozenset(filter(_in_app, lower)) for room, lower in graph.items() if _in_app(room)}
    below = heights(library)
    ground = 1 + max(below.values())
    return below | {room: ground + height for room, height in heights(app).items()}


def _in_app(room: str) -> bool:
    return room.startswith("app.")


def _arrow(path: Path, x: Callable[[float], float], y: Callable[[int], float]) -> str:
    (first, upper), *between, (last, lower) = path
    at_x, at_y = x(first), y(upper) + BOX / 2
    parts = [f"M{at_x:.0f},{at_y:.0f}"]
    for to, storey in [*between, (last, lower)]:
        to_x, to_y = x(to), y(storey) - BOX / 2
        middle = (at_y + to_y) / 2
        parts.append(f"C{at_x:.0f},{middle:.0f} {to_x:.0f},{middle:.0f} {to_x:.0f},{to_y:.0f}")
        if storey != lower:
            parts.append(f"v{BOX}")
        at_x, at_y = to_x, to_y + BOX
    return f'<path class="arrow" marker-end="url(#tip)" d="{" ".join(parts)}"/>'


def _box(room: str, x: float, y: float, width: float) -> str:
    kind = "app" if _in_app(room) else "core"
    rect = f'<rect class="{kind}" x="{x - width / 2:.0f}" y="{y - BOX / 2:.0f}" width="{width:.0f}" height="{BOX}" rx="6"/>'
    return f'<g>{rect}<text x="{x:.0f}" y="{y + 4:.0f}">{escape(label(room))}</text></g>'
