"""zoo/export/optimise/stripping.py; that every backbone keeps its numbers: test_backbones.py."""

import keras
import numpy as np
import pytest
from keras import layers

from zoo.export.optimise.activations import (
    gelu_by_erf,
    gelu_of_shrunk,
    silu_by_sigmoid,
    with_plain_activations,
    without_training_layers,
)
from zoo.export.optimise.convolutions import separated, with_own_padding
from zoo.export.optimise.folding import folded, with_bare_norms
from zoo.export.optimise.rescaling import rescaled_once, scaled_by_kernels
from zoo.export.optimise.stripping import lean
from zoo.models.flattening import read
from zoo.models.network import Memo

pytestmark = pytest.mark.fits


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"strides": 2, "padding": "same", "use_bias": False},
        {"depth_multiplier": 2, "activation": "relu"},
        {"dilation_rate": 2},
    ],
)
def test_a_separable_convolution_is_two(network, same, images, kinds, options):
    model = network(layers.SeparableConv2D(5, 3, **options))
    written = read(model).rewritten(separated)
    assert kinds(written) == ["DepthwiseConv2D", "Conv2D"]
    same(model, written, images)


def test_one_that_is_called_twice_stays_one(images, same):
    given, twice = keras.Input((12, 12, 4)), layers.SeparableConv2D(4, 3, padding="same")
    model = keras.Model(given, twice(twice(given)))
    written = read(model).rewritten(separated)
    assert len(written.weights) == len(model.weights)
    same(model, written, images)


def test_what_only_training_needs_is_left_out(network, same, images, kinds):
    idle = [
        layers.Dropout(0.5),
        layers.SpatialDropout2D(0.5),
        layers.GaussianNoise(1.0),
        layers.ActivityRegularization(l2=1.0),
        layers.Activation("linear"),
    ]
    model = network(*idle, layers.Conv2D(4, 3), layers.Dropout(0.5))
    left = read(model).rewritten(without_training_layers)
    assert kinds(left) == ["Conv2D"]
    same(model, left, images)


def test_an_activation_that_acts_stays(network, kinds):
    assert kinds(read(network(layers.Activation("relu"))).rewritten(without_training_layers)) == ["Activation"]


def test_a_layer_of_the_users_that_is_called_dropout_stays(network, kinds):
    class Dropout(layers.Layer):
        def call(self, x):
            return 2 * x

    assert kinds(read(network(Dropout())).rewritten(without_training_layers)) == ["Dropout"]


def test_a_norm_behind_a_separable_convolution_is_taken_in(network, same, images, kinds):
    model = network(layers.SeparableConv2D(5, 3), layers.Dropout(0.1), layers.BatchNormalization(), layers.ReLU())
    assert kinds(lean(model)) == ["DepthwiseConv2D", "Conv2D", "ReLU"]
    same(model, lean(model), images)


@pytest.mark.parametrize(
    ("border", "convolution"),
    [
        (((0, 1), (0, 1)), {"kernel_size": 3, "strides": 2}),
        (1, {"kernel_size": 3}),
        (((2, 2), (2, 2)), {"kernel_size": 3, "dilation_rate": 2}),
        (((1, 2), (1, 2)), {"kernel_size": 5, "strides": 2}),
    ],
)
@pytest.mark.parametrize("depthwise", [False, True])
def test_a_border_that_a_convolution_adds_by_itself_is_left_to_it(
    network, same, images, kinds, border, convolution, depthwise
):
    made = layers.DepthwiseConv2D(**convolution) if depthwise else layers.Conv2D(5, **convolution)
    model = network(layers.ZeroPadding2D(border), made)
    written = read(model).rewritten(with_own_padding)
    assert len(kinds(written)) == 1
    same(model, written, images)


@pytest.mark.parametrize(
    ("border", "convolution"),
    [
        (1, {"kernel_size": 3, "strides": 2}),  # as ResNets are written: one before, none after
        (3, {"kernel_size": 7, "strides": 2}),
        (1, {"kernel_size": 3, "padding": "same"}),
    ],
)
def test_another_border_stays(network, border, convolution):
    model = network(layers.ZeroPadding2D(border), layers.Conv2D(5, **convolution))
    assert read(model).rewritten(with_own_padding).operations == read(model).operations


def test_a_border_of_images_of_any_size_stays():
    given = keras.Input((None, None, 3))
    model = keras.Model(given, layers.Conv2D(4, 3)(layers.ZeroPadding2D(1)(given)))
    assert read(model).rewritten(with_own_padding).operations == read(model).operations


@pytest.mark.parametrize("layer", [layers.Activation("gelu"), layers.Dense(3, activation="gelu")])
def test_an_exact_gelu_is_written_with_erf(network, same, images, layer):
    model = network(layer)
    plain = read(model).rewritten(with_plain_activations)
    assert plain.operations[0].activation is not keras.activations.gelu
    same(model, plain, images)


@pytest.mark.parametrize("layer", [layers.Activation("swish"), layers.Conv2D(3, 1, activation="silu")])
def test_a_silu_is_written_with_sigmoid(network, same, images, layer):
    model = network(layer)
    plain = read(model).rewritten(with_plain_activations)
    assert plain.operations[0].activation is silu_by_sigmoid
    same(model, plain, images)


