"""What a sweep may say, and what is said of one that is wrong."""

from __future__ import annotations

import json

import pytest

from prodigy_core import limits
from prodigy_core.experiment import VERSION, Contender, Experiment, ExperimentError
from prodigy_core.sweep.plan import make_plan
from prodigy_core.sweep.spec import MAX_AXES, Axis, Owner, Sweep, knobs_of, race_may_differ
from tests.sweep.runs import PRODIGY, alone, axis

BOTH = Experiment("rosenbrock", contenders=(PRODIGY, Contender("adam")), steps=10)


def faults(**fields) -> str:
    with pytest.raises(ExperimentError) as raised:
        Sweep(**{"experiment": BOTH, **fields})
    return str(raised.value)


def text_faults(**fields) -> str:
    data = {"version": 1, "experiment": json.loads(BOTH.to_json()), **fields}
    with pytest.raises(ExperimentError) as raised:
        Sweep.from_json(json.dumps(data))
    return str(raised.value)


# --- faults --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "given, said",
    [
        (Axis("estim_lr", (1.0,), 0), "axes[0].knob is 'estim_lr'; it must be a knob (known: "),
        (Axis("estim_lr", (1.0,), 0), "Did you mean 'estim_lr0'?"),
        (Axis("estim_lr0", (), 0), "axes[0].values is (); it must be a list of at least one value"),
        (Axis("estim_lr0", (1.0, -1.0, "a"), 0), "axes[0].values[1] is -1.0; it must be a number above 0"),
        (Axis("estim_lr0", (1.0, "a"), 0), "axes[0].values[1] is 'a'; it must be"),
        (Axis("estim_lr0", (1.0,), 2), "axes[0].contender is 2; it must be the place of a contender, from 0 to 1"),
        (Axis("estim_lr0", (1.0,), True), "axes[0].contender is True"),
        (Axis("estim_lr0", (1.0,), 1), "axes[0].knob is 'estim_lr0'"),
        (Axis("estim_lr0", (1.0,)), "axes[0].knob is 'estim_lr0'"),
        (Axis("seed", (1,)), "axes[0].knob is 'seed'"),
        (Axis("tolerance", (1.0,)), "axes[0].knob is 'tolerance'"),
        (Axis("start.z", (1.0,)), "axes[0].knob is 'start.z'"),
        (Axis(3, (1.0,), 0), "axes[0].knob is 3"),  # type: ignore[arg-type]
    ],
)
def test_a_wrong_axis(given, said):
    assert said in faults(axes=(given,))


def test_every_fault_is_told():
    said = faults(axes=(axis("nothing", 1.0), axis("beta1", 2.0)), seeds=(1, 1), entries=-1)
    assert len(said.splitlines()) == 4


def test_a_knob_stands_once():
    assert "axes[1].knob is 'beta1'; it must be another knob" in faults(axes=(axis("beta1", 0.5), axis("beta1", 0.6)))
    Sweep(BOTH, (axis("beta1", 0.5), axis("beta1", 0.6, contender=1)))


@pytest.mark.parametrize(
    "fields, said",
    [
        ({"seeds": ()}, "seeds is []; it must be one or more whole numbers, each once"),
        ({"seeds": (0, -1)}, "seeds[1] is -1; it must be"),
        ({"seeds": (0, 1.5)}, "seeds[1] is 1.5; it must be"),
        ({"entries": limits.ENTRIES + 1}, "entries is"),
        ({"entries": True}, "entries is True"),
        ({"axes": (axis("steps", 1, 2, contender=None),), "entries": 5}, "0 where steps is an axis"),
        ({"axes": tuple(axis(name, 0.5) for name in ("beta1", "beta2", "beta3", "eps", "clip"))}, f"at most {MAX_AXES}"),
    ],
)
def test_wrong_fields(fields, said):
    assert said in faults(**fields)


def test_too_many_runs(monkeypatch):
    monkeypatch.setattr(limits, "MAX_RUNS", 7)
    axes = (axis("beta1", 0.1, 0.2, 0.3),)
    assert "runs is 8; it must be at most 7 in all (PRODIGY_LAB_MAX_RUNS)" in faults(axes=axes, seeds=(0, 1))
    assert Sweep(Experiment(contenders=(PRODIGY,)), axes, seeds=(0, 1)).runs == 6


