"""The colours: each contender's own, seen on either background, by colour-blind people too; how one more is proposed."""

from __future__ import annotations

import itertools
import re
import tomllib
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import numpy as np
import pytest

from app import colours, theme
from app.colours import ALIKE, apart, apart_for_everyone, unlike_classes
from app.sight import BACKGROUNDS, CONTRAST, EVERY_SIGHT, SIGHT, contrast, delta_e, difference, lab, least_contrast
from app.sight.ramps import CHROMA, least_difference
from app.theme import DASHES, GROUND, REFERENCE, Style, styles
from prodigy_core.experiment import Contender, Experiment
from prodigy_core.optimizers import OPTIMIZERS
from prodigy_core.param import Value
from tests.figures.runs import styles_of
from tests.optimizers.runs import every_optimizer

COLOURS = {name: optimizer.colour for name, optimizer in OPTIMIZERS.items()}


@every_optimizer
def test_six_of_one_optimizer_are_told_apart(optimizer):
    experiment = Experiment(contenders=(Contender(optimizer.name),) * 6)
    drawn = styles_of(experiment)
    assert (drawn[0].colour, drawn[0].dash) == (optimizer.colour, DASHES[optimizer.dash])
    assert len({(style.colour, style.dash) for style in drawn}) == 6
    assert len({style.dash for style in drawn}) == len(DASHES)
    assert len({style.label for style in drawn}) == 6


# --- one optimizer that races itself --------------------------------------------------------------------------------


def along(name: str, knob: str, *values: Value, also: tuple[Contender, ...] = ()) -> tuple[Style, ...]:
    contenders = (*(Contender(name, {knob: value}) for value in values), *also)
    return styles(contenders, Experiment(contenders=contenders).labels)


VALUES = (1e-8, 1e-6, 1e-4, 1e-2, 1.0, 10.0)
races_of_one = pytest.mark.parametrize("first, count", [(i, n) for n in range(2, 7) for i in range(7 - n)])


@races_of_one
def test_prodigys_are_told_apart_by_colour_alone(first, count):
    """With the default at the first place, at the second, or not among them; Adam is there where six are not enough."""
    adam = (Contender("adam"),) if count < 6 else ()
    drawn = along("prodigy", "estim_lr0", *VALUES[first : first + count], also=adam)
    assert least_difference([style.colour for style in drawn]) >= 15
    for sight in EVERY_SIGHT:
        assert least_difference([style.colour for style in drawn], sight) >= 10, sight
    assert all(least_contrast(style.colour) >= CONTRAST for style in drawn)
    assert len({style.dash for style in drawn[:count]}) == count


@races_of_one
def test_colours_run_through_the_hues_along_the_values(first, count):
    """Not along the list: a student reads off the colour whether a value is a large one."""
    values = VALUES[first : first + count]
    sorted_colours = {value: style.colour for value, style in zip(values, along("prodigy", "estim_lr0", *values), strict=True)}
    mixed = values[::2] + values[1::2]
    assert {v: s.colour for v, s in zip(mixed, along("prodigy", "estim_lr0", *mixed), strict=True)} == sorted_colours
    own = lab(COLOURS["prodigy"], "usual")
    turns = []
    for colour in sorted_colours.values():
        _, a, b = lab(colour, "usual")
        assert np.hypot(a, b) >= CHROMA - 1e-9
        turns.append((np.degrees(np.arctan2(b, a) - np.arctan2(own[2], own[1])) + 180) % 360 - 180)
    assert max(map(abs, turns)) <= 100, "from amber through orange to plum"
    assert turns in (sorted(turns), sorted(turns, reverse=True))
    if 1e-6 in values:
        assert sorted_colours[1e-6] == COLOURS["prodigy"], "the untouched one is in the optimizer's own colour"


@every_optimizer
def test_six_of_any_optimizer_are_told_apart_as_well_as_its_hues_allow(optimizer):
    """Blue and green leave less room than orange does; dashes tell them apart too."""
    contenders = (Contender(optimizer.name),) * 6
    drawn = styles(contenders, [""] * 6)
    assert least_difference([style.colour for style in drawn]) >= 11
    assert all(least_contrast(style.colour) >= CONTRAST for style in drawn)


def test_values_that_are_words_switches_or_none_have_an_order():
    ordered = along("prodigy", "schedule", "constant", "linear", "cosine")
    assert len({style.colour for style in ordered}) == 3
    beta3 = along("prodigy", "beta3", 0.9, 0.99, None)
    assert beta3[2].colour == COLOURS["prodigy"]
    assert along("prodigy", "safeguard_warmup", True, False)[1].colour == COLOURS["prodigy"]


def test_ciede2000_is_that_of_the_paper():
    """Pairs 1, 7, 9, 17, 25 and 31 of table 1 in Sharma, Wu and Dalal, 2005."""
    pairs = [
        ((50.0, 2.6772, -79.7751), (50.0, 0.0, -82.7485), 2.0425),
        ((50.0, 0.0, 0.0), (50.0, -1.0, 2.0), 2.3669),
        ((50.0, 2.49, -0.001), (50.0, -2.49, 0.0009), 7.1792),
        ((50.0, 2.5, 0.0), (73.0, 25.0, -18.0), 27.1492),
        ((60.2574, -34.0099, 36.2677), (60.4626, -34.1751, 39.4387), 1.2644),
        ((22.7233, 20.0904, -46.6940), (23.0331, 14.9730, -42.5619), 2.0373),
    ]
    for a, b, known in pairs:
        assert float(delta_e(np.array(a), np.array(b))) == pytest.approx(known, abs=1e-4)


