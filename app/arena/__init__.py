"""The arena: the component that draws, in the browser, everything that moves with the step."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from streamlit.components.v1 import declare_component

from ..figures.arena.records import Scene

VIEW_CHARACTERS = 600  # characters of a view's JSON, at most

_component = declare_component("arena", path=str(Path(__file__).parent / "web"))


def arena(
    scene: Scene,
    key: str,
    on_change: Callable[[], None],
    view: Mapping[str, Any] | None = None,
    opening: int | None = None,
) -> Any:
    """Draw a scene, and return a person's last choice in it.

    Args:
      scene: of a race, or of a hyperparameter that is dragged.
      key: of the component in the session's state.
      on_change: called when a person chose something, before the page runs anew.
      view: what the arena shows of the scene, as it sent it in a "view"; it is taken where it differs from what was last
        sent or received. The browser checks it; one that is too long, or no object, is passed over.
      opening: the step from which the first scene is played once, where the view says no step.

    Returns:
      None, or the choice, with `nth`, how many there were. It comes from a browser: whoever reads it must check it.

        {"event": "start", "at": [x, y]}                                         a start on the map
        {"event": "variant", "index": k}                                         a value whose race is wanted
        {"event": "beneath", "kind": name}                                       the ground beneath the paths
        {"event": "knob", "contender": i, "knob": name, "index": k, "rest": b}   a knob's text; b: the hand has let go
        {"event": "pin", "slot": j, "contender": i, "knob": name}                another knob in the place j
        {"event": "view", "view": {...}}                                         another view
    """
    view = view if fits(view) else None
    return _component(
        scene=scene.described,
        blob=scene.blob,
        view=view,
        opening=opening,
        height=height(scene),
        key=key,
        default=None,
        on_change=on_change,
    )


def height(scene: Scene) -> int:
    """Return the height that a scene takes on a wide screen, in pixels: the page keeps it free before anything is drawn."""
    rows = [32, 410 if scene.scrub else 442 if scene.knobs else 476, 34, 17 + 26 * len(scene.contenders)]
    if scene.map.note:
        rows.append(17)
    if scene.scrub:
        rows.append(64)
    if scene.knobs:
        rows.append(34)
    return sum(rows) + 6 * (len(rows) - 1)


def fits(view: object) -> bool:
    """Return whether a view, which may come from a link, is a JSON object of at most `VIEW_CHARACTERS` characters."""
    if not isinstance(view, Mapping):
        return False
    try:
        return len(json.dumps(dict(view), allow_nan=False, separators=(",", ":"))) <= VIEW_CHARACTERS
    except (TypeError, ValueError, RecursionError):
        return False
