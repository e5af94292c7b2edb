"""Files of lessons: what they hold, and that everything else is refused with its place and what is allowed."""

from __future__ import annotations

import pytest

from app.lessons import LessonError, Place, Turn, clinic, lessons
from app.lessons.reading import read_complaint, read_lesson
from app.lessons.shelf import load
from prodigy_core.experiment import Experiment

from .samples import BODY, COMPLAINT, GERMAN, HEAD, LESSON


def _refusal(text: str, translations: dict[str, str] | None = None, read=read_lesson) -> str:
    with pytest.raises(LessonError) as caught:
        read("small", text, translations or {})
    return str(caught.value)


def _with(old: str, new: str, text: str = LESSON) -> str:
    assert old in text
    return text.replace(old, new, 1)


def test_a_lesson_is_what_its_file_says():
    lesson = read_lesson("small", LESSON, {})["en"]
    assert (lesson.name, lesson.title, lesson.order, lesson.minutes) == ("small", "Small", 1, 2)
    assert [(choice.text, choice.right) for choice in lesson.choices] == [("Small.", True), ("Large.", False)]
    (shown,) = lesson.shown
    assert (shown.title, shown.turns, shown.opening) == ("A bowl", (Turn(0, "estim_lr0"),), 20)
    assert shown.experiment.problem == "shifted_sphere"
    assert lesson.sections["Why"] == "$$x^{2}$$"
    assert [claim.says for claim in lesson.claims] == ["D is about 1.5"]


def test_an_experiment_may_stand_as_a_table():
    (line,) = [line for line in HEAD.splitlines() if line.startswith("experiment =")]
    table = '[experiments.experiment]\nversion = 1\nproblem = "booth"\nsteps = 200\ncontenders = [{ optimizer = "prodigy" }]\n'
    text = _with("opening = 20\n", "opening = 20\n" + table, _with(line, ""))
    lesson = read_lesson("small", text, {})["en"]
    assert lesson.experiments["bowl"].experiment == Experiment.from_json(
        '{"version":1,"problem":"booth","steps":200,"contenders":[{"optimizer":"prodigy"}]}'
    )


def test_a_case_is_what_its_file_says():
    case = read_complaint("small", COMPLAINT, {})["en"]
    assert (case.fails, case.works, case.harmless) == (Place("bowl", 0), Place("bowl", 1), False)
    assert [asked.where for asked in case.asked] == ["prodigy#1"]
    harmless = _with("fails = ", "harmless = true\n# ", COMPLAINT)
    assert read_complaint("small", harmless, {})["en"].harmless


