"""A CSV file as people and programs write it: separators, marks, names, numbers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prodigy_core.data.upload import MIN_ROWS
from tests.data.samples import GOOD, ROWS, column_of, table_of


def test_numbers_are_numbers_and_words_are_words():
    table = table_of(GOOD)
    assert list(table.columns) == ["size", "weight", "colour"]
    assert table.rows == 20
    np.testing.assert_array_equal(table.columns["size"], np.arange(20) % 7)
    np.testing.assert_array_equal(table.columns["weight"], np.arange(20) * 0.5)
    assert table.columns["weight"].dtype == np.float64
    assert table.columns["colour"][:4].tolist() == ["red", "green", "blue", "red"]
    assert table.numeric == ("size", "weight")
    assert table.name == "mine.csv"


@given(
    values=st.lists(st.floats(-1e100, 1e100) | st.integers(-(10**15), 10**15).map(float), min_size=10, max_size=30),
    separator=st.sampled_from([",", ";", "\t"]),
    end=st.sampled_from(["\n", "\r\n", "\r"]),
)
@settings(max_examples=100, deadline=None)
def test_every_number_is_read_to_the_last_bit(values, separator, end):
    """Read less exactly, the same file would be another data set than in a person's own program."""
    table = table_of(end.join([f"a{separator}b", *(f"{i}{separator}{value!r}" for i, value in enumerate(values))]))
    np.testing.assert_array_equal(table.columns["a"], np.arange(len(values)))
    np.testing.assert_array_equal(table.columns["b"], values)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("name", ["a.csv", "a.tsv", "a.txt", "a.data", "a", "A.CSV"])
def test_the_separator_is_found_whatever_the_ending_of_the_name(name, separator, end):
    table = table_of(GOOD.replace(",", separator).replace("\n", end), name)
    np.testing.assert_array_equal(table.columns["weight"], np.arange(20) * 0.5)


def test_the_separator_is_the_one_that_cuts_all_rows_alike():
    table = table_of("a; b,c\n" + "1,2\n3,5\n" * 6)
    assert list(table.columns) == ["a; b", "c"]
    table = table_of('"x,y";z\n' + "1,5;2\n2,5;3\n" * 6)
    assert list(table.columns) == ["x,y", "z"]
    header, row = ";".join(f'"a,b,{i}"' for i in range(400)), ";".join(["1,2345678"] * 400)
    table = table_of(f"{header}\n" + f"{row}\n{row.replace('1', '2')}\n" * 10)  # the sample ends within a row
    assert len(table.columns) == 400


@pytest.mark.parametrize("separator", [";", "\t"])
def test_a_decimal_comma_is_a_point_where_commas_do_not_separate(separator):
    table = table_of(column_of(["1,5", "-2,25", ",5", "3", "1,5e-3"] * 3, separator))
    np.testing.assert_array_equal(table.columns["y"][:5], [1.5, -2.25, 0.5, 3, 0.0015])
    assert table.notes == ("The commas in 'y' were read as decimal commas.",)


def test_commas_within_words_stay():
    table = table_of(column_of(["a, b", "1,5"] * 6, ";"))
    assert table.columns["y"][:2].tolist() == ["a, b", "1,5"]


def test_quotation_marks_hold_separators_newlines_and_marks():
    table = table_of('a,b\n"x, y",1\n"x\nz",2\n"say ""x""",3\n' + "w,4\n" * 9)
    assert table.columns["a"][:4].tolist() == ["x, y", "x\nz", 'say "x"', "w"]


def test_white_space_around_cells_and_empty_rows_do_not_count():
    table = table_of("\n a , b \n\n" + ' 1 , "red"\n2, blue \n\n' * 6 + ",\n , \n")
    assert list(table.columns) == ["a", "b"]
    assert table.rows == 12
    assert table.columns["b"][:2].tolist() == ["red", "blue"]


def test_separators_that_a_program_added_at_the_ends_do_not_count():
    assert table_of("a,b\n" + "1,2,,\n2,3,\n" * 6).rows == 12
    table = table_of("a,b,,\n" + "1,2,,\n2,3,,\n" * 6)
    assert list(table.columns) == ["a", "b"]
    assert "Empty columns were left out: 'column 3', 'column 4'." in table.notes


