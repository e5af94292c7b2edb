"""What stands around every page: its name in a phone's bar, a link that skips to the picture, a word when the line is cut."""

from __future__ import annotations

from html import escape
from pathlib import Path

import streamlit as st

# The script, as HTML; read once, like the style sheet.
SCRIPT = f"<script>\n{(Path(__file__).parents[1] / 'page.js').read_text(encoding='utf-8')}</script>"
CUT = "The server does not answer. What is drawn still plays; what you change waits until the server is back."


def show(title: str) -> None:
    """Draw the frame of a page.

    `app/theme.css` places it over the header, so that it takes no room in the page; `app/page.js` makes the link, which must
    be the first stop of the Tab key and so the first element of the document.

    Args:
      title: of the page, as the navigation names it.
    """
    st.html(
        f'<div class="lab-frame"><p class="lab-bar">Prodigy Lab<span>{escape(title)}</span></p>'
        f'<div class="lab-cut" role="status">{CUT}</div></div>{SCRIPT}',
        unsafe_allow_javascript=True,
    )
