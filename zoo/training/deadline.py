"""The end of a time limit, watched while a network trains; the best epoch by then is taken, where there is one."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

import keras

TIME_UP = "the time limit came before the end of its training"
CUT = "cut"  # marks the last epoch in the history of a training that a limit ended


class TimeUpError(RuntimeError):
    """The limit came before an epoch of tuning; the progress is kept, and the same call goes on from there."""


def epochs_of_cut(history: Sequence[Mapping[str, Any]]) -> int:
    """After how many epochs a limit ended a training; 0 where none did."""
    return len(history) if history and CUT in history[-1] else 0


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
