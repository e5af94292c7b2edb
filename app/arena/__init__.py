"""The arena: the component that draws, in the browser, everything that moves with the step."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from streamlit.components.v1 import declare_component

from ..figures.arena.records import Scene

_component = declare_component("arena", path=str(Path(__file__).parent / "web"))


def arena(scene: Scene, key: str, on_change: Callable[[], None]) -> Any:
    """Draw a scene, and return a person's last choice in it.

    Args:
      scene: of a race, or of a hyperparameter that is dragged.
      key: of the component in the session's state.
      on_change: called when a person chose something, before the page runs anew.

    Returns:
      None, or the choice: `{"event": "start", "at": [x, y], "nth": how many there were}`. It comes from a browser: whoever
      reads it must check it.
    """
    return _component(scene=scene.described, blob=scene.blob, key=key, default=None, on_change=on_change)
