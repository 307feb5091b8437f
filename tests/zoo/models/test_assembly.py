"""zoo/models/assembly.py."""

import keras
import numpy as np
import pytest

from zoo import Head, Plan, register
from zoo.models.assembly import assemble

pytestmark = pytest.mark.fits

IMAGES = np.random.default_rng(0).integers(0, 256, (2, 16, 16, 3), dtype=np.uint8)


def _plan(backbone="simple_cnn", **choices):
    return Plan(**({"backbone": backbone, "classes": 3, "image_size": 16, "weights": None} | choices))


def _layers(model):
    return [layer.name for layer in model.layers]


def test_named_uint8_images_come_in_and_float32_logits_go_out():
    model = assemble(_plan(name="mine"))
    assert model.name == "mine"
    assert (model.inputs[0].name, model.inputs[0].dtype, model.input_shape) == ("images", "uint8", (None, 16, 16, 3))
    assert (model.outputs[0].dtype, model.output_shape) == ("float32", (None, 3))


def test_filter_and_size_come_before_the_backbone_in_that_order(tiny):
    named = [name for name in _layers(assemble(_plan(tiny, high_pass=True, resize=24))) if "pad" not in name]
    assert named == ["images", "cast", "high_pass", "resize", "normalise", "backbone", "head"]


def test_what_is_not_asked_for_is_not_there():
    assert _layers(assemble(_plan())) == ["images", "cast", "backbone", "head"]


def test_resize_sets_the_size_that_the_backbone_sees():
    assert assemble(_plan(resize=(24, 32))).get_layer("backbone").input_shape == (None, 24, 32, 3)


def test_backbone_and_head_are_models_whose_chain_is_the_network(tiny):
    model = assemble(_plan(tiny))
    prepared = IMAGES / np.float32(127.5) - 1
    chained = model.get_layer("head")(model.get_layer("backbone")(prepared))
    np.testing.assert_allclose(np.asarray(chained), np.asarray(model(IMAGES)), atol=1e-5)


def test_images_need_not_be_square():
    assert assemble(_plan(image_size=(16, 24))).input_shape == (None, 16, 24, 3)


def test_the_head_is_the_plans():
    assert assemble(_plan(head=Head(units=7))).get_layer("head").layers[-3].units == 7


def test_one_seed_is_one_network_whatever_was_built_before():
    first = assemble(_plan(seed=3)).get_weights()
    assemble(_plan(seed=4))
    np.testing.assert_equal(assemble(_plan(seed=3)).get_weights(), first)
    assert not np.array_equal(assemble(_plan(seed=4)).get_weights()[0], first[0])


def test_too_small_images_are_refused_with_a_way_out():
    with pytest.raises(ValueError, match=r"71x71.*'xception'.*16x16.*resize=96"):
        assemble(_plan("xception"))


def test_small_images_are_taken_when_they_are_enlarged():
    assert assemble(_plan("simple_cnn", image_size=4, resize=8)).input_shape == (None, 4, 4, 3)


def test_an_incomplete_plan_is_refused():
    with pytest.raises(ValueError, match=r"classes.*'simple_cnn'"):
        assemble(Plan(backbone="simple_cnn"))


@pytest.mark.parametrize("precision", ["mixed_float16", "mixed_bfloat16"])
def test_mixed_precision_computes_small_and_answers_in_float32(precision, tiny):
    before = keras.config.dtype_policy()
    model = assemble(_plan(tiny), precision)
    assert model.get_layer("backbone").get_layer("conv_1").compute_dtype == precision.removeprefix("mixed_")
    assert np.asarray(model(IMAGES)).dtype == np.float32
    assert keras.config.dtype_policy() == before


def test_the_policy_is_put_back_when_building_fails():
    before = keras.config.dtype_policy()
    with pytest.raises(ValueError, match="activation"):
        assemble(_plan(head=Head(units=4, activation="rleu")), "mixed_float16")
    assert keras.config.dtype_policy() == before


def test_a_network_that_resizes_does_not_drop_out_when_it_is_called():
    model = assemble(_plan("simple_cnn_regularized", resize=32))
    np.testing.assert_array_equal(model(IMAGES), model(IMAGES))
    np.testing.assert_allclose(model(IMAGES), model.predict(IMAGES, verbose=0), rtol=1e-5, atol=1e-6)


def _tokens(images):
    return keras.Model(images, keras.layers.Reshape((-1, 3))(images))


def _two(images):
    return keras.Model(images, [images, keras.layers.Conv2D(4, 3)(images)])


def _lambda(images):
    return keras.Model(images, keras.layers.Lambda(lambda x: x + 1)(images))


@pytest.mark.parametrize(
    ("made", "told"),
    [
        (lambda images: None, "NoneType"),
        (lambda images: keras.Sequential([keras.layers.Flatten()]), "Sequential"),
        (_tokens, "(N, H, W, C)"),
        (_two, "one output"),
        (_lambda, "Lambda"),
    ],
)
def test_what_a_users_builder_must_not_return_is_told_before_any_training(made, told, own_register, refused):
    @register(pixels="inside", family="mine")
    def mine(input_shape, weights=None):
        return made(keras.Input(input_shape))

    with refused(told):
        assemble(Plan(backbone="mine", classes=3, image_size=16, weights=None))
