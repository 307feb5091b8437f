"""A Keras callback that times steps, and ends a training that has shown enough of them."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from typing import Any

import keras


@dataclass(frozen=True)
class Mark:
    """The end of a call of Keras' that ran one step or more.

    Attributes:
        images: done since the epoch, or the validation, began.
        at: seconds of the clock.
    """

    images: int
    at: float


class Lap:
    """The marks of one pass over images, from its beginning on."""

    def __init__(self) -> None:
        self.marks = [Mark(0, time.perf_counter())]

    def note(self, images: int) -> None:
        """Set a mark; what the device has queued must be done before."""
        self.marks.append(Mark(images, time.perf_counter()))

    @property
    def images(self) -> int:
        """Images done."""
        return self.marks[-1].images

    def between(self, first: int) -> tuple[int, float]:
        """Images and seconds from a mark on to the last one."""
        if len(self.marks) <= first + 1:
            return 0, 0.0
        begin, end = self.marks[first], self.marks[-1]
        return end.images - begin.images, end.at - begin.at

    @property
    def seconds(self) -> float:
        """From the beginning to the last mark."""
        return self.marks[-1].at - self.marks[0].at


class Stopwatch(keras.callbacks.Callback):
    """Times the epochs of one phase.

    Args:
        seconds: after which an epoch ends, counted from its first step, which may compile.
        batch_size: images a step.
        images: of an epoch.
        validated: images of a validation.
    """

    watches = True  # and steers nothing in a training whose result is thrown away

    def __init__(self, seconds: float, batch_size: int, images: int, validated: int) -> None:
        super().__init__()
        self.limit = seconds
        self.batch_size = batch_size
        self.sizes = images, validated
        self.begun = self.ended = time.perf_counter()
        self.epochs: list[Lap] = []
        self.validations: list[Lap] = []
        self.busy = _processor_seconds()

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Begin an epoch's lap."""
        self.epochs.append(Lap())

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Mark the steps done, and stop if it is time."""
        float((logs or {})["loss"])  # waits for the device
        lap = self.epochs[-1]
        lap.note(min((batch + 1) * self.batch_size, self.sizes[0]))
        if lap.marks[-1].at - lap.marks[1].at > self.limit:
            self.model.stop_training = True

    def on_test_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Begin a validation's lap."""
        self.validations.append(Lap())

    def on_test_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Mark the steps done."""
        float((logs or {})["loss"])
        self.validations[-1].note(min((batch + 1) * self.batch_size, self.sizes[1]))

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        """End the clock; progress has been written by then."""
        self.ended = time.perf_counter()
        self.busy = _processor_seconds() - self.busy

    @property
    def cores(self) -> float:
        """Cores that the process kept busy."""
        return self.busy / max(self.ended - self.begun, 1e-9)


def rate(laps: list[Lap]) -> float:
    """Seconds an image: of all laps without their first step, or of the last lap where none has a second."""
    pairs = [lap.between(1) for lap in laps]
    images, seconds = (sum(column) for column in zip(*pairs, strict=True))
    return seconds / images if images else laps[-1].seconds / max(laps[-1].images, 1)


def _processor_seconds() -> float:
    used = os.times()
    return used.user + used.system
