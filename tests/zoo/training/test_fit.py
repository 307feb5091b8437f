"""zoo/training/fit.py: what the phases compile, and that a killed training goes on as if nothing had been."""

from dataclasses import replace

import keras
import numpy as np
import pytest
import tensorflow as tf

from zoo import Head, Recipe
from zoo.assembly import assemble
from zoo.data.augment import make_policy
from zoo.data.views import View
from zoo.plan import Plan
from zoo.training import train
from zoo.training.callbacks import Phased

pytestmark = pytest.mark.filterwarnings("ignore:Even though the `tf.config:UserWarning")  # it answers run_eagerly

RECIPE = Recipe(head_epochs=1, epochs=2, batch_size=16, learning_rate=3e-3, views=2, warmup=0.2, patience=None)
HEAD_ALONE = replace(RECIPE, epochs=0)  # the fastest, where the phase does not matter


@pytest.fixture(autouse=True)
def run_eagerly(request):
    """Run steps without compiling them, which takes longer than tiny networks take; not where the last bit counts."""
    tf.config.run_functions_eagerly("kill" not in request.node.name)
    yield
    tf.config.run_functions_eagerly(False)


class KilledError(Exception):
    """Stands in for SIGKILL; the real one is tried in the benchmark."""


class Kill(keras.callbacks.Callback):
    """Die in the middle of an epoch, counted over all phases."""

    def __init__(self, epochs):
        super().__init__()
        self.left = epochs

    def on_epoch_begin(self, epoch, logs=None):
        self.left -= 1

    def on_train_batch_end(self, batch, logs=None):
        if self.left < 0:
            raise KilledError


class Watch(Phased):
    """Write down what each phase compiles."""

    def __init__(self):
        super().__init__()
        self.optimizers, self.models, self.losses = {}, {}, {}

    def on_train_begin(self, logs=None):
        self.optimizers[self.phase], self.models[self.phase] = self.model.optimizer, self.model
        self.losses[self.phase] = self.model.loss


def _network(backbone, precision="float32", **options):
    plan = Plan(backbone=backbone, classes=3, image_size=16, weights=None, head=Head(units=4, dropout=0.3), **options)
    return assemble(plan, precision)


def _train(backbone, blobs, recipe=RECIPE, place=None, callbacks=(), precision="float32"):
    network = _network(backbone, precision)
    trained = train(network, blobs, blobs, recipe, pretrained=True, seed=3, place=place, callbacks=callbacks)
    return network, trained


def _assert_same(first, second):
    for own, other in zip(first.get_weights(), second.get_weights(), strict=True):
        np.testing.assert_array_equal(own, other)


@pytest.mark.parametrize(
    ("epochs", "options"),
    [
        (0, {}),
        (1, {}),
        (2, {"ema": 0.9, "optimizer": "lion", "accumulate": 3, "mix": "both", "head_epochs": 0, "epochs": 3}),
        (2, {"schedule": "plateau", "drop_after": 1, "cache": "none", "epochs": 0, "head_epochs": 3}),
        (2, {"graph_layers": ({"layer": "RandomFlip"},), "head_epochs": 0, "epochs": 3}),
    ],
)
def test_a_killed_training_ends_as_an_undisturbed_one(tiny, blobs, tmp_path, epochs, options):
    recipe = replace(RECIPE, **options)
    undisturbed, expected = _train(tiny, blobs, recipe)
    with pytest.raises(KilledError):
        _train(tiny, blobs, recipe, tmp_path, [Kill(epochs)])
    network, trained = _train(tiny, blobs, recipe, tmp_path)
    _assert_same(network, undisturbed)
    assert trained.history == expected.history


def test_a_finished_training_is_not_run_again(tiny, blobs, tmp_path):
    first, _ = _train(tiny, blobs, HEAD_ALONE, tmp_path)
    second, trained = _train(tiny, blobs, HEAD_ALONE, tmp_path, [Kill(0)])
    _assert_same(first, second)
    assert len(trained.history) == 1


def test_another_recipe_does_not_go_on_from_there(tiny, blobs, tmp_path):
    _train(tiny, blobs, HEAD_ALONE, tmp_path)
    with pytest.raises(KilledError):
        _train(tiny, blobs, replace(HEAD_ALONE, head_learning_rate=1e-4), tmp_path, [Kill(0)])


