"""The description of what is run: its JSON, its checks, and what it must refuse."""

from __future__ import annotations

import dataclasses
import json
import math
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from prodigy_core.experiment import MAX_CHARACTERS, MAX_CONTENDERS, PARAMS, VERSION, Contender, Experiment, ExperimentError
from prodigy_core.optimizers import OPTIMIZERS
from prodigy_core.param import Param
from prodigy_core.problems import PROBLEMS

RECORDED = Path(__file__).parent / "experiment_defaults.json"

fuzz = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def _values(param: Param) -> st.SearchStrategy[Any]:
    """Every value that a knob allows."""
    if param.kind == "choice":
        return st.sampled_from(param.choices)
    if param.kind == "bool":
        return st.booleans()
    if param.kind == "int":
        return st.integers(math.ceil(param.low), math.floor(param.high))
    numbers = st.floats(param.low, param.high, exclude_min=param.above_low, exclude_max=param.below_high)
    return st.none() | numbers if param.none_means else numbers


def _knobs(params: tuple[Param, ...]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({}, optional={param.name: _values(param) for param in params})


def _contenders() -> st.SearchStrategy[Contender]:
    return st.one_of([st.builds(Contender, st.just(entry.name), _knobs(entry.params)) for entry in OPTIMIZERS.values()])


def _experiments() -> st.SearchStrategy[Experiment]:
    def of(problem: str) -> st.SearchStrategy[Experiment]:
        entry = PROBLEMS[problem]
        return st.builds(
            Experiment,
            problem=st.just(problem),
            settings=_knobs(entry.settings),
            start=st.none() | st.tuples(*(_values(param) for param in entry.start_params)),
            contenders=st.lists(_contenders(), max_size=MAX_CONTENDERS).map(tuple),
            **{param.name: _values(param) for param in PARAMS},
        )

    return st.sampled_from(sorted(PROBLEMS)).flatmap(of)


def _faults(text: str) -> dict[str, Any]:
    """The faults of a text by field."""
    with pytest.raises(ExperimentError) as found:
        Experiment.from_json(text)
    return {fault.field: fault for fault in found.value.faults}


def _read(text: str) -> Experiment | str:
    """The experiment, or what is wrong; whatever else is raised goes on to the test."""
    try:
        return Experiment.from_json(text)
    except ExperimentError as error:
        return str(error)


def _json(**fields: Any) -> str:
    return json.dumps({"version": VERSION, **fields})


# --- there and back ------------------------------------------------------------------------------------------------


@given(_experiments(), st.booleans())
@fuzz
def test_a_saved_or_shared_experiment_comes_back_as_it_was(experiment, full):
    """A link that opens a slightly different experiment makes every claim about it wrong."""
    text = experiment.to_json(full=full)
    again = Experiment.from_json(text)
    assert again == experiment
    assert hash(again) == hash(experiment)
    assert again.to_json(full=full) == text
    assert len(experiment.to_json()) < MAX_CHARACTERS / 5


@given(_experiments())
@fuzz
def test_equal_experiments_have_one_text_however_they_were_written(experiment):
    """The text is the key of the caches: two texts for one experiment would run it twice."""
    data = json.loads(experiment.to_json())
    backwards = {key: data[key] for key in reversed(data)}
    backwards["contenders"] = [
        {"knobs": {name: c["knobs"][name] for name in reversed(c["knobs"])}, "optimizer": c["optimizer"]}
        for c in data["contenders"]
    ]
    assert Experiment.from_json(json.dumps(backwards, indent=3)).to_json() == experiment.to_json()


def test_one_and_one_point_zero_minus_zero_and_zero_are_the_same_experiment():
    a = Experiment(
        steps=100, tolerance=1, start=(0, -0.0), contenders=(Contender("adam", {"learning_rate": 1, "warmup": -0.0}),)
    )
    b = Experiment(steps=100.0, tolerance=1.0, start=(-0.0, 0.0), contenders=(Contender("adam", {"learning_rate": 1.0}),))  # type: ignore[arg-type]
    assert a == b
    assert hash(a) == hash(b)
    assert a.to_json() == b.to_json()


def test_a_link_to_the_usual_experiment_is_short_and_one_change_is_all_that_it_adds():
    usual = Experiment().to_json(full=False)
    assert len(usual) < 150
    data = json.loads(Experiment(contenders=(Contender("adam", {"beta1": 0.8}),), steps=77).to_json(full=False))
    assert data["contenders"] == [{"optimizer": "adam", "knobs": {"beta1": 0.8}}]
    assert data["steps"] == 77
    assert set(data) == {"version", "problem", "start", "contenders", "steps"}


def test_fields_left_out_stand_at_their_defaults():
    assert Experiment.from_json(_json()) == Experiment()
    assert Experiment.from_json(_json(start=None)) == Experiment()
    assert Experiment.from_json(_json(problem="booth")).start == PROBLEMS["booth"].start


def test_an_experiment_without_contenders_is_one_and_stays_one():
    """A person who removed every contender must be able to share and reload that."""
    empty = Experiment(contenders=())
    assert Experiment.from_json(empty.to_json(full=False)) == empty
    assert empty.labels == ()


def test_nobody_changes_an_experiment_that_others_look_at():
    experiment = Experiment()
    with pytest.raises(dataclasses.FrozenInstanceError):
        experiment.steps = 3  # type: ignore[misc]
    with pytest.raises(TypeError):
        experiment.settings["b"] = 1.0  # type: ignore[index]
    with pytest.raises(TypeError):
        experiment.contenders[0].knobs["beta1"] = 0.5  # type: ignore[index]
    mine: dict[str, Any] = {"beta1": 0.5}
    contender = Contender("adam", mine)
    mine["beta1"] = 0.1
    assert contender.knobs["beta1"] == 0.5


def test_different_experiments_are_unequal():
    usual = Experiment()
    for other in (
        Experiment(problem="booth"),
        Experiment(settings={"b": 99.0}),
        Experiment(start=(0.0, 0.0)),
        Experiment(contenders=(Contender("prodigy"),)),
        Experiment(contenders=(Contender("adam"), Contender("prodigy"))),
        Experiment(steps=501),
        Experiment(seed=1),
        Experiment(precision="float32"),
        Experiment(tolerance=1e-5),
    ):
        assert other != usual
        assert other.to_json() != usual.to_json()
        assert other.to_json(full=False) != usual.to_json(full=False)
    assert Contender("adam") in {Contender("adam", {"beta1": 0.9}): 1}


# --- what is refused -----------------------------------------------------------------------------------------------


def test_all_faults_are_reported_at_once_each_with_field_value_allowed_and_nearest():
    """One message at a time makes a person mend a file ten times."""
    found = _faults(
        _json(
            problem="rosenbrok",
            steps=0,
            presision="float32",
            precision="flaot64",
            tolerance="small",
            seed=1.5,
            contenders=[
                {"optimizer": "adamm"},
                {"optimizer": "adam", "knobs": {"beta1": 1.0, "bata2": 0.9, "schedule": "cosin"}, "color": "red"},
                7,
            ],
        )
    )
    assert {field: (fault.value, fault.nearest) for field, fault in found.items()} == {
        "presision": ("float32", "precision"),
        "problem": ("rosenbrok", "rosenbrock"),
        "contenders[0].optimizer": ("adamm", "adam"),
        "contenders[1].color": ("red", ""),
        "contenders[1].knobs.bata2": (0.9, "beta2"),
        "contenders[1].knobs.beta1": (1.0, ""),
        "contenders[1].knobs.schedule": ("cosin", "cosine"),
        "contenders[2]": (7, ""),
        "steps": (0, ""),
        "seed": (1.5, ""),
        "precision": ("flaot64", "float64"),
        "tolerance": ("small", ""),
    }
    assert found["contenders[1].knobs.beta1"].allowed == "a number from 0 to below 1"
    assert "known:" in found["presision"].allowed


def test_faults_of_settings_and_start_are_named_too():
    found = _faults(_json(settings={"b": 0, "a": 1}, start=[1e7, "left"]))
    assert set(found) == {"settings.a", "settings.b", "start.x", "start.y"}
    assert set(_faults(_json(problem="booth", settings={"b": 100}))) == {"settings.b"}


@pytest.mark.parametrize("version", [0, 2, "1", None, True, [1], 1.5])
def test_another_version_is_refused_before_anything_else(version):
    """Its fields may mean something else: reading on would run another experiment than the one that was saved."""
    assert list(_faults(json.dumps({"version": version, "steps": 0, "nonsense": 1}))) == ["version"]


def test_a_missing_version_is_refused():
    assert "1" in _faults("{}")["version"].allowed


@pytest.mark.parametrize("wrong", [None, True, 0.5, -1, "text", [], [1], {}, {"a": 1}], ids=repr)
@pytest.mark.parametrize("field", ["problem", "settings", "start", "contenders", "steps", "seed", "precision", "tolerance"])
def test_a_field_of_the_wrong_type_is_refused_under_its_name(field, wrong):
    allowed: dict[str, list[Any]] = {"settings": [{}], "start": [None], "contenders": [[]], "tolerance": [0.5]}
    fine = allowed.get(field, [])
    if any(wrong is value or (wrong == value and type(wrong) is type(value)) for value in fine):
        assert isinstance(Experiment.from_json(_json(**{field: wrong})), Experiment)
    else:
        assert all(name.startswith(field) for name in _faults(_json(**{field: wrong})))


@pytest.mark.parametrize("knobs", [None, 1, "beta1", [], [["beta1", 0.5]], {"beta1": {}}, {"beta1": [0.5]}], ids=repr)
def test_knobs_of_the_wrong_type_are_refused_under_their_contender(knobs):
    assert all("contenders[0].knobs" in name for name in _faults(_json(contenders=[{"optimizer": "adam", "knobs": knobs}])))


@pytest.mark.parametrize("start", [[1.0], [1.0, 2.0, 3.0], [[1.0, 2.0]], {"x": 1, "y": 2}, "12", [None, 0.0], [True, 0.0]])
def test_a_start_of_another_shape_is_refused(start):
    assert _faults(_json(start=start))


@pytest.mark.parametrize("token", ["NaN", "Infinity", "-Infinity", "1e999", "-1e999", "9" * 400, "9" * 5000])
@pytest.mark.parametrize("field", ["tolerance", "steps", "seed", "start"])
def test_a_number_that_is_no_finite_number_is_refused(field, token):
    """A NaN would travel through the whole run and come out as an empty picture."""
    value = f"[{token}, 0]" if field == "start" else token
    found = _faults(f'{{"version": 1, "{field}": {value}}}')
    if token.strip("-").isalpha():
        assert list(found) == ["experiment"], "no JSON at all: other programs could not read it either"


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "null", "1", '"text"', "[]", "[{}]", "{", "{'version': 1}", '{"version": 1,}', "\x00", "\ufeff{}",
        "<script>alert(1)</script>", '{"version": 1} {"version": 1}', "x" * 100_000, "[" * 100_000,
        "[" * 40_000, '{"a":' * 9_000, '{"version": 1, "problem": ' + "[" * 900 + "]" * 900 + "}",
    ],
)  # fmt: skip
def test_a_text_that_is_no_experiment_is_refused_with_a_short_message(text):
    before = time.perf_counter()
    with pytest.raises(ExperimentError) as found:
        Experiment.from_json(text)
    assert time.perf_counter() - before < 1.0
    assert len(str(found.value)) < 400


