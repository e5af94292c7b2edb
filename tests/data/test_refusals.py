"""Files that are refused, with the fault, its place, what is allowed and what to do."""

from __future__ import annotations

import gzip
import io
import zipfile

import pytest

from prodigy_core.data import files
from tests.data.samples import GOOD, column_of, refusal, table_of


def _zip() -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        archive.writestr("mine.csv", GOOD)
    return written.getvalue()


@pytest.mark.parametrize(
    "content, words",
    [
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "a PNG picture"),
        (_zip(), "a zip archive or an Excel workbook"),
        (gzip.compress(GOOD.encode()), "a gzip archive"),
        (b"PAR1\x15\x04\x15\x10", "a Parquet file"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\x00", "an Excel workbook"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", "a JPEG picture"),
        (b"%PDF-1.7\n\x00\x01", "a PDF document"),
        (bytes(range(256)), "not text"),
        (b"a,b\n1,\x00\n", "not text"),
        (b"\xff\xfea", "not text"),
        (GOOD.encode("utf-16-le"), "not text"),
    ],
)
@pytest.mark.parametrize("name", ["mine.csv", "mine.svm", "mine.csv.gz"])
def test_a_file_that_is_no_text_is_called_by_its_format_and_never_unpacked(content, words, name):
    """An archive of a few bytes can hold gigabytes."""
    if content == b"\xff\xfea":
        assert "only one column" in refusal(content, "a.csv")  # "ÿþa" in an old encoding
        return
    assert refusal(content, name) == f"The file is {words}. Save the table as CSV in UTF-8 and upload that."


def test_a_table_whose_first_column_is_called_like_a_format_is_read():
    assert list(table_of("PAR1,b\n" + "1,2\n2,3\n" * 6).columns) == ["PAR1", "b"]


@pytest.mark.parametrize("content", [b"", b" ", b"\n\n\r\n", b"\xef\xbb\xbf", b"\xff\xfe", "\u00a0\u2003".encode()])
def test_an_empty_file_is_called_empty(content):
    assert refusal(content) == "The file is empty. Upload a CSV file with a row of column names, or an svmlight file."


@pytest.mark.parametrize(
    "text, words",
    [
        ("a,b\n", "The file holds column names and no rows. Add the rows."),
        (",,\n,,\n", "The file holds separators and no cells. Add the rows."),
        ("a,b\n1,2\n", "The file has 1 row of data; 10 are the least. Add rows."),
        ("a,b\n" + "1,2\n2,3\n3,4\n" * 3, "The file has 9 rows of data; 10 are the least. Add rows."),
        ("a b\n" + "1 2\n" * 12, "The file has only one column. Separate the cells of a row by commas, semicolons or tabs."),
        (
            "a,b\n1,2\n\n1,2,3\n",
            "Row 4 has 3 cells, but the first row has 2. Give each row as many, and put a cell in quotation marks where it "
            "holds the separator.",
        ),
        (
            "a,b,c\n1,2,3\n1\n",
            "Row 3 has 1 cell, but the first row has 3. Give each row as many, and put a cell in quotation marks where it "
            "holds the separator.",
        ),
        ("a,b,a\n1,2,3\n", "Two columns are called 'a'. Give each a name of its own within 80 characters."),
        (" a,a\n1,2\n", "Two columns are called 'a'. Give each a name of its own within 80 characters."),
        ("column 2,\n1,2\n", "Two columns are called 'column 2'. Give each a name of its own within 80 characters."),
        (
            "x" * 99 + "1," + "x" * 99 + "2\n1,2\n",
            f"Two columns are called {'x' * 80!r}. Give each a name of its own within 80 characters.",
        ),
        (
            'a,b\n1,2\n"1,2\n3,4\n',
            "Row 3 cannot be read (unexpected end of data). Close each quotation mark, and double it inside a quoted cell.",
        ),
        (
            'a,b\n1,2\n"1"x,2\n3,4\n',
            "Row 3 cannot be read (',' expected after '\"'). Close each quotation mark, and double it inside a quoted cell.",
        ),
    ],
)
def test_a_broken_table_is_named_by_its_row(text, words):
    """A short row filled up in silence would shift or invent values."""
    assert refusal(text) == words


