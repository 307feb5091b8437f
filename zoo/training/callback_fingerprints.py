"""Which of the user's callbacks may change what a training makes of a network, and a fingerprint of those.

Those of Keras that only write or draw are known by their type, and our own by ``watches = True``, which a user's class
may have too. Every other one may steer: it is fingerprinted by its code and its attributes, and what a member is kept
under contains that.
"""

from __future__ import annotations

import functools
import inspect
import logging
import types
import uuid
from collections.abc import Callable, Sequence
from pathlib import PurePath
from typing import Any

import keras
import numpy as np

from zoo.utils.hashing import short_hash

logger = logging.getLogger(__name__)

WATCHERS = frozenset({"CSVLogger", "History", "ModelCheckpoint", "ProgbarLogger", "RemoteMonitor", "TensorBoard"})
RECIPE_WORDS = {
    "EarlyStopping": "patience",
    "LearningRateScheduler": "schedule",
    "ReduceLROnPlateau": 'schedule = "plateau"',
    "SwapEMAWeights": "ema",
}
KERAS_STATE = frozenset(  # set by a training
    {"_model", "model", "params", "validation_data", "phase", "shows", "epochs_before"}
)
SILENT = frozenset({"verbose", "self", "args", "kwargs"})  # arguments of Keras' callbacks that change no weight


class UnknownContentError(TypeError):
    """Something of which there is no fingerprint."""


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
        wanted = set(attributes) - KERAS_STATE
    own = {name: _plain(attributes[name], ()) for name in sorted(wanted & set(attributes))}
    return [f"{kind.__module__}.{kind.__qualname__}", _code(kind), own]


def _is_keras(kind: type) -> bool:
    return kind.__module__.split(".")[0] == "keras"


def _code(kind: type) -> list[Any]:
    """The code of a class and of those of the user that it is made from."""
    made_from = [one for one in kind.__mro__ if one is not object and not _is_keras(one)]
    return [
        {name: _plain(own, ()) for name, own in sorted(vars(one).items()) if _counts(name, own)} for one in made_from
    ]


def _counts(name: str, value: Any) -> bool:
    return callable(value) or not name.startswith("__")  # not where it was written, nor its documentation


def _plain(value: Any, within: tuple[Any, ...]) -> Any:
    """JSON values that are equal only for equal content.

    Raises:
        UnknownContentError: a thing of another kind.
    """
    if value is None or isinstance(value, bool | int | float | str):
        return value if not isinstance(value, float) else repr(value)
    if isinstance(value, bytes | complex | PurePath | np.generic | np.dtype | range):
        return [type(value).__name__, repr(value)]
    if isinstance(value, np.ndarray) and value.dtype != object:
        return [value.dtype.str, list(value.shape), short_hash(value.tobytes().hex())]
    if isinstance(value, types.ModuleType):
        return ["module", value.__name__]
    if any(value is other for other in within):
        return "itself"
    return _composed(value, (*within, value))


def _composed(value: Any, within: tuple[Any, ...]) -> Any:
    for kinds, parts in READERS:
        if isinstance(value, kinds):
            read = [_plain(part, within) for part in parts(value)]
            unordered = isinstance(value, dict | set | frozenset)
            return [type(value).__name__, *(sorted(read, key=repr) if unordered else read)]
    if isinstance(value, types.FunctionType | types.BuiltinFunctionType | type):
        return _defined(value, within)
    raise UnknownContentError(f"a {type(value).__name__}")


def _defined(value: Any, within: tuple[Any, ...]) -> Any:
    """The user's own functions and classes by their code, those of an installed package by name."""
    if isinstance(value, types.BuiltinFunctionType) or not _is_users(value):
        return [value.__module__, value.__qualname__]
    if isinstance(value, types.FunctionType):
        return _function(value, within)
    return [value.__qualname__, {name: _plain(own, within) for name, own in vars(value).items() if callable(own)}]


READERS: tuple[tuple[Any, Callable[[Any], Any]], ...] = (
    (dict, lambda value: value.items()),
    ((list, tuple, set, frozenset), lambda value: value),
    ((staticmethod, classmethod), lambda value: (value.__func__,)),
    (property, lambda value: (value.fget, value.fset)),
    (functools.partial, lambda value: (value.func, value.args, value.keywords)),
    (types.MethodType, lambda value: (value.__self__, value.__func__)),
)


def _function(function: types.FunctionType, within: tuple[Any, ...]) -> list[Any]:
    """A function by its code and by what it refers to."""
    try:
        found = inspect.getclosurevars(function)
    except ValueError as error:  # a variable that has no value yet
        raise UnknownContentError(f"{function.__name__}: {error}") from error
    referred = {**found.globals, **found.nonlocals}
    defaults = [function.__defaults__, function.__kwdefaults__]
    return [_bytecode(function.__code__), _plain(referred, within), _plain(defaults, within)]


def _bytecode(code: types.CodeType) -> list[Any]:
    constants = [_bytecode(one) if isinstance(one, types.CodeType) else repr(one) for one in code.co_consts]
    return [code.co_code.hex(), constants, list(code.co_names), list(code.co_varnames), list(code.co_freevars)]


def _is_users(value: Any) -> bool:
    """Whether something is the user's own code, and not that of an installed package."""
    try:
        path = inspect.getfile(value)
    except (TypeError, OSError):
        return value.__module__ in ("__main__", "__mp_main__")
    return "site-packages" not in path and "dist-packages" not in path and not path.startswith(_STANDARD)


_STANDARD = inspect.getfile(inspect).removesuffix("inspect.py")