def test_early_stopping_survives_a_kill(tiny, blobs, tmp_path):
    recipe = replace(RECIPE, patience=1, epochs=6, head_epochs=0, learning_rate=0.1, warmup=0.0, schedule="constant")
    undisturbed, expected = _train(tiny, blobs, recipe)
    assert len(expected.history) < 6
    with pytest.raises(KilledError):
        _train(tiny, blobs, recipe, tmp_path, [Kill(len(expected.history) - 1)])
    network, trained = _train(tiny, blobs, recipe, tmp_path)
    _assert_same(network, undisturbed)
    assert trained.history == expected.history


def test_progress_that_cannot_be_written_stops_nothing(tiny, blobs, tmp_path, caplog):
    (tmp_path / "progress").write_text("no folder")
    network, _ = _train(tiny, blobs, HEAD_ALONE, tmp_path)
    _assert_same(network, _train(tiny, blobs, HEAD_ALONE)[0])
    assert caplog.text.count("progress is not kept") == 1


def test_the_cached_head_is_the_plain_head(tiny, blobs):
    recipe = replace(RECIPE, epochs=0, head_epochs=3, cache="float32", views=3)
    cached, first = _train(tiny, blobs, recipe)
    plain, second = _train(tiny, blobs, replace(recipe, cache="none"))
    for own, other in zip(cached.get_weights(), plain.get_weights(), strict=True):
        np.testing.assert_allclose(own, other, rtol=1e-4, atol=1e-5)
    for own, other in zip(first.history, second.history, strict=True):
        assert own["val_loss"] == pytest.approx(other["val_loss"], rel=1e-3)
        assert own["loss"] == pytest.approx(other["loss"], rel=1e-3)


def test_the_cached_head_runs_the_backbone_once(tiny, blobs):
    watch = Watch()
    network, _ = _train(tiny, blobs, replace(RECIPE, epochs=0), callbacks=[watch])
    assert watch.models["head"].input_shape == (None, 16)
    assert {id(weight) for weight in watch.models["head"].weights} == {
        id(weight) for weight in network.get_layer("head").weights
    }


def test_trainings_share_features_and_views(tiny, blobs, tmp_path):
    recipe = replace(RECIPE, head_epochs=2, epochs=1, stored_views=2, seed=0)
    _train(tiny, blobs, recipe, tmp_path)
    kept = sorted(tmp_path.glob("features/*.npy")), sorted(tmp_path.glob("views/*/*.npy"))
    assert [len(files) for files in kept] == [3, 1]  # two views and validation; one view, as the other is clean
    _train(tiny, blobs, replace(recipe, head_learning_rate=1e-2), tmp_path)
    assert (sorted(tmp_path.glob("features/*.npy")), sorted(tmp_path.glob("views/*/*.npy"))) == kept


def test_validation_is_on_augmented_images_unless_asked_otherwise(tiny, blobs):
    recipe = replace(RECIPE, head_epochs=0, epochs=1, learning_rate=1e-9, augment="composite")
    network, trained = _train(tiny, blobs, recipe)
    loss = keras.losses.CategoricalCrossentropy(from_logits=True)
    targets = np.eye(3)[blobs.labels]
    clean = float(loss(targets, network(blobs.pixels)))
    assert trained.history[0]["val_loss"] != pytest.approx(clean, rel=1e-3)
    _, trained = _train(tiny, blobs, replace(recipe, validate="clean"))
    assert trained.history[0]["val_loss"] == pytest.approx(clean, rel=1e-3)


def test_the_running_average_is_what_is_validated(tiny, blobs):
    recipe = replace(
        RECIPE, head_epochs=0, epochs=1, ema=0.999, learning_rate=0.1, warmup=0.0, validate="clean", augment="none"
    )
    network, trained = _train(tiny, blobs, recipe)
    loss = keras.losses.CategoricalCrossentropy(from_logits=True)
    kept = float(loss(np.eye(3)[blobs.labels], network(blobs.pixels)))
    assert trained.history[0]["val_loss"] == pytest.approx(kept, rel=1e-4)


