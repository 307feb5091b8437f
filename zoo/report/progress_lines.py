"""Progress as lines of the log, for files: one a phase that takes long, and more every so often."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from zoo.utils.progress import Counter, watched
from zoo.utils.text import duration
from zoo.utils.ticker import ticking

logger = logging.getLogger(__name__)

FIRST, EVERY = 5.0, 30.0  # seconds until a phase's first line, and between any two


class Lines:
    """Logs the present phase; what is over within :data:`FIRST` seconds of silence says nothing.

    Args:
        whole: writes how far the whole run is; "" where that is not known.
    """

    def __init__(self, whole: Callable[[], str] = str) -> None:
        self.whole = whole
        self.phases: list[Counter] = []
        self.told: Counter | None = None
        self.at = time.monotonic()

    def begin(self, counter: Counter) -> None:
        """Keep a phase in sight."""
        self.phases.append(counter)

    def end(self, counter: Counter) -> None:
        """Leave it."""
        if counter in self.phases:
            self.phases.remove(counter)

    def finish(self, owner: str) -> None:
        """Nothing to say: the log has a line of a trained member."""

    def tick(self) -> None:
        """Write a line if it is time for one."""
        now, phases = time.monotonic(), [*self.phases]
        if not phases:
            return
        present = phases[-1]
        wait = EVERY if present is self.told else FIRST
        if now - max(self.at, present.begun) < wait:
            return
        self.told, self.at = present, now
        logger.info("%s", "  ".join(part for part in (line(present), self.whole()) if part))

    def heard(self, record: logging.LogRecord) -> bool:
        """See another message of the log, after which there is no silence to break; a filter that lets all pass."""
        if record.name != __name__:
            self.at = time.monotonic()
        return True


def line(counter: Counter) -> str:
    """Describe a phase: what, how far, and how long it still takes."""
    if not counter.total:
        return f"{counter.label}: for {duration(counter.age)}"
    left = "" if counter.left is None else f", {duration(counter.left)} left"
    return f"{counter.label}: {counter.done:,} of {counter.total:,} {counter.unit}{left}"


@contextmanager
def lines(whole: Callable[[], str] = str) -> Iterator[Lines]:
    """Log the progress of a block."""
    watcher, handlers = Lines(whole), [*logging.getLogger("zoo").handlers]
    for handler in handlers:
        handler.addFilter(watcher.heard)
    try:
        with watched(watcher), ticking(watcher.tick, 1.0):
            yield watcher
    finally:
        for handler in handlers:
            handler.removeFilter(watcher.heard)
