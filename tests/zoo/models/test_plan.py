"""zoo/models/plan.py."""

import json
from dataclasses import FrozenInstanceError, replace

import numpy as np
import pytest

from zoo import Ensemble, Head, Plan
from zoo.models import registry
from zoo.models.plan import from_dict


def test_a_plan_is_named_after_its_backbone_unless_it_has_a_name():
    assert Plan(backbone="vgg16").name == "vgg16"
    assert Plan(backbone="vgg16", name="mine").name == "mine"


def test_a_plan_does_not_change():
    with pytest.raises(FrozenInstanceError):
        Plan(backbone="vgg16").seed = 1


def test_sizes_are_a_side_or_a_pair():
    plan = Plan(backbone="vgg16", image_size=96, resize=[128, 160])
    assert (plan.image_size, plan.resize) == ((96, 96), (128, 160))


def test_classes_may_be_counted_by_numpy():
    classes = Plan(backbone="vgg16", classes=np.int64(3)).classes
    assert (classes, type(classes)) == (3, int)
    plan = Plan(backbone="vgg16", seed=np.int64(4), head=Head(dropout=np.float32(0.5)))
    assert (type(plan.seed), type(plan.head.dropout)) == (int, float)
    ensemble = Ensemble(["vgg16"], seed=np.int64(1), folds=np.int64(2))
    ensemble.check()
    assert (type(ensemble.seed), type(ensemble.folds)) == (int, int)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"backbone": "vgg61"}, "'vgg61'.*mean"),
        ({"classes": 1}, "classes.*1"),
        ({"classes": "8"}, "'8'"),
        ({"classes": 2.5}, "2.5"),
        ({"classes": True}, "True"),
        ({"image_size": 0}, "image_size.*0"),
        ({"image_size": (96, 96, 3)}, r"\(96, 96, 3\)"),
        ({"resize": -1}, "resize"),
    ],
)
def test_a_wrong_choice_is_refused_when_it_is_made(wrong, message):
    with pytest.raises(ValueError, match=message):
        Plan(**({"backbone": "vgg16"} | wrong))


def test_the_data_completes_what_was_left_open():
    plan = Plan(backbone="vgg16", name="mine").completed(3, (64, 48))
    assert (plan.classes, plan.image_size, plan.name) == (3, (64, 48), "mine")


def test_data_of_other_classes_is_refused():
    with pytest.raises(ValueError, match=r"classes=4.*'vgg16'.*classes=3"):
        Plan(backbone="vgg16", classes=4).completed(3, (96, 96))


def test_data_of_another_size_is_refused():
    with pytest.raises(ValueError, match=r"image_size=\(64, 64\).*\(96, 96\).*resize=\(64, 64\)"):
        Plan(backbone="vgg16", image_size=64).completed(3, (96, 96))


@pytest.mark.parametrize("units", [(), 64, (64, 32)])
def test_a_plan_survives_json(units, tmp_path):
    plan = Plan(
        backbone="vgg16", name="a", classes=3, image_size=96, resize=128, weights_dir=tmp_path, head=Head(units=units)
    )
    read = from_dict(json.loads(json.dumps(plan.as_dict())))
    assert read.as_dict() == plan.as_dict()
    assert read.head == plan.head


def test_the_identity_ignores_names_and_where_the_weights_lie(tiny, tiny_file, tmp_path):
    copy = tmp_path / "elsewhere.weights.h5"
    copy.write_bytes(tiny_file.read_bytes())
    first = Plan(backbone=tiny, name="first", weights=tiny_file)
    second = Plan(backbone=tiny, name="second", weights=copy)
    assert first.identity() == second.identity()


@pytest.mark.parametrize("other", [{"seed": 1}, {"high_pass": True}, {"head": Head(units=8)}, {"weights": None}])
def test_the_identity_follows_what_changes_the_network(other, tiny, tiny_file):
    base = {"backbone": tiny, "weights": tiny_file}
    assert Plan(**base).identity() != Plan(**(base | other)).identity()


def test_the_identity_follows_a_users_builder(own_register):
    identities = []
    for family in ("a", "b"):
        if family == "a":

            @registry.register(pixels="tf")
            def changing(input_shape, weights=None): ...
        else:

            @registry.register(pixels="tf")
            def changing(input_shape, weights=None):
                return 1

        identities.append(Plan(backbone="changing").identity())
    assert identities[0] != identities[1]


def test_images_are_enlarged_by_a_whole_factor_where_they_are_too_small():
    plan = Plan(backbone="xception")  # from 71 pixels on
    assert plan.enlarging((64, 48)).resize == (128, 96)
    assert plan.enlarging((71, 71)).resize is None
    assert replace(plan, resize=80).enlarging((64, 64)).resize == (80, 80)
