"""Which of the user's callbacks may change what a training makes of a network, and a fingerprint of those.

Those of Keras that only write or draw are known by their type, and our own by ``watches = True``, which a user's class
may have too. Every other one may steer: it is fingerprinted by its code and its attributes, and what a member is kept
under contains that.
"""

from __future__ import annotations

import inspect
import logging
import uuid
from collections.abc import Sequence
from typing import Any

import keras

from zoo.training.callbacks import Phased
from zoo.utils.code_fingerprint import CodeReader, UnknownContentError
from zoo.utils.hashing import short_hash

logger = logging.getLogger(__name__)

WATCHERS = frozenset({"CSVLogger", "History", "ModelCheckpoint", "ProgbarLogger", "RemoteMonitor", "TensorBoard"})
RECIPE_WORDS = {
    "EarlyStopping": "patience",
    "LearningRateScheduler": "schedule",
    "ReduceLROnPlateau": 'schedule = "plateau"',
    "SwapEMAWeights": "ema",
}
KERAS_STATE = frozenset({"_model", "params"})  # set by a training
PHASE_STATE = frozenset({"phase", "shows", "epochs_before"})  # of ours, likewise
SILENT = frozenset({"verbose", "self", "args", "kwargs"})  # arguments of Keras' callbacks that change no weight


def steering(callbacks: Sequence[keras.callbacks.Callback]) -> list[str]:
    """Fingerprint the callbacks that may steer, in their order; empty where all of them only watch.

    One that has no fingerprint gets another one at every call, so that what it steered is never found again.
    """
    return [_named(callback) for callback in callbacks if not watches(callback)]


def tell_of_steering(callbacks: Sequence[keras.callbacks.Callback]) -> None:
    """Log which callbacks steer where the recipe has a word for that, and warn of those that have no fingerprint."""
    for callback in callbacks:
        kind = type(callback)
        if watches(callback):
            continue
        if _is_keras(kind) and kind.__name__ in RECIPE_WORDS:
            word = RECIPE_WORDS[kind.__name__]
            told = "%s can change the training, so a member's key contains it; the recipe's option for this is %s"
            logger.info(told, kind.__name__, word)
        try:
            _content(callback)
        except UnknownContentError as error:
            logger.warning(
                "%s may steer, and has no fingerprint (%s): members that are trained with it are not found again. "
                "Set watches = True in its class if it only watches.",
                kind.__name__,
                error,
            )


def watches(callback: keras.callbacks.Callback) -> bool:
    """Say whether a callback leaves the training as it would be without it."""
    kind = type(callback)
    return bool(getattr(callback, "watches", False)) or (_is_keras(kind) and kind.__name__ in WATCHERS)


def _named(callback: keras.callbacks.Callback) -> str:
    try:
        return f"{type(callback).__name__} {short_hash(_content(callback))}"
    except UnknownContentError:
        return f"{type(callback).__name__} {uuid.uuid4().hex}"


def _content(callback: keras.callbacks.Callback) -> list[Any]:
    kind, attributes = type(callback), vars(callback)
    if _is_keras(kind) and kind.__name__ != "LambdaCallback":  # what else it has is the state of its last training
        wanted = set(inspect.signature(kind.__init__).parameters) - SILENT
        attributes = {name: abs(value) if name == "min_delta" else value for name, value in attributes.items()}
    else:
        wanted = set(attributes) - KERAS_STATE - (PHASE_STATE if isinstance(callback, Phased) else frozenset())
    reader = CodeReader()
    own = {name: reader.content(attributes[name]) for name in sorted(wanted & set(attributes))}
    return [f"{kind.__module__}.{kind.__qualname__}", reader.code_of_class(kind), own]


def _is_keras(kind: type) -> bool:
    return kind.__module__.split(".")[0] == "keras"
