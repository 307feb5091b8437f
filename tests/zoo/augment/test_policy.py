"""Policies: their options, what tells them apart, and what is refused."""

import json
import pickle
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from zoo.augment import POLICIES
from zoo.augment.policy import ENTRIES, Stage, make_policy, policy, policy_names

OPTIONS = {name: entry.heeds for name, entry in ENTRIES.items() if entry.heeds}


def test_every_name_makes_a_policy_and_no_two_are_alike():
    policies = [make_policy(name) for name in POLICIES]
    assert len(set(policies)) == len({json.dumps(policy.identity()) for policy in policies}) == len(POLICIES)
    assert [policy.is_identity for policy in policies] == [name == "none" for name in POLICIES]


def test_a_policy_that_draws_other_pictures_than_before_has_another_identity_alone(monkeypatch):
    before = {name: make_policy(name).identity() for name in ("robust", "composite")}
    monkeypatch.setitem(ENTRIES, "robust", replace(ENTRIES["robust"], version=99))
    assert make_policy("robust").identity() != before["robust"]
    assert make_policy("composite").identity() == before["composite"]
    assert "version" not in before["composite"]["stages"][0]  # keys of members trained with it stay as they were


def test_the_defaults_are_the_reports():
    stage = make_policy("rand").stages[0]
    assert (stage.magnitude, stage.operations, stage.share) == (0.5, (2, 2), 0.8)
    assert make_policy("composite").stages[0].operations == (2, 4)


def test_several_names_follow_each_other_and_each_takes_the_options_it_has():
    policy = make_policy(("rand", "flips", "trivial"), magnitude=0.3, operations=3, share=0.5)
    assert [stage.name for stage in policy.stages] == ["rand", "flips", "trivial"]
    assert [stage.share for stage in policy.stages] == [0.5, 1.0, 0.5]
    assert [stage.operations for stage in policy.stages] == [(3, 3), (1, 1), (1, 1)]
    assert [stage.magnitude for stage in policy.stages] == [0.3, 1.0, 1.0]
    assert policy != make_policy(("flips", "rand", "trivial"), magnitude=0.3, operations=3, share=0.5)


def test_none_among_others_does_nothing():
    assert make_policy(("none", "flips")) == make_policy("flips") == make_policy(["flips"])
    assert make_policy(("none", "none")).is_identity


@pytest.mark.parametrize("name", OPTIONS)
def test_every_option_that_a_policy_has_changes_its_identity(name):
    options = {"magnitude": 0.1, "operations": 1, "share": 0.25}
    own = make_policy(name)
    for option, value in options.items():
        if option in OPTIONS[name]:
            assert make_policy(name, **{option: value}).identity() != own.identity()
        else:
            with pytest.raises(ValueError, match=f"{option}.*{name}"):
                make_policy(name, **{option: value})


@pytest.mark.parametrize("option", ["magnitude", "share"])
@pytest.mark.parametrize("name", ["none", "flips"])
def test_flips_and_none_have_no_options(name, option):
    with pytest.raises(ValueError, match=f"{option}.*composite"):
        make_policy(name, **{option: 0.5})


def test_an_identity_is_json_and_holds_the_version():
    identity = make_policy(("composite", "flips"), magnitude=1).identity()
    assert json.loads(json.dumps(identity)) == identity
    assert identity["version"] == 1
    assert identity["stages"][0] == {"name": "composite", "magnitude": 1, "operations": [2, 4], "share": 0.9}


def test_numbers_of_numpy_are_plain_and_policies_travel_between_processes():
    policy = make_policy("rand", share=np.float32(0.5), operations=np.int64(3))
    assert pickle.loads(pickle.dumps(policy)) == policy == make_policy("rand", share=0.5, operations=3)
    assert json.loads(json.dumps(policy.identity())) == policy.identity()


def test_a_policy_enters_itself(monkeypatch):
    monkeypatch.setattr("zoo.augment.policy.ENTRIES", dict(ENTRIES))

    @policy("blank", heeds=("share",), share=0.5)
    def draw_blank(random, size, stage):
        return []

    assert "blank" in policy_names()
    assert make_policy("blank").stages == (Stage(name="blank", share=0.5),)


@pytest.mark.parametrize(
    ("names", "options", "message"),
    [
        ("randd", {}, "'randd'.*mean 'rand'"),
        (("flips", "cutmix"), {}, "'cutmix'.*composite"),
        ((), {}, "policy.*none"),
        ("rand", {"magnitude": 1.1}, "magnitude.*1.1"),
        ("rand", {"magnitude": "strong"}, "magnitude.*'strong'"),
        ("rand", {"share": -0.1}, "share.*-0.1"),
        ("rand", {"share": True}, "share.*True"),
        ("rand", {"share": float("nan")}, "share.*nan"),
        ("rand", {"operations": 0}, "operations.*0"),
        ("rand", {"operations": 2.5}, "operations.*2.5"),
        (("rand", "composite"), {"operations": 5}, "operations.*4.*5"),
    ],
)
def test_bad_choices_are_refused(names, options, message):
    with pytest.raises(ValueError, match=message):
        make_policy(names, **options)


def test_what_is_no_name_is_refused():
    with pytest.raises(TypeError, match=r"policy.*None"):
        make_policy(None)
    with pytest.raises(ValueError, match=r"policy.*3"):
        make_policy(["rand", 3])


def test_a_strength_of_none_and_a_full_one_are_allowed():
    assert make_policy("rand", magnitude=0, share=1).stages[0].magnitude == 0
    assert make_policy("rand", operations=14).stages[0].operations == (14, 14)


def test_policies_load_without_keras():
    code = "import sys, zoo.augment.policy; print([m for m in ('keras', 'tensorflow') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_name_that_another_module_has_is_refused_and_a_reloaded_module_is_not(monkeypatch, refused):
    entry = ENTRIES["robust"]
    monkeypatch.setitem(ENTRIES, "robust", entry)  # put back afterwards
    with refused("'robust'", entry.draw.__module__):
        policy("robust")(lambda random, size, stage: ())
    policy("robust", version=99)(entry.draw)
    assert ENTRIES["robust"].version == 99
