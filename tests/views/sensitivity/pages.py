"""The pages of sweeps in a session of their own: what they show, and what a person does with them."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from streamlit.testing.v1 import AppTest

from prodigy_core.experiment import Contender, Experiment
from tests.views.race.pages import as_read, checked, values

EXPERIMENT = Experiment(
    problem="ill_conditioned_quadratic", steps=100, contenders=(Contender("prodigy"), Contender("adam", {"learning_rate": 0.1}))
)


def _sensitivity() -> None:
    from app.views import sensitivity

    sensitivity.page()


def _map() -> None:
    from app.views import map

    map.page()


PAGES: dict[str, Callable[[], None]] = {"sensitivity": _sensitivity, "map": _map}


def open_page(page: str, experiment: Experiment = EXPERIMENT, /, **view: Any) -> AppTest:
    """A new session that opens a page with a link; its choices with `__` where their names have a slash."""
    at = AppTest.from_function(PAGES[page], default_timeout=60)
    at.query_params["experiment"] = experiment.to_json(full=False)
    if view:
        at.query_params["view"] = json.dumps({f"{page}/{name.replace('__', '/')}": value for name, value in view.items()})
    return checked(at.run())


def chosen(at: AppTest) -> dict[str, Any]:
    """What the link says of the choices, by their names."""
    return dict(json.loads(values(at.query_params["view"])[0])) if "view" in at.query_params else {}


def choose(at: AppTest, name: str, value: Any) -> AppTest:
    return checked(at.selectbox(key=f"widget/sweeps/{name}").set_value(value).run())


def figure(at: AppTest) -> dict[str, Any]:
    """The chart; empty where there is none."""
    found = at.get("plotly_chart")
    return dict(json.loads(found[0].proto.spec)) if found else {}


def text_of(at: AppTest) -> str:
    """The sentences on the page."""
    return as_read("\n".join(element.value for element in (*at.markdown, *at.caption)))


def errors(at: AppTest) -> str:
    return as_read("\n".join(element.value for element in at.error))