# What is changed in the sample, and what the refusal must say: the field, what is allowed, the nearest match.
REFUSALS = [
    ('title = "Small"', 'titel = "Small"', ["titel", "Did you mean 'title'", "title is None; it must be a text"]),
    ("minutes = 2", "minutes = 30", ["minutes is 30", "from 1 to 5"]),
    ('right = "a"', 'right = "c"', ["right is 'c'", "a, b"]),
    ('choices = ["Small.", "Large."]', 'choices = ["Small."]', ["choices", "2 to 6 texts"]),
    ('"problem":"shifted_sphere"', '"problem":"shifted_spere"', ["experiments[0].experiment.problem", "'shifted_sphere'"]),
    ('"version":1', '"version":99', ["experiments[0].experiment.version"]),
    ('knob = "estim_lr0"', 'knob = "estim_lr"', ["experiments[0].turns[0].knob", "Did you mean 'estim_lr0'"]),
    ("contender = 0, knob", "contender = 2, knob", ["turns[0].contender is 2", "from 0 to 1"]),
    ("opening = 20", "opening = 201", ["opening is 201", "from 0 to 200"]),
    ('measure = "D"\nbetween', 'measure = "DD"\nbetween', ["claims[0].measure is 'DD'", "D_of_distance"]),
    ("between = [1.4, 1.6]", "betwen = [1.4, 1.6]", ["claims[0].betwen", "Did you mean 'between'", "claims[0].between"]),
    ("between = [1.4, 1.6]", "between = [1.6, 1.4]", ["the lower first"]),
    ("between = [1.4, 1.6]", "at_least = 1\nequals = 2", ["one range"]),
    ("between = [1.4, 1.6]", "between = [1.4, 1.6]\ncontender = 7", ["claims[0].contender is 7"]),
    ("between = [1.4, 1.6]", "between = [1.4, 1.6]\nat = 1.5", ["claims[0].at is 1.5", "0.0 to 1.0"]),
    ("between = [1.4, 1.6]", 'between = [1.4, 1.6]\nnamed = "x"', ["claims[0].named", "D takes at"]),
    ("between = [1.4, 1.6]", 'between = [1.4, 1.6]\nproblems = ["boot"]', ["claims[0].problems is 'boot'", "'booth'"]),
    ("between = [1.4, 1.6]", "between = [1.4, 1.6]\nseeds = 0", ["claims[0].seeds is 0"]),
    ("between = [1.4, 1.6]", "between = [1.4, 1.6]\nstarts = [[1.0]]", ["claims[0].starts", "points"]),
    (
        "between = [1.4, 1.6]",
        'between = [1.4, 1.6]\nvary = [{ knob = "bta3", values = [1.0] }]',
        ["claims[0].vary[0].knob", "Did you mean 'beta3'"],
    ),
    (
        "between = [1.4, 1.6]",
        'between = [1.4, 1.6]\nvary = [{ knob = "beta3", values = [2.0] }]',
        ["claims[0].vary[0].values[0] is 2.0"],
    ),
    ("between = [1.4, 1.6]", "between = [1.4, 1.6]\ncount = { atleast = 1 }", ["claims[0].count.atleast", "'at_least'"]),
    (
        'measure = "D"\nbetween = [1.4, 1.6]',
        'measure = "status"\nequals = "divergd"',
        ["claims[0].equals is 'divergd'", "Did you mean 'diverged'"],
    ),
    ('measure = "D"\nbetween = [1.4, 1.6]', 'measure = "arrives"\nequals = 1', ["claims[0].equals is 1", "true or false"]),
    (
        'measure = "D"\nbetween = [1.4, 1.6]',
        'measure = "finding"\nnamed = "stuck_by_roundin"\nequals = true',
        ["claims[0].named", "Did you mean 'stuck_by_rounding'"],
    ),
    ('measure = "D"\nbetween = [1.4, 1.6]', 'measure = "metric"\nbetween = [1.4, 1.6]', ["claims[0].named", "asks for it"]),
    ('d = { measure = "D" }', 'd = { measure = "D", format = "nmber" }', ["seen.d.format", "Did you mean 'number'"]),
    ('d = { measure = "D" }', 'd = { measure = "D" }\ne = { measure = "D" }', ["seen.e", "quoted in a text"]),
    ("{d}", "{dd}", ["{dd}", "Did you mean 'd'"]),
    ("## Why", "## Whi", ["section is 'Whi'", "Did you mean 'Why'", "section 'Why' is None"]),
    ("## Why\n$$x^{2}$$", "## Why\n", ["section 'Why'", "with a text under it"]),
    ("## Predict\nA bowl.\n", "A bowl.\n", ["under a heading"]),
    ("+++\ntitle", "++\ntitle", ["head", "+++"]),
    ("order = 1", "order = ", ["head", "TOML"]),
]  # fmt: skip


@pytest.mark.parametrize("old, new, parts", REFUSALS, ids=[new[:40] for _, new, _ in REFUSALS])
def test_a_fault_is_refused_with_its_place_and_what_is_allowed(old, new, parts):
    message = _refusal(_with(old, new))
    for part in parts:
        assert part in message
    assert all(line.startswith("small.md: ") for line in message.splitlines())


