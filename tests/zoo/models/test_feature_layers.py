"""zoo/models/feature_layers.py: what a head reads of several layers, by hand; and what decides keys and files."""

import keras
import numpy as np
import pytest

from zoo import Head, Plan, build
from zoo.members.member import Member
from zoo.models.assembly import assemble, tail, trunk
from zoo.models.feature_layers import with_layers
from zoo.models.plan import from_dict
from zoo.models.registry import spec

PICTURES = np.random.default_rng(0).integers(0, 256, (3, 16, 16, 3)).astype(np.uint8)


def _plan(tiny, **head):
    return Plan(backbone=tiny, classes=3, image_size=16, weights=None, head=Head(**head), seed=1)


@pytest.mark.parametrize(("layers", "names"), [(2, ["relu_1", "relu_2"]), (["relu_2", "norm_1"], ["relu_2", "norm_1"])])
@pytest.mark.parametrize(("pooling", "reduce"), [("average", np.mean), ("max", np.max)])
def test_features_are_pooled_maps_side_by_side(tiny, layers, names, pooling, reduce):
    network = assemble(_plan(tiny, layers=layers, pooling=pooling))
    plain = assemble(_plan(tiny)).get_layer("backbone")
    maps = keras.Model(plain.input, [plain.get_layer(name).output for name in names])(PICTURES / 127.5 - 1)
    expected = np.concatenate([reduce(np.asarray(one), axis=(1, 2)) for one in maps], axis=1)
    features = np.asarray(trunk(network)(PICTURES))
    np.testing.assert_allclose(features, expected, atol=1e-4)
    np.testing.assert_allclose(np.asarray(tail(network)(features)), np.asarray(network(PICTURES)), atol=1e-5)


def test_the_last_maps_of_stages_are_found_in_a_known_network():
    backbone = spec("mobilenet_v2_035").builder((96, 96, 3))
    several = with_layers(backbone, 4, "average")
    pooled = {layer.name: layer.input for layer in several.layers if layer.name.startswith("pooled_")}
    assert [one.shape[1] for one in pooled.values()] == [24, 12, 6, 3]
    made_by = [one._keras_history.operation.name for one in pooled.values()]
    assert made_by == ["block_3_expand_relu", "block_6_expand_relu", "block_13_expand_relu", "out_relu"]
    assert with_layers(backbone, 1, "average") is backbone


def test_sums_that_are_no_layers_end_a_stage_too():
    images = keras.Input((16, 16, 3))
    x = keras.layers.Conv2D(4, 3, padding="same", name="first")(images)
    first = x + keras.layers.Conv2D(4, 1, name="branch")(x)
    padded = keras.ops.pad(first, [(0, 0), (0, 1), (0, 1), (0, 0)])
    last = keras.layers.Conv2D(8, 3, strides=2, name="second")(padded)
    backbone = keras.Model(images, last + keras.layers.Conv2D(8, 1)(last))
    made = with_layers(backbone, 2, "average")
    pixels = np.random.default_rng(0).normal(size=(2, 16, 16, 3)).astype(np.float32)
    expected = keras.Model(images, [first, backbone.output]).predict(pixels, verbose=0)
    found = made.predict(pixels, verbose=0)
    np.testing.assert_allclose(
        found, np.concatenate([one.mean(axis=(1, 2)) for one in expected], axis=1), rtol=1e-4, atol=1e-6
    )


def test_what_a_backbone_does_not_have_is_refused(tiny, flat, refused):
    with refused("layers", "1 to 2", "5"):
        assemble(_plan(tiny, layers=5))
    with refused("layers", "relu_3", "Did you mean"):
        assemble(_plan(tiny, layers=["relu_3"]))
    with refused("layers", "feature maps"):
        assemble(Plan(backbone=flat, classes=3, image_size=8, weights=None, head=Head(layers=2)))


@pytest.mark.parametrize("wrong", [0, -1, True, 1.5, "relu_1", (), ("a", "a"), (1, 2)])
def test_layers_are_a_number_or_names(wrong, refused):
    with refused("layers", repr(wrong)):
        Head(layers=wrong)


def test_the_option_is_in_files_and_keys_only_where_it_is_used(tiny, tmp_path):
    plain, named = _plan(tiny), _plan(tiny, layers=["relu_1", "relu_2"])
    assert "layers" not in plain.as_dict()["head"]
    assert "adapt" not in plain.as_dict()
    assert from_dict(plain.as_dict()) == plain
    assert from_dict(named.as_dict()) == named
    assert plain.identity() != named.identity()
    member = build(tiny, 3, image_size=16, weights=None, head=Head(layers=2))
    member.fitted = True
    again = Member.load(member.save(tmp_path / "member"))
    np.testing.assert_array_equal(again.logits(PICTURES), member.logits(PICTURES))
    assert again.features(PICTURES).shape == (3, 24)
