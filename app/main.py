"""The router: `streamlit run app/main.py`."""

import sys
from importlib import import_module
from pathlib import Path

import streamlit as st

if not __package__:  # Streamlit runs this file as a script: give it the package that its folder is
    folder = Path(__file__).resolve().parent
    if str(folder.parent) not in sys.path:
        sys.path.insert(0, str(folder.parent))
    __package__ = folder.name
    import_module(__package__)

from prodigy_core.engine import xla

from . import cache, state, theme
from .views import frame, map, scoreboard, scrub, sensitivity, teach
from .views.lessons import page as lessons
from .views.race import page as race

xla.prepare()  # the first run of this script, and so before anything is computed
st.set_page_config(page_title="Prodigy Lab", page_icon=theme.ICON, layout="wide", initial_sidebar_state=theme.SIDEBAR_WIDTH)
cache.keep_house()
st.html(theme.CSS)
PAGES = {
    "Race": race.page,
    "Lessons": lessons.page,
    "Sensitivity": sensitivity.page,
    "Map": map.page,
    "Scrub": scrub.page,
    "Scoreboard": scoreboard.page,
    "Teach": teach.page,
}
if state.handout().projector:
    st.html(theme.PROJECTOR)
page = st.navigation(state.pages(PAGES), position="hidden" if state.handout().hides("pages") else "top")
frame.show(page.title)
page.run()