@pytest.mark.parametrize("field", ["problem", "settings", "start", "contenders", "steps", "precision", "extra"])
def test_nesting_of_any_depth_is_refused_where_reading_fails_and_where_only_writing_the_message_does(field):
    for depth in (*range(60, 1_000, 40), *range(900, 1_000, 3), 5_000, 20_000):
        _faults(f'{{"version": 1, "{field}": {"[" * depth}{"]" * depth}}}')


def test_the_longest_text_full_of_faults_is_answered_at_once():
    """One link must not keep the server busy."""
    many = json.dumps({"version": 1, **{f"k{i}": 0 for i in range(5_000)}}, separators=(",", ":"))
    assert len(many) < MAX_CHARACTERS
    before = time.perf_counter()
    assert len(_faults(many)) == 5_000
    assert time.perf_counter() - before < 3.0


def test_a_text_one_character_too_long_is_refused_and_one_at_the_limit_is_read():
    room = MAX_CHARACTERS - len(_json())
    assert Experiment.from_json(_json() + " " * room) == Experiment()
    assert "50,000" in str(_faults(_json() + " " * (room + 1))["experiment"])


def test_a_misspelt_name_can_be_shown_whatever_it_is_made_of():
    """A lone surrogate cannot be sent to a browser, and a line break would tear the message apart."""
    names: tuple[str, ...] = ("\ud800", "a\nb", "\u202egnp", "x" * 10_000, "")
    for name in names:
        (fault,) = _faults(_json(**{name: 1})).values()
        assert str(fault).isprintable()
        assert str(fault).encode()
        assert len(str(fault)) < 300


