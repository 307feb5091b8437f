"""zoo/training/callbacks.py."""

import logging
import math
import re

import keras
import numpy as np
import pytest

from zoo import Recipe, build
from zoo.training.callbacks import BareLoss, DivergedError, EpochLog, KeepBest, Plateau, check_callbacks
from zoo.training.optimizers import optimizer

pytestmark = pytest.mark.fits


@pytest.fixture
def model():
    return _compiled(Recipe(optimizer="sgd", clip_norm=None))


def _compiled(recipe):
    images = keras.Input((1,))
    model = keras.Model(images, keras.layers.Dense(1, use_bias=False)(images), name="one_weight")
    model.compile(optimizer(recipe, 0.1, [1.0]), "mse")
    model.optimizer.build(model.trainable_variables)
    return model


def _phase(keep, model, losses):
    """Run a phase whose epochs end with these losses; the weight is the loss. Returns how many epochs were run."""
    keep.set_model(model)
    model.stop_training = False
    for epoch, loss in enumerate(losses):
        model.set_weights([np.full((1, 1), loss)])
        keep.on_epoch_end(epoch, {"val_loss": loss})
        if model.stop_training:
            return epoch + 1
    return len(losses)


def _kept(keep, model):
    keep.restore()
    return pytest.approx(float(model.get_weights()[0][0, 0]))


def test_the_best_epoch_is_kept(model):
    keep = KeepBest(model, patience=None)
    _phase(keep, model, [3.0, 1.0, 2.0])
    assert _kept(keep, model) == 1.0


def test_the_first_phases_best_survives_a_worse_second_phase(model):
    keep = KeepBest(model, patience=None)
    _phase(keep, model, [3.0, 1.0])
    keep.restore()
    _phase(keep, model, [2.0, 1.5])
    assert _kept(keep, model) == 1.0


def test_a_phase_stops_after_patience_epochs_without_a_better_one(model):
    assert _phase(KeepBest(model, patience=2), model, [3.0, 1.0, 2.0, 2.0, 0.5]) == 4
    assert _phase(KeepBest(model, patience=2), model, [3.0, 4.0, 1.0, 2.0, 0.5]) == 5


def test_an_equal_loss_is_no_improvement(model):
    assert _phase(KeepBest(model, patience=1), model, [1.0, 1.0, 1.0]) == 2


def test_without_patience_nothing_stops(model):
    assert _phase(KeepBest(model, patience=None), model, [1.0] + [2.0] * 20) == 21


def test_each_phase_has_its_own_patience(model):
    keep = KeepBest(model, patience=2)
    assert _phase(keep, model, [1.0, 2.0]) == 2
    keep.restore()
    assert _phase(keep, model, [2.0, 2.0, 2.0]) == 2


def test_the_running_average_is_what_is_kept():
    model = _compiled(Recipe(optimizer="sgd", ema=0.9, clip_norm=None))
    keep = KeepBest(model, patience=None)
    model.optimizer._model_variables_moving_average[0].assign([[5.0]])
    _phase(keep, model, [1.0])
    assert _kept(keep, model) == 5.0


def test_penalties_of_weights_are_no_part_of_the_validation_loss():
    """Two phases of one network: where the regularised layer trains, Keras adds its penalty, here 2 * 3^2."""
    images = keras.Input((1,))
    inner = keras.layers.Dense(1, use_bias=False, kernel_regularizer=keras.regularizers.L2(2.0), name="inner")
    network = keras.Model(images, keras.layers.Dense(1, use_bias=False)(inner(images)))
    network.set_weights([np.full((1, 1), 3.0), np.ones((1, 1))])
    seen = []
    for trains in (False, True):
        inner.trainable = trains
        model = keras.Model(network.input, network.output)
        model.compile(keras.optimizers.SGD(0.0), "mse")
        log = keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: seen.append(logs["val_loss"]))
        x, y = np.ones((4, 1)), np.zeros((4, 1))
        model.fit(x, y, validation_data=(x, y), callbacks=[BareLoss(), log], verbose=0)
    assert seen == pytest.approx([9.0, 9.0])


