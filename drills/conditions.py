"""What a command runs under: another user, limits, a clock that jumps, locks of a slow network folder."""

from __future__ import annotations

import os
import random
import resource
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

NOBODY = 65534
DAY = 86_400.0


def apply(conditions: dict[str, Any]) -> None:
    """Set up the conditions in this process, which runs one command."""
    for name, value in conditions.items():
        CONDITIONS[name](value)


def _nobody(wanted: bool) -> None:
    if wanted:
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)


def _handles(count: int) -> None:
    resource.setrlimit(resource.RLIMIT_NOFILE, (count, count))


def _memory(more: int) -> None:
    """Limit the address space to its present size plus ``more`` bytes."""
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    limit = pages * resource.getpagesize() + more
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


def _clock(seed: int) -> None:
    """Let the clock jump up to a day back and forth; what counts seconds since the start goes on, as in a real one."""
    drawn, true = random.Random(seed), time.time
    time.time = lambda: true() + drawn.uniform(-DAY, DAY)


def _slow_locks(seconds: float) -> None:
    """Let every attempt at a lock take its time, and the first ones fail, as on a network folder."""
    import filelock._unix as unix

    true, failures = unix.lock_fd_nonblocking, iter([False] * 3)

    def slow(descriptor: int) -> bool:
        time.sleep(seconds)
        return next(failures, True) and true(descriptor)

    unix.lock_fd_nonblocking = slow


CONDITIONS: dict[str, Callable[[Any], None]] = {
    "nobody": _nobody,
    "handles": _handles,
    "memory": _memory,
    "clock": _clock,
    "slow_locks": _slow_locks,
}
