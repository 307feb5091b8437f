"""How far a prediction is: told to who watches, and in a log line now and then."""

from __future__ import annotations

import logging
from collections.abc import Callable
from time import perf_counter

logger = logging.getLogger(__name__)

SECONDS = 10.0  # between two lines


class Progress:
    """Count images.

    Args:
        done: those of earlier runs.
        total: of all.
        watch: is told how many are done, and of how many.
    """

    def __init__(self, done: int, total: int, watch: Callable[[int, int], None] | None) -> None:
        self.found = done
        self.done = done
        self.total = total
        self.watch = watch
        self._start = self._told = perf_counter()

    def tell(self, done: int) -> None:
        """So many are done."""
        self.done = done
        if self.watch:
            self.watch(done, self.total)
        if perf_counter() - self._told > SECONDS:
            self._told = perf_counter()
            logger.info("%s of %s images, %.1f images/s", f"{done:,}", f"{self.total:,}", self.images_per_second)

    @property
    def images_per_second(self) -> float:
        """Since the start, without what was there before."""
        return (self.done - self.found) / (perf_counter() - self._start)
