"""Perceptual hashes that are not rounded to bits: near copies are pairs of a high cosine.

A pattern is the low frequencies of the grey picture's cosine transform, as in the hash known as pHash, each less its
mean in the set and divided by its spread there. That takes away what all pictures share (a dark cell on a light ground,
a frame), so that different cells stay below 0.8, while a copy that was resized or compressed again is above 0.95.
Turning a picture only changes signs and order of its frequencies, so that turned copies need no second transform.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import cv2
import numpy as np
from scipy.fft import dctn

from zoo.data.clean.stack import Stack

Turn: TypeAlias = tuple[bool, bool, bool]

SIDE = 32
FREQUENCIES = 16
NOISE = 20.0  # frequencies below it may be grain and compression, and count for less
FLAT = 2.0  # grey levels: a picture that varies less has no pattern to compare
BLOCK = 1024
SIZE = FREQUENCIES**2
UPRIGHT: Turn = (False, False, False)
TURNS: tuple[Turn, ...] = tuple((t, v, h) for t in (False, True) for v in (False, True) for h in (False, True))


@dataclass(frozen=True, eq=False)
class Patterns:
    """The low frequencies of some pictures, and what is usual among them.

    Attributes:
        frequencies: ``(n, 16, 16)`` float32, 0 for pictures that are flat.
        mean: ``(16, 16)`` what all share: their ground, a frame, a stamp.
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


def nearest_later(found: Patterns) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """For every pattern, find the most similar one after it, however turned.

    One partner for each joins every group of copies, because all but the last of a group have a later one in it,
    and keeps the list as short as the set.

    Returns:
        ``(n,)`` that one's row (the own one for the last), ``(n,)`` the number of its turn in ``TURNS``, and ``(n,)``
        the cosine, -1 to 1.
    """
    count = len(found)
    upright = found.turned(UPRIGHT)
    partner, turn, cosine = np.arange(count), np.zeros(count, int), np.full(count, -1.0, np.float32)
    for number, how in enumerate(TURNS):
        turned = found.turned(how)
        for start in range(0, count, BLOCK):
            rows = np.arange(start, min(start + BLOCK, count))
            similar = upright[rows] @ turned[start:].T
            similar[np.tril_indices(len(rows), m=similar.shape[1])] = -1
            best = similar.argmax(axis=1)
            value = similar[np.arange(len(rows)), best]
            better = value > cosine[rows]
            rows, best, value = rows[better], best[better], value[better]
            partner[rows], turn[rows], cosine[rows] = start + best, number, value
    return partner, turn, cosine


def turn_frequencies(found: np.ndarray, how: Turn) -> np.ndarray:
    """The cosine transforms ``(n, K, K)`` of pictures transposed, then turned upside down, then left to right."""
    transposed, down, sideways = how
    odd = 1 - 2 * (np.arange(found.shape[-1], dtype=np.float32) % 2)
    turned = found.swapaxes(1, 2) if transposed else found
    return np.asarray(turned * (odd[:, None] if down else 1) * (odd if sideways else 1))


def turn_picture(pictures: np.ndarray, how: Turn) -> np.ndarray:
    """Turn square pictures ``(n, S, S)`` as :func:`turn_frequencies` turns their transforms."""
    transposed, down, sideways = how
    turned = pictures.swapaxes(1, 2) if transposed else pictures
    return turned[:, :: -1 if down else 1, :: -1 if sideways else 1]


def similarity(found: Patterns, first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """The cosine of pairs of patterns, the second turned to fit best: ``(pairs,)``."""
    upright = found.turned(UPRIGHT, first)
    return np.asarray(np.max([(upright * found.turned(how, second)).sum(axis=1) for how in TURNS], axis=0))


def grey(pixels: np.ndarray, side: int) -> np.ndarray:
    """Shrink pictures to square grey ones: ``(n, side, side)`` float32 of 0 to 255."""
    shrunk = [cv2.resize(picture, (side, side), interpolation=cv2.INTER_AREA) for picture in pixels]
    return np.asarray(np.stack(shrunk), np.float32).mean(axis=-1)


def _frequencies(pixels: np.ndarray) -> np.ndarray:
    """``(n, 16, 16)`` float32 cosine transforms, without the mean."""
    found = dctn(grey(pixels, SIDE), axes=(1, 2), norm="ortho")[:, :FREQUENCIES, :FREQUENCIES].copy()
    found[:, 0, 0] = 0
    return np.asarray(found)