def test_a_table_without_names_is_data_from_its_first_row():
    """Read as names, the first example would be lost, and the columns be called 5.1 and 3.5."""
    table = table_of(ROWS)
    assert list(table.columns) == ["column 1", "column 2", "column 3"]
    assert table.rows == 20
    assert table.notes[0] == "The first row holds numbers, so it was read as data, and the columns were numbered."
    assert table_of(ROWS.replace(",", ";").replace(".", ",")).rows == 20


@pytest.mark.parametrize("header", ["0,1,2", "1,2,3", "year,2019,2020", "a,b,0x"])
def test_names_that_count_are_names(header):
    assert list(table_of(f"{header}\n{ROWS}").columns) == header.split(",")


@pytest.mark.parametrize("header", ["0,0,5", "name,1.5,2", "a,7,b", "3,2,1"])
def test_numbers_that_do_not_count_are_data(header):
    assert table_of(f"{header}\n{ROWS}").rows == 21


def test_a_column_without_a_name_gets_one_and_one_that_counts_the_rows_is_left_out():
    """In a sorted file the row's number tells the class: nothing would be left to learn."""
    for first in (0, 1):
        table = table_of(",a,,b\n" + "".join(f"{i + first},{i % 3},{i * i},{i % 2}\n" for i in range(12)))
        assert list(table.columns) == ["a", "column 3", "b"]
        assert table.notes == (
            "Column 1 has no name and counts the rows; it was left out.",
            "Column 3 has no name; it is called 'column 3' here.",
        )
    table = table_of("id,a\n" + "".join(f"{i},{i % 3}\n" for i in range(12)))
    assert list(table.columns) == ["id", "a"], "a person who named it may want it"


def test_a_name_is_one_short_line_of_visible_characters():
    """It is drawn on axes, in menus and messages: a name must not hide, reverse or push away what stands beside it."""
    name = "<b>\u202eevil\u200b\u2066\x0b " + "x" * 200
    table = table_of(f'"{name}","two\nlines"\n' + "1,2\n2,3\n" * 6, "a\u202eb\n<i>" + "z" * 300)
    first, second = table.columns
    assert first == ("<b> evil " + "x" * 200)[:80], "markup stays what it is: data"
    assert second == "two lines"
    assert table.name == ("a b <i>" + "z" * 300)[:80]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252", "latin-1"])
def test_names_in_the_usual_encodings_are_read(encoding):
    table = table_of(("größe;naïve\n" + "1,5;2\n2,5;3\n" * 6).encode(encoding))
    assert list(table.columns) == ["größe", "naïve"]
    told = any("read as Windows-1252" in note for note in table.notes)
    assert told == (encoding in ("cp1252", "latin-1"))


def test_text_is_left_out_of_what_is_learnt_from_and_one_reads_why():
    table = table_of("a,b,c\n" + "1,x,5\n2,7,y\n" * 6)
    assert table.numeric == ("a",)
    assert table.notes == (
        "No model can learn from text, which can only be the target: 'b' ('x' in row 2), 'c' ('y' in row 3). "
        "Write numbers instead to use it.",
    )


def test_a_constant_column_is_told():
    table = table_of("a,b\n" + "1,5\n2,5\n" * 6)
    assert table.notes == ("No model can learn from a column that is the same in all rows: 'b'.",)
    assert table.numeric == table.targets == ("a",)


def test_formulas_of_a_spreadsheet_are_text():
    table = table_of(column_of(["=cmd|' /C calc'!A0", "@SUM(1+1)", "+1+1"] * 4))
    assert table.columns["y"][:3].tolist() == ["=cmd|' /C calc'!A0", "@SUM(1+1)", "+1+1"]


@pytest.mark.parametrize("cell", ["1_0", "0x10", "1 2", "--1", "1e", "12.05.2024", "10:30", "True", "1j"])
def test_what_only_looks_like_a_number_is_text(cell):
    assert table_of(column_of([cell] * 12)).columns["y"].dtype == object


def test_a_long_list_of_notes_is_cut():
    header = ",".join(f"c{i}" for i in range(40))
    table = table_of(header + ",n\n" + "".join("w," * 40 + f"{i}\n" for i in range(MIN_ROWS)))
    assert "'c9' ('w' in row 2) and 30 more." in table.notes[0]


def test_nobody_can_change_a_table_that_a_cache_holds():
    table = table_of(GOOD)
    for values in table.columns.values():
        with pytest.raises(ValueError, match="read-only"):
            values[0] = 0
    with pytest.raises(TypeError):
        table.columns["new"] = table.columns["size"]  # type: ignore[index]