def test_a_contender_keeps_its_colour_when_another_joins():
    alone, joined = Experiment(contenders=(Contender("adam"),)), Experiment(contenders=(Contender("sgd"), Contender("adam")))
    assert styles_of(alone)[0].colour == styles_of(joined)[1].colour
    assert styles_of(alone)[0].dash == styles_of(joined)[1].dash


@every_optimizer
def test_it_has_a_colour_of_its_own(optimizer):
    assert re.fullmatch("#[0-9a-f]{6}", optimizer.colour)
    others = [colour for name, colour in COLOURS.items() if name != optimizer.name]
    assert min(difference(optimizer.colour, other, "usual") for other in others) >= ALIKE


def test_every_dash_is_in_use():
    assert {optimizer.dash for optimizer in OPTIMIZERS.values()} == set(DASHES)


def test_the_backgrounds_are_those_of_the_app():
    """The contrasts below are measured against them."""
    config = tomllib.loads((Path(theme.__file__).parent / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
    assert {mode: config["theme"][mode]["backgroundColor"] for mode in BACKGROUNDS} == dict(BACKGROUNDS)
    assert set(GROUND) == set(BACKGROUNDS)


@every_optimizer
def test_its_line_stands_out_from_both_backgrounds(optimizer):
    assert least_contrast(optimizer.colour) >= CONTRAST


@pytest.mark.parametrize("mode", list(BACKGROUNDS))
def test_the_colour_of_references_stands_out(mode):
    assert contrast(REFERENCE, BACKGROUNDS[mode]) >= CONTRAST


@every_optimizer
def test_it_is_told_apart_by_colour_alone_from_those_it_often_meets(optimizer):
    near = [other.name for other in OPTIMIZERS.values() if other is not optimizer and colours.often_together(optimizer, other)]
    assert "prodigy" in near or optimizer.name == "prodigy"
    assert not [name for name in near if not apart_for_everyone(optimizer.colour, COLOURS[name])]


def test_any_two_optimizers_are_told_apart_by_colour_or_by_dash():
    same = [(a, b) for a, b in itertools.combinations(OPTIMIZERS.values(), 2) if a.dash == b.dash]
    assert len(same) > 20
    assert not [(a.name, b.name) for a, b in same if not apart(a.colour, b.colour)]


def test_any_six_contenders_are_told_apart_by_colour_or_by_dash():
    """Also where some are the same optimizer again, in another colour of its ramp, which may come close to another's."""
    generator = np.random.default_rng(0)
    names = list(OPTIMIZERS)
    races = [[names[i] for i in generator.choice(generator.choice(len(names), 3), 6)] for _ in range(300)]
    for race in (*races, ["adam"] * 3 + ["adamax"] * 3):
        drawn = styles([Contender(name) for name in race], race)
        for a, b in itertools.combinations(drawn, 2):
            assert a.dash != b.dash or apart(a.colour, b.colour), race


# --- the measure, and what it proposes -------------------------------------------------------------------------------


def test_the_contrast_is_that_of_wcag():
    """Known pairs: its two ends, and the grey that just passes as text on white."""
    assert contrast("#ffffff", "#000000") == pytest.approx(21)
    assert contrast("#123456", "#123456") == pytest.approx(1)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.005)


def test_the_difference_is_that_of_cielab():
    """White is 100 above black, and pure red lies at (53.24, 80.09, 67.20) in D65."""
    assert difference("#ffffff", "#000000", "usual") == pytest.approx(100, abs=0.01)
    np.testing.assert_allclose(lab("#ff0000", "usual"), (53.24, 80.09, 67.20), atol=0.02)
    assert difference("#d33f00", "#7a8c00", "protanopia") < difference("#d33f00", "#7a8c00", "usual") / 2


@pytest.mark.parametrize("replaced", ["", "adam", "lars"])
def test_a_proposal_passes_every_test_above(replaced):
    colour, dash = colours.propose(replaced)
    others = [optimizer for optimizer in OPTIMIZERS.values() if optimizer.name != replaced]
    assert min(difference(colour, other.colour, "usual") for other in others) >= ALIKE
    assert least_contrast(colour) >= CONTRAST
    assert unlike_classes(colour)
    assert all(apart(colour, other.colour) for other in others if other.dash == dash)
    often = bool(replaced) and OPTIMIZERS[replaced].raced_often
    for other in others:
        if other.name == "prodigy" or (often and other.raced_often):
            assert all(difference(colour, other.colour, sight) >= 10 for sight in SIGHT), other.name


def test_it_says_so_where_no_colour_is_left(monkeypatch):
    first = OPTIMIZERS["prodigy"]
    crowd = {f"{i}": replace(first, name=f"{i}", colour=colour) for i, colour in enumerate(colours.candidates())}
    monkeypatch.setattr(colours, "OPTIMIZERS", MappingProxyType(crowd))
    with pytest.raises(ValueError, match="no colour"):
        colours.propose()
