"""Figures of what the models have learned: their numbers are those of the predictions."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest

from app.colours import unlike_classes
from app.figures.learned import learned
from app.figures.learned.boundary import GROUNDS, LINE, POINTS, SYMBOLS, boundary_figure
from app.figures.learned.misread import misread_figure
from app.sight import BACKGROUNDS, SIGHT, contrast, difference
from app.theme import styles
from prodigy_core.experiment import Contender, Experiment
from prodigy_core.optimizers import OPTIMIZERS
from prodigy_core.predictions import MOST, Boundary, Errors, Misread, Part, Regions

SIX = (*map(Contender, ("prodigy", "adam", "sgd", "dog")), *(Contender("adam", {"learning_rate": x}) for x in (0.1, 0.2)))
EXPERIMENT = Experiment(problem="mlp", settings={"data": "moons"}, contenders=SIX)
STYLES = styles(EXPERIMENT.contenders, EXPERIMENT.labels)
POINTS_OF_GRID = 5


def _part(count: int, classes: int, seed: int) -> Part:
    rng = np.random.default_rng(seed)
    return Part(rng.normal(size=(count, 2)).astype(np.float32), np.arange(count) % classes)


def _regions(classes: int, step: int, seed: int) -> Regions:
    shares = np.random.default_rng(seed).dirichlet(np.ones(classes), (POINTS_OF_GRID, POINTS_OF_GRID))
    probabilities = np.moveaxis(shares, -1, 0).astype(np.float32)
    return Regions(step=step, winner=probabilities.argmax(axis=0), probabilities=probabilities, right=10 + seed)


def _boundary(contenders: int = 2, classes: int = 2, **changes: Any) -> Boundary:
    grid = np.linspace(-2, 2, POINTS_OF_GRID, dtype=np.float32)
    result = Boundary(
        x=grid,
        y=grid + 1,
        features=("height", "width"),
        classes=("one", "two", "three", "four", "five")[:classes],
        train=_part(30, classes, 1),
        validation=_part(20, classes, 2),
        regions=tuple(_regions(classes, 500, seed) for seed in range(contenders)),
    )
    return replace(result, **changes)


def _errors(wrong: int, step: int = 500, seed: int = 0) -> Errors:
    shown = min(wrong, MOST)
    images = np.random.default_rng(seed).uniform(size=(shown, 8, 8))
    meant, read = tuple(str(i) for i in range(shown)), tuple(str(9 - i) for i in range(shown))
    return Errors(step=step, wrong=wrong, images=images, meant=meant, read=read, sure=np.linspace(1, 0.5, shown))


def _words(figure: go.Figure) -> str:
    """The text of all annotations, without the tags."""
    return re.sub(r"<[^>]*>", " ", " | ".join(note.text for note in figure.layout.annotations))


def _of(figure: go.Figure, axis: str) -> list[Any]:
    return [trace for trace in figure.data if trace.xaxis == axis]


AXES = ("x", "x2", "x3", "x4", "x5", "x6")
every_mode = pytest.mark.parametrize("mode", list(BACKGROUNDS))


@every_mode
@pytest.mark.parametrize("contenders", range(1, 7))
def test_each_contender_has_a_panel_with_what_its_model_says(contenders, mode):
    boundary = _boundary(contenders)
    figure, words = boundary_figure(boundary, STYLES[:contenders], mode)
    go.Figure(figure.to_dict())  # raises where Plotly knows no such property or value
    for axis, regions, style in zip(AXES, boundary.regions, STYLES, strict=False):
        assert regions is not None
        ground, *points = _of(figure, axis)
        np.testing.assert_array_equal(ground.z, regions.probabilities[1])
        np.testing.assert_array_equal(ground.x, boundary.x)
        np.testing.assert_array_equal(ground.y, boundary.y)
        assert (ground.contours.start, ground.contours.end) == (0.5, 0.5), "the line is where both are as likely"
        assert [end[1] for end in ground.colorscale][::2] == list(GROUNDS[mode][:2])
        for c in range(2):
            for part, drawn in ((boundary.train, points[c]), (boundary.validation, points[2 + c])):
                np.testing.assert_array_equal(np.stack([drawn.x, drawn.y], axis=1), part.points[part.labels == c])
                assert drawn.marker.color == POINTS[mode][c]
                assert drawn.marker.symbol == SYMBOLS[c] + ("-open" if part is boundary.validation else "")
        assert f"{regions.right} of 20 right" in _words(figure)
        assert f"{style.label}: {regions.right} of 20 right" in words
    strokes = [(shape.line.color, shape.line.dash) for shape in figure.layout.shapes]
    assert strokes == [(style.colour, style.dash) for style in STYLES[:contenders]]
    assert "after 500 steps" in figure.layout.title.text
    assert "after 500 steps" in words


def test_panels_stand_in_a_grid_and_none_over_another():
    figure, _ = boundary_figure(_boundary(5), STYLES[:5])
    assert figure.layout.height > 3 * 200
    boxes = []
    for n in ("", 2, 3, 4, 5):
        across, up = figure.layout[f"xaxis{n}"].domain, figure.layout[f"yaxis{n}"].domain
        assert 0 <= across[0] < across[1] <= 1
        assert 0 <= up[0] < up[1] <= 1
        boxes.append((across, up))
    for i, (across, up) in enumerate(boxes):
        for right, top in boxes[:i]:
            assert across[0] >= right[1] or right[0] >= across[1] or up[1] <= top[0]
    titled = [n for n in ("", 2, 3, 4, 5) if figure.layout[f"xaxis{n}"].title.text == "height"]
    assert titled == [4, 5], "the lowest of each column"
    assert figure.layout.yaxis.title.text == "width"
    assert figure.layout.yaxis2.title.text is None


@pytest.mark.parametrize("classes", [3, 4])
def test_more_classes_have_a_colour_each_and_lines_between_all_of_them(classes):
    boundary = _boundary(1, classes)
    figure, _ = boundary_figure(boundary, STYLES[:1])
    go.Figure(figure.to_dict())
    (regions,) = boundary.regions
    assert regions is not None
    ground, *edges = [trace for trace in figure.data if trace.type in ("heatmap", "contour")]
    np.testing.assert_array_equal(ground.z, regions.winner)
    assert [colour for _, colour in ground.colorscale][::2] == list(GROUNDS["light"][:classes])
    assert len(edges) == classes
    for c, edge in enumerate(edges):
        np.testing.assert_array_equal(np.asarray(edge.z) > 0.5, regions.winner == c)


def test_a_run_that_broke_off_says_so_in_its_panel():
    early, late = _regions(2, 3, 0), _regions(2, 500, 1)
    figure, words = boundary_figure(_boundary(3, regions=(early, None, late)), STYLES[:3])
    assert [trace.type for trace in _of(figure, "x2")] == ["scatter"] * 4, "the data alone"
    for text in (_words(figure), words):
        assert "10 of 20 right, step 3" in text
        assert "broke off at its start" in text
        assert "11 of 20 right, step" not in text
    assert "after 500 steps" in figure.layout.title.text
    figure, _ = boundary_figure(_boundary(1, regions=(None,)), STYLES[:1])
    assert figure.to_json()


def test_names_that_a_person_gave_are_text_and_short():
    boundary = replace(_boundary(1), features=("<b>bold</b>", "y" * 90), classes=('<a href="x">link</a>', "z" * 90))
    figure, _ = boundary_figure(boundary, STYLES[:1])
    assert "<b>bold" not in figure.to_json()
    assert "<a href" not in figure.to_json().replace("\\u003c", "<")
    assert "&lt;b&gt;bold" in figure.layout.xaxis.title.text
    assert len(figure.layout.yaxis.title.text) < 30
    assert "z" * 30 not in figure.layout.annotations[0].text


def test_all_that_is_written_can_be_read_on_both_grounds():
    """4.5:1 is what WCAG 2.2 asks of a text (1.4.3); what has no colour of its own is paler in the page's style."""
    results = _boundary(2), Misread(of=100, errors=(_errors(3), _errors(0)))
    for figure in (boundary_figure(results[0], STYLES[:2])[0], misread_figure(results[1], STYLES[:2])[0]):
        for note in figure.layout.annotations:
            assert min(contrast(note.font.color, ground) for ground in BACKGROUNDS.values()) >= 4.5, note.text


