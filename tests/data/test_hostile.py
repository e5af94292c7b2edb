"""Files that nobody meant to be a table: any bytes, any text, huge cells. The answer is a table or a message, and soon."""

from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prodigy_core.data.datasets import TargetKind
from prodigy_core.data.upload import Table, UploadError, dataset_from_table, read_table
from tests.data.samples import GOOD, column_of, refusal

NAMES = st.sampled_from(["a.csv", "a.svm", "a.tsv", "a", "a.T"])
KINDS: tuple[TargetKind, ...] = ("classification", "regression")
WORDS = "1 0 2.5 -3 1e5 1e400 1e-320 -1e99 nan ? x y 1,5 1,234.5 1_0"
CELLS = st.sampled_from(["", *WORDS.split()])
ANY_CELL = CELLS | st.text(max_size=5) | st.floats().map(repr)
ROWS = st.integers(1, 5).flatmap(lambda width: st.lists(st.lists(ANY_CELL, min_size=width, max_size=width), max_size=40))
# Few kinds of cells in each column, so that many tables are valid
COLUMN = st.lists(CELLS, min_size=1, max_size=4).flatmap(
    lambda kinds: st.lists(st.sampled_from(kinds), min_size=12, max_size=12)
)
LINES = st.lists(
    st.builds(
        lambda label, pairs: " ".join([label, *(f"{index}:{value}" for index, value in pairs)]),
        st.sampled_from(["0", "1", "-1", "2.5", "a", "1,2", "", "1e999"]),
        st.lists(st.tuples(st.sampled_from(["0", "1", "2", "7", "499", "2147483648", "-1", "qid"]), CELLS), max_size=4),
    ),
    max_size=30,
)


def _answer(name: str, content: bytes) -> Table | None:
    """Return the table, checked for its promises; None if the file was refused with a message of a bearable length."""
    before = time.perf_counter()
    try:
        table = read_table(name, content)
    except UploadError as error:
        table, words = None, str(error)
    assert time.perf_counter() - before < 5.0
    if table is None:
        assert 10 < len(words) < 5_000
        return None
    for column, values in table.columns.items():
        assert 1 <= len(column) <= 80
        assert column.isprintable()
        assert len(values) == table.rows >= 10
        if values.dtype == object:
            assert all(isinstance(value, str) for value in values)
        else:
            assert np.all(np.abs(values) <= 1e100)
    assert set(table.numeric) <= set(table.targets) <= set(table.columns)
    assert table.numeric
    assert table.guess in table.targets
    return table


def _check_every_choice(table: Table) -> None:
    """Check that every choice of target and kind gives finite arrays or a message."""
    for target in (*table.columns, "no such column"):
        for kind in KINDS:
            try:
                dataset = dataset_from_table(table, target, kind)
            except UploadError:
                continue
            for array in (dataset.train_inputs, dataset.train_targets, dataset.validation_inputs, dataset.validation_targets):
                assert np.isfinite(array).all()
                assert len(array)
            assert dataset.train_inputs.any()
            assert target not in dataset.features
            if kind == "classification":
                assert set(dataset.train_targets) == set(dataset.validation_targets) == set(range(len(dataset.classes)))
            assert dataset_from_table(table, target, kind).digest == dataset.digest


@given(name=NAMES, content=st.binary(max_size=300))
@settings(max_examples=200, deadline=None)
def test_any_bytes_are_answered(name, content):
    _answer(name, content)


@given(name=NAMES, text=st.text(max_size=400), encoding=st.sampled_from(["utf-8", "utf-16", "utf-8-sig"]))
@settings(max_examples=200, deadline=None)
def test_any_text_is_answered(name, text, encoding):
    _answer(name, text.encode(encoding, errors="replace"))


@given(rows=ROWS, separator=st.sampled_from([",", ";", "\t"]), quote=st.booleans())
@settings(max_examples=150, deadline=None)
def test_any_table_is_answered(rows, separator, quote):
    mark = '"' if quote else ""
    text = "\n".join(separator.join(mark + cell + mark for cell in row) for row in rows)
    if table := _answer("a.csv", text.encode(errors="replace")):
        _check_every_choice(table)