def test_too_much_work(monkeypatch):
    sweep = Sweep(alone(), (axis("beta1", 0.1, 0.2),))
    monkeypatch.setattr(limits, "MAX_SWEEP_WORK", 1000)
    with pytest.raises(ExperimentError, match="PRODIGY_LAB_MAX_SWEEP_WORK is 1e"):
        make_plan(sweep)


def test_one_run_that_is_too_large(monkeypatch):
    monkeypatch.setattr(limits, "MAX_WORK", 1000)
    with pytest.raises(ExperimentError, match="PRODIGY_LAB_MAX_WORK"):
        make_plan(Sweep(alone(steps=1000), (axis("steps", 1, 100_000, contender=None),)))


# --- JSON ----------------------------------------------------------------------------------------------------------


def test_there_and_back():
    axes = (axis("estim_lr0", 1e-6, 1), axis("clip", None, 0.5, contender=1), axis("start.x", 0, contender=None))
    sweep = Sweep(BOTH, axes, seeds=(3, 1), entries=40)
    again = Sweep.from_json(sweep.to_json())
    assert again == sweep
    assert hash(again) == hash(sweep)
    assert again.to_json() == sweep.to_json()
    assert again.axes[0].values == (1e-6, 1.0)


def test_as_a_person_writes_it():
    data = {
        "version": 1,
        "experiment": {"version": 1, "contenders": [{"optimizer": "prodigy"}]},
        "axes": [
            {"contender": 0, "knob": "estim_lr0", "count": 4, "low": 1e-6, "high": 1e-3},
            {"contender": 0, "knob": "safeguard_warmup", "count": 2},
            {"knob": "start.x", "count": 3},
        ],
        "seeds": 2,
    }
    sweep = Sweep.from_json(json.dumps(data))
    assert sweep.axes[0].values == (1e-6, 1e-5, 1e-4, 1e-3)
    assert sweep.axes[1].values == (False, True)
    assert sweep.axes[2].values == (-2.0, 0.0, 2.0)
    assert sweep.seeds == (0, 1)


def test_a_file_of_before_has_the_experiment_that_it_had():
    """The sweep's own format is what it was; the experiment in it says its version, and so its defaults."""
    before = {"version": 1, "experiment": {"version": 1}, "axes": [{"knob": "settings.b", "values": [10, 100]}]}
    sweep = Sweep.from_json(json.dumps(before))
    assert sweep.experiment == Experiment("rosenbrock", steps=500)
    assert Sweep.from_json(sweep.to_json()) == sweep
    valley = {"version": 1, "experiment": {"version": 1, "problem": "himmelblau"}}
    assert Sweep.from_json(json.dumps(valley)).experiment.steps == 500
    assert Sweep.from_json(json.dumps({**valley, "experiment": {"version": VERSION}})).experiment == Experiment()


@pytest.mark.parametrize(
    "fields, said",
    [
        ({"version": 2}, "version is 2; it must be 1"),
        ({"experiment": []}, "a JSON object of at most"),
        ({"experiment": {"version": 1, "problem": "rosenbrok"}}, "problem is 'rosenbrok'"),
        ({"axis": []}, "axis is []; it must be removed"),
        ({"axes": {}}, "axes is {}; it must be a list"),
        ({"axes": [3]}, "axes[0] is 3; it must be an object"),
        ({"axes": [{"knob": "beta1", "contender": 0, "value": [1]}]}, "axes[0].value is [1]; it must be removed"),
        ({"axes": [{"knob": "beta1", "contender": 0, "values": 0.5}]}, "axes[0].values is 0.5"),
        ({"axes": [{"knob": "beta1", "contender": 0, "count": 0}]}, "axes[0].count is 0; it must be a whole number from 1"),
        ({"axes": [{"knob": "beta1", "contender": 0, "count": 3, "low": -1}]}, "axes[0].low is -1"),
        ({"axes": [{"knob": "beta9", "contender": 0, "count": 3}]}, "axes[0].knob is 'beta9'"),
        ({"seeds": "many"}, "seeds is 'many'; it must be a list of whole numbers, or how many"),
        ({"seeds": [0, 0]}, "seeds is [0, 0]"),
    ],
)
def test_wrong_json(fields, said):
    assert said in text_faults(**fields)


