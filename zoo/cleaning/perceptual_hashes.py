"""Perceptual hashes that are not rounded to bits: near copies are pairs of a high cosine.

A pattern is the low frequencies of the grey picture's cosine transform, as in the hash known as pHash, each less its
mean in the set and divided by its spread there. That removes what pictures share (a dark cell on a light ground,
a frame), so that different cells stay below 0.8, while a copy that was resized or compressed again is above 0.95.
Turning a picture only changes signs and order of its frequencies, so that turned copies need no second transform.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from scipy.fft import dctn

from zoo.cleaning.all_splits import Stack
from zoo.cleaning.descriptors import shrunk

logger = logging.getLogger(__name__)

Turn: TypeAlias = tuple[bool, bool, bool]

SIDE = 32
FREQUENCIES = 16
NOISE = 20.0  # frequencies below it may be grain and compression, and count for less
FLAT = 2.0  # grey levels: a picture that varies less has no pattern to compare
BLOCK = 1024
PARTNERS = 8  # later ones of a pattern, in each turn
SIZE = FREQUENCIES**2
UPRIGHT: Turn = (False, False, False)
TURNS: tuple[Turn, ...] = tuple((t, v, h) for t in (False, True) for v in (False, True) for h in (False, True))


@dataclass(frozen=True, eq=False)
class Patterns:
    """The low frequencies of some pictures, and what is usual among them.

    Attributes:
        frequencies: ``(n, 16, 16)`` float32, 0 for pictures that are flat.
        mean: ``(16, 16)`` what all have in common: their ground, a frame, a stamp.
        spread: ``(16, 16)`` how much each frequency differs from picture to picture.
    """

    frequencies: np.ndarray
    mean: np.ndarray
    spread: np.ndarray

    def __len__(self) -> int:
        return len(self.frequencies)

    def turned(self, how: Turn, rows: np.ndarray | slice = slice(None)) -> np.ndarray:
        """The patterns of some pictures, turned: ``(n, 256)`` of length 1, or 0 for flat pictures."""
        found = self.frequencies[rows]
        away = (turn_frequencies(found, how) - self.mean) / self.spread
        away *= np.any(found, axis=(1, 2), keepdims=True)
        return np.asarray(away / np.maximum(np.linalg.norm(away, axis=(1, 2), keepdims=True), 1e-9)).reshape(-1, SIZE)


def patterns(stack: Stack, rows: np.ndarray) -> Patterns:
    """Read the patterns of some of the stack's rows, all brought to one contrast."""
    found = np.concatenate([_frequencies(pixels) for pixels in stack.chunks(rows)])
    contrast = np.linalg.norm(found, axis=(1, 2), keepdims=True)
    found = np.where(contrast > FLAT * SIDE, found / np.maximum(contrast, 1e-9) * contrast.mean(), 0)
    return Patterns(found, found.mean(axis=0), np.sqrt(found.var(axis=0) + NOISE**2))


def similar_later(found: Patterns, least: float) -> np.ndarray:
    """For every pattern, find the most similar ones after it, however turned.

    A few partners for each join every group of copies, because all but the last of a group have a later one in it,
    and keep the list about as short as the set; one would not do, as it may be refused for its colours.

    Args:
        found: the patterns.
        least: cosine of a pair.

    Returns:
        ``(2, pairs)`` their rows, the earlier one first, each pair once.
    """
    count = len(found)
    upright, pairs = found.turned(UPRIGHT), [np.zeros((2, 0), int)]
    for number, how in enumerate(TURNS):
        logger.info("copies: %d pictures compared, turned in %d of %d ways", count, number + 1, len(TURNS))
        turned = found.turned(how)
        for start in range(0, count, BLOCK):
            similar = upright[start : start + BLOCK] @ turned[start:].T
            similar[np.tril_indices(len(similar), m=similar.shape[1])] = -1
            pairs.append(start + _best(similar, least))
    return np.unique(np.concatenate(pairs, axis=1), axis=1)


def turn_frequencies(found: np.ndarray, how: Turn) -> np.ndarray:
    """The cosine transforms ``(n, K, K)`` of pictures transposed, then turned upside down, then left to right."""
    transposed, down, sideways = how
    odd = 1 - 2 * (np.arange(found.shape[-1], dtype=np.float32) % 2)
    turned = found.swapaxes(1, 2) if transposed else found
    return np.asarray(turned * (odd[:, None] if down else 1) * (odd if sideways else 1))


def turn_picture(pictures: np.ndarray, how: Turn) -> np.ndarray:
    """Turn square pictures ``(n, S, S)`` or ``(n, S, S, 3)`` as :func:`turn_frequencies` turns their transforms."""
    transposed, down, sideways = how
    turned = pictures.swapaxes(1, 2) if transposed else pictures
    return turned[:, :: -1 if down else 1, :: -1 if sideways else 1]


def similarity(found: Patterns, first: np.ndarray, second: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The cosine of pairs of patterns, the second turned to fit best, and the number of that turn: ``(pairs,)``."""
    upright = found.turned(UPRIGHT, first)
    cosines = np.stack([(upright * found.turned(how, second)).sum(axis=1) for how in TURNS])
    return cosines.max(axis=0), cosines.argmax(axis=0)


def _best(similar: np.ndarray, least: float) -> np.ndarray:
    """The indices ``(2, pairs)`` of the largest values of each row, those below ``least`` left out."""
    rows = np.flatnonzero(similar.max(axis=1) >= least)
    most = min(PARTNERS, similar.shape[1])
    columns = np.argpartition(-similar[rows], most - 1, axis=1)[:, :most]
    pairs = np.stack([np.repeat(rows, most), columns.ravel()])
    return np.asarray(pairs[:, similar[pairs[0], pairs[1]] >= least])


def _frequencies(pixels: np.ndarray) -> np.ndarray:
    """``(n, 16, 16)`` float32 cosine transforms, without the mean."""
    grey = 255 * shrunk(pixels, SIDE).mean(axis=-1)
    found = dctn(grey, axes=(1, 2), norm="ortho")[:, :FREQUENCIES, :FREQUENCIES].copy()
    found[:, 0, 0] = 0
    return np.asarray(found)
