"""`python -m docs`: write docs/configuration.md, docs/rooms.svg and the algorithm in README.md anew.

Tests hold all three to the code.
"""

from __future__ import annotations

from docs.pages import FOLDER, configuration, readme
from docs.picture import picture

README = FOLDER.parent / "README.md"

if __name__ == "__main__":
    (FOLDER / "configuration.md").write_text(configuration(), encoding="utf-8")
    (FOLDER / "rooms.svg").write_text(picture(), encoding="utf-8")
    README.write_text(readme(README.read_text(encoding="utf-8")), encoding="utf-8")
