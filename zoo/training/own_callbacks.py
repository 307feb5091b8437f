"""The user's callbacks for one member: copies with a state and files of their own."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import keras

logger = logging.getLogger(__name__)

MEMBER = "{member}"  # stands for the member's name in a path
FILES = {"CSVLogger": "filename", "ModelCheckpoint": "filepath"}  # attributes of Keras' callbacks
FOLDERS = {"BackupAndRestore": "backup_dir", "TensorBoard": "log_dir"}
SUFFIXES = ".weights.h5"  # counts as one


def as_callbacks(given: Any) -> list[keras.callbacks.Callback]:
    """Take callbacks as Keras does: several, one, or None.

    Raises:
        TypeError: something that is no callback of Keras, such as its class or a function.
    """
    import keras

    if given is None:
        return []
    callbacks = list(given) if isinstance(given, list | tuple) else [given]
    if strange := [one for one in callbacks if not isinstance(one, keras.callbacks.Callback)]:
        raise TypeError(
            f"Expected callbacks of Keras; received {strange[0]!r}. Pass objects, such as "
            "[keras.callbacks.CSVLogger(path)]; a function as keras.callbacks.LambdaCallback(on_epoch_end=...)."
        )
    return callbacks


@dataclass(frozen=True)
class UserCallbacks:
    """Callbacks, and whether several members are trained with them.

    Attributes:
        given: the user's objects.
        alone: one member is trained, which gets the objects themselves, so that the user finds their state in them.
    """

    given: Sequence[keras.callbacks.Callback] = ()
    alone: bool = True

    def of(self, member: str) -> list[keras.callbacks.Callback]:
        """Those of one member, as they were before any training.

        Where members are several, each gets copies, and files that all of them would write to get the member's name in
        their path. ``{member}`` in any text or path of a callback is replaced by the name. A callback that has
        ``shared = True`` is for all members, as it is.
        """
        return [_of(callback, member, alone=self.alone) for callback in self.given]


@contextmanager
def appending(callbacks: Sequence[keras.callbacks.Callback], epochs: int) -> Iterator[None]:
    """Let CSV files keep the lines of the epochs that are over, which Keras drops at every call of its ``fit``.

    Args:
        callbacks: the user's.
        epochs: that are over, of earlier phases and before an interruption.
    """
    import keras

    loggers = [one for one in callbacks if isinstance(one, keras.callbacks.CSVLogger) and epochs]
    before = [(one.append, one.append_header) for one in loggers]
    for one in loggers:
        one.append = True
    try:
        yield
    finally:
        for one, (append, header) in zip(loggers, before, strict=True):
            one.append, one.append_header = append, header


def _of(callback: keras.callbacks.Callback, member: str, *, alone: bool) -> keras.callbacks.Callback:
    if getattr(callback, "shared", False) is True:
        return callback
    if alone and not any(MEMBER in str(value) for value in _texts(callback).values()):
        return callback
    own = _copied(callback, member)
    if own is callback:  # it cannot be copied
        return callback
    if not alone:
        _divide(own)
    for name, value in _texts(own).items():
        setattr(own, name, type(value)(str(value).replace(MEMBER, member)))
    _make_folder(own)
    return own


def _copied(callback: keras.callbacks.Callback, member: str) -> keras.callbacks.Callback:
    model = getattr(callback, "_model", None)  # of an earlier training: another one will be set
    try:
        return deepcopy(callback, {} if model is None else {id(model): None})
    except Exception as error:  # whatever the user's attributes raise
        name = type(callback).__name__
        logger.warning("%s: %s cannot be copied (%s): all members share the object and its state", member, name, error)
        return callback


def _texts(callback: keras.callbacks.Callback) -> dict[str, str | PurePath]:
    return {name: value for name, value in vars(callback).items() if isinstance(value, str | PurePath)}


def _divide(callback: keras.callbacks.Callback) -> None:
    """Put the member's place into a path that all members would write to, and into those that begin with it."""
    attribute = _attribute_of(callback)
    if attribute is None or MEMBER in str(getattr(callback, attribute)):
        return
    shared = str(getattr(callback, attribute))
    divided = _divided(shared, folder=attribute in FOLDERS.values())
    for name, value in _texts(callback).items():
        if str(value).startswith(shared):
            setattr(callback, name, type(value)(divided + str(value).removeprefix(shared)))


def _attribute_of(callback: keras.callbacks.Callback) -> str | None:
    import keras

    known: dict[str, str] = FILES | FOLDERS
    kinds = (name for name in known if isinstance(callback, getattr(keras.callbacks, name)))
    return next((known[name] for name in kinds), None)


def _divided(path: str, *, folder: bool) -> str:
    if folder:
        return f"{path.rstrip('/')}/{MEMBER}"
    suffix = SUFFIXES if path.endswith(SUFFIXES) else PurePath(path).suffix
    return f"{path.removesuffix(suffix)}_{MEMBER}{suffix}"


def _make_folder(callback: Any) -> None:
    """Make the folder of a CSV file, whose name may be the member's; Keras makes those of the others."""
    import keras

    if isinstance(callback, keras.callbacks.CSVLogger) and "://" not in callback.filename:
        Path(callback.filename).parent.mkdir(parents=True, exist_ok=True)
