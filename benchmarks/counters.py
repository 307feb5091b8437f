"""What a process uses: page faults, CPU seconds, memory; imports no runtime, so that any may be measured."""

from __future__ import annotations

import resource
import time


def usage() -> dict[str, float]:
    """So far: minor page faults, seconds of the system, of its own, and of the clock."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return {"faults": used.ru_minflt, "system": used.ru_stime, "user": used.ru_utime, "seconds": time.perf_counter()}


def used_since(start: dict[str, float]) -> dict[str, float]:
    """The same, since an earlier :func:`usage`."""
    return {name: value - start[name] for name, value in usage().items()}


def peak_memory() -> int:
    """The most bytes that the process has held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
