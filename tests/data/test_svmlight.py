"""The svmlight format: sparse rows, indices from 0 or 1, comments and query numbers."""

from __future__ import annotations

import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.datasets import dump_svmlight_file, load_svmlight_file

from prodigy_core.data import files
from tests.data.samples import refusal, table_of

ROWS = "1 1:0.5 3:-2e-1\n-1 2:4 # a comment 9:9\n"
GOOD = ROWS * 6


def test_rows_become_columns_named_by_their_index():
    table = table_of(GOOD, "a.svm")
    assert list(table.columns) == ["label", "feature 1", "feature 2", "feature 3"]
    np.testing.assert_array_equal(table.columns["label"], [1, -1] * 6)
    np.testing.assert_array_equal(table.columns["feature 1"], [0.5, 0] * 6)
    np.testing.assert_array_equal(table.columns["feature 2"], [0, 4] * 6)
    np.testing.assert_array_equal(table.columns["feature 3"], [-0.2, 0] * 6)
    assert table.guess == "label"
    assert table.proposal("label") == "classification"


def test_indices_may_count_from_zero():
    table = table_of(GOOD.replace("1:0.5", "0:0.5"), "a.svm")
    assert list(table.columns) == ["label", "feature 0", "feature 1", "feature 2", "feature 3"]
    np.testing.assert_array_equal(table.columns["feature 0"], [0.5, 0] * 6)
    np.testing.assert_array_equal(table.columns["feature 3"], [-0.2, 0] * 6)


@given(seed=st.integers(0, 10_000), zero_based=st.booleans(), width=st.integers(1, 6))
@settings(max_examples=30, deadline=None)
def test_what_scikit_learn_writes_is_read_as_scikit_learn_reads_it(seed, zero_based, width):
    rng = np.random.default_rng(seed)
    inputs = rng.normal(size=(12, width)) * rng.integers(0, 2, (12, width))
    inputs[0] = 1 + np.arange(width)  # so that both know how many columns there are
    inputs[1] = -1
    written = io.BytesIO()
    dump_svmlight_file(inputs, rng.integers(0, 3, 12), written, zero_based=zero_based, comment="of a test")
    table = table_of(written.getvalue(), "a.svm")
    expected, labels = load_svmlight_file(io.BytesIO(written.getvalue()))
    np.testing.assert_array_equal(np.column_stack(list(table.columns.values())[1:]), expected.toarray())
    np.testing.assert_array_equal(table.columns["label"], labels)


@pytest.mark.parametrize("name", ["a.csv", "a.txt", "a.data", "a", "A.SVM", "a.t", "a.libsvm", "a.svmlight"])
def test_the_format_is_known_by_the_content_whatever_the_name(name):
    assert next(iter(table_of(GOOD, name).columns)) == "label"
    assert next(iter(table_of("# a comment\n\n0\n" + GOOD.replace("\n", "\r\n"), name).columns)) == "label"


def test_a_row_without_values_is_a_row_of_zeros():
    table = table_of("3\n" + GOOD, "a.svm")
    assert [table.columns[name][0] for name in table.columns] == [3, 0, 0, 0]


def test_query_numbers_are_left_out_and_one_reads_so():
    table = table_of(GOOD.replace("1 1", "1 qid:7 1"), "a.csv")
    assert list(table.columns) == ["label", "feature 1", "feature 2", "feature 3"]
    assert table.notes == ("The query numbers (qid) were left out.",)


@pytest.mark.parametrize(
    "row, words",
    [
        ("1,3 1:2", "Row 3 has several labels, '1,3'. Keep one in each row."),
        ("cat 1:2", "Row 3 begins with 'cat'; it must begin with a number, the label."),
        ("1:2 3:4", "Row 3 begins with '1:2'; it must begin with a number, the label."),
        ("nan 1:2", "Row 3 begins with 'nan'; it must begin with a number, the label."),
        ("1 2:x", "Row 3 holds '2:x'; after its label a row holds index:value, two numbers each."),
        ("1 2:", "Row 3 holds '2:'; after its label a row holds index:value, two numbers each."),
        ("1 2:nan", "Row 3 holds '2:nan'; after its label a row holds index:value, two numbers each."),
        ("1 -2:3", "Row 3 holds '-2:3'; after its label a row holds index:value, two numbers each."),
        ("1 2:1_0", "Row 3 holds '2:1_0'; after its label a row holds index:value, two numbers each."),
        ("1 2:3 qid:4", "Row 3 holds 'qid:4'; after its label a row holds index:value, two numbers each."),
        ("1 " + "9" * 30 + ":1", f"Row 3 holds '{'9' * 30}:1'; after its label a row holds index:value, two numbers each."),
        ("1 3:1 2:1", "The indices of row 3 must ascend, each standing once. Sort them."),
        ("1 2:1 2:1", "The indices of row 3 must ascend, each standing once. Sort them."),
        ("1 2:1e400", "Numbers must lie between -1e+100 and 1e+100, but not all do in 'feature 2' (row 3). Correct them."),
        ("1 501:1", "The file has 502 columns; at most 500 are allowed. Leave some out."),
        ("1 2147483648:1", "The file has 2,147,483,649 columns; at most 500 are allowed. Leave some out."),
        ("1 999999999999999999:1", "The file has 1,000,000,000,000,000,000 columns; at most 500 are allowed. Leave some out."),
    ],
)
def test_a_wrong_row_is_named(row, words):
    assert refusal(f"{ROWS}{row}\n{GOOD}", "a.svm") == words


def test_a_file_of_comments_or_of_labels_holds_nothing_to_learn_from():
    assert refusal("# a\n# b\n", "a.svm") == "No row holds index:value after its label. Add what a model can learn from."
    assert refusal("1\n2\n" * 6, "a.svm") == "No row holds index:value after its label. Add what a model can learn from."
    assert refusal(ROWS, "a.svm") == "The file has 2 rows of data; 10 are the least. Add rows."


def test_a_few_bytes_cannot_stand_for_many_numbers(monkeypatch):
    """20,000 rows of 500 columns would be 80 MB out of a file of 160 KB."""
    wide = "1 499:1\n" * 20_000
    assert refusal(wide, "a.svm").startswith("The file has more than 2,500,000 cells, which is all that is allowed.")
    monkeypatch.setattr(files, "MAX_CELLS", 48)
    assert table_of(GOOD, "a.svm").rows == 12
    monkeypatch.setattr(files, "MAX_CELLS", 47)
    assert refusal(GOOD, "a.svm").startswith("The file has more than 47 cells")


@pytest.mark.parametrize("name", ["a.svm", "A.SVM", "a.T", "a.LibSVM", "a.svmlight"])
def test_the_name_decides_where_the_content_leaves_a_doubt(name):
    """Otherwise the message would be about a missing comma, in a format that has none."""
    assert refusal(f"cat 1:2\n{GOOD}", name).startswith("Row 1 begins with 'cat'")
