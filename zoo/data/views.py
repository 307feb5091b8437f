"""Views: augmented copies of images, made when they are asked for.

A view is told by its number. A fresh view has the epoch for a number, so that no epoch repeats another; of fixed
views there are a few, which come by turns, the first being the clean image. Whatever can be asked for rows gives
views: labelled images themselves, arrays of stored views, and features.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from zoo.augment import Policy, augment
from zoo.data.images import Images


class Pictures(Protocol):
    """What can be read row by row."""

    def __len__(self) -> int: ...

    def take(self, rows: np.ndarray) -> np.ndarray:
        """Copy some rows: ``(n, H, W, 3)`` uint8, or ``(n, features)`` float."""
        ...


class Views(Protocol):
    """What can be read row by row, in another view every epoch."""

    def __len__(self) -> int: ...

    def take(self, rows: np.ndarray, epoch: int, repeats: np.ndarray) -> np.ndarray:
        """Copy some rows as they are in an epoch; ``repeats`` counts how often it had each of them before."""
        ...


@dataclass(frozen=True, eq=False)
class View:
    """One augmented view of every image; row by row a function of the policy and the seed.

    Attributes:
        images: the originals.
        policy: the augmentation.
        seed: numbers that tell this view from others.
    """

    images: Images
    policy: Policy
    seed: Sequence[int]

    def __len__(self) -> int:
        return len(self.images)

    def take(self, rows: np.ndarray) -> np.ndarray:
        """Copy and augment some rows: ``(n, H, W, 3)`` uint8."""
        return augment(self.images.take(rows), rows, self.policy, self.seed)

    @property
    def fingerprint(self) -> str:
        """What tells it from all other views and images."""
        return f"{self.images.fingerprint} {self.policy.identity()} {list(self.seed)}"


@dataclass(frozen=True, eq=False)
class Array:
    """An array ``(N, ...)``, in memory or on disk, read row by row."""

    rows: np.ndarray

    def __len__(self) -> int:
        return len(self.rows)

    def take(self, rows: np.ndarray) -> np.ndarray:
        """Copy some rows."""
        return np.asarray(self.rows[rows])


@dataclass(frozen=True, eq=False)
class Part:
    """The rows of others from ``start`` up to ``stop``."""

    pictures: Pictures
    start: int
    stop: int

    def __len__(self) -> int:
        return self.stop - self.start

    def take(self, rows: np.ndarray) -> np.ndarray:
        """Copy some rows, counted from ``start``."""
        return self.pictures.take(rows + self.start)


@dataclass(frozen=True, eq=False)
class PaddedRows:
    """The rows of others, the last one repeated up to a multiple of ``batch_size``."""

    pictures: Pictures
    batch_size: int

    def __len__(self) -> int:
        return -(-len(self.pictures) // self.batch_size) * self.batch_size

    def take(self, rows: np.ndarray) -> np.ndarray:
        """Copy some rows."""
        return self.pictures.take(np.minimum(rows, len(self.pictures) - 1))


@dataclass(frozen=True, eq=False)
class Fresh:
    """A new view of every image in every epoch, and whenever it comes again in that epoch."""

    images: Images
    policy: Policy
    seed: Sequence[int]

    def __len__(self) -> int:
        return len(self.images)

    def take(self, rows: np.ndarray, epoch: int, repeats: np.ndarray) -> np.ndarray:
        """Copy and augment some rows: ``(n, H, W, 3)`` uint8."""
        seeds = {again: (*self.seed, epoch, *([again] if again else [])) for again in np.unique(repeats).tolist()}
        views = {again: View(self.images, self.policy, seed) for again, seed in seeds.items()}
        return _by_cycle(views, rows, repeats)


@dataclass(frozen=True, eq=False)
class CyclicViews:
    """A few views of the same images, by turns: row ``r`` is first in view ``(r + epoch) % views``, and in the next
    one when it comes again in that epoch.

    Attributes:
        views: the views, of one length.
    """

    views: Sequence[Pictures]

    def __len__(self) -> int:
        return len(self.views[0])

    def take(self, rows: np.ndarray, epoch: int, repeats: np.ndarray) -> np.ndarray:
        """Copy some rows, each from the view whose turn it is."""
        turns = (rows + epoch + repeats) % len(self.views)
        return _by_cycle(dict(enumerate(self.views)), rows, turns)


def _by_cycle(views: Mapping[int, Pictures], rows: np.ndarray, turns: np.ndarray) -> np.ndarray:
    """Copy each row from the view that its turn names."""
    parts = {turn: views[turn].take(rows[turns == turn]) for turn in np.unique(turns).tolist()}
    some = next(iter(parts.values()))
    taken = np.empty((len(rows), *some.shape[1:]), some.dtype)
    for turn, part in parts.items():
        taken[turns == turn] = part
    return taken


def fixed_views(images: Images, policy: Policy, count: int, *, seed: Sequence[int]) -> list[Images | View]:
    """Make the first ``count`` views of images: the clean one, and augmented ones numbered from 1.

    A policy that changes nothing has one view.
    """
    augmented = [View(images, policy, (*seed, number)) for number in range(1, count)]
    return [images] if policy.is_identity else [images, *augmented]