def test_a_large_table_is_thinned_and_few_bytes():
    boundary = _boundary(6, train=_part(50_000, 2, 0), validation=_part(20_000, 2, 1))
    figure, _ = boundary_figure(boundary, STYLES)
    assert sum(len(trace.x) for trace in _of(figure, "x") if trace.type == "scatter") <= 600
    assert len(figure.to_json()) < 200_000


@every_mode
def test_each_contender_has_a_row_of_the_digits_that_it_misreads(mode):
    misread = Misread(359, (_errors(3), _errors(12, seed=1)))
    figure, words = misread_figure(misread, STYLES[:2], mode)
    go.Figure(figure.to_dict())
    for axis, errors, style in zip(AXES, misread.errors, STYLES, strict=False):
        assert errors is not None
        strip, hover = _of(figure, axis)
        for i, image in enumerate(errors.images):
            np.testing.assert_allclose(np.asarray(strip.z)[:, 11 * i : 11 * i + 8], image, rtol=1e-6)
            caption = next(n for n in figure.layout.annotations if n.xref == axis and n.x == 11 * i + 3.5)
            assert caption.text == f"{errors.meant[i]} read<br>as {errors.read[i]}"
            assert hover.x[i] == 11 * i + 3.5
            assert hover.text[i].endswith(f"{100 * errors.sure[i]:.0f} % sure")
        assert np.isnan(np.asarray(strip.z)[:, 8:11]).all()
        assert f"{errors.wrong} of 359 wrong" in _words(figure)
        assert f"{style.label}: {errors.wrong} of 359 wrong" in words
    low, high = (end[1] for end in figure.data[0].colorscale)
    assert contrast(low, high) > 10
    assert figure.layout.xaxis.range == figure.layout.xaxis2.range, "as large in every row"
    assert figure.layout.yaxis.range[0] > figure.layout.yaxis.range[1], "the first line of an image on top"
    assert figure.layout.yaxis2.scaleanchor == "x2"


