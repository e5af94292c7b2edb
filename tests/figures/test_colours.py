"""The colours: each contender's own, seen on either background, by colour-blind people too."""

from __future__ import annotations

import itertools
import tomllib
from pathlib import Path

import numpy as np
import pytest

from app import theme
from app.theme import BACKGROUNDS, COLOURS, DASHES, GROUND, REFERENCE, STYLES, shade, styles
from prodigy_core.experiment import Contender, Experiment
from prodigy_core.optimizers import OPTIMIZERS
from tests.figures.runs import styles_of


@pytest.mark.parametrize("optimizer", list(OPTIMIZERS))
def test_six_of_one_optimizer_are_told_apart(optimizer):
    experiment = Experiment(contenders=(Contender(optimizer),) * 6)
    drawn = styles_of(experiment)
    assert (drawn[0].colour, drawn[0].dash) == STYLES[optimizer]
    assert len({(style.colour, style.dash) for style in drawn}) == 6
    assert len({style.dash for style in drawn}) == len(DASHES)
    assert len({style.label for style in drawn}) == 6


def test_a_contender_keeps_its_colour_when_another_joins():
    alone, joined = Experiment(contenders=(Contender("adam"),)), Experiment(contenders=(Contender("sgd"), Contender("adam")))
    assert styles_of(alone)[0].colour == styles_of(joined)[1].colour
    assert styles_of(alone)[0].dash == styles_of(joined)[1].dash


def test_every_optimizer_has_a_colour_and_a_dash_of_its_own():
    assert list(STYLES) == list(OPTIMIZERS)
    assert {dash for _, dash in STYLES.values()} == set(DASHES)
    assert len(set(COLOURS.values())) == len(OPTIMIZERS)


def test_the_backgrounds_are_those_of_the_app():
    """The contrasts below are measured against them."""
    config = tomllib.loads((Path(theme.__file__).parent / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
    assert {mode: config["theme"][mode]["backgroundColor"] for mode in BACKGROUNDS} == dict(BACKGROUNDS)
    assert set(GROUND) == set(BACKGROUNDS)


def _linear(colour: str) -> np.ndarray:
    """sRGB, IEC 61966-2-1, as light."""
    c = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    light: np.ndarray = np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)
    return light


TO_XYZ = np.array([[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]])


def _contrast(a: str, b: str) -> float:
    """WCAG 2.2, contrast ratio."""
    low, high = sorted(float(TO_XYZ[1] @ _linear(colour)) for colour in (a, b))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("name, colour", [*COLOURS.items(), ("reference", REFERENCE)])
@pytest.mark.parametrize("mode", list(BACKGROUNDS))
def test_every_line_stands_out_from_the_background_in_all_its_shades(mode, name, colour):
    """3:1 is what WCAG 2.2 asks of a graphical object (success criterion 1.4.11)."""
    for again in range(6 if name in COLOURS else 1):
        assert _contrast(shade(colour, again), BACKGROUNDS[mode]) >= 3.0, (name, again, shade(colour, again))


# Machado, Oliveira and Fernandes, 2009, table 1, severity 1: what a person without red or green cones sees.
SIGHT = {
    "usual": np.eye(3),
    "protanopia": np.array([[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
}


def _lab(colour: str, sight: str) -> np.ndarray:
    """CIELAB, D65, of what such a person sees."""
    xyz = TO_XYZ @ np.clip(SIGHT[sight] @ _linear(colour), 0, 1) / np.array([0.95047, 1.0, 1.08883])
    f = np.where(xyz > 216 / 24389, np.cbrt(xyz), (24389 / 27 * xyz + 16) / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


# A difference of 2.3 is just noticeable side by side on large patches (Mahy, Van Eycken and Oosterlinck, 1994). Lines
# are thin and apart from each other: ask for four to five times as much, and with full sight for ten times.
APART = {"usual": 25.0, "protanopia": 10.0, "deuteranopia": 10.0}

# Raced together most often, beside Prodigy against each of the others.
OFTEN = ("prodigy", "optax_prodigy", "dadapt_adamw", "schedule_free_adamw", "adam", "tuned_adam", "adamw", "sgd", "lion")


def _difference(a: str, b: str, sight: str) -> float:
    return float(np.linalg.norm(_lab(a, sight) - _lab(b, sight)))


def _apart(a: str, b: str) -> bool:
    return all(_difference(a, b, sight) >= least for sight, least in APART.items())


@pytest.mark.parametrize("sight", list(SIGHT))
def test_those_most_often_raced_together_are_told_apart_by_colour_alone(sight):
    pairs = {*itertools.combinations(OFTEN, 2), *(("prodigy", name) for name in COLOURS if name != "prodigy")}
    near = {(a, b): round(_difference(COLOURS[a], COLOURS[b], sight), 1) for a, b in pairs}
    assert min(near.values()) >= 10.0, sorted(near.items(), key=lambda item: item[1])[:4]


def test_any_two_optimizers_are_told_apart_by_colour_or_by_dash():
    same = [(a, b) for a, b in itertools.combinations(STYLES, 2) if STYLES[a][1] == STYLES[b][1]]
    assert len(same) > 20
    assert not [(a, b) for a, b in same if not _apart(COLOURS[a], COLOURS[b])]


def test_any_six_contenders_are_told_apart_by_colour_or_by_dash():
    """Also where some are the same optimizer again, in another shade, which may come close to another's colour."""
    generator = np.random.default_rng(0)
    names = list(OPTIMIZERS)
    races = [[names[i] for i in generator.choice(generator.choice(len(names), 3), 6)] for _ in range(300)]
    for race in (*races, ["adam"] * 3 + ["adamax"] * 3):
        drawn = styles([Contender(name) for name in race], race)
        for a, b in itertools.combinations(drawn, 2):
            assert a.dash != b.dash or _apart(a.colour, b.colour), race
