"""zoo/training/freezing.py."""

import keras
import pytest

from zoo.training.freezing import unfreeze


@pytest.fixture
def backbone():
    """Six layers with the last two in a model of their own: 448, 32, 0 and 1160, 32, 72 parameters."""
    images = keras.Input((8, 8, 3))
    x = keras.layers.Conv2D(16, 3, name="conv_1")(images)
    x = keras.layers.BatchNormalization(name="norm_1")(x)
    x = keras.layers.ReLU(name="relu")(x)
    inner = [
        keras.layers.Conv2D(8, 3, name="conv_2"),
        keras.layers.BatchNormalization(name="norm_2"),
        keras.layers.Conv2D(8, 1, name="conv_3"),
    ]
    return keras.Model(images, keras.Sequential([keras.Input(x.shape[1:]), *inner])(x))


def _open(backbone):
    return [weight.path.split("/")[-2] for weight in backbone.trainable_weights if weight.name in ("kernel", "gamma")]


def test_nothing_or_everything(backbone):
    unfreeze(backbone, None, train_batch_norm=True)
    assert _open(backbone) == []
    unfreeze(backbone, "all", train_batch_norm=True)
    assert _open(backbone) == ["conv_1", "norm_1", "conv_2", "norm_2", "conv_3"]


def test_batch_norm_stays_frozen_unless_asked_for(backbone):
    unfreeze(backbone, "all", train_batch_norm=False)
    assert _open(backbone) == ["conv_1", "conv_2", "conv_3"]


@pytest.mark.parametrize(
    ("layers", "expected"),
    [(1, ["conv_3"]), (2, ["norm_2", "conv_3"]), (3, ["conv_2", "norm_2", "conv_3"]), (99, None)],
)
def test_a_number_counts_layers_from_the_output_into_models_inside(backbone, layers, expected):
    unfreeze(backbone, layers, train_batch_norm=True)
    assert _open(backbone) == (expected or ["conv_1", "norm_1", "conv_2", "norm_2", "conv_3"])


@pytest.mark.parametrize(
    ("share", "expected"),
    [(0.01, ["conv_3"]), (0.1, ["conv_2", "norm_2", "conv_3"]), (0.7, ["conv_2", "norm_2", "conv_3"])],
)
def test_a_share_counts_parameters_from_the_output_and_always_opens_some(backbone, share, expected):
    unfreeze(backbone, share, train_batch_norm=True)
    assert _open(backbone) == expected


def test_what_was_frozen_opens_again(backbone):
    unfreeze(backbone, None, train_batch_norm=False)
    unfreeze(backbone, "all", train_batch_norm=False)
    assert _open(backbone) == ["conv_1", "conv_2", "conv_3"]
