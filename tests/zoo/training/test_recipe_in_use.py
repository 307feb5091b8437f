"""Every field of a recipe changes what is trained: none is accepted and ignored."""

from dataclasses import fields, replace

import numpy as np
import pytest

from zoo import Head, Recipe
from zoo.data import Splits
from zoo.models.assembly import assemble
from zoo.models.plan import Plan
from zoo.training import train_planned

pytestmark = pytest.mark.usefixtures("eagerly")

BASE = Recipe(
    head_epochs=1,
    epochs=0,
    batch_size=7,
    learning_rate=3e-3,
    views=2,
    warmup=0.2,
    patience=None,
    augment="flips",
    precision="float32",
)
WHOLE = {"head_epochs": 0, "epochs": 1}  # the other phase, where all of the network is trained
# A field: its other value, and what else has to be so that it counts.
OTHERS = {
    "head_epochs": (2, {}),
    "head_solver": ("lbfgs", {}),
    "head_learning_rate": (1e-2, {}),
    "head_final_learning_rate": (5e-4, {}),
    "epochs": (2, WHOLE),
    "learning_rate": (1e-3, WHOLE),
    "final_learning_rate": (1e-3, WHOLE),
    "unfreeze": (1, WHOLE),
    "train_batch_norm": (True, WHOLE),
    "layer_decay": (0.5, WHOLE),
    "optimizer": ("lion", {}),
    "weight_decay": (0.5, {}),
    "clip_norm": (1e-3, {"optimizer": "sgd"}),
    "ema": (0.9, {}),
    "batch_size": (5, {}),
    "accumulate": (2, {}),
    "schedule": ("constant", {}),
    "warmup": (0.9, {}),
    "drop": (0.1, {"schedule": "step", "drop_after": 1, "head_epochs": 2}),
    "drop_after": (1, {"schedule": "step", "head_epochs": 2}),
    "flips": ("horizontal", {}),
    "label_smoothing": (0.2, {}),
    "patience": (1, {"learning_rate": 1.0, "schedule": "constant", "epochs": 3}),
    "validate": ("clean", {}),
    "augment": ("standard", {}),
    "magnitude": (1.0, {"augment": "rand"}),
    "operations": (1, {"augment": "rand"}),
    "share": (0.1, {"augment": "rand"}),
    "stored_views": (2, {"head_epochs": 0, "epochs": 2}),
    "mix": ("mixup", WHOLE),
    "mix_alpha": (5.0, {"mix": "mixup", **WHOLE}),
    "graph_layers": (({"layer": "RandomHue", "factor": 0.5},), WHOLE),
    "imbalance": ("class_weights", {}),
    "views": (1, {"head_epochs": 2}),
    "cache": ("float32", {}),
    "precision": ("mixed_bfloat16", WHOLE),
    "seed": (7, {}),
}


@pytest.fixture(scope="module")
def known():
    """What was trained before, by recipe."""
    return {}


@pytest.fixture
def result(blobs, tiny):
    """What a training leaves: its network's weights and the figures of its epochs."""
    few = blobs.subset(np.r_[0:9, 9:24:3])  # classes of unequal size
    plan = Plan(backbone=tiny, classes=3, image_size=16, weights=None, head=Head(dropout=0.3), seed=3)

    def trained(recipe):
        network = assemble(plan)
        history = train_planned(network, plan, Splits(few, few), recipe, pretrained=True).history
        return np.concatenate([weights.ravel() for weights in network.get_weights()]), history

    return trained


def test_all_fields_are_here():
    # test_data_parallel.py: on one device it changes nothing; test_probe.py; test_low_rank.py
    elsewhere = {"devices", "adapt", "lora_rank"}
    assert set(OTHERS) | elsewhere == {field.name for field in fields(Recipe)}


@pytest.mark.parametrize("name", OTHERS)
def test_a_field_changes_what_is_trained(result, known, name):
    value, companions = OTHERS[name]
    base = replace(BASE, **companions)
    if str(base) not in known:
        known[str(base)] = result(base)
    weights, history = known[str(base)]
    other_weights, other_history = result(replace(base, **{name: value}))
    assert other_history != history or (other_weights != weights).any()


def test_nothing_changes_by_itself(result):
    weights, history = result(BASE)
    again, same = result(BASE)
    np.testing.assert_array_equal(again, weights)
    assert same == history