@pytest.mark.parametrize(
    ("precision", "scaled"), [("mixed_float16", True), ("mixed_bfloat16", False), ("float32", False)]
)
def test_the_loss_is_scaled_where_gradients_are_float16(tiny, blobs, precision, scaled):
    watch = Watch()
    _train(tiny, blobs, replace(RECIPE, head_epochs=0, epochs=1), callbacks=[watch], precision=precision)
    assert isinstance(watch.optimizers["fine-tuning"], keras.optimizers.LossScaleOptimizer) == scaled


def test_mixed_precision_goes_on_after_a_kill(tiny, blobs, tmp_path):
    recipe = replace(RECIPE, head_epochs=0)
    undisturbed, _ = _train(tiny, blobs, recipe, precision="mixed_float16")
    with pytest.raises(KilledError):
        _train(tiny, blobs, recipe, tmp_path, [Kill(1)], precision="mixed_float16")
    _assert_same(_train(tiny, blobs, recipe, tmp_path, precision="mixed_float16")[0], undisturbed)


def test_smoothed_labels_reach_the_loss(tiny, blobs):
    watch = Watch()
    _train(tiny, blobs, replace(RECIPE, label_smoothing=0.1), callbacks=[watch])
    assert {loss.label_smoothing for loss in watch.losses.values()} == {0.1}


def test_offline_balancing_adds_copies_of_the_smaller_classes(tiny, blobs, tmp_path):
    few = blobs.subset(np.r_[0:96:3, 1:30:3, 2:20:3])
    network = _network(tiny)
    recipe = replace(RECIPE, imbalance="offline", head_epochs=0, epochs=1)
    train(network, few, blobs, recipe, pretrained=True, seed=0, place=tmp_path)
    (file,) = tmp_path.glob("balanced/*.npy")
    assert np.load(file).shape == (3 * 32, 16, 16, 3)


def test_a_training_that_is_cut_off_leaves_the_network_as_it_was(tiny, blobs):
    network = _network(tiny)
    before = network.get_weights()
    with pytest.raises(KilledError):
        train(network, blobs, blobs, RECIPE, pretrained=True, seed=3, callbacks=[Kill(1)])
    for own, other in zip(network.get_weights(), before, strict=True):
        np.testing.assert_array_equal(own, other)
    assert all(weight.trainable for weight in network.get_layer("backbone").get_layer("conv_1").weights)


def test_other_code_of_the_same_layers_does_not_go_on_from_there(tiny, blobs, tmp_path):
    _train(tiny, blobs, HEAD_ALONE, tmp_path)
    with pytest.raises(KilledError):
        train(
            _network(tiny),
            blobs,
            blobs,
            HEAD_ALONE,
            pretrained=True,
            seed=3,
            builder="b",
            place=tmp_path,
            callbacks=[Kill(0)],
        )


def test_more_accumulated_steps_than_there_are_is_an_error(tiny, blobs):
    with pytest.raises(ValueError, match="at most the phase's 6 steps; received 7"):
        _train(tiny, blobs, replace(RECIPE, accumulate=7))


def test_more_views_than_epochs_are_not_computed(tiny, blobs, tmp_path):
    _train(tiny, blobs, replace(RECIPE, head_epochs=1, epochs=0, views=4), tmp_path)
    assert len(list(tmp_path.glob("features/*.npy"))) == 2  # one view, and validation


def test_a_stage_that_is_not_there_is_an_error(tiny, blobs):
    with pytest.raises(ValueError, match="received 'block_99'"):
        _train(tiny, blobs, replace(RECIPE, unfreeze="block_99"))


def test_the_network_is_left_uncompiled_and_all_of_it_trainable(tiny, blobs):
    network, _ = _train(tiny, blobs)
    assert not network.compiled
    assert all(weight.trainable for weight in network.get_layer("backbone").get_layer("norm_1").weights[:2])


def test_the_validation_view_differs_from_the_training_views(blobs):
    from zoo.training.lessons import FIXED, VALIDATION

    policy, rows = make_policy("composite"), np.arange(len(blobs))
    pictures = [View(blobs, policy, (0, stream)).take(rows) for stream in (FIXED, VALIDATION)]
    assert (pictures[0] != pictures[1]).any()
