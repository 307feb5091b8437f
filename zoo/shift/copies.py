"""Corrupted copies of labelled images, one kind and severity at a time."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches
from zlib import crc32

import numpy as np

from zoo.data.images import Images
from zoo.shift.kinds import CORRUPTIONS, KINDS, SEVERITIES


def corrupt(images: Images, kind: str, severity: int, *, seed: int = 0) -> Images:
    """Make a corrupted copy in memory, of the same labels, classes and origins.

    What happens to a picture depends on its own pixels, ``kind``, ``severity`` and ``seed``: not on its row nor on
    the others, so that a part of the images is corrupted as the whole is. Between severities of one kind the random
    draws are the same, so that the same bubbles grow.

    Args:
        images: of any size, in colour: ``saturate`` turns grey ones red.
        kind: one of :data:`KINDS`.
        severity: 1 (mild) to 5 (hard).
        seed: 0 or more, of places, sizes and angles.

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
    pixels = images.take(np.arange(len(images)))
    for row, key in enumerate(images.digests):
        pixels[row] = corruption.apply(pixels[row], level, _generator(seed, kind, key))
    return Images(pixels, images.labels, images.classes, images.origins)


def suite(images: Images, *, seed: int = 0) -> Iterator[tuple[str, int, Images]]:
    """Go through all kinds and severities: name, severity and corrupted copy, one copy in memory at a time."""
    for kind in KINDS:
        for severity in SEVERITIES:
            yield kind, severity, corrupt(images, kind, severity, seed=seed)


def _generator(seed: int, kind: str, key: bytes) -> np.random.Generator:
    return np.random.default_rng([seed, crc32(kind.encode()), *np.frombuffer(key, "<u4")])


def _check(kind: str, severity: int, seed: int) -> None:
    if kind not in CORRUPTIONS:
        close = get_close_matches(str(kind), KINDS, n=1)
        hint = f" Did you mean {close[0]!r}?" if close else ""
        raise ValueError(f"Expected a kind of corruption among {', '.join(KINDS)}; received {kind!r}.{hint}")
    if severity not in SEVERITIES:
        raise ValueError(f"Expected a severity of 1 (mild) to 5 (hard); received {severity!r}. Pass a whole number.")
    if seed < 0:
        raise ValueError(f"Expected a seed of 0 or more; received {seed}. Pass another.")