@pytest.mark.parametrize("loss", [math.nan, math.inf])
def test_a_loss_that_is_no_number_is_an_error(model, loss):
    with pytest.raises(DivergedError, match=rf"{loss}.*epoch 1.*learning rate"):
        _phase(KeepBest(model, patience=None), model, [loss])


def test_what_was_good_before_it_diverged_is_kept(model, caplog):
    keep = KeepBest(model, patience=None)
    assert _phase(keep, model, [1.0, math.nan, 0.5]) == 2
    assert _kept(keep, model) == 1.0
    assert re.search("learning rate.*best epoch", caplog.text)


def test_the_rate_drops_on_a_plateau_and_not_below_its_lowest(model):
    plateau = Plateau(drop=0.1, patience=2, lowest=0.05)
    factors = []
    for loss in (3.0, 2.0, 2.0, 2.5, 1.0, 1.0, 1.0, 1.0):
        _phase(plateau, model, [loss])
        factors.append(float(model.optimizer.factor))
    np.testing.assert_allclose(factors, [1, 1, 1, 0.1, 0.1, 0.1, 0.05, 0.05], rtol=1e-6)


@pytest.mark.fits
def test_a_training_that_diverges_is_an_error_and_not_a_member(tiny, blobs):
    member = build(tiny, 3, weights=None)
    options = {"optimizer": "sgd", "schedule": "constant", "warmup": 0.0, "clip_norm": None}
    with pytest.raises(DivergedError, match="learning rate"):
        member.fit(blobs, recipe=Recipe(head_epochs=0, epochs=2, head_learning_rate=1e30, **options))
    assert not member.fitted


@pytest.mark.fits
def test_a_member_ends_with_its_best_epoch(tiny, blobs):
    member = build(tiny, 3, weights=None)
    recipe = Recipe(
        head_epochs=0, epochs=4, head_learning_rate=0.3, schedule="constant", patience=None, validate="clean"
    )
    member.fit(blobs, blobs, recipe)
    best = min(record["val_loss"] for record in member.history)
    logits = member.logits(blobs)
    spread = np.log(np.exp(logits - logits.max(axis=1, keepdims=True)).sum(axis=1)) + logits.max(axis=1)
    loss = np.mean(spread - logits[np.arange(len(blobs)), blobs.labels])
    assert loss == pytest.approx(best, rel=1e-3, abs=1e-4)


def test_one_line_an_epoch_is_logged_and_its_figures_are_kept(model, caplog):
    log = EpochLog()
    log.phase = "head"
    log.set_model(model)
    log.set_params({"epochs": 5})
    with caplog.at_level(logging.INFO, logger="zoo"):
        log.on_epoch_end(1, {"loss": 0.5, "val_loss": 0.25})
    (line,) = caplog.messages
    for part in ("one_weight", "head", "epoch 2/5", "loss 0.5000", "val_loss 0.2500", "learning_rate 1.0e-01"):
        assert part in line
    expected = {"phase": "head", "epoch": 2, "loss": 0.5, "val_loss": 0.25, "learning_rate": pytest.approx(0.1)}
    assert log.history == [expected]


class Halving(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        self.model.optimizer.learning_rate = 1e-9


@pytest.mark.parametrize("callback", [
    keras.callbacks.ReduceLROnPlateau(), keras.callbacks.LearningRateScheduler(lambda epoch, rate: rate / 2),
])  # fmt: skip
def test_callbacks_that_set_the_rate_are_refused_with_the_recipes_word(callback, refused):
    with refused(type(callback).__name__, 'schedule = "plateau"'):
        check_callbacks([keras.callbacks.TerminateOnNaN(), callback])


def test_a_callback_of_ones_own_that_sets_the_rate_is_told_so(blobs, refused):
    with refused("learning rate", "schedule"):
        build("simple_cnn", 3).fit(blobs, recipe=Recipe(head_epochs=1, epochs=0), callbacks=[Halving()])
