"""zoo/training/recipe.py."""

import hashlib
import json
from dataclasses import fields

import numpy as np
import pytest

from zoo.augment import make_policy
from zoo.training.recipe import Recipe


@pytest.mark.parametrize(
    ("options", "keywords"),
    [
        ({"optimizer": "adamx"}, "optimizer .*adamw, adam, lion, sgd; received 'adamx'.* 'adam'"),
        ({"schedule": "stair"}, "schedule .*cosine, plateau, step, constant"),
        ({"augment": "mixup"}, "mixup"),
        ({"augment": "flips", "magnitude": 0.5}, "magnitude"),
        ({"mix": "cutout"}, "mix .*none, mixup, cutmix, both"),
        ({"mix_alpha": 0.5}, "mix_alpha .*no mix; received 0.5"),
        ({"mix": "mixup", "mix_alpha": 0.0}, "mix_alpha .*above 0"),
        ({"imbalance": "smote"}, "imbalance .*none, undersample"),
        ({"graph_layers": ({"layer": "RandomHeu"},)}, "received 'RandomHeu'.*'RandomHue'"),
        ({"validate": "both"}, "validate .*augmented, clean"),
        ({"cache": "int8"}, "cache .*float16, float32, none"),
        ({"precision": "float16"}, "precision .*auto, float32, mixed_float16, mixed_bfloat16"),
        ({"epochs": -1}, "epochs .*whole number of 0 or more; received -1"),
        ({"head_epochs": 0, "epochs": 0}, "epochs .*one of the phases"),
        ({"learning_rate": 0.0}, "learning_rate .*above 0"),
        ({"learning_rate": 1e-4, "final_learning_rate": 1e-3}, "final_learning_rate .*up to the learning_rate"),
        ({"head_final_learning_rate": -1e-3}, "head_final_learning_rate"),
        ({"unfreeze": 1.5}, "unfreeze .*'all', layers"),
        ({"unfreeze": 0}, "unfreeze"),
        ({"unfreeze": ""}, "unfreeze"),
        ({"unfreeze": True}, "unfreeze"),
        ({"train_batch_norm": "yes"}, "train_batch_norm .*true or false"),
        ({"schedule": "constant", "final_learning_rate": 1e-6}, "final_learning_rate .*constant"),
        ({"learning_rate": "1e-3"}, "learning_rate .*number .*received '1e-3'"),
        ({"weight_decay": float("inf")}, "weight_decay .*finite"),
        ({"label_smoothing": None}, "label_smoothing .*received None"),
        ({"layer_decay": 0.0}, "layer_decay .*above 0, up to 1"),
        ({"drop": 1.0}, "drop .*above 0, below 1"),
        ({"drop_after": 0}, "drop_after .*1 or more"),
        ({"batch_size": 0}, "batch_size"),
        ({"accumulate": 0}, "accumulate"),
        ({"views": -1}, "views"),
        ({"stored_views": 1.5}, "stored_views"),
        ({"patience": 0}, "patience .*1 or more or none"),
        ({"seed": -1}, "seed"),
        ({"weight_decay": -1e-4}, "weight_decay"),
        ({"clip_norm": 0.0}, "clip_norm .*above 0 or none"),
        ({"ema": 1.0}, "ema .*below 1"),
        ({"label_smoothing": 1.0}, "label_smoothing .*below 1"),
        ({"drop": 0.5}, "drop .*cosine drops nothing; received 0.5"),
        ({"drop_after": 3, "schedule": "constant"}, "drop_after .*constant"),
        ({"stored_views": 1}, "stored_views .*2 or more"),
        ({"views": 0, "cache": "float32"}, "cache .*no fixed views"),
        ({"graph_layers": None}, "graph_layers .*received None"),
        ({"graph_layers": ({"layer": ["a"]},)}, "name of a layer"),
        ({"graph_layers": ({"layer": "RandomHue", "factor": np.float32(0.5)},)}, "arguments of RandomHue.*float"),
    ],
)
def test_values_that_make_no_sense_are_refused(options, keywords):
    with pytest.raises(ValueError, match=keywords):
        Recipe(**options)


def test_a_recipe_is_plain_values():
    recipe = Recipe(epochs=2, unfreeze=0.1, augment=("rand", "flips"), graph_layers=({"layer": "RandomFlip"},))
    assert Recipe(**recipe.as_dict()) == recipe
    json.dumps(recipe.as_dict())


def test_every_choice_is_documented():
    assert all(f"        {choice.name}: " in Recipe.__doc__ for choice in fields(Recipe))
    assert "{options}" not in Recipe.__doc__


def test_its_values_are_those_that_keys_of_members_are_made_of():
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
    )
    assert json.loads(json.dumps(recipe.as_dict()))["operations"] == 2
    assert (recipe.learning_rate, recipe.epochs) == (0.5, 3)


def test_one_stored_view_is_enough_where_nothing_is_changed():
    assert Recipe(stored_views=1, augment="none").stored_views == 1
