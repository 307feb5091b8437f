"""zoo/training/loop.py and phase_runner.py: what the phases compile, learn from and are validated on."""

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import keras
import numpy as np
import pytest

from zoo import Recipe
from zoo.augment import make_policy
from zoo.data.views import Composites, View
from zoo.training import phase_setup, train
from zoo.training.callbacks import Phased
from zoo.training.phases import phases

pytestmark = [pytest.mark.fits, pytest.mark.usefixtures("eagerly")]

RECIPE = Recipe(head_epochs=1, epochs=2, batch_size=16, learning_rate=3e-3, views=2, warmup=0.2, patience=None)
HEAD_ALONE = replace(RECIPE, epochs=0)  # the fastest, where the phase does not matter


class Watch(Phased):
    """Write down what each phase compiles."""

    def __init__(self):
        super().__init__()
        self.optimizers, self.models, self.losses = {}, {}, {}

    def on_train_begin(self, logs=None):
        self.optimizers[self.phase], self.models[self.phase] = self.model.optimizer, self.model
        self.losses[self.phase] = self.model.loss


def test_the_cached_head_is_the_plain_head(train_tiny):
    recipe = replace(RECIPE, epochs=0, head_epochs=2, cache="float32", views=2)
    cached, first = train_tiny(recipe)
    plain, second = train_tiny(replace(recipe, cache="none"))
    for own, other in zip(cached.get_weights(), plain.get_weights(), strict=True):
        np.testing.assert_allclose(own, other, rtol=1e-4, atol=1e-5)
    for own, other in zip(first.history, second.history, strict=True):
        assert own["val_loss"] == pytest.approx(other["val_loss"], rel=1e-3)
        assert own["loss"] == pytest.approx(other["loss"], rel=1e-3)


def test_dropout_in_a_frozen_backbone_sleeps_while_the_head_trains(blobs):
    images = keras.Input((16, 16, 3))
    x = keras.layers.Dropout(0.9)(keras.layers.Conv2D(8, 3, name="conv")(images))
    body = keras.Model(images, keras.layers.GlobalAveragePooling2D()(x))
    head, network = keras.Sequential([keras.layers.Dense(3)]), SimpleNamespace(name="noisy")
    recipe = replace(RECIPE, cache="none")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(phase_setup, "trunk", lambda _: body)
        patch.setattr(phase_setup, "tail", lambda _: head)
        data = phase_setup.gather_training_data(blobs, blobs, RECIPE, Path(), seed=0, builder="")
        model, *_ = phase_setup._head_setup(network, data, recipe, phases(recipe, pretrained=True)[0])
    pixels = np.random.default_rng(0).normal(size=(2, 16, 16, 3)).astype(np.float32)
    np.testing.assert_array_equal(model(pixels, training=True), model(pixels, training=False))


def test_the_cached_head_runs_the_backbone_once(train_tiny):
    watch = Watch()
    network, _ = train_tiny(replace(RECIPE, epochs=0), callbacks=[watch])
    assert watch.models["head"].input_shape == (None, 16)
    assert {id(weight) for weight in watch.models["head"].weights} == {
        id(weight) for weight in network.get_layer("head").weights
    }


@pytest.mark.slow
def test_trainings_share_features_and_views(tmp_path, train_tiny):
    recipe = replace(RECIPE, head_epochs=2, epochs=1, stored_views=2, seed=0)
    train_tiny(recipe, tmp_path)
    kept = sorted(tmp_path.glob("features/*.npy")), sorted(tmp_path.glob("views/*/*.npy"))
    assert [len(files) for files in kept] == [3, 1]  # two views and validation; one view, as the other is clean
    train_tiny(replace(recipe, head_learning_rate=1e-2), tmp_path)
    assert (sorted(tmp_path.glob("features/*.npy")), sorted(tmp_path.glob("views/*/*.npy"))) == kept


def test_validation_is_on_augmented_images_unless_asked_otherwise(few, train_tiny):
    recipe = replace(RECIPE, head_epochs=0, epochs=1, learning_rate=1e-9, augment="composite")
    network, trained = train_tiny(recipe)
    loss = keras.losses.CategoricalCrossentropy(from_logits=True)
    targets = np.eye(3)[few.labels]
    clean = float(loss(targets, network(few.take(np.arange(len(few))))))
    assert trained.history[0]["val_loss"] != pytest.approx(clean, rel=1e-3)
    _, trained = train_tiny(replace(recipe, validate="clean"))
    assert trained.history[0]["val_loss"] == pytest.approx(clean, rel=1e-3)


