"""One's own data: a file, what is to be predicted, and the link to it."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from app import cache
from prodigy_core import limits
from prodigy_core.experiment import Contender, Experiment
from tests.views.race.pages import as_read, captions, charts, checked, open_page, shown, table, usual_page

ADAM = (Contender("adam", {"learning_rate": 0.05}),)
COLOURS = ("red", "green", "blue")
ROWS = [(i % 7, i * 0.5, COLOURS[i % 3]) for i in range(60)]
CSV = ("size,weight,colour\n" + "".join(f"{a},{b},{c}\n" for a, b, c in ROWS)).encode()


def upload(at: AppTest, content: bytes = CSV, name: str = "mine.csv") -> AppTest:
    return checked(at.file_uploader(key="widget/upload").set_value((name, content, "text/csv")).run())


def empty_page(problem: str = "logistic_regression") -> AppTest:
    return usual_page(problem=problem, settings={"data": "upload"}, contenders=ADAM, steps=10)


def chosen(at: AppTest, name: str) -> object:
    """What stands in the choice "Predict" or "As"."""
    (widget,) = [widget for kind in (at.selectbox, at.segmented_control) for widget in kind if widget.label == name]
    return widget.value


def choose(at: AppTest, name: str, value: str) -> AppTest:
    (widget,) = [widget for kind in (at.selectbox, at.segmented_control) for widget in kind if widget.label == name]
    return checked(widget.set_value(value).run())


def test_a_model_of_ones_own_data_asks_for_them():
    at = empty_page()
    (info,) = at.info
    assert "Upload a CSV or svmlight file" in info.value
    assert charts(at) == 0
    (field,) = at.file_uploader
    assert "5 MB" in field.help
    at = checked(at.selectbox(key="widget/settings/data").select("wine").run())
    assert not at.file_uploader
    assert not at.info
    assert charts(at) == 5


def test_a_file_is_read_and_learned_from():
    at = upload(empty_page())
    assert not at.error
    assert chosen(at, "Predict") == "colour"
    assert chosen(at, "As") == "classification"
    (summary,) = [text for text in captions(at) if "60 rows" in text]
    assert "mine" in summary
    assert "2 columns, 3 classes" in summary
    assert charts(at) == 5
    assert "Accuracy, train / val." in table(at)["Adam"]
    found = shown(at)
    assert len(found.data) == 32
    assert found.settings["data"] == "upload"


def test_another_target_is_another_data_set():
    at = upload(empty_page())
    before = shown(at).data
    choose(at, "Predict", "size")
    assert chosen(at, "As") == "classification"
    assert shown(at).data != before
    another = shown(at).data
    assert any("7 classes" in text for text in captions(at))
    choose(at, "Predict", "colour")
    assert shown(at).data == before, "the same choice is the same data"
    assert another != before


def test_a_number_is_predicted_by_a_regression():
    at = upload(empty_page("linear_regression"))
    choose(at, "Predict", "weight")
    assert chosen(at, "As") == "regression"
    assert not at.error
    assert any("a number to predict" in text for text in captions(at))
    assert charts(at) == 5


def test_data_that_do_not_suit_the_model_are_answered_with_a_word():
    at = upload(empty_page())
    choose(at, "Predict", "weight")
    (error,) = at.error
    assert as_read(error.value).startswith("data is")
    assert charts(at) == 0
    choose(at, "Predict", "colour")
    assert not at.error
    assert charts(at) == 5


def test_what_was_left_out_of_a_file_is_told():
    head, *rows = CSV.decode().splitlines()
    content = "\n".join([f"{head},remark", *(f"{row},said {i}" for i, row in enumerate(2 * rows))])
    at = upload(empty_page(), content.encode())
    choose(at, "Predict", "colour")
    assert not at.error
    assert any("remark" in text and "text" in text for text in captions(at)), "what nothing can be learned from"


@pytest.mark.parametrize(
    "content",
    [b"", b"\x00\x01\x02\xff", b"a,b\n1,2\n", b"<script>alert(1)</script>,y\n" + b"a,b\n" * 20, b"x,y\n" + b"1,2\n" * 30],
    ids=["empty", "binary", "short", "no numbers", "all the same"],
)
def test_a_file_that_is_none_is_answered_with_a_word_and_what_was_there_stays(content):
    at = upload(empty_page())
    before = shown(at)
    upload(at, content)
    (error,) = at.error
    assert "<" not in error.value.replace("\\<", "")
    assert shown(at) == before
    assert charts(at) == 5
    upload(at)
    assert not at.error


def test_names_in_a_file_are_shown_and_not_obeyed():
    content = CSV.replace(b"size,weight,colour", b"**size**,[w](http://example.com),:red[colour]")
    at = upload(empty_page(), content, "**bold** $x$.csv")
    assert not at.error
    for element in at.caption:
        unescaped = element.value.replace("\\\\", "")
        for letter in "*[$":
            assert unescaped.count(letter) == unescaped.count("\\" + letter), element.value


def test_a_link_finds_data_that_are_on_the_server_without_the_file():
    """A class opens its teacher's link."""
    at = upload(empty_page())
    another = open_page(shown(at).to_json(full=False))
    assert not another.info
    assert shown(another) == shown(at)
    assert table(another) == table(at)
    assert any("60 rows" in text for text in captions(another))


def test_a_link_whose_data_are_not_here_says_so_and_takes_them_again():
    at = upload(empty_page())
    experiment = shown(at)
    cache._uploads().clear()  # as after a restart of the server
    another = open_page(experiment.to_json(full=False))
    (info,) = another.info
    assert "not on this server" in info.value
    assert charts(another) == 0
    assert shown(another) == experiment, "the link is not lost"
    upload(another)
    assert not another.info
    assert shown(another) == experiment
    assert charts(another) == 5


def test_the_server_keeps_uploads_only_up_to_its_limit_the_last_used_longest(monkeypatch):
    cache._uploads().clear()
    first, second, third = (_data(content) for content in (CSV, CSV + b"1,2,red\n", CSV + b"3,4,blue\n"))
    monkeypatch.setattr(cache, "UPLOAD_BYTES", int(2.5 * (first.train_inputs.nbytes + first.validation_inputs.nbytes)))
    for data in (first, second, first, third):
        cache.keep_upload(data)
    assert [cache.upload(data.digest) is not None for data in (first, second, third)] == [True, False, True]
    monkeypatch.setattr(cache, "UPLOAD_BYTES", 1)
    cache.keep_upload(second)
    assert cache.upload(second.digest) is second, "the newest stays, whatever its size"


def _data(content: bytes):
    from prodigy_core.data.upload import dataset_from_table, read_table

    return dataset_from_table(read_table("mine.csv", content), "colour", "classification")


def test_the_field_says_how_large_a_file_may_be():
    at = empty_page()
    assert f"{limits.MAX_BYTES / 1e6:g} MB" in at.file_uploader[0].help
    assert {".csv", ".svm"} <= set(at.file_uploader[0].allowed_type)
    assert shown(at) == Experiment(problem="logistic_regression", settings={"data": "upload"}, contenders=ADAM, steps=10)
