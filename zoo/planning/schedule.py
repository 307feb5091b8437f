"""How long several processes take for many trainings, on cores that they share."""

from __future__ import annotations

import heapq
from collections.abc import Sequence


def makespan(seconds: Sequence[float], jobs: int) -> float:
    """Seconds until all are done, where a free process takes the next one in order.

    >>> makespan([4.0, 1.0, 1.0, 1.0], 2)
    4.0
    """
    free = [0.0] * max(1, min(jobs, len(seconds)))
    for one in seconds:
        heapq.heapreplace(free, free[0] + one)
    return max(free)


def slowdown(jobs: int, cores_each: float, cores: int, *, accelerated: bool = False) -> float:
    """Factor by which trainings are slower side by side than alone: they share the cores, or the accelerator.

    >>> slowdown(2, 1.5, 2)
    1.5
    """
    return float(jobs) if accelerated else max(1.0, jobs * cores_each / cores)