def test_all_faults_are_reported_together():
    text = _with("minutes = 2", "minutes = 30", _with("opening = 20", "opening = 201", _with("## Why", "## Whi")))
    assert len(_refusal(text).splitlines()) >= 4


def test_sections_stand_in_their_order():
    swapped = BODY.replace("## Why", "## X").replace("## Predict", "## Why").replace("## X", "## Predict")
    assert "in the order Predict" in _refusal(f"+++\n{HEAD}+++\n{swapped}")


def test_a_hidden_experiment_cannot_be_quoted():
    message = _refusal(_with('name = "bowl"', 'name = "bowl"\nshown = false'))
    assert "seen.d.experiment" in message
    assert "one that is shown" in message


def test_a_case_shows_what_fails_and_what_works():
    assert "fails" in _refusal(_with("fails = ", "# ", COMPLAINT), read=read_complaint)
    assert "harmless" in _refusal(_with("fails = ", "harmless = true\nfails = ", COMPLAINT), read=read_complaint)
    assert "from 0 to 1" in _refusal(_with("contender = 0", "contender = 4", COMPLAINT), read=read_complaint)
    assert "question" in _refusal(_with("order = 1", 'order = 1\nquestion = "?"', COMPLAINT), read=read_complaint)


# --- translations -------------------------------------------------------------------------------------------------------


def test_a_translation_has_texts_of_its_own_and_everything_else_of_the_lesson():
    languages = read_lesson("small", LESSON, {"de": GERMAN})
    english, german = languages["en"], languages["de"]
    assert (german.title, german.question, german.language) == ("Klein", "Wie groß ist D?", "de")
    assert [(choice.text, choice.right) for choice in german.choices] == [("Klein.", True), ("Groß.", False)]
    assert german.shown[0].title == "Eine Schüssel"
    assert german.shown[0].experiment == english.shown[0].experiment
    assert (german.claims, german.seen, german.minutes) == (english.claims, english.seen, english.minutes)


@pytest.mark.parametrize(
    "old, new, part",
    [
        ("{d}", "1.5", "section 'What was seen'"),
        ('["Klein.", "Groß."]', '["Klein.", "Groß.", "Beides."]', "2 texts, as many as in English"),
        ('title = "Klein"', 'title = "Klein"\nminutes = 3', "minutes is 3; it must be removed"),
        ("titles = { bowl", "titles = { bol", "titles.bowl"),
        ("## Why", "## Warum", "section is 'Warum'"),
    ],
)
def test_a_translation_that_says_something_else_is_refused(old, new, part):
    message = _refusal(LESSON, {"de": _with(old, new, GERMAN)})
    assert part in message
    assert all(line.startswith("small.de.md: ") for line in message.splitlines())


def test_a_folder_is_read_whole_and_all_its_faults_told(tmp_path):
    (tmp_path / "small.md").write_text(LESSON, encoding="utf-8")
    (tmp_path / "small.de.md").write_text(GERMAN, encoding="utf-8")
    (tmp_path / "first.md").write_text(_with("order = 1", "order = 0"), encoding="utf-8")
    shelf = load(tmp_path, read_lesson)
    assert list(shelf) == ["first", "small"]
    assert set(shelf["small"]) == {"en", "de"}
    (tmp_path / "first.md").write_text(_with("order = 1", "order = -1"), encoding="utf-8")
    (tmp_path / "gone.de.md").write_text(GERMAN, encoding="utf-8")
    with pytest.raises(LessonError) as caught:
        load(tmp_path, read_lesson)
    assert {file for file, _ in caught.value.faults} == {"first.md", "gone.de.md"}


def test_what_is_not_translated_is_english():
    from app.lessons import complaint, lesson

    for name, languages in lessons().items():
        assert lesson(name, "xx") is languages["en"]
        for language, translated in languages.items():
            assert lesson(name, language) is translated
    for name, cases in clinic().items():
        assert complaint(name, "xx") is cases["en"]
    assert "de" in {language for languages in lessons().values() for language in languages}
