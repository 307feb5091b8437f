"""Training views: augmented copies of images, made when they are read.

A number identifies a view. A fresh view has the number of its epoch, so that no epoch repeats another. Fixed views are
a few, used in a cycle; the first is the clean image. Views are read from whatever has rows: labelled images, arrays of
stored views, and features.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from zoo.augment import Policy, augment
from zoo.augment.corruptions import CORRUPTIONS, compose
from zoo.data.images import Images
from zoo.utils.chunks import Rows

COMPOSITES = 1  # version of the pixels of Composites
LEVELS = CORRUPTIONS["composite"].levels


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
        seed: numbers of this view's own random stream.
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
        """Cache key part: images, policy and seed."""
        return f"{self.images.fingerprint} {self.policy.identity()} {list(self.seed)}"


@dataclass(frozen=True, eq=False)
class Composites:
    """Every image under several moderate corruptions at once, always the same ones, whatever a recipe trains on.

    The severity goes round the images by their rows.

    Attributes:
        images: the originals.
    """

    images: Images

    def __len__(self) -> int:
        return len(self.images)

    def take(self, rows: np.ndarray) -> np.ndarray:
        """Copy and corrupt some rows: ``(n, H, W, 3)`` uint8."""
        pixels = self.images.take(rows)
        for place, row in enumerate(rows.tolist()):
            random = np.random.default_rng([COMPOSITES, row])
            pixels[place] = compose(pixels[place], LEVELS[row % len(LEVELS)], random)
        return pixels

    @property
    def fingerprint(self) -> str:
        """Cache key part: images, and which composites."""
        return f"{self.images.fingerprint} composites {COMPOSITES}"


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

    pictures: Rows
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

    pictures: Rows
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
    """A few views of the same images, in a cycle: row ``r`` is first in view ``(r + epoch) % views``, and in the next
    one when it comes again in that epoch.

    Attributes:
        views: the views, of one length.
    """

    views: Sequence[Rows]

    def __len__(self) -> int:
        return len(self.views[0])

    def take(self, rows: np.ndarray, epoch: int, repeats: np.ndarray) -> np.ndarray:
        """Copy some rows, each from its view in the cycle."""
        turns = (rows + epoch + repeats) % len(self.views)
        return _by_cycle(dict(enumerate(self.views)), rows, turns)


def _by_cycle(views: Mapping[int, Rows], rows: np.ndarray, turns: np.ndarray) -> np.ndarray:
    """Copy each row from the view with the number in ``turns``."""
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