def test_a_model_that_reads_all_rightly_says_so():
    figure, words = misread_figure(Misread(359, (_errors(0), None, _errors(1, step=20))), STYLES[:3])
    for text in (_words(figure), words):
        assert "all 359 right" in text
        assert "broke off at its start" in text
        assert "1 of 359 wrong, step 20" in text
    assert len(figure.data) == 2
    figure, words = misread_figure(Misread(359, (_errors(0),)), STYLES[:1])
    go.Figure(figure.to_dict())
    assert not figure.data
    assert figure.layout.height < 100
    assert "all 359 right" in words
    assert "surest" not in figure.layout.title.text


def test_there_is_a_figure_of_what_there_is():
    assert learned(None, None, STYLES[:2], "dark") == []
    ((name, figure, words),) = learned(_boundary(), None, STYLES[:2], "dark")
    assert (name, words[-1]) == ("boundary", ".")
    assert figure.data[0].colorscale[0][1] == GROUNDS["dark"][0]
    ((name, _, _),) = learned(None, Misread(359, (_errors(1), _errors(2))), STYLES[:2])
    assert name == "misread"
    assert learned(_boundary(2, 5), None, STYLES[:2]) == [], "more classes than there are colours"


@every_mode
@pytest.mark.parametrize("sight", list(SIGHT))
def test_the_two_classes_are_told_apart_by_everyone(mode, sight):
    assert difference(*GROUNDS[mode][:2], sight) > 20
    assert difference(*POINTS[mode][:2], sight) > 40
    for ground in GROUNDS[mode]:
        for point in (*POINTS[mode], LINE[mode]):
            assert contrast(ground, point) >= 3, (ground, point)


@every_mode
def test_no_class_has_the_colour_of_a_contender(mode):
    for optimizer in OPTIMIZERS.values():
        assert min(difference(optimizer.colour, one, "usual") for one in (*GROUNDS[mode], *POINTS[mode])) > 15, optimizer.name
        assert unlike_classes(optimizer.colour)