@given(st.text(max_size=300))
@example("{}")
@fuzz
def test_any_text_is_an_experiment_or_an_experiment_error(text):
    assert _read(text)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10) | st.sampled_from([*OPTIMIZERS, *PROBLEMS]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)
NAMES = ("version", "problem", "settings", "start", "contenders", "steps", "seed", "precision", "tolerance")
CONTENDER = st.fixed_dictionaries(
    {}, optional={"optimizer": st.sampled_from(sorted(OPTIMIZERS)) | JSON, "knobs": st.dictionaries(st.text(), JSON) | JSON}
)


@given(
    st.fixed_dictionaries(
        {"version": st.just(1)},
        optional={name: st.lists(CONTENDER | JSON, max_size=8) if name == "contenders" else JSON for name in NAMES[1:]},
    )
)
@fuzz
def test_any_json_in_any_field_is_an_experiment_or_an_experiment_error(data):
    """What a person, or a person with bad intentions, puts into a link must never end in a traceback."""
    found = _read(json.dumps(data))
    if isinstance(found, Experiment):
        assert Experiment.from_json(found.to_json()) == found
    else:
        assert found


# --- from Python ---------------------------------------------------------------------------------------------------


def test_a_python_user_gets_the_same_checks():
    with pytest.raises(ExperimentError, match=r"steps is 0.*\n.*precision is 'half'|precision") as found:
        Experiment(steps=0, precision="half")
    assert {fault.field for fault in found.value.faults} == {"steps", "precision"}
    with pytest.raises(ExperimentError, match="Did you mean 'prodigy'"):
        Contender("Prodigy")
    with pytest.raises(ExperimentError, match=r"knobs\.beta1"):
        Contender("adam", {"beta1": 2})
    with pytest.raises(ExperimentError, match="too large to write out"):
        Experiment(steps=10**5_000)


