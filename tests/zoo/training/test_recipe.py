"""zoo/training/recipe.py."""

import hashlib
import json
from dataclasses import fields

import numpy as np
import pytest

from zoo.augment import make_policy
from zoo.training.recipe import Recipe


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"optimizer": "adamx"}, "optimizer.*'adamx'"),
        ({"schedule": "stair"}, "schedule"),
        ({"augment": "mixup"}, "mixup"),
        ({"augment": "flips", "magnitude": 0.5}, "magnitude"),
        ({"mix": "cutout"}, "mix"),
        ({"mix_alpha": 0.5}, "mix_alpha.*0.5"),
        ({"mix": "mixup", "mix_alpha": 0.0}, "mix_alpha"),
        ({"imbalance": "smote"}, "imbalance"),
        ({"graph_layers": ({"layer": "RandomHeu"},)}, "'RandomHeu'.*mean .*'RandomHue'"),
        ({"validate": "both"}, "validate"),
        ({"cache": "int8"}, "cache"),
        ({"precision": "float16"}, "precision"),
        ({"epochs": -1}, "epochs.*-1"),
        ({"head_epochs": 0, "epochs": 0}, "phases"),
        ({"learning_rate": 0.0}, "learning_rate"),
        ({"learning_rate": 1e-4, "final_learning_rate": 1e-3}, "final_learning_rate"),
        ({"head_final_learning_rate": -1e-3}, "head_final_learning_rate"),
        ({"unfreeze": 1.5}, "unfreeze.*'all'"),
        ({"unfreeze": 0}, "unfreeze"),
        ({"unfreeze": ""}, "unfreeze"),
        ({"unfreeze": True}, "unfreeze"),
        ({"train_batch_norm": "yes"}, "train_batch_norm.*'yes'"),
        ({"schedule": "constant", "final_learning_rate": 1e-6}, "final_learning_rate.*0"),
        ({"learning_rate": "1e-3"}, "learning_rate.*'1e-3'"),
        ({"weight_decay": float("inf")}, "weight_decay"),
        ({"label_smoothing": None}, "label_smoothing.*None"),
        ({"layer_decay": 0.0}, "layer_decay"),
        ({"drop": 1.0}, "drop"),
        ({"drop_after": 0}, "drop_after"),
        ({"batch_size": 0}, "batch_size"),
        ({"accumulate": 0}, "accumulate"),
        ({"views": -1}, "views"),
        ({"stored_views": 1.5}, "stored_views"),
        ({"patience": 0}, "patience"),
        ({"seed": -1}, "seed"),
        ({"weight_decay": -1e-4}, "weight_decay"),
        ({"clip_norm": 0.0}, "clip_norm"),
        ({"ema": 1.0}, "ema"),
        ({"label_smoothing": 1.0}, "label_smoothing"),
        ({"drop": 0.5}, "drop.*cosine.*0.5"),
        ({"drop_after": 3, "schedule": "constant"}, "drop_after.*constant"),
        ({"stored_views": 1}, "stored_views.*2"),
        ({"views": 0, "cache": "float32"}, "cache.*'none'"),
        ({"graph_layers": None}, "list.*None"),
        ({"augment": 5}, "augment.*5"),
        ({"augment": None}, "augment.*None"),
        ({"graph_layers": ({"layer": ["a"]},)}, "table"),
    ],
)
def test_values_that_make_no_sense_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        Recipe(**options)


def test_a_recipe_is_plain_values():
    recipe = Recipe(epochs=2, unfreeze=0.1, augment=("rand", "flips"), graph_layers=({"layer": "RandomFlip"},))
    assert Recipe(**recipe.as_dict()) == recipe
    json.dumps(recipe.as_dict())


def test_every_choice_is_documented():
    assert all(f"        {choice.name}: " in Recipe.__doc__ for choice in fields(Recipe))
    assert "{options}" not in Recipe.__doc__


def test_the_defaults_are_those_that_keys_of_members_are_made_of():
    digest = hashlib.sha256(json.dumps(Recipe().as_dict(), sort_keys=True).encode()).hexdigest()
    assert digest[:16] == "13eb4c1e298f2192", "another default or another option gives every member another key"


def test_its_policy_is_made_of_its_choices():
    assert Recipe(augment="rand", magnitude=0.3).policy() == make_policy("rand", magnitude=0.3)
    assert Recipe(augment="none").policy().is_identity


def test_numpys_numbers_are_taken_as_plain_ones():
    recipe = Recipe(
        learning_rate=np.float32(0.5),
        magnitude=np.float32(0.5),
        operations=np.int64(2),
        epochs=np.int64(3),
        augment="rand",
        graph_layers=[{"layer": "RandomHue", "factor": np.float32(0.5)}],
    )
    assert json.loads(json.dumps(recipe.as_dict()))["operations"] == 2
    assert (recipe.learning_rate, recipe.epochs) == (0.5, 3)


def test_one_stored_view_is_enough_where_nothing_is_changed():
    assert Recipe(stored_views=1, augment="none").stored_views == 1


def test_values_that_are_written_in_two_ways_have_one_key():
    assert Recipe(augment=("composite",)).as_dict() == Recipe(augment="composite").as_dict() == Recipe().as_dict()
    for name, options in {
        "clip_norm": {},
        "share": {"augment": "rand"},
        "mix_alpha": {"mix": "mixup"},
    }.items():
        one, other = (json.dumps(Recipe(**options, **{name: value}).as_dict()) for value in (1, 1.0))
        assert one == other
