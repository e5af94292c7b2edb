"""`prodigy-lab sweep` and `prodigy-lab bench`: their output, and their messages when they fail."""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from prodigy_core import cli
from prodigy_core.engine import batch
from prodigy_core.experiment import Experiment
from prodigy_core.sweep import plan
from prodigy_core.sweep.block import compute
from prodigy_core.sweep.cluster import ClusterError
from prodigy_core.sweep.spec import Sweep
from tests.sweep.runs import PRODIGY, axis

SWEEP = Sweep(Experiment(contenders=(PRODIGY,), steps=5), (axis("estim_lr0", 1e-6, 1e-3, 1e-2),))


@pytest.fixture
def written(tmp_path):
    path = tmp_path / "sweep.json"
    path.write_text(SWEEP.to_json())
    return path


@pytest.mark.parametrize("ending", ["parquet", "csv", "json"])
def test_a_row_for_each_run(written, tmp_path, capsys, ending):
    out = tmp_path / f"out.{ending}"
    assert cli.main(["sweep", str(written), "-o", str(out)]) == 0
    assert f"3 of 3 runs are in {out}" in capsys.readouterr().err
    if ending == "parquet":
        values = pq.read_table(out)["estim_lr0"].to_pylist()
    elif ending == "csv":
        values = [float(row["estim_lr0"]) for row in csv.DictReader(out.read_text().splitlines())]
    else:
        values = json.loads(out.read_text())["runs"]["estim_lr0"]
    assert values == [1e-6, 1e-3, 1e-2]
    assert {path.name for path in tmp_path.iterdir()} == {"sweep.json", out.name}


def test_every_fault_is_told_and_nothing_is_written(tmp_path, capsys):
    path = tmp_path / "wrong.json"
    data = json.loads(SWEEP.to_json())
    data["axes"][0]["values"] = [1e-6, -1, "much"]
    path.write_text(json.dumps(data))
    assert cli.main(["sweep", str(path), "-o", str(tmp_path / "out.csv")]) == 1
    message = capsys.readouterr().err
    assert "prodigy-lab: axes[0].values[1] is -1; it must be a number above 0" in message
    assert "prodigy-lab: axes[0].values[2] is 'much'; it must be" in message
    assert "Traceback" not in message
    assert not (tmp_path / "out.csv").exists()


@pytest.mark.parametrize(
    "content, message",
    [(None, "cannot be read"), (b"\xff\xfe", "cannot be read"), (b"[]", "a JSON object of at most")],
)
def test_a_file_that_is_no_sweep(tmp_path, capsys, content, message):
    path = tmp_path / "sweep.json"
    if content is not None:
        path.write_bytes(content)
    assert cli.main(["sweep", str(path), "-o", str(tmp_path / "out.csv")]) == 1
    assert message in capsys.readouterr().err


@pytest.mark.parametrize(
    "output, message", [("out.txt", "ends in none of .csv, .parquet, .json"), ("no/such/out.csv", "no folder")]
)
def test_an_output_that_cannot_be_is_refused_before_the_run(written, tmp_path, capsys, monkeypatch, output, message):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit, match="2"):
        cli.main(["sweep", str(written), "-o", output])
    assert message in capsys.readouterr().err


def test_a_wrong_address_is_told(written, tmp_path, capsys):
    assert cli.main(["sweep", str(written), "-o", str(tmp_path / "out.csv"), "--dask", "nowhere"]) == 1
    assert "it must be like tcp://" in capsys.readouterr().err


@pytest.fixture
def breaking(monkeypatch):
    """Return a stand-in for the second block; the first has two of the three runs."""
    real = compute
    monkeypatch.setattr(plan, "FEWEST", 1)
    monkeypatch.setattr(batch, "WIDEST", 2)
    monkeypatch.setattr(plan, "BLOCK_WORK", 1)

    def breaking(error: BaseException, at: int = 1) -> None:
        def broken(plan, block, upload):
            if block == at:
                raise error
            yield from real(plan, block, upload)

        monkeypatch.setattr("prodigy_core.sweep.local.compute", broken)

    return breaking


@pytest.mark.parametrize(
    "error, status, message",
    [(KeyboardInterrupt(), cli.INTERRUPTED, "stopped"), (ClusterError("The scheduler went away."), 1, "went away")],
    ids=["ctrl-c", "cluster"],
)
def test_an_interrupted_sweep_keeps_the_finished_runs(written, tmp_path, capsys, breaking, error, status, message):
    breaking(error)
    out = tmp_path / "out.csv"
    assert cli.main(["sweep", str(written), "-o", str(out)]) == status
    told = capsys.readouterr().err
    assert message in told
    assert "2 of 3 runs" in told
    assert len(out.read_text().splitlines()) == 3


def test_what_breaks_off_at_once_leaves_the_old_file(written, tmp_path, capsys, breaking):
    breaking(KeyboardInterrupt(), at=0)
    out = tmp_path / "out.csv"
    out.write_text("before")
    assert cli.main(["sweep", str(written), "-o", str(out)]) == cli.INTERRUPTED
    assert out.read_text() == "before"


@pytest.mark.parametrize("terminal", [True, False])
def test_progress_is_one_line_of_a_terminal_and_several_of_a_log(written, tmp_path, capsys, monkeypatch, terminal):
    monkeypatch.setattr(cli, "TERMINAL_EVERY", 0.0)
    monkeypatch.setattr(cli, "FILE_EVERY", 0.0)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: terminal)
    out = tmp_path / "out.csv"
    assert cli.main(["sweep", str(written), "-o", str(out)]) == 0
    message = capsys.readouterr().err.removesuffix(f"prodigy-lab: 3 of 3 runs are in {out}.\n")
    *words, last = [line.removesuffix(cli.CLEAR) for line in message.split("\r" if terminal else "\n")]
    assert "100 % of 3 runs, about 0 s to go" in words
    assert ("\n" in message) != terminal
    assert last == "", "the next message begins on a line of its own"


def test_progress_of_a_short_sweep_stays_out_of_a_log(written, tmp_path, capsys):
    assert cli.main(["sweep", str(written), "-o", str(tmp_path / "out.csv")]) == 0
    assert "%" not in capsys.readouterr().err


def test_a_disk_that_is_full_leaves_the_old_file(written, tmp_path, capsys, monkeypatch):
    out = tmp_path / "out.csv"
    out.write_text("before")

    def full(path, content):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.write_bytes", full)
    assert cli.main(["sweep", str(written), "-o", str(out)]) == 1
    assert "cannot be written" in capsys.readouterr().err
    assert out.read_text() == "before"


def test_bench_runs_the_rows_of_this_checkout(monkeypatch):
    called = []

    def call(command, cwd):
        called.append((command[1:], cwd))
        return 7

    monkeypatch.setattr("subprocess.call", call)
    assert cli.main(["bench", "--quick", "mlp", "cnn"]) == 7
    assert called == [(["-m", "benchmarks", "--quick", "mlp", "cnn"], Path(cli.__file__).resolve().parents[1])]


def test_bench_without_a_checkout_says_where_it_is(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(cli, "__file__", str(tmp_path / "prodigy_core" / "cli.py"))
    assert cli.main(["bench"]) == 1
    assert "in a checkout" in capsys.readouterr().err
