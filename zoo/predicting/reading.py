"""Reading ahead: threads decode the next batches while one is answered."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from time import perf_counter

import numpy as np

from zoo.sizes import Size

AHEAD = 2  # batches, or more if these are fewer images than twice the threads


@dataclass(frozen=True)
class Batch:
    """Images that were read.

    Attributes:
        span: the places that were asked for.
        places: ``(n,)`` int64, those of them that could be read.
        images: ``(n, H, W, 3)`` uint8.
        failures: the reason of each other place.
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
    """Read some images at a time, in order; what cannot be read is a reason and never an exception.

    What is held at a time does not depend on how many there are: the batches that wait, and what each thread decodes.
    Close the iterator to stop the threads before its end.

    Args:
        read: takes a place and a size; called from the threads.
        size: ``(height, width)`` of all images.
        spans: places of each batch; asked for no earlier than its images are to be read.
        threads: that read.
    """
    pool = ThreadPoolExecutor(threads, thread_name_prefix="zoo-read")
    waiting: deque[_Pending] = deque()
    try:
        for span in spans:
            waiting.append(_Pending(read, size, span, pool))
            while sum(len(pending) for pending in waiting) > max(AHEAD * len(span), AHEAD * threads):
                yield waiting.popleft().batch()
        while waiting:
            yield waiting.popleft().batch()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


class _Pending:
    """A batch that is being read."""

    def __init__(
        self, read: Callable[[int, Size], np.ndarray], size: Size, span: range, pool: ThreadPoolExecutor
    ) -> None:
        self.span = span
        self._read = read
        self._images = np.empty((len(span), *size, 3), np.uint8)
        self._reasons: list[Future[tuple[str, float]]] = [pool.submit(self._place, row) for row in range(len(span))]

    def __len__(self) -> int:
        return len(self.span)

    def batch(self) -> Batch:
        """Wait for it."""
        outcomes = [reason.result() for reason in self._reasons]
        good = np.array([not reason for reason, _ in outcomes], bool)
        places = np.array(self.span, np.int64)
        failures = {place: reason for place, (reason, _) in zip(self.span, outcomes, strict=True) if reason}
        seconds = float(np.mean([seconds for _, seconds in outcomes]))
        images = self._images if good.all() else self._images[good]
        return Batch(self.span, places[good], images, failures, seconds)

    def _place(self, row: int) -> tuple[str, float]:
        """Read an image into its row; returns the reason why not, or none, and the seconds that it took."""
        start = perf_counter()
        try:
            self._images[row] = self._read(self.span[row], self._images.shape[1:3])
        except Exception as error:  # Pillow's decoders raise whatever a broken file leads them into
            return str(error) or type(error).__name__, perf_counter() - start
        return "", perf_counter() - start
