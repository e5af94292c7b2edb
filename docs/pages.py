"""Those parts of the pages that follow from the code, but for the catalogue, which `prodigy_core.catalogue` writes."""

from __future__ import annotations

from pathlib import Path

from prodigy_core.environment import VARIABLES, Variable

FOLDER = Path(__file__).resolve().parent
IN_NUMPY = FOLDER / "prodigy_in_numpy.py"
BEGIN, END = "<!-- docs/prodigy_in_numpy.py: written by `make docs` -->", "<!-- end of it -->"


def configuration() -> str:
    """Return docs/configuration.md, in Markdown."""
    lines = [
        "# Environment variables",
        "",
        "Written by `make docs` from `prodigy_core/environment.py`; change that, not this page.",
        "",
        "All are read once, at the start. A number is a whole number of at least 1; with another value nothing starts, and the",
        "message names every variable that is wrong.",
        "",
        "| variable | default | what it sets |",
        "| --- | --- | --- |",
        *(f"| `{variable.name}` | {_default(variable)} | {variable.help} |" for variable in VARIABLES),
        "",
        "JAX's and Streamlit's own variables hold too: `JAX_PLATFORMS=cpu` leaves a GPU alone, `XLA_FLAGS` goes to the",
        "compiler (what is set there stays), `STREAMLIT_SERVER_PORT` and its like are Streamlit's options.",
    ]
    return "\n".join(lines) + "\n"


def _default(variable: Variable) -> str:
    if variable.default_means:
        return variable.default_means
    return f"{variable.default:,} {variable.unit}" if isinstance(variable.default, int) else f"`{variable.default}`"


def readme(text: str) -> str:
    """Return README.md with the algorithm in NumPy written anew.

    Raises:
      ValueError: the text lacks the two comments between which it stands.
    """
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"README.md lacks {BEGIN} or {END}")
    return f"{before}{BEGIN}\n\n```python\n{IN_NUMPY.read_text(encoding='utf-8')}```\n\n{END}{after}"
