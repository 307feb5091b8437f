"""Which callbacks are part of what a member is kept under."""

import functools

import keras
import numpy as np
import pytest

from zoo.training.callback_fingerprints import steering, tell_of_steering
from zoo.training.callbacks import Steps

LIMIT = 0.5


def halve(epoch, rate):
    return rate / 2


def third(epoch, rate):
    return rate / 3


def stopping(after, cls=keras.callbacks.Callback):
    class Stop(cls):
        def __init__(self):
            super().__init__()
            self.after = after

        def on_epoch_end(self, epoch, logs=None):
            self.model.stop_training = epoch >= self.after

    return Stop()


def phased(wanted):
    """One of the user's, whose own option has the name of an attribute that ours have."""
    callback = stopping(2)
    callback.phase = wanted
    return callback


class Careful(keras.callbacks.Callback):
    """Refers to a constant of its module."""

    def on_epoch_end(self, epoch, logs=None):
        if logs["loss"] < LIMIT:
            self.model.stop_training = True


def one(callback):
    (name,) = steering([callback])
    return name


def test_what_only_watches_is_no_part(tmp_path):
    watching = type("Watching", (keras.callbacks.Callback,), {"watches": True})
    free = [
        keras.callbacks.CSVLogger(tmp_path / "log.csv"),
        keras.callbacks.TensorBoard(tmp_path),
        keras.callbacks.History(),
        keras.callbacks.ProgbarLogger(),
        keras.callbacks.ModelCheckpoint(tmp_path / "a.keras"),
        Steps(None, 1, shows="clean"),
        watching(),
    ]
    assert steering(free) == []


SAME = {
    "early stopping": lambda: keras.callbacks.EarlyStopping(patience=2),
    "quieter": lambda: keras.callbacks.EarlyStopping(patience=2, verbose=1),
    "rate": lambda: keras.callbacks.LearningRateScheduler(halve),
    "plateau": lambda: keras.callbacks.ReduceLROnPlateau(factor=0.2),
    "own": lambda: stopping(2),
    "lambda": lambda: keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: None),
    "partial": lambda: keras.callbacks.LambdaCallback(on_epoch_end=functools.partial(halve, rate=2)),
    "array": lambda: stopping(np.arange(3)),
    "constant": Careful,
}


@pytest.mark.parametrize("kind", SAME)
def test_the_same_callback_is_the_same_part(kind):
    assert one(SAME[kind]()) == one(SAME[kind]())


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (keras.callbacks.EarlyStopping(patience=2), keras.callbacks.EarlyStopping(patience=3)),
        (keras.callbacks.LearningRateScheduler(halve), keras.callbacks.LearningRateScheduler(third)),
        (stopping(2), stopping(3)),
        (stopping(np.arange(3)), stopping(np.arange(4))),
        (
            keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: 1),
            keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: 2),
        ),
        (keras.callbacks.ReduceLROnPlateau(factor=0.2), keras.callbacks.ReduceLROnPlateau(factor=0.3)),
        (stopping(2), stopping(2, keras.callbacks.History)),
        (phased("head"), phased("fine-tuning")),
    ],
)
def test_others_are_others(first, second):
    assert one(first) != one(second)


def test_a_constant_that_code_refers_to_counts(monkeypatch):
    before = one(Careful())
    monkeypatch.setitem(globals(), "LIMIT", 0.6)
    assert one(Careful()) != before


def test_a_used_early_stopping_is_as_a_fresh_one():
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    used = keras.callbacks.EarlyStopping(monitor="loss", min_delta=0.1)
    model.fit(np.ones((4, 1)), np.ones((4, 1)), epochs=2, verbose=0, callbacks=[used])
    assert one(used) == one(keras.callbacks.EarlyStopping(monitor="loss", min_delta=0.1))


def test_what_has_no_fingerprint_is_never_the_same_and_said(caplog):
    unknown = stopping(object())
    assert one(unknown) != one(unknown)
    tell_of_steering([unknown])
    assert "Stop" in caplog.text
    assert "watches = True" in caplog.text


def test_the_recipes_word_is_named(caplog):
    with caplog.at_level("INFO", logger="zoo"):
        tell_of_steering([keras.callbacks.EarlyStopping()])
    assert "EarlyStopping can change the training" in caplog.text
    assert "patience" in caplog.text
