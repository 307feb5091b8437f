"""The end of a time limit, watched while a network trains."""

from __future__ import annotations

import time
from typing import Any

import keras

TIME_UP = "the time limit came before the end of its training"


class TimeUpError(RuntimeError):
    """The time limit came before the end of a training; its progress is kept, and the same call goes on from there."""


class Deadline(keras.callbacks.Callback):
    """Stop a training at a set time; one that ends earlier is not affected.

    Args:
        seconds: from now.
    """

    watches = True  # members are kept under the same key with it and without

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self.end = time.time() + seconds  # of the clock, which other processes have too

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Raise a :class:`TimeUpError` when it is time."""
        if time.time() > self.end:
            raise TimeUpError(TIME_UP)
