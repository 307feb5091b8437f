"""A against B, in turn, in one run: machines are noisy, so only the ratio counts."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable


def compare(
    name: str,
    ours: Callable[[], object],
    theirs: Callable[[], object],
    *,
    rounds: int = 5,
    images: int | None = None,
) -> float:
    """Time two functions in turn and print the median seconds, the ratio and its spread; returns the ratio.

    Where each works through so many ``images``, images/s are printed in place of seconds.
    """
    pairs = [(_seconds(ours), _seconds(theirs)) for _ in range(rounds)]
    ratios = sorted(b / a for a, b in pairs)
    own, other = (_printed(statistics.median(column), images) for column in zip(*pairs, strict=True))
    ratio = statistics.median(ratios)
    spread = f"{ratios[0]:.2f} to {ratios[-1]:.2f}"
    print(f"{name}: ours {own}, theirs {other}, {ratio:.2f} times as fast ({spread})")
    return ratio


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _printed(seconds: float, images: int | None) -> str:
    return f"{seconds:.3f} s" if images is None else f"{images / seconds:,.0f} images/s"