@pytest.mark.parametrize("text", ["", "[]", "null", "{", "[" * 100_000, '{"version": 1}', '{"version": NaN, "experiment": {}}'])
def test_text_that_is_no_sweep(text):
    with pytest.raises(ExperimentError):
        Sweep.from_json(text)


# --- what there is -------------------------------------------------------------------------------------------------


def test_all_knobs_of_all_can_be_axes():
    for contender, params in ((0, knobs_of(BOTH, 0)), (1, knobs_of(BOTH, 1)), (None, knobs_of(BOTH, None))):
        for name, param in params.items():
            assert Sweep(BOTH, (Axis(name, param.spread(2), contender),)).runs >= 2


def test_a_place_is_an_experiment():
    sweep = Sweep(
        BOTH, (axis("beta1", 0.5, 0.6), axis("start.y", 1.0, 3.0, contender=None), axis("eps", 0.1, contender=1)), (4, 9)
    )
    assert sweep.shape_of(0) == (2, 2)
    experiment = sweep.at(0, (1, 0), 1)
    assert (experiment.contenders[0].knobs["beta1"], experiment.start, experiment.seed) == (0.6, (-1.5, 1.0), 9)
    assert experiment.contenders[1] == BOTH.contenders[1]
    assert sweep.at(1, (1, 0)).contenders[1].knobs["eps"] == 0.1


def test_every_contender_may_have_axes_of_its_own():
    """A page that turns one knob of each of six contenders has more axes than any of them."""
    contenders = tuple(Contender("sgd", {"learning_rate": 10.0**-i}) for i in range(6))
    sweep = Sweep(Experiment(contenders=contenders), tuple(Axis("momentum", (0.0, 0.5), place) for place in range(6)))
    assert [sweep.shape_of(place) for place in range(6)] == [(2,)] * 6


# --- owners --------------------------------------------------------------------------------------------------------

OWNERS = [
    (axis("beta1", 0.5, contender=1), Owner.CONTENDER, "beta1", 0.9),
    (axis("noise_size", 0.5, contender=None), Owner.EXPERIMENT, "noise_size", 1.0),
    (axis("settings.b", 7.0, contender=None), Owner.SETTING, "b", 100.0),
    (axis("start.y", 0.5, contender=None), Owner.START, "y", 2.0),
]


@pytest.mark.parametrize("given, owner, name, before", OWNERS, ids=lambda value: str(value) if isinstance(value, Owner) else "")
def test_an_axis_reads_and_places_the_value_of_its_owner(given, owner, name, before):
    """A cell that showed one hyperparameter and ran another would be believed."""
    assert (given.owner, given.name) == (owner, name)
    assert given.param_in(BOTH).name == name
    assert given.value_in(BOTH) == before
    changed = given.placed_in(BOTH, given.values[0])
    assert given.value_in(changed) == given.values[0]
    assert given.placed_in(changed, before) == BOTH
    assert all(other.value_in(changed) == other.value_in(BOTH) for other, *_ in OWNERS if other != given)


@pytest.mark.parametrize("wrong, field", [(axis("beta9", 1.0), "knob"), (axis("beta1", 0.5, contender=2), "contender")])
def test_an_axis_of_nothing_names_its_field(wrong, field):
    for ask in (wrong.param_in, wrong.value_in, lambda experiment: wrong.placed_in(experiment, 0.5)):
        with pytest.raises(ExperimentError, match=f"axis.{field} is"):
            ask(BOTH)


@pytest.mark.parametrize("precision", ["float64", "float32", "bfloat16", "float16"])
def test_a_race_may_differ_from_its_cell_in_a_coarse_precision(precision):
    coarse = precision != "float64"
    contenders = (Contender("prodigy"),)
    assert race_may_differ(Sweep(Experiment(precision=precision, contenders=contenders))) == coarse
    swept = Axis("precision", ("float64", precision) if coarse else ("float64",))
    assert race_may_differ(Sweep(Experiment(contenders=contenders), (swept,))) == coarse
    exact = Axis("precision", ("float64",))
    assert not race_may_differ(Sweep(Experiment(precision=precision, contenders=contenders), (exact,)))
