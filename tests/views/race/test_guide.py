"""The card above the figure: what went wrong, the knob to turn, and what turning it did."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest

from prodigy_core.experiment import Contender, Experiment
from prodigy_core.param import Value
from tests.views.race.pages import as_read, checked, click, open_page, shown, table, type_in

WARM: dict[str, Value] = {"schedule": "cosine", "warmup": 0.1}
LOST = Experiment(
    problem="rosenbrock", steps=100, contenders=(Contender("adam", {"learning_rate": 0.05}), Contender("optax_prodigy", WARM))
)


def remedies(at: AppTest) -> dict[str, str]:
    """The remedies' buttons: label -> key."""
    return {button.label.replace("\\", ""): str(button.key) for button in at.button if "remedy" in str(button.key)}


def said(at: AppTest) -> str:
    """All that the page says in Markdown, the card's text among it."""
    return "\n".join(as_read(text.value) for text in at.markdown)


def test_a_lost_contender_is_explained_and_one_click_mends_it():
    at = open_page(LOST.to_json(full=False))
    assert "NaN" in table(at)["Prodigy (optax)"]["How it ended"]
    assert "divides 0 by 0" in said(at)
    checked(at.button(key=remedies(at)["Turn safeguard_warmup on"]).click().run())
    adam, prodigy = shown(at).contenders
    assert adam == LOST.contenders[0]
    assert prodigy.changed == {**WARM, "safeguard_warmup": True}
    assert table(at)["Prodigy (optax)"]["How it ended"] == "Ran all 100 steps."
    assert "Turn safeguard_warmup on" not in remedies(at)


def test_after_a_remedy_the_same_place_says_what_was_done_and_what_it_did():
    at = open_page(LOST.to_json(full=False))
    checked(at.button(key=remedies(at)["Turn safeguard_warmup on"]).click().run())
    assert "Turn safeguard_warmup on: it now ends at a loss of" in said(at)
    assert "before, it broke off at step 1." in said(at)
    type_in(at, "0/adam/learning_rate", "0.06")
    assert "Turn safeguard_warmup on: it" not in said(at), "that was another race"


def test_several_messages_are_read_one_after_the_other_in_the_same_place():
    slow = Contender("adam", {"learning_rate": 1e-5})
    at = open_page(Experiment(problem="rosenbrock", steps=100, contenders=(slow, Contender("optax_prodigy", WARM))).to_json())
    assert "divides 0 by 0" in said(at), "the worst first"
    assert "1 of 2" in [button.label for button in at.button]
    click(at, "next")
    assert "divides 0 by 0" not in said(at)
    assert "nearest minimiser" in said(at)
    click(at, "next")
    assert "divides 0 by 0" in said(at)


def test_a_healthy_race_is_left_in_peace():
    healthy = Experiment(
        problem="sphere", steps=300, contenders=(Contender("adam", {"learning_rate": 0.1}), Contender("prodigy"))
    )
    at = open_page(healthy.to_json(full=False))
    assert not remedies(at)
    assert "Nothing went wrong here." in said(at)
