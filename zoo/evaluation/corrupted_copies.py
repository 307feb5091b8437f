"""Corrupted copies of labelled images: made here, or those of another suite in files."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol, TypeAlias
from zlib import crc32

import numpy as np

from zoo.augment.corruptions import CORRUPTIONS, SEVERITIES
from zoo.data.images import Images
from zoo.utils.chunks import take_all
from zoo.utils.text import suggestion

Copy: TypeAlias = tuple[str, int, Images]  # kind, severity, copy


class Copies(Protocol):
    """Where the corrupted copies of images come from."""

    @property
    def kinds(self) -> tuple[str, ...]:
        """Names of the kinds of corruption, in the order of the tables."""
        ...

    def of(self, images: Images) -> Iterator[Copy]:
        """Go through all kinds and severities, one copy in memory at a time."""
        ...


@dataclass(frozen=True)
class OwnCopies:
    """The suite of :mod:`zoo.augment.corruptions`.

    Attributes:
        seed: 0 or more, of positions, sizes and angles.
    """

    seed: int = 0

    @property
    def kinds(self) -> tuple[str, ...]:
        """All kinds."""
        return tuple(CORRUPTIONS)

    def of(self, images: Images) -> Iterator[Copy]:
        """Corrupt the images."""
        return suite(images, seed=self.seed)


def corrupt(images: Images, kind: str, severity: int, *, seed: int = 0) -> Images:
    """Make a corrupted copy in memory, of the same labels, classes and origins.

    The corruption of an image depends on its own pixels, ``kind``, ``severity`` and ``seed``: not on its row nor on
    the others, so that a part of the images is corrupted as the whole is. Between severities of one kind the random
    draws are the same, so that the same bubbles grow.

    Args:
        images: of any size, in colour: ``saturate`` turns grey ones red.
        kind: one of :data:`zoo.augment.corruptions.CORRUPTIONS`.
        severity: 1 (mild) to 5 (hard).
        seed: 0 or more, of positions, sizes and angles.

    Raises:
        ValueError: an unknown kind or severity, or a seed below 0.

    Examples:
        >>> from zoo.data import as_images
        >>> images = as_images(np.full((2, 32, 32, 3), 100, np.uint8), [0, 1])
        >>> corrupt(images, "brightness_up", 2).pixels[0, 0, 0].tolist()
        [120, 120, 120]
    """
    _check(kind, severity, seed)
    corruption = CORRUPTIONS[kind]
    level = corruption.levels[SEVERITIES.index(severity)]
    pixels = take_all(images)
    for row, key in enumerate(images.digests):
        pixels[row] = corruption.apply(pixels[row], level, _generator(seed, kind, key))
    return Images(pixels, images.labels, images.classes, images.origins, groups=images.groups)


def suite(images: Images, *, seed: int = 0) -> Iterator[tuple[str, int, Images]]:
    """Go through all kinds and severities: name, severity and corrupted copy, one copy in memory at a time."""
    for kind in CORRUPTIONS:
        for severity in SEVERITIES:
            yield kind, severity, corrupt(images, kind, severity, seed=seed)


def _generator(seed: int, kind: str, key: bytes) -> np.random.Generator:
    return np.random.default_rng([seed, crc32(kind.encode()), *np.frombuffer(key, "<u4")])


def _check(kind: str, severity: int, seed: int) -> None:
    if kind not in CORRUPTIONS:
        remedy = suggestion(str(kind), CORRUPTIONS, listed=True) or "Choose one of these."
        raise ValueError(f"Expected a kind of corruption among {', '.join(CORRUPTIONS)}; received {kind!r}. {remedy}")
    if severity not in SEVERITIES:
        raise ValueError(f"Expected a severity of 1 (mild) to 5 (hard); received {severity!r}. Pass a whole number.")
    if seed < 0:
        raise ValueError(f"Expected a seed of 0 or more; received {seed}. Pass another.")