@given(columns=st.lists(COLUMN, min_size=1, max_size=5), tail=st.lists(st.integers(0, 9), min_size=12, max_size=12))
@settings(max_examples=150, deadline=None)
def test_any_choice_in_a_table_is_answered(columns, tail):
    columns = [*columns, [str(value) for value in tail]]
    header = ";".join("abcdefgh"[: len(columns)])
    text = header + "\n" + "\n".join(";".join(row) for row in zip(*columns, strict=True))
    if table := _answer("a.csv", text.encode()):
        _check_every_choice(table)


@given(name=NAMES, lines=LINES)
@settings(max_examples=200, deadline=None)
def test_any_sparse_rows_are_answered(name, lines):
    if table := _answer(name, "\n".join(lines).encode()):
        _check_every_choice(table)


@given(
    content=st.sampled_from([GOOD.encode(), column_of(["1,5", "2"] * 6, ";").encode("utf-16"), b"1 1:2 3:4\n-1 2:1\n" * 6]),
    place=st.integers(0, 300),
    change=st.binary(max_size=4),
    cut=st.integers(0, 6),
)
@settings(max_examples=200, deadline=None)
def test_a_good_file_with_a_few_bytes_changed_is_answered(content, place, change, cut):
    if table := _answer("a.csv", content[:place] + change + content[place + cut :]):
        _check_every_choice(table)


MEGABYTES = 4_900_000


@pytest.mark.parametrize(
    "content",
    [
        "," * MEGABYTES, ";," * (MEGABYTES // 2), "\n" * MEGABYTES, " " * MEGABYTES, '"' * MEGABYTES, ",\n" * (MEGABYTES // 2),
        'a,b\n"' + "x" * MEGABYTES, "a,b\n1," + "x" * MEGABYTES, "a,b\n" + "1" * MEGABYTES, "1" * MEGABYTES,
        "a,b\n" + "1,2\n" * (MEGABYTES // 4), "a\n" + "1\n" * (MEGABYTES // 2), '"a,b\n' * (MEGABYTES // 5),
        "x" * MEGABYTES, "x,y" * (MEGABYTES // 3), "a,b\n" + "1,2,3\n" * (MEGABYTES // 6), "# " * (MEGABYTES // 2),
        "1 1:" + "1" * MEGABYTES, "1 1:" + "1" * MEGABYTES + "x", "1 " + "1" * MEGABYTES + ":1", "1" * MEGABYTES + " 1:1",
        "1 1:1 " * (MEGABYTES // 6), "1 1:1\n" * (MEGABYTES // 6), "1" + " " * MEGABYTES + "1:1", "1 2147483648:1\n" * 100,
        "1 1:" + "1." * (MEGABYTES // 2),
    ],
)  # fmt: skip
@pytest.mark.parametrize("name", ["a.csv", "a.svm"])
def test_the_largest_files_are_answered_at_once(name, content):
    """One upload must not keep a server busy, nor fill its memory."""
    before = time.perf_counter()
    assert len(refusal(content, name)) < 400
    assert time.perf_counter() - before < 10.0


def test_the_largest_good_file_is_read_in_a_moment():
    rows = "\n".join(",".join(str((i * j) % 10) for j in range(110)) for i in range(20_000))
    content = (",".join(f"c{j}" for j in range(110)) + "\n" + rows).encode()
    before = time.perf_counter()
    table = read_table("a.csv", content)
    dataset = dataset_from_table(table, table.guess, "classification")
    assert time.perf_counter() - before < 10.0
    assert dataset.train_inputs.shape[1] == 98  # every tenth column is 0 throughout


def test_a_text_column_of_long_cells_takes_the_memory_of_its_cells():
    """As an array of equally long words it would be 20,000 times its longest cell."""
    rows = "".join(f"{i},w\n" for i in range(20_000)) + "1," + "x" * 100_000 + "\n"
    words = refusal("a,b\n" + rows)
    assert "more than 20,000 rows" in words
    table = read_table("a.csv", ("a,b\n" + rows[rows.index("\n") + 1 :]).encode())
    assert table.columns["b"].nbytes < 1_000_000
