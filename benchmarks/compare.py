"""A against B, in turn, in one run: machines are noisy, so only the ratio counts."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence


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
    columns = [list(column) for column in zip(*pairs, strict=True)]
    own, other = (_printed(statistics.median(column), images) for column in columns)
    print(f"{name}: ours {own}, theirs {other}, {told_ratios(*columns)}")
    return statistics.median(b / a for a, b in pairs)


def told_ratios(ours: Sequence[float], theirs: Sequence[float]) -> str:
    """How many times as fast, by the seconds of each round: the median and its spread."""
    ratios = sorted(b / a for a, b in zip(ours, theirs, strict=True))
    return f"{statistics.median(ratios):.2f} times as fast ({ratios[0]:.2f} to {ratios[-1]:.2f})"


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _printed(seconds: float, images: int | None) -> str:
    return f"{seconds:.3f} s" if images is None else f"{images / seconds:,.0f} images/s"
