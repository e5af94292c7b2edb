"""What went wrong, said on the page, with the knob to turn."""

from __future__ import annotations

from prodigy_core.experiment import Contender, Experiment
from prodigy_core.param import Value
from tests.views.race.pages import as_read, checked, open_page, shown, table

WARM: dict[str, Value] = {"schedule": "cosine", "warmup": 0.1}
LOST = Experiment(steps=100, contenders=(Contender("adam", {"learning_rate": 0.05}), Contender("optax_prodigy", WARM)))


def remedies(at) -> dict[str, str]:
    """The remedies' buttons: label -> key."""
    return {button.label.replace("\\", ""): button.key for button in at.button if "remedy" in str(button.key)}


def test_a_lost_contender_is_explained_and_one_click_mends_it():
    at = open_page(LOST.to_json(full=False))
    assert "NaN" in table(at)["Prodigy (optax)"]["How it ended"]
    assert any("Prodigy (optax)" in said and "divides 0 by 0" in said for said in (as_read(text.value) for text in at.markdown))
    at.button(key=remedies(at)["Turn safeguard_warmup on"]).click()
    checked(at.run())
    adam, prodigy = shown(at).contenders
    assert adam == LOST.contenders[0]
    assert prodigy.changed == {**WARM, "safeguard_warmup": True}
    assert table(at)["Prodigy (optax)"]["How it ended"] == "Ran all 100 steps."
    assert "Turn safeguard_warmup on" not in remedies(at)


def test_a_healthy_race_is_left_in_peace():
    healthy = Experiment(
        problem="sphere", steps=300, contenders=(Contender("adam", {"learning_rate": 0.1}), Contender("prodigy"))
    )
    at = open_page(healthy.to_json(full=False))
    assert not remedies(at)
    assert "What to look at" not in [heading.value for heading in at.subheader]
