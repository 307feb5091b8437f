import keras
import numpy as np
import pytest

from zoo import Member
from zoo.models.cloning import leaf_layers
from zoo.models.from_keras import PIXELS, as_member_model, in_convention, reordered
from zoo.models.outputs import are_probabilities

PICTURES = np.random.default_rng(0).integers(0, 256, (6, 8, 8, 3), np.uint8)


def _model(ending, dtype="float32"):
    images = keras.Input((8, 8, 3), dtype=dtype)
    pooled = keras.layers.GlobalAveragePooling2D()(keras.layers.Rescaling(1 / 25)(images))
    return keras.Model(images, ending(keras.layers.Dense(4, kernel_initializer="random_normal")(pooled)), name="net")


def _averaged(x):
    return keras.layers.Average()([keras.layers.Softmax()(x), keras.layers.Softmax()(2 * x)])


FORMS = {
    "identity": lambda x: keras.layers.Identity()(keras.ops.softmax(x)),
    "dropout": lambda x: keras.layers.Dropout(0.5)(keras.layers.Softmax()(x)),
    "cast": lambda x: keras.layers.Activation("linear", dtype="float32")(keras.layers.Softmax()(x)),
    "average": _averaged,
    "own function": keras.layers.Activation(lambda t: keras.ops.exp(t) / keras.ops.sum(keras.ops.exp(t), -1, True)),
    "normalised": lambda x: keras.ops.exp(x) / keras.ops.sum(keras.ops.exp(x), axis=-1, keepdims=True),
    "float16": keras.layers.Activation("softmax", dtype="float16"),
}  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
def test_probabilities_in_any_form_are_the_softmax_of_the_logits(form):
    model = _model(FORMS[form])
    expected = np.asarray(model(PICTURES.astype("float32")), np.float64)
    logits = Member.from_keras(model).logits(PICTURES)
    np.testing.assert_allclose(keras.ops.softmax(logits), expected, atol=2e-3 if form == "float16" else 1e-6)
    assert not are_probabilities(logits)


def _nested(ending):
    def whole(x):
        features = keras.Input(x.shape[1:])
        return keras.Model(features, ending(features))(x)

    return whole


SHIFTED = {"kernel_initializer": "identity", "bias_initializer": "ones"}  # a dense layer that adds 1
SATURATED = {
    "sigmoid": keras.layers.Activation("sigmoid"),
    "sigmoid operation": keras.ops.sigmoid,
    "sigmoid of a dense layer": keras.layers.Dense(
        4, "sigmoid", kernel_initializer="identity", bias_initializer="ones"
    ),
    "softmax": keras.layers.Softmax(),
    "softmax operation": keras.ops.softmax,
    "softmax of a dense layer": keras.layers.Dense(4, "softmax", kernel_initializer="identity"),
    "nested": _nested(keras.layers.Dense(4, "sigmoid", **SHIFTED)),
}


@pytest.mark.parametrize("form", SATURATED)
def test_logits_are_those_before_the_last_activation_where_probabilities_saturate(form):
    """Float32 has no number between 1 - 6e-8 and 1, so the logarithm of a saturated answer would lose its logit."""
    logits = keras.layers.Rescaling(200)
    model = _model(lambda x: SATURATED[form](logits(x)))
    before = keras.Model(model.input, logits.output)(PICTURES.astype("float32"))
    expected = np.asarray(before) + (1 if "sigmoid of" in form or form == "nested" else 0)
    assert np.abs(expected).max() > 20
    np.testing.assert_allclose(Member.from_keras(model).logits(PICTURES), expected, rtol=1e-5, atol=1e-3)


def test_a_dense_layer_of_the_users_keeps_its_weights_and_its_activation():
    model = _model(keras.layers.Dense(4, "sigmoid"))
    before = model(PICTURES.astype("float32"))
    Member.from_keras(model)
    np.testing.assert_array_equal(model(PICTURES.astype("float32")), before)


@pytest.mark.parametrize("dtype", ["float32", "uint8"])
@pytest.mark.parametrize("pixels", PIXELS)
def test_pixels_are_brought_into_what_the_model_takes(pixels, dtype):
    if dtype == "uint8" and pixels != "bgr":
        pytest.skip("no such model")
    model = _model(lambda x: x, dtype)
    expected = model(in_convention(keras.ops.convert_to_tensor(PICTURES, "float32"), pixels))
    np.testing.assert_allclose(as_member_model(model, pixels=pixels)(PICTURES), expected, atol=1e-4)


def test_unit_pixels_are_zero_to_one_and_bgr_is_the_other_way_round():
    floats = keras.ops.convert_to_tensor(PICTURES, "float32")
    np.testing.assert_allclose(in_convention(floats, "unit"), PICTURES / 255, atol=1e-6)
    np.testing.assert_array_equal(in_convention(floats, "bgr"), PICTURES[..., ::-1])


def test_a_model_of_mixed_precision_computes_in_float32():
    """As it is saved and exported, and not within the rounding of float16; the user's own model stays as it is."""
    policy = "mixed_float16"
    images = keras.Input((8, 8, 3))
    inner = keras.Sequential([keras.layers.Conv2D(4, 3, dtype=policy), keras.layers.BatchNormalization(dtype=policy)])
    features = keras.layers.GlobalAveragePooling2D(dtype=policy)(inner(images))
    model = keras.Model(images, keras.layers.Dense(3, dtype=policy)(features))
    network = as_member_model(model)
    assert {layer.dtype_policy.name for layer in leaf_layers(network)} <= {"float32", "uint8"}
    assert model.layers[-1].dtype_policy.name == policy
    pixels = np.random.default_rng(0).integers(0, 256, (5, 8, 8, 3), np.uint8)
    found, own = (np.asarray(one(pixels.astype("float32")), np.float32) for one in (network, model))
    np.testing.assert_allclose(found, own, rtol=0.02, atol=0.5)


def test_a_model_whose_output_is_in_a_list_is_taken_and_one_of_several_refused(refused):
    images = keras.Input((8, 8, 3))
    logits = keras.layers.Dense(3)(keras.layers.GlobalAveragePooling2D()(images))
    for outputs in ([logits], {"logits": logits}):
        assert as_member_model(keras.Model(inputs=[images], outputs=outputs)).output_shape == (None, 3)


def test_unknown_pixels_are_refused(refused):
    with refused("pixels", "'unti'", "'unit'"):
        as_member_model(_model(lambda x: x), pixels="unti")


def test_columns_are_put_in_another_order():
    network = as_member_model(_model(lambda x: x))
    moved = reordered(network, [2, 0, 3, 1])
    np.testing.assert_allclose(moved(PICTURES), np.asarray(network(PICTURES))[:, [2, 0, 3, 1]], atol=1e-6)


@pytest.mark.parametrize("classes", ["abcd", ["a", "b"], ["a", "b", "c", "a"]])
def test_classes_are_one_name_a_column(classes, refused):
    with refused("class"):
        Member.from_keras(_model(lambda x: x), classes=classes)


def test_a_name_that_files_cannot_bear_is_made_one_that_they_can():
    model = _model(lambda x: x)
    model.name = "soft"
    assert Member.from_keras(model).name == "soft_model"
    with pytest.raises(ValueError, match="name"):
        Member.from_keras(model, name="my model")


def test_a_path_is_refused_with_what_to_do():
    with pytest.raises(TypeError, match=r"keras\.Model; received a str.*load_model"):
        Member.from_keras("mine.keras")
