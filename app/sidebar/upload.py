"""A person's own data: the file, what is to be predicted, and what was made of it."""

from __future__ import annotations

import math

import streamlit as st

from prodigy_core.data.datasets import Dataset
from prodigy_core.data.upload import UploadError
from prodigy_core.limits import MAX_BYTES

from .. import cache, state
from .controls import plain

ENDINGS = ("csv", "tsv", "txt", "svm", "libsvm", "svmlight", "t")


def choose(digest: str) -> str:
    """Draws the field for a file, and returns the digest of the data; the one given where no file was chosen."""
    file = st.file_uploader(
        "Your data",
        ENDINGS,
        key=state.key("upload"),
        max_upload_size=math.ceil(MAX_BYTES / 1e6),
        help=f"CSV or svmlight, at most {MAX_BYTES / 1e6:g} MB. A CSV file has a row of names and a column to predict. "
        "The file stays on this server and is forgotten in time; a link carries only its fingerprint.",
    )
    if file is None:
        if (kept := cache.upload(digest)) is not None:
            _summary(kept)
        return digest
    try:
        table = cache.table(file.file_id, file.name, file.getvalue())
        where = state.key("upload", file.file_id)
        target, kind = f"{where}/target", f"{where}/kind"
        state.value_of(target, lambda: table.guess)
        st.selectbox("Predict", table.targets, key=target, format_func=plain)
        chosen = state.value_of(target, lambda: table.guess)
        kind = f"{kind}/{chosen}"
        state.value_of(kind, lambda: table.proposal(chosen))
        st.segmented_control("As", ["classification", "regression"], key=kind, width="stretch", required=True)
        found = cache.dataset(file.file_id, file.name, file.getvalue(), chosen, state.value_of(kind, str))
    except UploadError as error:
        st.error(plain(str(error)))
        return digest
    cache.keep_upload(found)
    _summary(found)
    for note in table.notes:
        st.caption(plain(note))
    return found.digest


def _summary(data: Dataset) -> None:
    rows, columns = data.train_inputs.shape
    what = f"{len(data.classes)} classes" if data.classes else "a number to predict"
    st.caption(
        f"{plain(data.title)}: {rows + len(data.validation_inputs):,} rows, {columns:,} columns, {what}. "
        f"{rows:,} rows to learn from, {len(data.validation_inputs):,} to judge by."
    )
