"""The suite's kinds of corruption and what their five severities mean.

Kinds, names and most figures are those of BloodMNIST-C in MedMNIST-C (Di Salvo, Doerrich and Ledig 2024,
arXiv:2406.17536; their package ``medmnistc``). Theirs were chosen for pictures of ``SIDE`` pixels, so lengths are
written as shares of it and fit any size; pixelate and JPEG act on a picture's own pixels, as a small camera and a small
file do, and are harder on small pictures. Ours are that motion leaves the cell in its place, that no defocus is too
small to be seen, and the deposits: theirs are pasted pictures of black ink, up to three at random, ours drawn clumps of
violet grains, as many as the severity says, with sizes of our own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from zoo.shift.debris import bubble, deposit
from zoo.shift.light import brighten, saturate, stretch
from zoo.shift.sharpness import compress, defocus, move, pixelate

SIDE = 224


@dataclass(frozen=True)
class Corruption:
    """One kind of corruption.

    Attributes:
        apply: ``(picture, level, random)`` to a picture, ``(H, W, 3)`` uint8 both.
        levels: what each severity passes on, from mild to hard.
    """

    apply: Callable[..., Any]
    levels: tuple[Any, ...]


CORRUPTIONS = {
    "pixelate": Corruption(pixelate, (0.6, 0.5, 0.4, 0.3, 0.25)),
    "jpeg_compression": Corruption(compress, (50, 30, 15, 10, 7)),
    "defocus_blur": Corruption(defocus, tuple(radius / SIDE for radius in (2, 3, 4, 5, 6))),
    "motion_blur": Corruption(
        move,
        tuple((2 * radius / SIDE, sigma / SIDE) for radius, sigma in ((3, 3), (5, 5), (10, 5), (10, 7), (10, 9))),
    ),
    "brightness_up": Corruption(brighten, (1.1, 1.2, 1.3, 1.35, 1.4)),
    "brightness_down": Corruption(brighten, (0.9, 0.8, 0.7, 0.6, 0.5)),
    "contrast_up": Corruption(stretch, (1.1, 1.15, 1.2, 1.25, 1.3)),
    "contrast_down": Corruption(stretch, (0.9, 0.8, 0.7, 0.6, 0.5)),
    "saturate": Corruption(saturate, (0.05, 0.10, 0.15, 0.17, 0.20)),
    "stain_deposit": Corruption(deposit, ((1, 0.12), (2, 0.12), (3, 0.12), (3, 0.16), (3, 0.20))),
    "bubble": Corruption(
        bubble, tuple((radius / SIDE, most) for radius, most in ((5, 10), (7, 10), (10, 10), (12, 12), (15, 12)))
    ),
}

KINDS = tuple(CORRUPTIONS)
"""The names of the 11 kinds."""

SEVERITIES = (1, 2, 3, 4, 5)
"""Mild to hard."""