def test_other_activations_stay(network):
    model = network(layers.Activation("relu"), layers.Dense(3, activation="tanh"))
    assert read(model).rewritten(with_plain_activations).operations == read(model).operations


def test_what_happens_to_pixels_is_one_rescaling(kinds):
    given = keras.Input((6, 6, 3), dtype="uint8")
    x = layers.Rescaling(1.0, dtype="float32")(given)
    x = layers.Rescaling(1 / 255)(x)
    x = layers.Normalization(mean=[0.4, 0.5, 0.6], variance=[0.04, 0.05, 0.06])(x)
    model = keras.Model(given, layers.ReLU()(layers.Rescaling([2.0, 1.0, 0.5], 0.1)(x)))
    joined = read(model).rewritten(rescaled_once)
    assert kinds(joined) == ["Rescaling", "ReLU"]
    images = np.arange(216, dtype=np.uint8).reshape(2, 6, 6, 3)
    np.testing.assert_allclose(np.asarray(joined(images)), np.asarray(model(images)), atol=1e-5)


def test_a_rescaling_that_others_read_too_stays_apart():
    given = keras.Input((6, 6, 3))
    x = layers.Rescaling(2.0)(given)
    model = keras.Model(given, layers.Add()([x, layers.Rescaling(3.0)(x)]))
    assert read(model).rewritten(rescaled_once).operations == read(model).operations


@pytest.mark.parametrize("offset", [-1.0, [0.5, -0.5, 0.25], 0.0])
def test_a_convolution_multiplies_and_the_rescaling_before_it_adds(kinds, offset):
    given = keras.Input((6, 6, 3), dtype="uint8")
    x = layers.Rescaling(1 / 127.5, offset)(given)
    model = keras.Model(given, layers.Conv2D(4, 3, padding="same", bias_initializer="normal")(x))
    written = read(model).rewritten(scaled_by_kernels)
    assert kinds(written) == ["Rescaling", "Conv2D"]
    assert written.operations[0].scale == 1.0
    images = np.arange(216, dtype=np.uint8).reshape(2, 6, 6, 3)
    np.testing.assert_allclose(np.asarray(written(images)), np.asarray(model(images)), atol=1e-5)


def test_a_scale_of_zero_stays():
    given = keras.Input((6, 6, 3))
    model = keras.Model(given, layers.Conv2D(4, 3)(layers.Rescaling([1.0, 0.0, 1.0], 0.5)(given)))
    assert read(model).rewritten(scaled_by_kernels).operations == read(model).operations


def test_the_constants_of_gelus_go_into_the_kernels_around_them(network, same, images, kinds):
    gelu = keras.activations.gelu
    model = network(layers.Dense(5), layers.Activation(gelu), layers.Dense(4), layers.Activation(gelu), layers.Dense(3))
    written = read(model).rewritten(with_plain_activations).rewritten(folded)
    assert kinds(written) == ["Dense", "Activation", "Dense", "Activation", "Dense"]
    assert {operation.activation for operation in written.operations[1::2]} == {gelu_of_shrunk}
    same(model, written, images)


def test_a_gelu_without_a_kernel_on_both_sides_keeps_its_constants(network, same, images):
    model = network(layers.Dense(5), layers.Activation("gelu"), layers.MaxPooling2D())
    written = read(model).rewritten(with_plain_activations)
    assert written.operations[1].activation is gelu_by_erf
    same(model, written, images)


@pytest.mark.parametrize("options", [{}, {"scale": False}, {"center": False}, {"axis": 3}])
@pytest.mark.parametrize("behind", [layers.Dense(3), layers.Conv2D(3, 2, strides=2), layers.Conv2D(3, 1)])
def test_a_layer_norm_leaves_scale_and_shift_to_the_kernel_behind_it(network, same, images, kinds, options, behind):
    model = network(layers.LayerNormalization(**options), type(behind).from_config(behind.get_config()))
    written = read(model).rewritten(with_bare_norms).rewritten(folded)
    assert kinds(written) == ["LayerNormalization", kinds(read(model))[1]]
    assert len(written.operations[0].weights) == 0
    same(model, written, images)


@pytest.mark.parametrize(
    ("norm", "behind"),
    [
        (layers.LayerNormalization(), layers.Conv2D(3, 3, padding="same")),  # a border of zeros knows of no shift
        (layers.LayerNormalization(), layers.ReLU()),
        (layers.LayerNormalization(axis=(1, 2, 3)), layers.Dense(3)),  # a number for each place, not for each channel
        (layers.LayerNormalization(scale=False, center=False), layers.Dense(3)),
        (layers.GroupNormalization(2), layers.Dense(3)),
    ],
)
def test_another_norm_stays(network, norm, behind):
    model = network(norm, behind)
    assert read(model).rewritten(with_bare_norms).operations == read(model).operations


def test_what_two_networks_share_is_rewritten_once(network):
    first = network(layers.Conv2D(4, 3), layers.BatchNormalization())
    given = keras.Input((12, 12, 4))
    second = keras.Model(given, layers.ReLU()(first(given)))
    memo = Memo()
    ours, others = lean(first, memo), lean(second, memo)
    assert {id(weight) for weight in ours.weights} == {id(weight) for weight in others.weights}
