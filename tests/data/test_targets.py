"""The choice of a target: the proposal, the refusals, and the data set that a model gets."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.preprocessing import StandardScaler

from prodigy_core.data import upload
from prodigy_core.data.datasets import split
from prodigy_core.data.upload import dataset_from_table
from tests.data.samples import GOOD, column_of, refused, table_of


def _columns(**columns):
    """A file of these columns."""
    rows = zip(*columns.values(), strict=True)
    return table_of(",".join(columns) + "\n" + "".join(",".join(map(str, row)) + "\n" for row in rows))


@pytest.mark.parametrize(
    "header, guess",
    [
        ("a,b,c", "c"),
        ("target,b,c", "target"),
        ("a,Label,c", "Label"),
        ("CLASS,b,c", "CLASS"),
        ("y,b,c", "y"),
        ("y,target,c", "target"),
        ("yes,b,classes", "classes"),
    ],
)
def test_the_target_that_a_person_most_likely_means_is_proposed(header, guess):
    assert table_of(GOOD.replace("size,weight,colour", header)).guess == guess


def test_only_columns_that_can_be_told_apart_are_proposed():
    counts = list(range(120))
    table = _columns(number=counts, target=["same"] * 120, label=[7] * 120, ids=[f"p{i}" for i in counts], y=["", "a"] * 60)
    assert table.targets == ("number",)
    assert table.guess == "number"


@pytest.mark.parametrize(
    "values, kind",
    [
        ([0, 1] * 10, "classification"),
        ([-1, 1] * 10, "classification"),
        ([1.0, 2.0] * 10, "classification"),
        (["a", "b"] * 10, "classification"),
        ([f"w{i}" for i in range(20)], "classification"),
        ([0.5, 1.5] * 10, "regression"),
        (list(range(20)), "regression"),
        ([0, 1, 2, 3] * 5, "classification"),
        ([0, 1, 2, 3, 4] * 4, "regression"),
        (list(range(20)) * 5, "classification"),
        (list(range(21)) * 6, "regression"),
    ],
)
def test_words_and_few_whole_numbers_are_taken_for_classes(values, kind):
    assert _columns(x=range(len(values)), t=values).proposal("t") == kind


def test_classes_are_learnt_from_the_other_columns():
    table = table_of(GOOD)
    dataset = dataset_from_table(table, "colour", "classification")
    assert dataset.features == ("size", "weight")
    assert dataset.classes == ("blue", "green", "red")
    assert (dataset.name, dataset.title, dataset.kind, dataset.image) == ("mine.csv", "mine.csv", "classification", None)
    indices = np.array([dataset.classes.index(word) for word in table.columns["colour"]])
    inputs = np.column_stack([table.columns["size"], table.columns["weight"]])
    train, validation = split(indices, "classification")
    np.testing.assert_array_equal(dataset.train_targets, indices[train])
    np.testing.assert_array_equal(dataset.validation_targets, indices[validation])
    scaler = StandardScaler().fit(inputs[train])
    np.testing.assert_allclose(dataset.train_inputs, scaler.transform(inputs[train]))
    np.testing.assert_allclose(dataset.validation_inputs, scaler.transform(inputs[validation]))


def test_a_number_is_learnt_from_the_other_columns():
    table = table_of(GOOD)
    dataset = dataset_from_table(table, "weight", "regression")
    assert dataset.features == ("size",)
    assert dataset.classes == ()
    train, validation = split(table.columns["weight"], "regression")
    scaler = StandardScaler().fit(table.columns["weight"][train][:, None])
    np.testing.assert_allclose(dataset.train_targets, scaler.transform(table.columns["weight"][train][:, None])[:, 0])
    np.testing.assert_allclose(dataset.validation_targets, scaler.transform(table.columns["weight"][validation][:, None])[:, 0])


def test_numbers_as_classes_are_called_as_they_are_written():
    table = _columns(x=range(12), t=[-1, 0, 10_000_000] * 4, u=[0.5, 1e20, 123456789] * 4)
    assert dataset_from_table(table, "t", "classification").classes == ("-1", "0", "10000000")
    assert dataset_from_table(table, "u", "classification").classes == ("0.5", "123456789", "1e+20")


def test_a_class_with_a_hostile_name_is_cut_to_one_short_line():
    table = table_of(column_of(["<script>\u202e" + "x" * 300, "no"] * 6))
    assert dataset_from_table(table, "y", "classification").classes == (("<script> " + "x" * 300)[:80], "no")


def test_constant_and_text_columns_are_not_learnt_from():
    table = _columns(same=[1] * 12, word=["a", "b"] * 6, x=range(12), t=[0, 1, 1] * 4)
    assert dataset_from_table(table, "t", "classification").features == ("x",)


def test_a_column_that_is_constant_where_one_learns_is_zero():
    table = _columns(rare=[0] * 12, x=range(12), t=[0, 1, 1] * 4)
    _, validation = split(table.columns["t"], "classification")
    rare = np.zeros(12)
    rare[validation[0]] = 1
    dataset = dataset_from_table(_columns(rare=rare, x=range(12), t=[0, 1, 1] * 4), "t", "classification")
    assert dataset.features == ("rare", "x")
    assert not dataset.train_inputs[:, 0].any()
    assert not dataset.validation_inputs[:, 0].any()


def test_equal_files_have_equal_digests_and_another_choice_another():
    """The digest in a link says whether the file uploaded here is the one that the link was made with."""
    table = table_of(GOOD)
    again = table_of(GOOD.replace(",", ";").encode("utf-16"), "copy.txt")
    digest = dataset_from_table(table, "size", "classification").digest
    assert dataset_from_table(again, "size", "classification").digest == digest
    others = [dataset_from_table(table, "weight", "regression"), dataset_from_table(table, "size", "regression")]
    others += [dataset_from_table(table, "colour", "classification")]
    others += [dataset_from_table(table_of(GOOD.replace("9.5", "9.6")), "size", "classification")]
    others += [dataset_from_table(table_of(GOOD.replace("weight", "mass")), "size", "classification")]
    assert len({digest, *(other.digest for other in others)}) == 6


@pytest.mark.parametrize("given", ["colr", "COLOUR", "Colour "])
def test_a_misspelt_target_finds_its_neighbour(given):
    words = f"target is {given!r}; it must be one of the columns 'size', 'weight', 'colour'. Did you mean 'colour'?"
    assert refused(table_of(GOOD), given, "classification") == words
    assert "Did you mean 'COLOUR'?" in refused(table_of(GOOD.replace("colour", "COLOUR")), "colr", "classification")


@pytest.mark.parametrize("given", ["", "zzzzzz", None, 7, ["size"], "x" * 100_000])
def test_a_target_that_is_not_there_is_refused(given):
    words = refused(table_of(GOOD), given, "classification")
    assert "it must be one of the columns 'size', 'weight', 'colour'." in words
    assert len(words) < 300


def test_an_unknown_kind_is_refused():
    words = "kind is 'regresion'; it must be classification or regression. Did you mean 'regression'?"
    assert refused(table_of(GOOD), "size", "regresion") == words


def test_a_target_that_cannot_be_learnt_is_refused_with_advice():
    counts = list(range(120))
    table = _columns(
        x=counts,
        single=[0] * 119 + [1],
        pairs=["a", "b"] * 59 + ["c", "d"],
        many=[i // 1 for i in counts],
        words=[f"w{i}" for i in counts],
        gaps=["", "a", "b"] * 40,
        same=[3] * 120,
        one=["w"] * 120,
    )
    assert refused(table, "single", "classification") == (
        "Only one row has the class '1' in the target 'single'; each class needs two, one to learn from and one to be judged "
        "by. Add rows, or remove those of the class."
    )
    assert "Only one row has the class 'c', 'd' in the target 'pairs'" in refused(table, "pairs", "classification")
    assert refused(table, "many", "classification") == (
        "The target 'many' has 120 classes; at most 100 are allowed: is this a regression?"
    )
    assert refused(table, "words", "classification") == (
        "The target 'words' has 120 classes; at most 100 are allowed: choose a column with fewer."
    )
    assert refused(table, "gaps", "classification") == (
        "The target 'gaps' is empty in 40 rows. Fill them in or remove these rows."
    )
    for name in ("same", "one"):
        words = f"The target {name!r} has one class only. There must be two or more: choose another target."
        assert refused(table, name, "classification") == words
    assert refused(table, "same", "regression") == ("The target 'same' is the same number in all rows. Choose another target.")
    assert refused(table, "words", "regression") == (
        "The target 'words' holds text; a regression needs numbers. Choose classification or another target."
    )


def test_a_target_needs_something_to_learn_from():
    table = _columns(x=range(12), word=["a", "b"] * 6)
    assert dataset_from_table(table, "word", "classification").features == ("x",)
    words = "Besides the target 'x' no column holds numbers that differ. Add one to learn from."
    assert refused(table, "x", "regression") == words


def test_the_number_of_classes_is_a_limit(monkeypatch):
    table = _columns(x=range(12), t=[0, 1, 2] * 4, w=["a", "b", "c"] * 4)
    monkeypatch.setattr(upload, "MAX_CLASSES", 3)
    assert len(dataset_from_table(table, "t", "classification").classes) == 3
    monkeypatch.setattr(upload, "MAX_CLASSES", 2)
    assert "at most 2 are allowed" in refused(table, "t", "classification")
    assert "at most 2 are allowed" in refused(table, "w", "classification")


def test_columns_that_differ_only_where_one_is_judged_teach_nothing():
    targets = np.array([0, 1, 1] * 4)
    _, validation = split(targets, "classification")
    rare = np.zeros(12)
    rare[validation[0]] = 1
    words = refused(_columns(rare=rare, t=targets), "t", "classification")
    assert words == "In the rows that a model would learn from the columns beside the target do not differ. Add rows that do."
    _, validation = split(np.zeros(12), "regression")
    rare = np.zeros(12)
    rare[validation[0]] = 1
    words = refused(_columns(x=range(12), t=rare), "t", "regression")
    assert words == "In the rows that a model would learn from the target 't' does not differ. Add rows that do."


@pytest.mark.parametrize("small, large", [(1e-300, 1e100), (1.0, 1e40)])
@pytest.mark.parametrize("column", ["x", "t"])
def test_a_number_out_of_all_proportion_is_refused_before_it_becomes_infinite(small, large, column):
    """In a validation row it would turn every curve of the run into infinity, from the first step on."""
    _, validation = split(np.zeros(12), "regression")
    values = np.arange(12) * small
    values[validation[0]] = large
    columns = {"x": np.arange(12.0), "z": np.arange(12) % 5, "t": np.arange(12.0)} | {column: values}
    words = f"A number in {column!r} is so far from all others that they look equal. Correct or remove it."
    assert (
        refused(_columns(**{name: map(repr, values.tolist()) for name, values in columns.items()}), "t", "regression") == words
    )
