"""What work cost: minutes, and the most memory that its process held."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

GIGABYTE = 1e9
UNIT = 1 if sys.platform == "darwin" else 1024  # of ru_maxrss, in bytes


def stopwatch() -> Callable[[], str]:
    """Start a clock; what it returns says the time since, and the process's memory at its highest."""
    start = time.monotonic()

    def cost() -> str:
        minutes = f"{(time.monotonic() - start) / 60:.1f} min"
        peak = peak_memory()
        return minutes if peak is None else f"{minutes}, peak memory {peak / GIGABYTE:.1f} GB"

    return cost


def peak_memory() -> int | None:
    """Return the most bytes that this process ever held at a time; None on Windows, which does not tell Python."""
    try:
        import resource
    except ImportError:
        return None
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * UNIT
