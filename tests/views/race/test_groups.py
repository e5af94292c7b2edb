"""Knobs in groups, and only those that do something."""

from __future__ import annotations

from prodigy_core.experiment import Contender
from prodigy_core.optimizers import OPTIMIZERS
from tests.views.race.pages import STEPS, captions, checked, click, group, knobs, shown, type_in, usual_page

FIRST = {"learning_rate", "beta1", "beta2"}  # they stand above the drawer that has the groups
OWN = FIRST | {"eps"}
ADAM = (Contender("adam"),)


def test_the_groups_of_an_optimizer_together_show_all_its_knobs():
    at = usual_page(contenders=(Contender("adam", {"schedule": "exponential", "warmup": 0.1, "weight_decay": 0.1}),))
    choice = at.segmented_control(key="widget/0/adam/group")
    assert choice.options == ["Knobs", "Schedule", "Clip, decay"]
    assert knobs(at, "0/adam") == OWN
    seen = set(OWN)
    for name in ("Schedule", "Clip, decay"):
        group(at, "0/adam", name)
        found = knobs(at, "0/adam") - FIRST
        assert not found & seen, "a knob in two groups"
        seen |= found
    assert seen == {param.name for param in OPTIMIZERS["adam"].params} - {"cycles"}


def test_a_knob_that_does_nothing_is_not_shown():
    """One would turn it and wonder."""
    at = group(usual_page(contenders=ADAM), "0/adam", "Schedule")
    assert knobs(at, "0/adam") == FIRST | {"schedule", "warmup"}
    schedule = at.selectbox(key="widget/0/adam/schedule")
    for word, more in (("restarts", {"cycles"}), ("exponential", {"end_fraction"}), ("cosine", set())):
        checked(schedule.select(word).run())
        assert knobs(at, "0/adam") == FIRST | {"schedule", "warmup"} | more, word
    type_in(at, "0/adam/warmup", "0.2")
    assert knobs(at, "0/adam") == FIRST | {"schedule", "warmup", "warmup_from"}


def test_how_weights_decay_is_asked_only_where_they_do():
    at = group(usual_page(contenders=ADAM), "0/adam", "Clip, decay")
    before = knobs(at, "0/adam")
    assert "weight_decay" in before
    type_in(at, "0/adam/weight_decay", "0.01")
    more = knobs(at, "0/adam") - before
    assert more
    assert all("decay" in name for name in more)
    type_in(at, "0/adam/weight_decay", "0")
    assert knobs(at, "0/adam") == before


def test_the_noise_has_a_size_only_where_there_is_noise_and_a_seed_where_it_matters():
    at = usual_page(contenders=ADAM)
    extra = ("noise_size", "noise_at", "seed")

    def asked() -> set[str]:
        fields = {str(box.key) for box in at.text_input}
        return {name for name in extra if f"widget/{name}/exact" in fields}

    assert asked() == set()
    for kind, fields in (("gaussian", {"noise_size", "seed"}), ("one bad batch", set(extra)), ("none", set())):
        checked(at.selectbox(key="widget/noise").select(kind).run())
        assert asked() == fields, kind
        assert shown(at).noise == kind
    model = usual_page(problem="logistic_regression", contenders=ADAM, steps=10)
    fields = {str(box.key) for box in model.text_input}
    assert "widget/seed/exact" in fields, "its batches and its start are drawn at random"
    assert "widget/tolerance/exact" not in fields, "it has no known minimum"


def test_what_was_changed_in_a_group_that_is_closed_is_told():
    at = usual_page(contenders=(Contender("adam", {"schedule": "cosine", "clip": 2.5, "eps": 0.5}),))

    def told() -> list[str]:
        return [text for text in captions(at) if text.startswith("Also changed")]

    assert told() == ["Also changed: schedule cosine, clip 2.5"]
    group(at, "0/adam", "Schedule")
    assert told() == ["Also changed: eps 0.5, clip 2.5"]
    click(at, "reset/0")
    assert told() == []
    assert shown(at).contenders == ADAM


def test_knobs_of_a_closed_group_keep_their_values():
    at = usual_page(contenders=ADAM, steps=STEPS)
    type_in(at, "0/adam/eps", "0.5")
    group(at, "0/adam", "Schedule")
    checked(at.selectbox(key="widget/0/adam/schedule").select("linear").run())
    group(at, "0/adam", "Knobs")
    assert shown(at).contenders[0].changed == {"eps": 0.5, "schedule": "linear"}
    assert at.text_input(key="widget/0/adam/eps/exact").value == "0.5"


def test_the_settings_of_a_model_are_in_groups_too():
    at = usual_page(problem="logistic_regression", settings={"l2": 0.5}, contenders=ADAM, steps=10)
    assert knobs(at, "settings") == {"data", "batch", "label_noise"}
    assert "Also changed: L2 penalty 0.5" in captions(at)
    group(at, "settings", "Network")
    assert knobs(at, "settings") == {"l2"}
    type_in(at, "settings/l2", "0.25")
    assert shown(at).settings["l2"] == 0.25
