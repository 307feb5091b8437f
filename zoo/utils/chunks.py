"""The rows of a long array: some at a time, so that it never lies in memory as a whole, or all at once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

import numpy as np


class Rows(Protocol):
    """What can be read row by row."""

    def __len__(self) -> int: ...

    def take(self, rows: np.ndarray) -> np.ndarray:
        """Copy some rows."""
        ...


def spans(count: int, size: int) -> Iterator[slice]:
    """Divide ``count`` rows into slices of ``size``, the last one shorter.

    >>> list(spans(5, 2))
    [slice(0, 2, None), slice(2, 4, None), slice(4, 5, None)]
    """
    return (slice(start, min(start + size, count)) for start in range(0, count, size))


def chunks(rows: Rows, size: int) -> Iterator[np.ndarray]:
    """Read all rows in their order, ``size`` at a time."""
    return (rows.take(np.arange(span.start, span.stop)) for span in spans(len(rows), size))


def take_all(rows: Rows) -> np.ndarray:
    """Copy all rows into memory at once."""
    return rows.take(np.arange(len(rows)))
