"""Asking in a process of its own: in one, runtimes disturb each other by threads that spin and memory in pieces.

Images and answers are piped. The process imports what the main module does; where PyTorch is asked that must not be
TensorFlow, beside which it can crash.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from typing import Any, TypeAlias

import numpy as np

Ask: TypeAlias = Callable[[np.ndarray], np.ndarray]

FRESH = get_context("spawn")
opened: list[Ask] = []  # in the other process


@contextmanager
def apart(open_way: Callable[[], Ask]) -> Iterator[Ask]:
    """Open a way to ask for probabilities in a process that ends with the block."""
    with ProcessPoolExecutor(1, FRESH, initializer=_open, initargs=(open_way,)) as pool:
        yield lambda images: pool.submit(_ask, images).result()


def done_apart(work: Callable[..., Any], *given: Any) -> Any:
    """Do some work in a process that gives its memory back."""
    with ProcessPoolExecutor(1, FRESH) as pool:
        return pool.submit(work, *given).result()


def _open(open_way: Callable[[], Ask]) -> None:
    opened.append(open_way())


def _ask(images: np.ndarray) -> np.ndarray:
    return opened[0](images)
