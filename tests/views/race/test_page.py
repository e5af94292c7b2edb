"""The race page as a person meets it, also where a run ends badly. What it looks like is for a browser."""

from __future__ import annotations

from pathlib import Path

import jax
import pytest
from jax.experimental.compilation_cache import compilation_cache
from streamlit.testing.v1 import AppTest

import app
from prodigy_core.experiment import Contender, Experiment
from tests.views.race.pages import CHARTS, STEPS, USUAL, charts, checked, html, open_page, shown

DISK_CACHE = (  # what the router sets for its process, and so for the tests after it
    "jax_compilation_cache_dir",
    "jax_persistent_cache_min_compile_time_secs",
    "jax_persistent_cache_min_entry_size_bytes",
)


def test_the_page_opens_with_prodigy_beside_adam_and_says_so_in_its_link():
    at = open_page()
    assert shown(at) == Experiment()
    assert charts(at) == CHARTS
    assert not at.warning
    assert not at.error
    page = html(at)
    for word in ("Prodigy", "Adam", "Final loss", "Steps to 1e-06", "Ran all 300 steps."):
        assert word in page
    assert "How big should a step be?" in at.title[0].value


def test_the_router_runs_the_page(tmp_path, monkeypatch):
    """The way a visitor comes in; the rest of this folder calls the page directly."""
    monkeypatch.setenv("PRODIGY_LAB_CACHE", str(tmp_path))
    before = {name: getattr(jax.config, name) for name in DISK_CACHE}
    try:
        at = AppTest.from_file(str(Path(app.__file__).parent / "main.py"), default_timeout=60)
        at.query_params["experiment"] = Experiment(steps=STEPS, contenders=USUAL).to_json(full=False)
        checked(at.run())
        assert charts(at) == CHARTS
        assert shown(at).steps == STEPS
    finally:
        for name, value in before.items():
            jax.config.update(name, value)
        compilation_cache.reset_cache()


@pytest.mark.parametrize(
    "experiment, words",
    [
        (Experiment(steps=STEPS, contenders=(Contender("sgd", {"learning_rate": 0.1}), USUAL[0])), "Diverged at step"),
        (Experiment(steps=STEPS, contenders=(Contender("optax_prodigy", {"warmup": 0.1}), USUAL[0])), "NaN"),
        (
            Experiment(problem="goldstein_price", start=(1e6, 1e6), precision="float32", steps=9, contenders=USUAL[1:]),
            "Diverged",
        ),
        (Experiment(problem="cross_in_tray", start=(1e6, 1e6), steps=9, contenders=USUAL[1:]), "Diverged at step 0"),
        (Experiment(problem="monkey_saddle", steps=STEPS, contenders=(Contender("sgd", {"learning_rate": 0.1}),)), "Diverged"),
    ],
    ids=lambda value: value if isinstance(value, str) else value.problem,
)
def test_a_run_that_breaks_off_is_told_in_the_table_and_drawn(experiment, words):
    at = open_page(experiment.to_json(full=False))
    assert charts(at) == CHARTS
    assert words in html(at)