def test_contenders_given_as_plain_data_become_contenders():
    """They pass the checks, so they must not fail later in the run."""
    plain: Any = [{"optimizer": "adam", "knobs": {"beta1": 0.5}}]
    assert Experiment(contenders=plain) == Experiment(contenders=(Contender("adam", {"beta1": 0.5}),))


def test_six_contenders_are_the_most():
    assert len(Experiment(contenders=(Contender("adam"),) * MAX_CONTENDERS).contenders) == MAX_CONTENDERS
    with pytest.raises(ExperimentError, match="7 contenders'; it must be a list of at most 6"):
        Experiment(contenders=(Contender("adam"),) * (MAX_CONTENDERS + 1))


# --- labels --------------------------------------------------------------------------------------------------------


def test_contenders_of_one_optimizer_are_told_apart_by_what_was_changed():
    experiment = Experiment(
        contenders=(
            Contender("adam"),
            Contender("adam", {"learning_rate": 0.01}),
            Contender("adam", {"learning_rate": 0.1, "schedule": "cosine"}),
            Contender("adam"),
            Contender("prodigy", {"safeguard_warmup": True}),
            Contender("sgd", {"nesterov": True}),
        )
    )
    assert experiment.labels == (
        "Adam",
        "Adam (learning_rate 0.01)",
        "Adam (learning_rate 0.1, schedule cosine)",
        "Adam #2",
        "Prodigy",
        "SGD",
    )


@given(st.lists(_contenders(), max_size=MAX_CONTENDERS))
@fuzz
def test_no_two_contenders_share_a_label(contenders):
    labels = Experiment(contenders=tuple(contenders)).labels
    assert len(set(labels)) == len(contenders)
    for label, contender in zip(labels, contenders, strict=True):
        assert label.startswith(OPTIMIZERS[contender.optimizer].title)


# --- old links -----------------------------------------------------------------------------------------------------


def _defaults() -> dict[str, Any]:
    """What a field or knob means where a link leaves it out."""
    found: dict[str, Any] = {param.name: param.default for param in PARAMS}
    for problem in PROBLEMS.values():
        found[f"{problem.name}.start"] = list(problem.start)
        found |= {f"{problem.name}.{param.name}": param.default for param in problem.settings}
    for optimizer in OPTIMIZERS.values():
        found |= {f"{optimizer.name}.{param.name}": param.default for param in optimizer.params}
    return found


def test_a_link_written_before_still_means_the_same():
    """A short link leaves out what stands at its default: a default that changes, or goes, changes every such link."""
    recorded: dict[str, Any] = json.loads(RECORDED.read_text(encoding="utf-8"))
    assert recorded.pop("version") == VERSION, f"The version is new: record its defaults in {RECORDED.name}."
    now = _defaults()
    moved = {name: (value, now.get(name, "gone")) for name, value in recorded.items() if now.get(name, "gone") != value}
    assert not moved, (
        f"These defaults moved (recorded, now): {moved}. Links and files of version {VERSION} would now run something else. "
        f"Raise VERSION in prodigy_core/experiment.py and record the new defaults in {RECORDED.name}, or keep the old ones."
    )