def test_missing_cells_are_counted_by_column_and_one_reads_what_to_do():
    rows = "1,2,w,4\n,3,,5\n3,NA,w,6\n4,4,w,?\n" * 3
    assert refusal("a,b,c,d\n" + rows) == (
        "Cells are missing in 'a' (3 rows, first row 3), 'b' (3 rows, first row 4), 'd' (3 rows, first row 5). "
        "Fill them in, or remove these rows or columns."
    )


@pytest.mark.parametrize("cell", ["", "?", "-", "NA", "n/a", "#N/A", "NaN", "null", "None", "nan"])
def test_the_usual_words_for_missing_are_known(cell):
    cells = ["1", cell, *"23456789", "10", "11"]
    assert refusal(column_of(cells)).startswith("Cells are missing in 'y' (1 row, first row 3).")


@pytest.mark.parametrize("cell", ["1e400", "-1e400", "inf", "-Infinity", "1.1e100", "9" * 400])
def test_a_number_too_large_to_compute_with_is_named(cell):
    cells = [*map(str, range(10)), cell]
    assert refusal(column_of(cells)) == (
        "Numbers must lie between -1e+100 and 1e+100, but not all do in 'y' (row 12). Correct them."
    )
    assert table_of(column_of([*map(str, range(10)), "-1e100"])).rows == 11


@pytest.mark.parametrize("separator", [",", ";"])
@pytest.mark.parametrize("cell", ["1,234,567", "1 234,5", "1'234", "1_234", "1.234.567", "1.234,5", "-12,345,678.25"])
def test_a_thousands_separator_is_not_guessed(cell, separator):
    """1,234 is a thousand for one and a little over one for another."""
    cells = [*map(str, range(10)), cell]
    assert refusal(column_of(cells, separator)) == (
        f"Numbers have a thousands separator or a decimal comma in 'y' ({cell!r} in row 12). Write them like 1234.5."
    )


@pytest.mark.parametrize("cell", ["1,5", "1,234"])
def test_a_decimal_comma_is_not_guessed_where_commas_separate(cell):
    cells = [*map(str, range(10)), cell]
    assert f"decimal comma in 'y' ({cell!r} in row 12)" in refusal(column_of(cells))


def test_points_and_commas_in_one_column_are_not_both_taken_for_decimal():
    words = refusal(column_of([*map(str, range(10)), "1.234", "1,234"], ";"))
    assert "decimal comma in 'y' ('1,234' in row 13)" in words


def test_all_faults_of_all_columns_are_told_at_once():
    text = "a,b,c,d\n" + ',1e999,"1,000",5\n1,2,3,4\n' * 6
    lines = refusal(text).splitlines()
    assert [line.split()[0] for line in lines] == ["Cells", "Numbers", "Numbers"]
    assert "'a'" in lines[0]
    assert "'b'" in lines[1]
    assert "'c'" in lines[2]


def test_a_table_without_a_number_that_varies_is_refused_with_the_reasons():
    words = refusal("a,b,c\n" + "x,1,\ny,1,\n" * 6)
    assert words.startswith("No column holds numbers that differ from row to row.")
    for name in "abc":
        assert f"'{name}'" in words


def test_the_limits_hold_to_the_last_one(monkeypatch):
    content = GOOD.encode()
    monkeypatch.setattr(files, "MAX_BYTES", len(content))
    monkeypatch.setattr(files, "MAX_ROWS", 20)
    monkeypatch.setattr(files, "MAX_COLUMNS", 3)
    monkeypatch.setattr(files, "MAX_CELLS", 60)
    assert table_of(content).rows == 20
    monkeypatch.setattr(files, "MAX_CELLS", 59)
    assert refusal(content) == "The file has more than 59 cells, which is all that is allowed. Leave out rows or columns."
    monkeypatch.setattr(files, "MAX_COLUMNS", 2)
    assert refusal(content) == "The file has 3 columns; at most 2 are allowed. Leave some out."
    monkeypatch.setattr(files, "MAX_COLUMNS", 3)
    monkeypatch.setattr(files, "MAX_ROWS", 19)
    assert refusal(content) == "The file has more than 19 rows, which is all that is allowed. Leave some out."
    monkeypatch.setattr(files, "MAX_BYTES", len(content) - 1)
    words = f"The file has {len(content)} bytes; at most {len(content) - 1} are allowed. Leave out rows or columns."
    assert refusal(content) == words
