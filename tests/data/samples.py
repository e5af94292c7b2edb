"""Small tables as files, and the messages about them."""

from __future__ import annotations

import pytest

from prodigy_core.data.upload import Table, UploadError, dataset_from_table, read_table

# 20 rows, each with an integer, a fraction and one of three words
ROWS = "".join(f"{i % 7},{i * 0.5},{['red', 'green', 'blue'][i % 3]}\n" for i in range(20))
GOOD = "size,weight,colour\n" + ROWS


def table_of(text: str | bytes, name: str = "mine.csv") -> Table:
    return read_table(name, text.encode() if isinstance(text, str) else text)


def column_of(cells: list[str], separator: str = ",") -> str:
    """Return a file with a column `x` that counts and a column `y` of these cells, each in quotation marks."""
    return f"x{separator}y\n" + "".join(f'{i}{separator}"{cell}"\n' for i, cell in enumerate(cells))


def refusal(text: str | bytes, name: str = "mine.csv") -> str:
    """Return the message with which this file is refused."""
    with pytest.raises(UploadError) as error:
        table_of(text, name)
    return str(error.value)


def refused(table: Table, target: str, kind: str) -> str:
    """Return the message with which this choice of a target is refused."""
    with pytest.raises(UploadError) as error:
        dataset_from_table(table, target, kind)  # type: ignore[arg-type]
    return str(error.value)