def test_shifted_validation_is_on_the_same_composites_whatever_the_policy(few, train_tiny):
    recipe = replace(RECIPE, head_epochs=0, epochs=1, learning_rate=1e-9, validate="shifted")
    network, trained = train_tiny(recipe)
    loss = keras.losses.CategoricalCrossentropy(from_logits=True)
    shown = Composites(few).take(np.arange(len(few)))
    assert np.abs(shown.astype(int) - few.take(np.arange(len(few)))).mean() > 3
    expected = float(loss(np.eye(3)[few.labels], network(shown)))
    assert trained.history[0]["val_loss"] == pytest.approx(expected, rel=1e-3)
    assert trained.history[0]["shifted"]
    for augment in ("none", "flips"):
        _, other = train_tiny(replace(recipe, augment=augment))
        assert other.history[0]["val_loss"] == pytest.approx(expected, rel=1e-3)


def test_the_running_average_is_what_is_validated(few, train_tiny):
    recipe = replace(
        RECIPE, head_epochs=0, epochs=1, ema=0.999, learning_rate=0.1, warmup=0.0, validate="clean", augment="none"
    )
    network, trained = train_tiny(recipe)
    loss = keras.losses.CategoricalCrossentropy(from_logits=True)
    kept = float(loss(np.eye(3)[few.labels], network(few.take(np.arange(len(few))))))
    assert trained.history[0]["val_loss"] == pytest.approx(kept, rel=1e-4)


@pytest.mark.parametrize(
    ("precision", "scaled"), [("mixed_float16", True), ("mixed_bfloat16", False), ("float32", False)]
)
def test_the_loss_is_scaled_where_gradients_are_float16(precision, scaled, train_tiny):
    watch = Watch()
    train_tiny(replace(RECIPE, head_epochs=0, epochs=1), callbacks=[watch], precision=precision)
    assert isinstance(watch.optimizers["fine-tuning"], keras.optimizers.LossScaleOptimizer) == scaled


def test_smoothed_labels_reach_the_loss(train_tiny):
    watch = Watch()
    train_tiny(replace(RECIPE, label_smoothing=0.1), callbacks=[watch])
    assert {loss.label_smoothing for loss in watch.losses.values()} == {0.1}


def test_offline_balancing_adds_copies_of_the_smaller_classes(tiny_network, blobs, tmp_path):
    few = blobs.subset(np.r_[0:96:3, 1:30:3, 2:20:3])
    network = tiny_network()
    recipe = replace(RECIPE, imbalance="offline", head_epochs=0, epochs=1)
    train(network, few, blobs, recipe, pretrained=True, seed=0, place=tmp_path)
    (file,) = tmp_path.glob("balanced/*.npy")
    assert np.load(file).shape == (3 * 32, 16, 16, 3)


def test_a_training_that_is_cut_off_leaves_the_network_as_it_was(tiny_network, few, kill):
    network = tiny_network()
    before = network.get_weights()
    with pytest.raises(kill.Error):
        train(network, few, few, RECIPE, pretrained=True, seed=3, callbacks=[kill(1)])
    for own, other in zip(network.get_weights(), before, strict=True):
        np.testing.assert_array_equal(own, other)
    assert all(weight.trainable for weight in network.get_layer("backbone").get_layer("conv_1").weights)


def test_more_accumulated_steps_than_there_are_is_an_error(train_tiny):
    with pytest.raises(ValueError, match=r"3 steps.*7"):
        train_tiny(replace(RECIPE, accumulate=7))


def test_more_views_than_epochs_are_not_computed(tmp_path, train_tiny):
    train_tiny(replace(RECIPE, head_epochs=1, epochs=0, views=4), tmp_path)
    assert len(list(tmp_path.glob("features/*.npy"))) == 2  # one view, and validation


def test_a_stage_that_is_not_there_is_an_error(train_tiny):
    with pytest.raises(ValueError, match="'block_99'"):
        train_tiny(replace(RECIPE, unfreeze="block_99"))


def test_the_network_is_left_uncompiled_and_all_of_it_trainable(train_tiny):
    network, _ = train_tiny(RECIPE)
    assert not network.compiled
    assert all(weight.trainable for weight in network.get_layer("backbone").get_layer("norm_1").weights[:2])


def test_the_validation_view_differs_from_the_training_views(blobs):
    from zoo.training.phase_setup import FIXED, VALIDATION

    policy, rows = make_policy("composite"), np.arange(len(blobs))
    pictures = [View(blobs, policy, (0, stream)).take(rows) for stream in (FIXED, VALIDATION)]
    assert (pictures[0] != pictures[1]).any()
