"""All splits laid end to end, so that checks look at one set of images; and what a check found in one row."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from zoo.cleaning.findings import Decision
from zoo.data.duplicates import rows_by_key
from zoo.data.groups import group_name
from zoo.data.images import CHUNK, Images, Splits
from zoo.utils.chunks import spans


@dataclass(frozen=True, kw_only=True)
class Suspect:
    """A row that a check found; the attributes are those of :class:`zoo.cleaning.Finding`, rows being the stack's."""

    row: int
    score: float
    decision: Decision
    note: str
    group: int | None = None
    partner: int | None = None


@dataclass(frozen=True, eq=False)
class Stack:
    """Splits end to end: training images first, then validation, then test.

    Attributes:
        splits: the images.
    """

    splits: Splits

    def __len__(self) -> int:
        return int(self.starts[-1])

    @property
    def _parts(self) -> list[Images]:
        return [images for _, images in self.splits.items()]

    @cached_property
    def starts(self) -> np.ndarray:
        """``(splits + 1,)`` the first row of each split, and the number of rows."""
        return np.cumsum([0, *(len(images) for _, images in self.splits.items())])

    @cached_property
    def ranks(self) -> np.ndarray:
        """``(N,)`` the split of each row, by number: a copy stays in the highest, as in ``drop_duplicates``."""
        return np.repeat(np.arange(len(self.starts) - 1), np.diff(self.starts))

    @cached_property
    def labels(self) -> np.ndarray:
        """``(N,)`` int64."""
        return np.concatenate([images.labels for _, images in self.splits.items()])

    @cached_property
    def groups(self) -> list[str | None]:
        """``(N,)`` the group of each row, as text; None where it has none."""
        parts = [images.groups if images.groups is not None else [None] * len(images) for images in self._parts]
        return [None if group is None else group_name(group) for part in parts for group in part]

    @cached_property
    def digests(self) -> list[bytes]:
        """``(N,)`` a hash of each row's pixels."""
        return [key for _, images in self.splits.items() for key in images.digests]

    @cached_property
    def pictures(self) -> list[list[int]]:
        """The rows of each picture, rows with the same pixels together."""
        return rows_by_key(self.digests)

    @cached_property
    def firsts(self) -> np.ndarray:
        """The first row of each picture: ``(P,)``."""
        return np.array([rows[0] for rows in self.pictures])

    @cached_property
    def picture(self) -> np.ndarray:
        """``(N,)`` the picture of each row, by its index in ``pictures``."""
        numbers = np.empty(len(self), np.int64)
        for number, rows in enumerate(self.pictures):
            numbers[rows] = number
        return numbers

    @cached_property
    def contradictory(self) -> np.ndarray:
        """``(N,)`` bool, the rows of pictures that come under several labels."""
        torn = np.array([len(set(self.labels[rows].tolist())) > 1 for rows in self.pictures], dtype=bool)
        return torn[self.picture]

    def place(self, row: int) -> tuple[str, int]:
        """The split of a row, and its index there."""
        rank = int(self.ranks[row])
        return self.splits.items()[rank][0], int(row - self.starts[rank])

    def take(self, rows: np.ndarray) -> np.ndarray:
        """Copy some rows' pixels: ``(n, H, W, 3)`` uint8."""
        rows = np.asarray(rows)
        pixels = np.empty((len(rows), *self.splits.train.image_size, 3), np.uint8)
        for rank, (_, images) in enumerate(self.splits.items()):
            own = self.ranks[rows] == rank
            pixels[own] = images.take(rows[own] - self.starts[rank])
        return pixels

    def chunks(self, rows: np.ndarray) -> Iterator[np.ndarray]:
        """Copy some rows' pixels, a chunk at a time, so that a large set never lies in memory as a whole."""
        return (self.take(rows[span]) for span in spans(len(rows), CHUNK))
