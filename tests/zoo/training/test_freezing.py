"""zoo/training/freezing.py."""

import keras
import pytest

from zoo import Recipe, build
from zoo.training.freezing import rate_scales, unfreeze


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


def test_what_its_builder_froze_stays_so(backbone):
    """A fixed filter bank, whatever the phase; a phase's own freezing is undone by the next."""
    backbone.get_layer("conv_1").trainable = False
    unfreeze(backbone, None, train_batch_norm=True)
    unfreeze(backbone, "all", train_batch_norm=True)
    assert _open(backbone) == ["norm_1", "conv_2", "norm_2", "conv_3"]


def test_a_backbone_that_its_builder_froze_as_a_whole_is_trained_as_the_recipe_says(backbone):
    backbone.trainable = False
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


@pytest.mark.parametrize("little", [1, 2, 0.01, "norm_last"])
def test_what_ends_without_weights_to_train_opens_the_last_layer_that_has_some(little):
    layers = [
        keras.layers.Conv2D(4, 3, name="conv_first"),
        keras.layers.Conv2D(4, 1, name="conv_last"),
        keras.layers.BatchNormalization(name="norm_last"),
        keras.layers.ReLU(),
    ]
    images = keras.Input((8, 8, 3))
    backbone = keras.Model(images, keras.Sequential([keras.Input((8, 8, 3)), *layers])(images))
    unfreeze(backbone, little, train_batch_norm=False)
    assert _open(backbone) == ["conv_last"]


def test_more_than_twelve_layers_fall_into_twelve_groups():
    backbone = keras.Sequential([keras.Input((8,)), *(keras.layers.Dense(8, use_bias=False) for _ in range(24))])
    scales = rate_scales(backbone, backbone.trainable_variables, 0.5)
    assert scales == [0.5**above for above in range(12, 0, -1) for _ in range(2)]


def test_what_was_frozen_opens_again(backbone):
    unfreeze(backbone, None, train_batch_norm=False)
    unfreeze(backbone, "all", train_batch_norm=False)
    assert _open(backbone) == ["conv_1", "conv_2", "conv_3"]


def test_batch_norm_inside_a_composite_layer_stays_frozen_too():
    class Block(keras.layers.Layer):
        def __init__(self):
            super().__init__()
            self.conv, self.norm = keras.layers.Conv2D(2, 1), keras.layers.BatchNormalization()

        def call(self, x):
            return self.norm(self.conv(x))

    images = keras.Input((4, 4, 3))
    backbone = keras.Model(images, Block()(images))
    unfreeze(backbone, "all", train_batch_norm=False)
    assert [weight.name for weight in backbone.trainable_weights] == ["kernel", "bias"]
    unfreeze(backbone, "all", train_batch_norm=True)
    assert len(backbone.trainable_weights) == 4


def test_a_stage_opens_from_its_first_layer_on(backbone):
    unfreeze(backbone, "conv_2", train_batch_norm=True)
    assert _open(backbone) == ["conv_2", "norm_2", "conv_3"]
    unfreeze(backbone, "norm", train_batch_norm=True)
    assert _open(backbone) == ["norm_1", "conv_2", "norm_2", "conv_3"]


def test_a_stage_that_is_not_there_is_an_error(backbone):
    with pytest.raises(ValueError, match=r"'conv_7'.*mean 'conv_\d'.*conv_3"):
        unfreeze(backbone, "conv_7", train_batch_norm=True)


def test_deeper_layers_learn_slower_and_the_head_at_the_full_rate(backbone):
    head = keras.layers.Dense(2)
    head.build((None, 8))
    variables = [*backbone.trainable_variables, *head.trainable_variables]
    scales = rate_scales(backbone, variables, 0.5)
    expected = [5, 5, 4, 4, 3, 3, 2, 2, 1, 1, 0, 0]
    assert scales == [0.5**above for above in expected]
    assert set(rate_scales(backbone, variables, 1.0)) == {1.0}


def test_a_stage_that_is_not_there_is_refused_before_the_head_is_trained(blobs, tiny, tiny_file, refused):
    member = build(tiny, 3, image_size=16, weights=tiny_file)
    seen = keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: pytest.fail("it was trained"))
    seen.watches = True
    with refused("unfreeze", "nowhere"):
        member.fit(blobs, blobs, Recipe(head_epochs=1, epochs=1, unfreeze="nowhere", augment="none"), callbacks=[seen])
