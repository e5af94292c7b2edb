"""A person's own data: the file, the column to predict, and a summary of what was read."""

from __future__ import annotations

import math

import streamlit as st

from prodigy_core.data.datasets import Dataset
from prodigy_core.data.upload import UploadError
from prodigy_core.limits import MAX_BYTES

from .. import cache, state
from .controls import escaped

SUFFIXES = ("csv", "tsv", "txt", "svm", "libsvm", "svmlight", "t")


def choose(digest: str) -> str:
    """Draw the field for a file; return the digest of its data, or the one given if no file is chosen."""
    file = st.file_uploader(
        "Your data",
        SUFFIXES,
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
        key = state.key("upload", file.file_id)
        target_key = f"{key}/target"
        state.value_of(target_key, lambda: table.guess)
        st.selectbox("Predict", table.targets, key=target_key, format_func=escaped)
        target = state.value_of(target_key, lambda: table.guess)
        kind_key = f"{key}/kind/{target}"
        state.value_of(kind_key, lambda: table.proposal(target))
        st.segmented_control("As", ["classification", "regression"], key=kind_key, width="stretch", required=True)
        data = cache.dataset(file.file_id, file.name, file.getvalue(), target, state.value_of(kind_key, str))
    except UploadError as error:
        st.error(escaped(str(error)))
        return digest
    cache.keep_upload(data)
    _summary(data)
    for note in table.notes:
        st.caption(escaped(note))
    return data.digest


def _summary(data: Dataset) -> None:
    rows, columns = data.train_inputs.shape
    target = f"{len(data.classes)} classes" if data.classes else "a number to predict"
    st.caption(
        f"{escaped(data.title)}: {rows + len(data.validation_inputs):,} rows, {columns:,} columns, {target}. "
        f"{rows:,} rows to learn from, {len(data.validation_inputs):,} to judge by."
    )
