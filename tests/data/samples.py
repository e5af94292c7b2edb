"""Small tables as files, and what is said about them."""

from __future__ import annotations

import pytest

from prodigy_core.data.upload import Table, UploadError, prepare, read

# 20 rows: a whole number, a fraction, a word of three
ROWS = "".join(f"{i % 7},{i * 0.5},{['red', 'green', 'blue'][i % 3]}\n" for i in range(20))
GOOD = "size,weight,colour\n" + ROWS


def table(text: str | bytes, name: str = "mine.csv") -> Table:
    return read(name, text.encode() if isinstance(text, str) else text)


def column_of(cells: list[str], separator: str = ",") -> str:
    """A file of a column `x` that counts and a column `y` of these cells, each in quotation marks."""
    return f"x{separator}y\n" + "".join(f'{i}{separator}"{cell}"\n' for i, cell in enumerate(cells))


def refusal(text: str | bytes, name: str = "mine.csv") -> str:
    """Why this file is refused."""
    with pytest.raises(UploadError) as found:
        table(text, name)
    return str(found.value)


def refused(found: Table, target: str, kind: str) -> str:
    """Why this choice of a target is refused."""
    with pytest.raises(UploadError) as error:
        prepare(found, target, kind)  # type: ignore[arg-type]
    return str(error.value)
