"""The arena: the component that draws, in the browser, everything that moves with the step."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from streamlit.components.v1 import declare_component

_component = declare_component("arena", path=str(Path(__file__).parent / "web"))


def arena(described: dict[str, Any], blob: bytes, key: str, on_change: Callable[[], None]) -> Any:
    """Draws a scene, and returns what a person last chose in it.

    Args:
      described: what there is, as JSON, as `figures.scene` makes it.
      blob: its arrays.
      key: of the component in the session's state.
      on_change: called when a person chose something, before the page runs anew.

    Returns:
      None, or what was chosen: `{"event": "start", "at": [x, y], "nth": how many there were}`. It comes from a browser:
      whoever reads it must check it.
    """
    return _component(scene=described, blob=blob, key=key, default=None, on_change=on_change)
