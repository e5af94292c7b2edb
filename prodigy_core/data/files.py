"""From the bytes of a person's file to columns of cells, trusting nothing in the file.

Two formats are read: CSV, and the svmlight format of sparse rows ("label index:value index:value"). Cells are text or
numbers, never formulas, links or code.

CSV is parsed by the standard library and not by pandas, which pads short rows, shifts long ones into an index and guesses
the meaning of cells: here each row must have as many cells as the header, and a message names the first that has not.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np
from jaxtyping import Float

from prodigy_core.limits import MAX_BYTES, MAX_CELLS, MAX_COLUMNS, MAX_ROWS

SEPARATORS = "\t;,"  # by precedence: where two fit a file, a comma is a decimal comma
MAX_NAME = 80  # characters of a column's name, at most

_SAMPLE = 50_000  # characters by which the format and the separator are recognised
_BINARY = {
    b"PK\x03\x04": "a zip archive or an Excel workbook",
    b"\xd0\xcf\x11\xe0": "an Excel workbook",
    b"\x1f\x8b": "a gzip archive",
    b"PAR1": "a Parquet file",
    b"\x89PNG": "a PNG picture",
    b"\xff\xd8\xff": "a JPEG picture",
    b"%PDF": "a PDF document",
}
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f]")
_NUMBER = r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?"  # unambiguous, so that matching takes linear time
_LABEL = re.compile(_NUMBER, re.ASCII)
_PAIR = re.compile(r"(\d{1,18}):" + _NUMBER, re.ASCII)
_DECIMAL_COMMA = re.compile(r"[+-]?\d*,\d+(?:[eE][+-]?\d+)?", re.ASCII)
_LIKE_LABEL = re.compile(r"[-+.,:\deE]+", re.ASCII)
_LIKE_PAIR = re.compile(r"(?:qid|\d+):[^,;:]*", re.ASCII)


class UploadError(ValueError):
    """A file or a choice of target that cannot be used: the fault, its place, what is allowed and what to do."""


@dataclass(frozen=True, eq=False)
class Cells:
    """The cells of a file, column by column.

    Attributes:
      names: one for each column, clean and all different.
      columns: equally long; text from the file without the white space around it, or numbers.
      lines: for each cell of a column, the number of its row in the file, from 1.
      notes: a sentence for everything that was left out or interpreted.
    """

    names: Sequence[str]
    columns: Sequence[Sequence[str] | Float[np.ndarray, " rows"]]
    lines: Sequence[int]
    notes: tuple[str, ...]


def decode(content: bytes) -> tuple[str, tuple[str, ...]]:
    """Return the text of a file, with a newline at the end of each line, and notes on it.

    The encodings are UTF-8, UTF-16 with its mark, and Windows-1252 for bytes that are neither.

    Raises:
      UploadError: the file is too large, empty, or no text.
    """
    if len(content) > MAX_BYTES:
        raise UploadError(f"The file has {len(content):,} bytes; at most {MAX_BYTES:,} are allowed. Leave out rows or columns.")
    notes: tuple[str, ...] = ()
    try:
        marked = content.startswith((b"\xff\xfe", b"\xfe\xff"))
        text = content.decode("utf-16" if marked else "utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", errors="replace")
        notes = ("The file is not in UTF-8 and was read as Windows-1252. If letters look wrong, save it in UTF-8.",)
    if _CONTROL.search(text):
        kind = next((words for start, words in _BINARY.items() if content.startswith(start)), "not text")
        raise UploadError(f"The file is {kind}. Save the table as CSV in UTF-8 and upload that.")
    if not text.strip():
        raise UploadError("The file is empty. Upload a CSV file with a row of column names, or an svmlight file.")
    return text.replace("\r\n", "\n").replace("\r", "\n"), notes


def looks_like_svmlight(text: str) -> bool:
    """Return whether the first rows are labels followed by index:value."""
    lines = io.StringIO(text[:_SAMPLE])
    rows = [row for line in islice(lines, 20) if (row := line.partition("#")[0].split())]
    pairs = [all(_LIKE_PAIR.fullmatch(cell) for cell in row[1:]) and bool(_LIKE_LABEL.fullmatch(row[0])) for row in rows]
    return all(pairs) and any(len(row) > 1 for row in rows)


def read_csv(text: str) -> Cells:
    """Return the cells of a CSV text with tab, semicolon or comma as its separator.

    The first row has the names, unless it has a number. Empty rows do not count, and neither do empty cells that
    a program added at the end of a row.

    Raises:
      UploadError: a row has another number of cells than the first, two columns have one name, a quotation is broken, or
        there are too many rows or columns, or only one column.
    """
    separator = _separator(text)
    rows = _rows(text, separator)
    first_line, header = next(rows, (1, []))
    if not header:
        raise UploadError("The file holds separators and no cells. Add the rows.")
    _check_size(0, len(header))
    if len(header) == 1:
        raise UploadError("The file has only one column. Separate the cells of a row by commas, semicolons or tabs.")
    lines: list[int] = []
    table: list[list[str]] = []
    notes: list[str] = []
    if headless := _holds_numbers(header):
        notes.append("The first row holds numbers, so it was read as data, and the columns were numbered.")
        lines, table, header = [first_line], [header], [""] * len(header)
    for line, row in rows:
        if len(row) > len(header) and not any(row[len(header) :]):
            del row[len(header) :]
        if len(row) != len(header):
            raise UploadError(
                f"Row {line} has {count(len(row), 'cell')}, but the first row has {len(header)}. Give each row as many, "
                "and put a cell in quotation marks where it holds the separator."
            )
        lines.append(line)
        table.append(row)
        _check_size(len(table), len(header))
    if not table:
        raise UploadError("The file holds column names and no rows. Add the rows.")
    columns: dict[str, tuple[str, ...]] = {}
    for place, (given, cells) in enumerate(zip(header, zip(*table, strict=True), strict=True), 1):
        name = clean(given) or f"column {place}"
        if name in columns:
            raise UploadError(f"Two columns are called {name!r}. Give each a name of its own within {MAX_NAME} characters.")
        if not clean(given) and not headless:
            if _counts_rows(cells):
                notes.append(f"Column {place} has no name and counts the rows; it was left out.")
                continue
            notes.append(f"Column {place} has no name; it is called {name!r} here.")
        columns[name] = cells if separator == "," else _with_points(cells)
        if columns[name] is not cells:
            notes.append(f"The commas in {name!r} were read as decimal commas.")
    return Cells(tuple(columns), tuple(columns.values()), lines, tuple(notes))


def read_svmlight(text: str) -> Cells:
    """Return the cells of an svmlight text: the labels, and a column for each index up to the highest.

    Columns are named by the index in the file, which may count from 0 or from 1.

    Raises:
      UploadError: a row is not "label index:value ...", has several labels, or there are too many rows or columns.
    """
    lines: list[int] = []
    rows: list[str] = []
    lowest, highest, queries = 1, 0, False
    for line, row in enumerate(io.StringIO(text), 1):
        label, *pairs = row.partition("#")[0].split() or [""]
        if not label:
            continue
        if pairs and pairs[0].startswith("qid:"):
            queries = True
            del pairs[0]
        if "," in label and _LIKE_LABEL.fullmatch(label):
            raise UploadError(f"Row {line} has several labels, {shorten(label)}. Keep one in each row.")
        if not _LABEL.fullmatch(label):
            raise UploadError(f"Row {line} begins with {shorten(label)}; it must begin with a number, the label.")
        indices = [_index(pair, line) for pair in pairs]
        if indices != sorted(set(indices)):
            raise UploadError(f"The indices of row {line} must ascend, each standing once. Sort them.")
        if indices:
            lowest, highest = min(lowest, indices[0]), max(highest, indices[-1])
        lines.append(line)
        rows.append(" ".join([label, *pairs]))
        _check_size(len(lines), highest - lowest + 2)
    if highest < lowest:
        raise UploadError("No row holds index:value after its label. Add what a model can learn from.")
    from sklearn.datasets import load_svmlight_file  # takes over a second, so only after the checks

    sparse, labels = load_svmlight_file(io.BytesIO("\n".join(rows).encode("ascii")), zero_based=lowest == 0)
    names = ("label", *(f"feature {index}" for index in range(lowest, highest + 1)))
    notes = ("The query numbers (qid) were left out.",) if queries else ()
    return Cells(names, (labels, *sparse.toarray(order="F").T), lines, notes)


def clean(text: str) -> str:
    """Return a name as one line of at most `MAX_NAME` visible characters, without marks that reverse the direction of text."""
    visible = "".join(letter if letter.isprintable() else " " for letter in text[: 10 * MAX_NAME])
    return " ".join(visible.split())[:MAX_NAME].rstrip()


def shorten(text: str) -> str:
    """Return a cell in quotation marks for a message."""
    name = clean(text)
    return repr(name if len(name) <= 40 else name[:37] + "...")


def count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def listed(phrases: Sequence[str]) -> str:
    """Return the first ten of many phrases, and the number of the others."""
    rest = f" and {len(phrases) - 10:,} more" if len(phrases) > 10 else ""
    return ", ".join(phrases[:10]) + rest


def quoted(names: Sequence[str]) -> str:
    return listed([repr(name) for name in names])


def _index(pair: str, line: int) -> int:
    match = _PAIR.fullmatch(pair)
    if not match:
        raise UploadError(f"Row {line} holds {shorten(pair)}; after its label a row holds index:value, two numbers each.")
    return int(match[1])


def _check_size(rows: int, columns: int) -> None:
    if rows > MAX_ROWS:
        raise UploadError(f"The file has more than {MAX_ROWS:,} rows, which is all that is allowed. Leave some out.")
    if columns > MAX_COLUMNS:
        raise UploadError(f"The file has {columns:,} columns; at most {MAX_COLUMNS:,} are allowed. Leave some out.")
    if rows * columns > MAX_CELLS:
        raise UploadError(
            f"The file has more than {MAX_CELLS:,} cells, which is all that is allowed. Leave out rows or columns."
        )


def _separator(text: str) -> str:
    """Return the separator that cuts the first rows into equally many cells, at least two; else the first row's commonest."""
    sample = text[:_SAMPLE]
    for separator in SEPARATORS:
        rows = [row for row in islice(csv.reader(io.StringIO(sample), delimiter=separator), 20) if any(map(str.strip, row))]
        if len(text) > _SAMPLE and len(rows) > 1:
            rows.pop()  # the sample may end within this row
        if len({len(row) for row in rows}) == 1 and len(rows[0]) > 1:
            return separator
    first = sample.lstrip().partition("\n")[0]
    return max(SEPARATORS, key=first.count)


