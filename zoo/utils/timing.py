"""What work cost: minutes, and the most memory that its process held."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path

GIGABYTE = 1e9
UNIT = 1 if sys.platform == "darwin" else 1024  # of ru_maxrss, in bytes
STATUS = Path("/proc/self/status")  # of Linux, where ru_maxrss begins at what the parent held


def stopwatch() -> Callable[[], str]:
    """Start a clock; what it returns formats the time since, and the process's memory at its highest."""
    start = time.monotonic()

    def cost() -> str:
        minutes = f"{(time.monotonic() - start) / 60:.1f} min"
        peak = peak_memory()
        return minutes if peak is None else f"{minutes}, peak memory {peak / GIGABYTE:.1f} GB"

    return cost


def peak_memory() -> int | None:
    """Return the most bytes that this process ever held at a time; None on Windows, where Python cannot read it."""
    return _of_linux() or _of_others()


def _of_linux() -> int | None:
    try:
        lines = STATUS.read_text().splitlines()
    except OSError:
        return None
    kilobytes = [int(line.split()[1]) for line in lines if line.startswith("VmHWM")]
    return kilobytes[0] * 1024 if kilobytes else None


def _of_others() -> int | None:
    try:
        import resource
    except ImportError:
        return None
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * UNIT
