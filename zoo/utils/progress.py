"""What the library is doing, as counters that somebody may watch; nothing here draws or prints.

Long work says what it is and how far it is::

    with phase("decoding", len(files), "images") as counter:
        for file in files:
            ...
            counter.advance()

Watchers read the counters when they like, from a thread of their own, so that counting costs next to nothing.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Iterator, Sized
from contextlib import contextmanager
from typing import Protocol, TypeVar

Item = TypeVar("Item")
Rows = TypeVar("Rows", bound=Sized)


class Counter:
    """How far one phase is.

    Attributes:
        name: of the phase, such as ``decoding`` or ``fine-tuning``.
        total: units in all; None where that is not known.
        unit: what is counted, such as ``images``.
        owner: the network that it is of; "" for a phase of no network.
        done: units done, never more than ``total``.
        note: the latest figures, for people.
        begun: seconds of the clock.
    """

    def __init__(self, name: str, total: int | None, unit: str, owner: str) -> None:
        self.name = name
        self.total = total
        self.unit = unit
        self.owner = owner
        self.done = 0
        self.note = ""
        self.begun = time.monotonic()
        self._from: tuple[int, float] | None = None
        self._lock = threading.Lock()

    def advance(self, units: int = 1) -> None:
        """Count more units as done; any thread may."""
        with self._lock:
            self._set(self.done + units)

    def reach(self, done: int, total: int | None = None) -> None:
        """Set the units done, and, where it was not known before, the total."""
        with self._lock:
            self.total = self.total if total is None else total
            self._set(done)

    def start_at(self, done: int) -> None:
        """Stand where earlier work ended, which says nothing of the speed."""
        self.reach(done)
        self.begun, self._from = time.monotonic(), None

    @property
    def label(self) -> str:
        """Owner and name."""
        return f"{self.owner}, {self.name}" if self.owner else self.name

    @property
    def fraction(self) -> float:
        """The part that is done, 0 to 1; 0 where the total is not known."""
        return self.done / self.total if self.total else 0.0

    @property
    def age(self) -> float:
        """Seconds since it began."""
        return time.monotonic() - self.begun

    @property
    def left(self) -> float | None:
        """Seconds left at the speed since the first units were done; None as long as there is no speed.

        The first units often take much longer, as where TensorFlow traces a step.
        """
        if self.total and self.done == self.total:
            return 0.0
        if not self.total or self._from is None or self.done <= self._from[0]:
            return None
        done, since = self._from
        return (self.total - self.done) * (time.monotonic() - since) / (self.done - done)

    def _set(self, done: int) -> None:
        self.done = done if self.total is None else min(done, self.total)
        if self._from is None and self.done:
            self._from = self.done, time.monotonic()


class Watcher(Protocol):
    """Is told when phases begin and end; between, it reads their counters."""

    def begin(self, counter: Counter) -> None:
        """A phase begins, perhaps inside another."""

    def end(self, counter: Counter) -> None:
        """It ended, by its last unit or before."""

    def finish(self, owner: str) -> None:
        """All of a network's work is done, or will not be done."""


_watchers: list[Watcher] = []


@contextmanager
def watched(watcher: Watcher) -> Iterator[None]:
    """Let a watcher, besides those that there are, see what the block does."""
    _watchers.append(watcher)
    try:
        yield
    finally:
        _watchers.remove(watcher)


def is_watched() -> bool:
    """Whether anybody looks, so that counting is worth it where it costs something."""
    return bool(_watchers)


@contextmanager
def phase(name: str, total: int | None = None, unit: str = "", *, owner: str = "") -> Iterator[Counter]:
    """Begin a phase, and end it with the block; see :class:`Counter`."""
    counter = begin(Counter(name, total, unit, owner))
    try:
        yield counter
    finally:
        end(counter)


def begin(counter: Counter) -> Counter:
    """Show a counter to all watchers, and return it."""
    for watcher in [*_watchers]:
        watcher.begin(counter)
    return counter


def end(counter: Counter) -> None:
    """Say that its phase is over."""
    for watcher in [*_watchers]:
        watcher.end(counter)


def track(items: Iterable[Item], name: str, total: int | None, unit: str = "", *, owner: str = "") -> Iterator[Item]:
    """Go through items as a phase, one unit each."""
    with phase(name, total, unit, owner=owner) as counter:
        for item in items:
            yield item
            del item  # before the next one is made
            counter.advance()


def counted(arrays: Iterable[Rows], name: str, total: int, unit: str, *, owner: str = "") -> Iterator[Rows]:
    """Go through arrays as a phase, a unit for each of their rows."""
    with phase(name, total, unit, owner=owner) as counter:
        for array in arrays:
            count = len(array)
            yield array
            del array
            counter.advance(count)


@contextmanager
def hidden() -> Iterator[None]:
    """Let nobody see what the block does, which is a rehearsal and no progress."""
    kept = [*_watchers]
    _watchers.clear()
    try:
        yield
    finally:
        _watchers[:] = kept


def finish(owner: str) -> None:
    """Say that all of a network's work is done, or will not be done."""
    for watcher in [*_watchers]:
        watcher.finish(owner)
