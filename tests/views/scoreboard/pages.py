"""The page in a session of its own, with a suite of two small problems, and what it shows."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pandas as pd
import pyarrow as pa
from streamlit.testing.v1 import AppTest

from prodigy_core.experiment import Contender, Experiment
from tests.views.race.pages import checked

PAIR = (Contender("prodigy"), Contender("adam", {"learning_rate": 0.1}))
SUITE, STEPS = ("sphere", "booth"), 100
VIEW = {"board/problems/Plane": list(SUITE), "board/steps/Plane": STEPS, "board/starts": 2}


def _scoreboard() -> None:
    from app.views import scoreboard

    scoreboard.page()


def open_page(*contenders: Contender, view: dict[str, Any] | None = None, page: Callable[[], None] = _scoreboard) -> AppTest:
    """A new session that follows a link to the page."""
    at = AppTest.from_function(page, default_timeout=200)
    at.query_params["experiment"] = Experiment(contenders=contenders).to_json(full=False)
    at.query_params["view"] = json.dumps(VIEW | (view or {}))
    return checked(at.run())


def table(at: AppTest) -> pd.DataFrame:
    (found,) = at.dataframe
    return found.value


def written(at: AppTest) -> pd.DataFrame:
    """The table as a person reads it."""
    (found,) = at.dataframe
    return pa.ipc.open_stream(found.proto.arrow_data.styler.display_values).read_pandas()


def charts(at: AppTest) -> dict[str, dict[str, Any]]:
    """The figures by their titles."""
    found = [json.loads(element.proto.spec) for element in at.get("plotly_chart")]
    return {figure["layout"]["title"]["text"]: figure for figure in found}
