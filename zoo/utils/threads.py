"""The same work for each of many items, in threads."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from zoo.utils.chunks import spans

Item = TypeVar("Item")
Result = TypeVar("Result")
HANDED = 64  # items at a time at most: handing over one by one costs more than reading a small file does
SHARES = 4  # that each thread gets at least, so that none waits long for the last one


def in_threads(work: Callable[[Item], Result], items: Sequence[Item]) -> Iterator[Result]:
    """Do some work for each item, in as many threads as there are cores; yields the results in the items' order.

    An error ends all of it. Items are read by index, in the threads, and results are not kept once they were yielded.
    """
    import joblib

    def some(span: slice) -> list[Result]:
        return [work(items[index]) for index in range(span.start, span.stop)]

    threads = joblib.cpu_count()
    size = max(1, min(HANDED, len(items) // (SHARES * threads)))
    with ThreadPoolExecutor(threads) as pool:
        for results in pool.map(some, spans(len(items), size)):
            yield from results