def _rows(text: str, separator: str) -> Iterator[tuple[int, list[str]]]:
    """Yield each row that is not empty, with its number."""
    line = 0
    reader = csv.reader(io.StringIO(text), delimiter=separator, skipinitialspace=separator != "\t", strict=True)
    try:
        for line, row in enumerate(reader, 1):
            cells = [cell.strip() for cell in row]
            if any(cells):
                yield line, cells
    except csv.Error as error:
        raise UploadError(
            f"Row {line + 1} cannot be read ({error}). Close each quotation mark, and double it inside a quoted cell."
        ) from error


def _holds_numbers(header: Iterable[str]) -> bool:
    """Return whether a first row is data: it has a number, and not only numbers that count the columns."""
    numbers = [cell for cell in header if _LABEL.fullmatch(cell.replace(",", "."))]
    if len(numbers) < 2 or not numbers[0].isdigit():
        return bool(numbers)
    first = int(numbers[0][:9])
    return numbers != [str(first + i) for i in range(len(numbers))]


def _with_points(cells: tuple[str, ...]) -> tuple[str, ...]:
    """Return the cells with points for decimal commas; unchanged if any comma is no decimal comma."""
    commas = [cell for cell in cells if "," in cell]
    if not commas or any("." in cell for cell in cells) or not all(map(_DECIMAL_COMMA.fullmatch, commas)):
        return cells
    return tuple(cell.replace(",", ".") for cell in cells)


def _counts_rows(cells: Sequence[str]) -> bool:
    return any(list(cells) == [str(i) for i in range(first, first + len(cells))] for first in (0, 1))
