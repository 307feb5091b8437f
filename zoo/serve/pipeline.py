"""The way of pictures to their predictions: decoded in threads, then queued for a batch, and all within a time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from threading import Lock

import numpy as np

from zoo.inference.engines.engine import cores
from zoo.serve.batching import Batcher, Follow, Observe, Row
from zoo.serve.pictures import pixels_of
from zoo.serve.refusal import RefusalError, too_slow
from zoo.serve.served_model import ServedModel
from zoo.serve.settings import Settings

FAILED = "The model failed on this picture; the server's log says why."


@dataclass(frozen=True)
class Part:
    """One picture of a request.

    Attributes:
        name: as the client calls it.
        load: makes its pixels, ``(height, width, 3)`` uint8; called in a thread.
    """

    name: str
    load: Callable[[], np.ndarray]


class Room:
    """The room of one picture that was admitted: it is taken by the queue, or given back, once.

    Args:
        batcher: that admitted it.
    """

    def __init__(self, batcher: Batcher) -> None:
        self._batcher = batcher
        self._used = Lock()

    def give_back(self) -> None:
        """Let the picture go."""
        if self._used.acquire(blocking=False):
            self._batcher.withdraw()

    def queue(self, pixels: np.ndarray, future: Future[Row]) -> None:
        """Let the picture wait for its batch."""
        if self._used.acquire(blocking=False):
            self._batcher.queue(pixels, future)


class Pipeline:
    """Predict pictures of any requests.

    Args:
        model: that is open.
        settings: sizes and times.
        observe: as of :class:`zoo.serve.batching.Batcher`.
        follow: the same.
    """

    def __init__(
        self, model: ServedModel, settings: Settings, observe: Observe | None = None, follow: Follow | None = None
    ) -> None:
        self.model = model
        self._settings = settings
        self.batcher = Batcher(
            model.answer,
            size=settings.batch,
            wait=settings.wait_ms / 1000,
            bound=settings.queue,
            observe=observe,
            follow=follow,
        )
        self._decoders = ThreadPoolExecutor(cores(), thread_name_prefix="zoo-decode")

    def encoded(self, name: str, data: bytes) -> Part:
        """A picture of a request: the bytes of a file."""
        graph, most = self.model.graph, self._settings.most_pixels
        return Part(name, lambda: pixels_of(data, graph.image_size, graph.reading, most))

    def submit(self, parts: Sequence[Part]) -> list[Future[Row]]:
        """Decode and queue pictures.

        Raises:
            RefusalError: there is no room for them, or the server stops.
        """
        self.batcher.admit(len(parts))
        futures: list[Future[Row]] = [Future() for _ in parts]
        rooms = [Room(self.batcher) for _ in parts]
        try:
            for part, future, room in zip(parts, futures, rooms, strict=True):
                self._decoders.submit(self._decode, part, future, room)
        except BaseException:  # no thread can be started, or none is any more; what was submitted may run yet
            for future, room in zip(futures, rooms, strict=True):
                future.cancel()
                room.give_back()
            raise
        return futures

    async def answer(self, parts: Sequence[Part]) -> list[Row | BaseException]:
        """Predict pictures: for each its outputs, or why there are none.

        Raises:
            RefusalError: as of :meth:`submit`.
            TimeoutError: as of the block that this is called in; what waits is withdrawn.
        """
        waiting = [asyncio.wrap_future(future) for future in self.submit(parts)]
        return await asyncio.gather(*waiting, return_exceptions=True)

    def answer_now(self, images: Sequence[np.ndarray]) -> list[Row]:
        """Predict images of the model's size from a thread, and wait for them.

        Raises:
            RefusalError: as of :meth:`submit`, or not in time.
        """
        futures = self.submit([Part("", lambda pixels=pixels: pixels) for pixels in images])  # type: ignore[misc]
        try:
            return [future.result(self._settings.timeout) for future in futures]
        except TimeoutError:
            raise too_slow(self._settings.timeout) from None
        finally:
            for future in futures:
                future.cancel()

    def _decode(self, part: Part, future: Future[Row], room: Room) -> None:
        try:
            pixels = None if future.cancelled() else part.load()
        except BaseException as error:
            room.give_back()
            if future.set_running_or_notify_cancel():
                future.set_exception(error)
            return
        if pixels is None:
            room.give_back()
        else:
            room.queue(pixels, future)

    def close(self) -> None:
        """Answer what is under way, and stop the threads."""
        self.batcher.close()
        self._decoders.shutdown()


def reason(error: BaseException) -> str:
    """What a client is told of a picture that has no prediction."""
    return error.text if isinstance(error, RefusalError) else FAILED
