"""What a sweep is written out as."""

from __future__ import annotations

import csv
import io
import json
import math
from functools import cache

import pyarrow.parquet as pq
import pytest

from prodigy_core.experiment import Contender, Experiment
from prodigy_core.sweep.exports import FORMATS
from prodigy_core.sweep.result import SweepTrace
from prodigy_core.sweep.spec import Sweep
from tests.sweep.runs import PRODIGY, axis, swept


@cache
def result() -> SweepTrace:
    experiment = Experiment(contenders=(PRODIGY, Contender("sgd")), steps=20)
    return swept(
        experiment, axis("learning_rate", 0.5, 1.0), axis("learning_rate", 1e-4, 1e3, contender=1),
        axis("schedule", "constant", "linear"), seeds=(0, 1),
    )  # fmt: skip


def test_one_row_a_run():
    columns = result().columns()
    assert {len(values) for values in columns.values()} == {result().sweep.runs} == {2 * 2 * 2 + 2 * 2}
    assert list(columns)[:6] == ["contender", "prodigy[0].learning_rate", "sgd[1].learning_rate", "schedule", "seed", "status"]
    rows = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    assert rows[0]["contender"] == "Prodigy"
    assert rows[0]["sgd[1].learning_rate"] is None
    assert rows[0]["prodigy[0].learning_rate"] == 0.5
    last = rows[-1]
    assert (last["sgd[1].learning_rate"], last["status"], last["final_loss"]) == (1e3, "diverged", math.inf)
    assert last["D"] is None
    grid = result().grids[0]
    assert rows[7]["D"] == grid.metrics["D"][1, 1, 1]


def test_csv_has_every_digit():
    rows = list(csv.DictReader(io.StringIO(result().to_csv())))
    columns = result().columns()
    assert [float(row["final_loss"]) for row in rows] == columns["final_loss"]
    assert rows[0]["sgd[1].learning_rate"] == ""


def test_parquet_has_the_numbers_and_the_sweep():
    table = pq.read_table(io.BytesIO(result().to_parquet()))
    columns = result().columns()
    assert table.to_pydict() == columns
    assert Sweep.from_json(table.schema.metadata[b"prodigy_lab.sweep"].decode()) == result().sweep


def test_a_column_of_words_and_numbers_is_words():
    mixed = swept(Experiment(contenders=(PRODIGY,), steps=2), axis("clip", None, 0.5), axis("safeguard_warmup", False, True))
    table = pq.read_table(io.BytesIO(mixed.to_parquet()))
    assert table["clip"].to_pylist() == [None, None, 0.5, 0.5]
    assert table["safeguard_warmup"].to_pylist() == [False, True, False, True]


def test_json_has_no_number_that_is_none():
    text = result().to_json()
    data = json.loads(text, parse_constant=pytest.fail)
    assert data["runs"]["final_loss"][-1] is None
    assert Sweep.from_json(json.dumps(data["sweep"])) == result().sweep


@pytest.mark.parametrize("kind", FORMATS, ids=lambda kind: kind.name)
def test_each_format_writes_a_file_of_its_kind(kind):
    """The command line and the pages hand out what this list has."""
    content = kind.write(result())
    expected = {".csv": result().to_csv().encode(), ".json": result().to_json().encode(), ".parquet": result().to_parquet()}
    assert content == expected[kind.ending]
    assert "/" in kind.media_type


def test_a_name_in_a_file_leaves_out_what_the_sweep_varies():
    """The row of another value would else be under the name of this one."""
    pair = Experiment(contenders=(PRODIGY, Contender("prodigy", {"estim_lr0": 1e-3, "beta3": 0.9})), steps=5)
    both = (axis("estim_lr0", 1e-6, 1e-5), axis("estim_lr0", 1e-2, contender=1))
    assert list(dict.fromkeys(swept(pair, *both).columns()["contender"])) == [
        "Prodigy · beta3 sqrt(beta2)",
        "Prodigy · beta3 0.9",
    ]
