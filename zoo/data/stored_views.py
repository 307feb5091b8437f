"""Augmented images that are made once and kept: copies that balance classes, and training views for all members.

A file is made by who needs it first, see :mod:`zoo.utils.locks`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from zoo.augment import Policy, augment
from zoo.data.images import CHUNK, Images
from zoo.data.views import Array, View
from zoo.utils.chunks import Rows, chunks, take_all
from zoo.utils.locks import kept_array
from zoo.utils.progress import counted

PROBES = 8  # rows that are made again to check that a file holds the expected views


@dataclass(frozen=True, eq=False)
class _Copied:
    """Images followed by augmented copies of some of them.

    Attributes:
        images: the originals.
        sources: ``(copies,)`` the row of ``images`` that each copy is of.
        policy: the augmentation.
        seed: of the augmentation; each copy draws for itself.
    """

    images: Images
    sources: np.ndarray
    policy: Policy
    seed: Sequence[int]

    def __len__(self) -> int:
        return len(self.images) + len(self.sources)

    @property
    def originals(self) -> np.ndarray:
        """``(rows,)`` the row of ``images`` that each row is or is made of."""
        return np.concatenate([np.arange(len(self.images)), self.sources])

    def take(self, rows: np.ndarray) -> np.ndarray:
        """Copy some rows, and augment those that are copies: ``(n, H, W, 3)`` uint8."""
        taken = self.images.take(self.originals[rows])
        copies = rows >= len(self.images)
        taken[copies] = augment(taken[copies], rows[copies], self.policy, self.seed)
        return taken


def balance(images: Images, policy: Policy, *, seed: Sequence[int], path: Path | None = None) -> Images:
    """Add augmented copies until every class has as many images as the largest (the first report's way).

    The copies follow the originals. Those of a class are of its images in turn, in a drawn order, so that no image has
    two copies more than another. Their origins begin with ``copy of``. A class without any image stays without.

    Args:
        images: what to balance.
        policy: how copies are augmented; one that is the identity repeats images as they are.
        seed: of the order and the augmentation.
        path: the ``.npy`` file of all pixels, made unless it is there and holds them; None keeps them in memory.

    Raises:
        OSError: the file cannot be written.
    """
    sources = _sources(images, np.random.default_rng(seed))
    copied = _Copied(images, sources, policy, seed)
    pixels = take_all(copied) if path is None else _kept(copied, images.image_size, path)
    origins = [*images.origins, *(f"copy of {origin}" for origin in images.origins[sources])]
    groups = None if images.groups is None else images.groups[copied.originals]
    return Images(pixels, images.labels[copied.originals], images.classes, np.array(origins), groups=groups)


def stored_views(images: Images, policy: Policy, count: int, *, seed: Sequence[int], path: Path) -> list[Rows]:
    """Make the first ``count`` views of images once for all members: the clean one, and augmented ones on disk.

    Args:
        images: the originals, which are the first view themselves.
        policy: the augmentation; one that changes nothing has one view.
        count: how many views.
        seed: view ``n`` is ``View(images, policy, (*seed, n))``, whatever ``count`` is.
        path: a folder with one file a view, ``view_1.npy`` and so on; those that are there are read.

    Raises:
        OSError: a file cannot be written.
    """
    numbers = range(1, 1 if policy.is_identity else count)
    views = {path / f"view_{number}.npy": View(images, policy, (*seed, number)) for number in numbers}
    return [images, *(Array(_kept(view, images.image_size, file)) for file, view in views.items())]


def _sources(images: Images, random: np.random.Generator) -> np.ndarray:
    """Choose what to copy: ``(copies,)`` rows, class by class."""
    groups = [random.permutation(np.flatnonzero(images.labels == label)) for label in range(len(images.classes))]
    largest = max(len(rows) for rows in groups)
    return np.concatenate([np.resize(rows, largest - len(rows)) for rows in groups if len(rows)] or groups)


def _kept(pictures: Rows, size: tuple[int, int], path: Path) -> np.ndarray:
    """Write pictures, unless they are there: a memory map ``(N, H, W, 3)`` uint8.

    A file that is there is right if it is as it was sealed, and some rows of it are what they would be if they were
    made now: the seal tells a changed file, the rows one of other images.
    """
    rows = np.unique(np.linspace(0, len(pictures) - 1, PROBES).astype(int))

    def is_right(found: np.ndarray) -> bool:
        return np.array_equal(found[rows], pictures.take(rows))

    def made() -> Iterator[np.ndarray]:
        return counted(chunks(pictures, CHUNK), "stored views", len(pictures), "images")

    return kept_array(path, (len(pictures), *size, 3), "uint8", made, is_right, about=path.stem)
