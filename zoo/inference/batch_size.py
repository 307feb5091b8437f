"""How many images at a time, and how many threads that read: measured on the first images, while they are predicted."""

from __future__ import annotations

import logging
import math
import statistics
from collections.abc import Iterator
from dataclasses import dataclass

import joblib

logger = logging.getLogger(__name__)

SIZES = (8, 32, 64, 128)  # of batches
TRIALS = 2  # of each; in the first one the graph makes its plans for that size
LONGEST = 10.0  # seconds that a batch may take
MOST_PIXELS = 64 * 224 * 224  # of a batch: trying more could need more memory than there is
AS_FAST = 0.97  # of the fastest; of such sizes the smallest is taken
SLACK = 2  # times the threads that keep up on average
MOST_THREADS = 32
DEFAULT_SIZE = 32


@dataclass(frozen=True)
class Pace:
    """The batch size, and how many threads read.

    Attributes:
        batch_size: images.
        threads: that read.
    """

    batch_size: int
    threads: int


class Trial:
    """Measure what was not given.

    The first batches are of several sizes, and their predictions are kept: no image is predicted twice.

    Args:
        batch_size: as given, or None.
        threads: as given, or None.
        pixels: of an image inside the graph.
    """

    def __init__(self, batch_size: int | None, threads: int | None, pixels: int) -> None:
        self.batch_size = batch_size
        self.threads = threads
        self.pixels = pixels
        self._speeds: dict[int, float] = {}  # by batch size, of the graph, in images/s
        self._reading: list[float] = []  # seconds an image

    def pace(self) -> Pace:
        """The pace during the trial."""
        return Pace(self.batch_size or SIZES[0], self.threads or joblib.cpu_count())

    def sizes(self) -> Iterator[int]:
        """Batch sizes to try, one after another, as long as none is expected to need too much memory or time."""
        if self.batch_size and self.threads:
            return
        first, *others = (self.batch_size,) if self.batch_size else SIZES
        yield from [first] * TRIALS
        for size in others:
            if self._is_too_much(size):
                return
            yield from [size] * TRIALS

    def _is_too_much(self, size: int) -> bool:
        seconds = size / max(self._speeds.values(), default=math.inf)
        return size * self.pixels > MOST_PIXELS or seconds > LONGEST

    def record(self, size: int, predicting: float, reading: float) -> None:
        """Note seconds: that the graph took for a batch of a size, and that a thread took for each of its images.

        Batches that were cut short, by unreadable files or the end of a part, are ignored.
        """
        if size not in (self.batch_size, *SIZES):
            return
        self._speeds[size] = max(size / predicting, self._speeds.get(size, 0.0))
        self._reading.append(reading)

    def chosen(self) -> Pace:
        """The pace of the remaining images.

        By Little's law a graph that predicts r images/s is kept busy by r x t threads if one takes t seconds to read.
        """
        meanwhile = self.pace()
        if not self._speeds:
            return Pace(self.batch_size or DEFAULT_SIZE, meanwhile.threads)
        fastest = max(self._speeds.values())
        size = min(size for size, speed in self._speeds.items() if speed >= AS_FAST * fastest)
        reading = statistics.median(self._reading)
        threads = min(max(math.ceil(SLACK * fastest * reading), 1), MOST_THREADS)
        pace = Pace(self.batch_size or size, self.threads or threads)
        logger.info(
            "batches of %d images, reading threads: %d (%.1f images/s predicted, reading one takes %.1f ms)",
            pace.batch_size,
            pace.threads,
            fastest,
            reading * 1000,
        )
        return pace
