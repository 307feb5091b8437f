"""zoo/recipe.py."""

import json
from dataclasses import fields

import numpy as np
import pytest

from zoo.augment import make_policy
from zoo.training.recipe import Recipe


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"optimizer": "adamx"}, "Expected optimizer as one of adamw, adam, lion, sgd; received 'adamx'"),
        ({"schedule": "stair"}, "Expected schedule as one of cosine, plateau, step, constant"),
        ({"augment": "mixup"}, "mixup"),
        ({"augment": "flips", "magnitude": 0.5}, "magnitude"),
        ({"mix": "cutout"}, "Expected mix as one of none, mixup, cutmix, both"),
        ({"mix_alpha": 0.5}, "Expected mix_alpha as None, as there is no mix; received 0.5"),
        ({"mix": "mixup", "mix_alpha": 0.0}, "Expected mix_alpha as None or a number above 0"),
        ({"imbalance": "smote"}, "Expected imbalance as one of none, undersample"),
        ({"graph_layers": ({"layer": "RandomHeu"},)}, "received 'RandomHeu'. Did you mean .*'RandomHue'"),
        ({"validate": "both"}, "Expected validate as one of augmented, clean"),
        ({"cache": "int8"}, "Expected cache as one of float16, float32, none"),
        ({"precision": "float16"}, "Expected precision as one of auto, float32, mixed_float16, mixed_bfloat16"),
        ({"epochs": -1}, "Expected epochs as a whole number of 0 or more; received -1"),
        ({"head_epochs": 0, "epochs": 0}, "1 or more in one of the phases"),
        ({"learning_rate": 0.0}, "Expected learning_rate as a number above 0"),
        ({"learning_rate": 1e-4, "final_learning_rate": 1e-3}, "Expected final_learning_rate as 0 up to the learning"),
        ({"head_final_learning_rate": -1e-3}, "Expected head_final_learning_rate"),
        ({"unfreeze": 1.5}, "Expected unfreeze as 'all', layers"),
        ({"unfreeze": 0}, "Expected unfreeze"),
        ({"unfreeze": ""}, "Expected unfreeze"),
        ({"unfreeze": True}, "Expected unfreeze"),
        (
            {"schedule": "constant", "final_learning_rate": 1e-6},
            "final_learning_rate as 0, as the rate is",
        ),
        ({"learning_rate": "1e-3"}, "Expected learning_rate as a finite number; received '1e-3'"),
        ({"weight_decay": float("inf")}, "Expected weight_decay as a finite number"),
        ({"label_smoothing": None}, "Expected label_smoothing as a finite number; received None"),
        ({"layer_decay": 0.0}, "Expected layer_decay as a factor above 0, up to 1"),
        ({"drop": 1.0}, "Expected drop as a factor between 0 and 1"),
        ({"drop_after": 0}, "Expected drop_after as a whole number of 1 or more"),
        ({"batch_size": 0}, "Expected batch_size"),
        ({"accumulate": 0}, "Expected accumulate"),
        ({"views": -1}, "Expected views"),
        ({"stored_views": 1.5}, "Expected stored_views"),
        ({"patience": 0}, "Expected patience as a whole number of 1 or more, or None"),
        ({"seed": -1}, "Expected seed"),
        ({"weight_decay": -1e-4}, "Expected weight_decay"),
        ({"clip_norm": 0.0}, "Expected clip_norm as None or a number above 0"),
        ({"ema": 1.0}, "Expected ema as a share"),
        ({"label_smoothing": 1.0}, "Expected label_smoothing as a share"),
        ({"drop": 0.5}, "Expected drop as it is by default, as cosine drops nothing; received 0.5"),
        ({"drop_after": 3, "schedule": "constant"}, "Expected drop_after as it is by default, as constant drops"),
        ({"stored_views": 1}, "Expected stored_views as 0, or 2 or more, as the first one is the clean image"),
        ({"views": 0, "cache": "float32"}, "Expected cache as 'none', as there are no fixed views"),
        ({"graph_layers": None}, "Expected a list of tables, one for each layer, .* received None"),
        ({"graph_layers": ({"layer": ["a"]},)}, "Expected a table with the name of a layer"),
        (
            {"graph_layers": ({"layer": "RandomHue", "factor": np.float32(0.5)},)},
            "Expected numbers, texts and lists as the arguments of RandomHue; .* Write float",
        ),
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
