"""Reading ahead: threads decode the next batches while one is predicted."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from time import perf_counter

import numpy as np

from zoo.data.pictures.image_io import reason_or_raise
from zoo.utils.text import Size

AHEAD = 2  # batches, or more if these are fewer images than twice the threads
TASKS = 4  # a thread and batch: handing over image by image would cost as much as reading small ones


@dataclass(frozen=True)
class Batch:
    """Images that were read.

    Attributes:
        span: the indices of the batch.
        places: ``(n,)`` int64, those of the indices that could be read.
        images: ``(n, H, W, 3)`` uint8.
        failures: the reason of each other index.
        seconds: that reading an image took, on average, in its thread.
    """

    span: range
    places: np.ndarray
    images: np.ndarray
    failures: dict[int, str]
    seconds: float


def read_ahead(
    read: Callable[[int, Size], np.ndarray], size: Size, spans: Iterable[range], threads: int
) -> Generator[Batch]:
    """Read some images at a time, in order; a file that cannot be read is a reason and never an exception.

    What is held at a time does not depend on how many there are: the batches that wait, and what each thread decodes.
    Close the iterator to stop the threads before its end.

    Args:
        read: takes an index and a size; called from the threads.
        size: ``(height, width)`` of all images.
        spans: indices of each batch; taken from the iterable only when its images are to be read.
        threads: that read.

    Raises:
        OSError: the system opens or reads no files any more.
        ImportError: an extra that a format needs.
        MemoryError: there is none left.
    """
    pool = ThreadPoolExecutor(threads, thread_name_prefix="zoo-read")
    waiting: deque[_Pending] = deque()
    try:
        for span in spans:
            waiting.append(_Pending(read, size, span, pool, threads))
            while sum(len(pending) for pending in waiting) > max(AHEAD * len(span), AHEAD * threads):
                yield waiting.popleft().batch()
        while waiting:
            yield waiting.popleft().batch()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


class _Pending:
    """A batch that is being read."""

    def __init__(
        self,
        read: Callable[[int, Size], np.ndarray],
        size: Size,
        span: range,
        pool: ThreadPoolExecutor,
        threads: int,
    ) -> None:
        self.span = span
        self._read = read
        self._images = np.empty((len(span), *size, 3), np.uint8)
        step = max(len(span) // (TASKS * threads), 1)
        starts = range(0, len(span), step)
        self._tasks = [pool.submit(self._read_rows, range(len(span))[start : start + step]) for start in starts]

    def __len__(self) -> int:
        return len(self.span)

    def batch(self) -> Batch:
        """Wait for it."""
        outcomes = [task.result() for task in self._tasks]
        reasons = [reason for found, _ in outcomes for reason in found]
        good = np.array([not reason for reason in reasons], bool)
        failures = {index: reason for index, reason in zip(self.span, reasons, strict=True) if reason}
        images = self._images if good.all() else self._images[good]
        seconds = sum(seconds for _, seconds in outcomes) / len(self.span)
        return Batch(self.span, np.array(self.span, np.int64)[good], images, failures, seconds)

    def _read_rows(self, rows: range) -> tuple[list[str], float]:
        """Read images into their rows; returns for each the reason why not, or none, and the seconds that all took."""
        start = perf_counter()
        return [self._attempt(row) for row in rows], perf_counter() - start

    def _attempt(self, row: int) -> str:
        try:
            self._images[row] = self._read(self.span[row], self._images.shape[1:3])
        except Exception as error:
            return reason_or_raise(error)
        return ""
