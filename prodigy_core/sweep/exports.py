"""The formats in which a sweep's results are handed out, one entry each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # the command line reads the endings before it loads JAX
    from prodigy_core.sweep.result import SweepTrace


@dataclass(frozen=True)
class Format:
    """A format of a sweep's results.

    Attributes:
      name: its name for a person.
      ending: of its files' names, with the dot.
      media_type: its MIME type.
      write: results -> the content of a file.
    """

    name: str
    ending: str
    media_type: str
    write: Callable[[SweepTrace], bytes]


FORMATS = (
    Format("CSV", ".csv", "text/csv", lambda trace: trace.to_csv().encode()),
    Format("Parquet", ".parquet", "application/vnd.apache.parquet", lambda trace: trace.to_parquet()),
    Format("JSON", ".json", "application/json", lambda trace: trace.to_json().encode()),
)
