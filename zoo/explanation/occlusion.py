"""Occlusion: cover a patch of the image, and see how much surer of the answer a predictor was without the cover.

It needs predictions only, so it explains any network, an exported file and a whole ensemble (Zeiler and Fergus 2014,
arXiv:1311.2901).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import ceil

import numpy as np

from zoo.utils.chunks import spans
from zoo.utils.progress import track

PATCH = 5  # patches side by side across the image
BATCH = 32  # images that are predicted at a time, of few several places each
OVERLAP = 2  # how often each pixel of a row is covered


def occlusion_maps(
    predict: Callable[[np.ndarray], np.ndarray], images: np.ndarray, wanted: np.ndarray, *, patch: int | None = None
) -> np.ndarray:
    """Map how much lower the wanted number is when a pixel is covered: ``(N, H, W)`` float32, 0 or more.

    Patches are squares of the image's mean colour, and overlap by half; a pixel has the mean over the patches that
    cover it. Every image is predicted about 100 times.

    Args:
        predict: numbers ``(N, classes)`` of images ``(N, H, W, 3)`` uint8: logits, or probabilities.
        images: the images.
        wanted: ``(N, classes)``, what the numbers are multiplied with to give the one that is explained.
        patch: side of the patches in pixels; by default a fifth of the shorter side.

    Raises:
        ValueError: a patch of no pixel, or larger than the image.
    """
    height, width = images.shape[1:3]
    side = ceil(min(height, width) / PATCH) if patch is None else patch
    if not 1 <= side <= min(height, width):
        raise ValueError(f"Expected a patch of 1 to {min(height, width)} pixels; received {side}.")
    before = (predict(images) * wanted).sum(axis=1)
    colours = one_colour(images)
    drops, covers = np.zeros(images.shape[:3]), np.zeros((height, width))
    places = list(_places(height, width, side))
    parts = list(spans(len(places), max(BATCH // len(images), 1)))
    for part in track(parts, "occlusion", len(parts), "batches of covered places"):
        own = places[part.start : part.stop]
        shown = predict(np.concatenate([_covered(images, place, colours) for place in own]))
        for (rows, columns), numbers in zip(own, np.split(shown, len(own)), strict=True):
            drops[:, rows, columns] += (before - (numbers * wanted).sum(axis=1))[:, None, None]
            covers[rows, columns] += 1
    return np.maximum(drops / covers, 0).astype(np.float32)


def one_colour(images: np.ndarray) -> np.ndarray:
    """The mean colour of each image ``(N, 1, 1, 3)`` uint8."""
    colours: np.ndarray = images.mean(axis=(1, 2), keepdims=True).round().astype(np.uint8)
    return colours


def _covered(images: np.ndarray, place: tuple[slice, slice], colours: np.ndarray) -> np.ndarray:
    covered = images.copy()
    covered[:, *place] = colours
    return covered


def _places(height: int, width: int, side: int) -> Iterator[tuple[slice, slice]]:
    for top in _starts(height, side):
        for left in _starts(width, side):
            yield slice(top, top + side), slice(left, left + side)


def _starts(length: int, side: int) -> list[int]:
    """Where patches begin, so that the last one ends with the image."""
    count = ceil((length - side) / max(side // OVERLAP, 1)) + 1
    return np.linspace(0, length - side, count).round().astype(int).tolist()
