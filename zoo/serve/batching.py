"""Batches that form by themselves: pictures of any requests queue, and one thread predicts those that wait together."""

from __future__ import annotations

import logging
import math
from collections import deque
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from http import HTTPStatus
from threading import Condition, Thread
from time import monotonic, perf_counter
from typing import TypeAlias

import numpy as np

from zoo.serve.refusal import RefusalError

logger = logging.getLogger(__name__)

Row: TypeAlias = Mapping[str, np.ndarray]  # of one picture, by output
Answer: TypeAlias = Callable[[np.ndarray], Mapping[str, np.ndarray]]
Observe: TypeAlias = Callable[[int, float], None]
Follow: TypeAlias = Callable[[int], None]
INERTIA = 0.8  # of the measured speed: the weight of what was measured before


@dataclass(eq=False)
class _Waiting:
    """A decoded picture, and where its prediction goes."""

    pixels: np.ndarray
    future: Future[Row]
    since: float = field(default_factory=monotonic)


class Batcher:
    """A bounded queue before one thread that predicts.

    The free thread starts a batch if ``size`` pictures wait, if the first has waited ``wait`` seconds, or if no other
    picture is being decoded. So a client that is alone never waits for others.

    Args:
        answer: predicts ``(n, H, W, 3)`` uint8; called from the thread alone.
        size: the most pictures of a batch.
        wait: seconds.
        bound: the most pictures that are on their way, waiting or being predicted.
        observe: called after each batch with the number of its pictures and the seconds it took.
        follow: called with the number of pictures on their way, whenever it changes.
    """

    def __init__(
        self,
        answer: Answer,
        *,
        size: int,
        wait: float,
        bound: int,
        observe: Observe | None = None,
        follow: Follow | None = None,
    ) -> None:
        self._answer = answer
        self._size = size
        self._wait = wait
        self._bound = bound
        self._observe = observe or (lambda images, seconds: None)
        self._follow = follow or (lambda pictures: None)
        self._waiting: deque[_Waiting] = deque()
        self._coming = self._running = 0
        self._speed = 0.0  # pictures a second
        self._closing = False
        self._changed = Condition()
        self._thread = Thread(target=self._work, name="zoo-engine", daemon=True)
        self._thread.start()

    @property
    def underway(self) -> int:
        """Pictures that are admitted and not yet answered."""
        return self._coming + len(self._waiting) + self._running

    @property
    def is_closing(self) -> bool:
        """Whether nothing more is admitted."""
        return self._closing

    @property
    def is_working(self) -> bool:
        """Whether what is admitted will be predicted."""
        return self._thread.is_alive() and not self._closing

    def admit(self, count: int) -> None:
        """Make room for pictures that are about to be decoded; each has to be queued or withdrawn then.

        Raises:
            RefusalError: there is none (429), or there never is for so many (413), or the server stops (503).
        """
        with self._changed:
            if self._closing:
                text = "Expected a server that runs; it stops. Send it to another one, or again later."
                raise RefusalError(HTTPStatus.SERVICE_UNAVAILABLE, text, retry_after=5)
            self.check(count)
            if self.underway + count > self._bound:
                text = f"Expected at most {self._bound} pictures under way (--queue); there are {self.underway}."
                text += " Send it again later."
                status, seconds = HTTPStatus.TOO_MANY_REQUESTS, self._seconds_left()
                raise RefusalError(status, text, retry_after=seconds, pictures=count)
            self._coming += count
            self._tell(self._follow, self.underway)

    def check(self, count: int) -> None:
        """Check that there can ever be room for so many pictures.

        Raises:
            RefusalError: there cannot (413).
        """
        if count > self._bound:
            text = f"Expected at most {self._bound} pictures at a time (--queue); received {count}. Send fewer."
            raise RefusalError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, text)

    def _seconds_left(self) -> int:
        return max(math.ceil(self.underway / self._speed), 1) if self._speed else 1

    def queue(self, pixels: np.ndarray, future: Future[Row]) -> None:
        """Let a picture that was admitted wait for its batch."""
        with self._changed:
            self._coming -= 1
            self._waiting.append(_Waiting(pixels, future))
            self._changed.notify()

    def withdraw(self) -> None:
        """Give back the room of a picture that was admitted and does not come."""
        with self._changed:
            self._coming -= 1
            self._tell(self._follow, self.underway)
            self._changed.notify()

    def close(self) -> None:
        """Answer what waits, and stop."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        self._thread.join()

    def _work(self) -> None:
        while batch := self._next():
            wanted = [one for one in batch if one.future.set_running_or_notify_cancel()]
            if gone := len(batch) - len(wanted):
                self._free(gone)
            self._predict(wanted)

    def _free(self, count: int) -> None:
        """Give back the room of pictures of the batch; before they are answered, so that a client may send the next."""
        with self._changed:
            self._running -= count
            self._tell(self._follow, self.underway)

    def _next(self) -> list[_Waiting]:
        """Wait for a batch; none where the queue is closed and empty."""
        with self._changed:
            while not self._waiting and not (self._closing and self._coming <= 0):
                self._changed.wait()
            while self._is_worth_waiting() and (left := self._waiting[0].since + self._wait - monotonic()) > 0:
                self._changed.wait(left)
            batch = [self._waiting.popleft() for _ in range(min(self._size, len(self._waiting)))]
            self._running = len(batch)
            return batch

    def _is_worth_waiting(self) -> bool:
        return 0 < len(self._waiting) < self._size and self._coming > 0

    def _predict(self, batch: list[_Waiting]) -> None:
        """Predict a batch; where that fails, each picture alone, so that one cannot fail the others."""
        if not batch:
            return
        start = perf_counter()
        try:
            outputs = self._answer(np.stack([one.pixels for one in batch]))
            rows = [{name: values[index] for name, values in outputs.items()} for index in range(len(batch))]
        except Exception as error:
            logger.exception("a batch of %d pictures failed", len(batch))
            if len(batch) == 1:
                self._free(1)
                batch[0].future.set_exception(error)
            else:
                for one in batch:
                    self._predict([one])
            return
        self._free(len(batch))
        for one, row in zip(batch, rows, strict=True):
            one.future.set_result(row)
        self._measured(len(batch), perf_counter() - start)

    def _measured(self, images: int, seconds: float) -> None:
        speed = images / max(seconds, 1e-6)
        self._speed = INERTIA * self._speed + (1 - INERTIA) * speed if self._speed else speed
        self._tell(self._observe, images, seconds)

    @staticmethod
    def _tell(listener: Callable[..., None], *told: float) -> None:
        """Call one that counts; its failure, as on a full disk, must stop no batch."""
        try:
            listener(*told)
        except Exception:
            logger.exception("a batch is not counted")
