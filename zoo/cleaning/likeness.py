"""Whether two pictures are near copies: alike in their patterns, their grey levels and their colours.

Grey levels alone would join one field under two stains. Colours are compared as the logarithms of red / green and blue
/ green on a coarse grid, each less its mean in the picture: another light multiplies a colour everywhere alike, which
that takes away, and JPEG and resizing hardly change so coarse a grid.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from zoo.cleaning.all_splits import Stack
from zoo.cleaning.descriptors import shrunk
from zoo.cleaning.findings import Thresholds
from zoo.cleaning.perceptual_hashes import TURNS, Patterns, similar_later, similarity, turn_picture
from zoo.data.images import CHUNK
from zoo.utils.chunks import spans

SIDE = 64  # pixels when grey levels are compared
CELLS = 8  # a side of the grid on which colours are compared
DARK = 1 / 16  # added to colours of 0 to 1: what is nearly black has none
PALE = 0.05  # of a logarithm: colours that vary less within a picture count for little
LIGHT = 0.3  # of a logarithm: a larger step of the whole picture's colour is no light but another stain


@dataclass(frozen=True, eq=False)
class Likeness:
    """Compares pictures, which are given by their index in ``stack.pictures``.

    Attributes:
        stack: the images.
        patterns: one a picture.
        thresholds: from where on two pictures are near copies.
    """

    stack: Stack
    patterns: Patterns
    thresholds: Thresholds

    def pairs(self) -> np.ndarray:
        """Pairs of near copies that join every group of them: ``(2, pairs)``."""
        pairs = similar_later(self.patterns, self.thresholds.similarity)
        return np.asarray(pairs[:, self.alike(*pairs)])

    def alike(self, one: np.ndarray, other: np.ndarray) -> np.ndarray:
        """Which pairs of pictures are near copies, or one picture: ``(pairs,)`` bool."""
        first, second = np.minimum(one, other), np.maximum(one, other)
        parts = [self._alike(first[span], second[span]) for span in spans(len(first), CHUNK)]
        return np.concatenate([np.zeros(0, bool), *parts])

    def cosines(self, one: np.ndarray, other: np.ndarray) -> np.ndarray:
        """How alike the patterns of pairs of pictures are: ``(pairs,)``, up to 1."""
        return similarity(self.patterns, np.minimum(one, other), np.maximum(one, other))[0]

    def _alike(self, first: np.ndarray, second: np.ndarray) -> np.ndarray:
        cosine, turn = similarity(self.patterns, first, second)
        alike = first == second
        close = np.flatnonzero((cosine >= self.thresholds.similarity) & ~alike)
        if len(close):
            one, other = (shrunk(self.stack.take(self.stack.firsts[part[close]]), SIDE) for part in (first, second))
            for number, how in enumerate(TURNS):
                other[turn[close] == number] = turn_picture(other[turn[close] == number], how)
            grey = correlations(one, other) >= self.thresholds.correlation
            alike[close] = grey & (colour_likeness(one, other) >= self.thresholds.colour)
        return np.asarray(alike)


def correlations(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Pearson's correlation of the grey levels of pairs of pictures ``(n, S, S, 3)``: ``(n,)``."""
    one, other = (part.mean(axis=-1) - part.mean(axis=(1, 2, 3))[:, None, None] for part in (one, other))
    lengths = np.linalg.norm(one, axis=(1, 2)) * np.linalg.norm(other, axis=(1, 2))
    return np.asarray(np.einsum("nij,nij->n", one, other) / np.maximum(lengths, 1e-9))


def colour_likeness(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """How alike the colours of pairs of pictures ``(n, S, S, 3)`` of 0 to 1 lie, whatever the light: ``(n,)``, -1 to 1.

    The cosine of both grids of colours, to which what is pale adds likeness, so that noise decides nothing.
    """
    one, other = _colours(one), _colours(other)
    one_mean, other_mean = (part.mean(axis=1, keepdims=True) for part in (one, other))
    step = other_mean - one_mean
    one, other = one - one_mean, other - other_mean + step - np.clip(step, -LIGHT, LIGHT)
    within, one_square, other_square = (
        (left * right).mean(axis=(1, 2)) + PALE**2 for left, right in ((one, other), (one, one), (other, other))
    )
    return np.asarray(within / np.sqrt(one_square * other_square))


def _colours(pixels: np.ndarray) -> np.ndarray:
    """``(n, 64, 2)`` logarithms of red / green and blue / green in each cell of the grid."""
    count, side = pixels.shape[:2]
    cells = pixels.reshape(count, CELLS, side // CELLS, CELLS, side // CELLS, 3).mean(axis=(2, 4))
    red, green, blue = np.moveaxis(np.log(cells + DARK).reshape(count, -1, 3), -1, 0)
    return np.stack([red - green, blue - green], axis=-1)
