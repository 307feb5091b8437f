"""Corruptions by what lies on the slide: deposits of stain, bubbles of air.

As in :mod:`zoo.shift.sharpness`: picture, severity and random generator in, picture out. The random numbers are drawn
in the same order at every severity, so that a higher one has the same deposits and bubbles, larger and more.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

GRAINS = 20
STAIN = np.array([0.24, 0.10, 0.32], np.float32)  # share of red, green and blue that a grain lets through: violet
WHITE = np.full(3, 255, np.float32)
SUBPIXEL = 4  # bits after the point of OpenCV's coordinates
UNIT = 1 << SUBPIXEL
FEWEST_BUBBLES = 7
SMALLEST_BUBBLE, RIM = 3 / 224, 2 / 224
BUBBLE_WHITE, RIM_WHITE = 100, 130  # of 255: how far what is below turns white


def deposit(picture: np.ndarray, clumps: tuple[int, float], random: np.random.Generator) -> np.ndarray:
    """Lay clumps of stain grains on the picture.

    Args:
        picture: ``(H, W, 3)`` uint8.
        clumps: how many, and their diameter.
        random: draws places and forms.
    """
    count, diameter = clumps
    cover = np.zeros(picture.shape[:2], np.uint8)
    for _ in range(count):
        middle = random.uniform(0, 1, 2) * (0.9 - diameter) + 0.05 + diameter / 2
        places = middle + random.normal(0, diameter / 4, (GRAINS, 2))
        _fill(cover, places, random.uniform(0.06, 0.18, GRAINS) * diameter, [255] * GRAINS)
    return _mix(picture, picture * STAIN, cover)


def bubble(picture: np.ndarray, bubbles: tuple[float, int], random: np.random.Generator) -> np.ndarray:
    """Lay pale see-through bubbles with a brighter rim on the picture.

    Args:
        picture: ``(H, W, 3)`` uint8.
        bubbles: the largest radius, and the largest number.
        random: draws number, places and sizes.
    """
    largest, most = bubbles
    count = FEWEST_BUBBLES + int(random.random() * (most - FEWEST_BUBBLES + 1))
    white = np.zeros(picture.shape[:2], np.uint8)
    draws = random.random((count, 3))
    radii = SMALLEST_BUBBLE + draws[:, :1] * (largest - SMALLEST_BUBBLE)
    places = radii + draws[:, 1:] * (1 - 2 * radii)
    rims_and_insides = np.hstack([radii + RIM, radii]).ravel()
    _fill(white, places.repeat(2, axis=0), rims_and_insides, (RIM_WHITE, BUBBLE_WHITE) * count)
    return _mix(picture, WHITE, white)


def _fill(canvas: np.ndarray, places: np.ndarray, radii: np.ndarray, values: Sequence[int]) -> None:
    """Draw discs in place, the last on top.

    Args:
        canvas: ``(H, W)`` uint8.
        places: ``(n, 2)`` x and y of the middles, shares of width and height.
        radii: ``(n,)`` shares of the shorter side.
        values: ``n`` of 0 to 255.
    """
    height, width = canvas.shape
    centres = np.rint(places * (width, height) * UNIT).astype(int).tolist()
    lengths = np.rint(radii * min(height, width) * UNIT).astype(int).tolist()
    for centre, length, value in zip(centres, lengths, values, strict=True):
        cv2.circle(canvas, centre, length, value, cv2.FILLED, cv2.LINE_AA, SUBPIXEL)


def _mix(picture: np.ndarray, other: np.ndarray, share: np.ndarray) -> np.ndarray:
    """Blend ``other`` in by its share of 0 to 255, ``(H, W)`` uint8."""
    mixed = picture + (other - picture.astype(np.float32)) * (share[..., None] / np.float32(255))
    return np.rint(mixed).astype(np.uint8)
