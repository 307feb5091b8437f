"""The suite's kinds of corruption, and what their five severities mean.

A corruption takes a picture ``(H, W, 3)`` uint8 RGB, what its severity means and a random generator, and returns a
picture of the same shape. Random numbers are drawn in the same order at every severity, so that a higher one has the
same deposits and bubbles, larger and more. To add one, write the function and decorate it with its name and levels.

Kinds, names and most figures are those of BloodMNIST-C in MedMNIST-C (Di Salvo, Doerrich and Ledig 2024,
arXiv:2406.17536; their package ``medmnistc``). Theirs were chosen for pictures of ``SIDE`` pixels, so lengths are
fractions of it and fit any size; pixelate and JPEG act on a picture's own pixels, as a small camera and a small
file do, and are harder on small pictures. Ours are that motion does not move the cell, that no defocus is too
small to be seen, the deposits, and composites, which they have not. Their deposits are pasted pictures of black ink,
up to three at random; ours are drawn clumps of violet grains, as many as the severity sets, with sizes of our own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image, ImageEnhance

from zoo.augment import imaging
from zoo.utils.opencv import cv2

SIDE = 224
Apply = Callable[[np.ndarray, Any, np.random.Generator], np.ndarray]


@dataclass(frozen=True)
class Corruption:
    """One kind of corruption.

    Attributes:
        apply: ``(picture, level, random)`` to a picture, ``(H, W, 3)`` uint8 both.
        levels: what each severity passes on, from mild to hard.
    """

    apply: Apply
    levels: tuple[Any, ...]


CORRUPTIONS: dict[str, Corruption] = {}
"""Each kind by its name, in the order of the tables."""

SEVERITIES = (1, 2, 3, 4, 5)
"""Mild to hard."""


def corruption(name: str, levels: Sequence[Any]) -> Callable[[Apply], Apply]:
    """Enter a function as a kind of corruption, with what it is passed at each of :data:`SEVERITIES`.

    Raises:
        ValueError: a name that another kind has, or not one level for each severity.
    """
    if len(levels) != len(SEVERITIES):
        raise ValueError(
            f"Expected {len(SEVERITIES)} levels for {name!r}; received {len(levels)}. Give each severity one."
        )
    if name in CORRUPTIONS:
        raise ValueError(f"Expected a new name; received {name!r}, which another corruption has. Choose another.")

    def enter(apply: Apply) -> Apply:
        CORRUPTIONS[name] = Corruption(apply, tuple(levels))
        return apply

    return enter


SHARPEST = 0.5  # pixels: the radius of a disc that is one point


@corruption("pixelate", (0.6, 0.5, 0.4, 0.3, 0.25))
def pixelate(picture: np.ndarray, kept: float, random: np.random.Generator) -> np.ndarray:
    """Average over blocks: ``kept`` is the fraction of each side's pixels that is left, 0 to 1.

    Neighbouring severities are equal in pictures of up to 15 pixels, which have too few blocks.
    """
    return imaging.pixelate(picture, kept)


@corruption("jpeg_compression", (50, 30, 15, 10, 7))
def compress(picture: np.ndarray, quality: int, random: np.random.Generator) -> np.ndarray:
    """Write as JPEG of this quality, 1 to 100, and read again."""
    return imaging.jpeg(picture, quality)


@corruption("defocus_blur", [radius / SIDE for radius in (2, 3, 4, 5, 6)])
def defocus(picture: np.ndarray, radius: float, random: np.random.Generator) -> np.ndarray:
    """Spread every point over a disc.

    In small pictures the radii of mild severities are no more than half a pixel, which would change nothing. Those
    below two thirds of a pixel are therefore raised, in their order, to between a half and two thirds.
    """
    pixels = radius * min(picture.shape[:2])
    return imaging.defocus(picture, max(pixels, SHARPEST + pixels / 4))


@corruption(
    "motion_blur", [(2 * radius / SIDE, sigma / SIDE) for radius, sigma in ((3, 3), (5, 5), (10, 5), (10, 7), (10, 9))]
)
def move(picture: np.ndarray, streak: tuple[float, float], random: np.random.Generator) -> np.ndarray:
    """Spread every point along a line that fades out, at up to 45 degrees from level.

    Args:
        picture: as above.
        streak: the line's length, and the standard deviation of the Gaussian by which it fades.
        random: draws the angle.
    """
    length, fading = np.array(streak) * min(picture.shape[:2])
    return imaging.streak(picture, length, fading, random.uniform(-np.pi / 4, np.pi / 4))


@corruption("brightness_down", (0.9, 0.8, 0.7, 0.6, 0.5))
@corruption("brightness_up", (1.1, 1.2, 1.3, 1.35, 1.4))
def brighten(picture: np.ndarray, factor: float, random: np.random.Generator) -> np.ndarray:
    """Multiply all pixels; what leaves 0 to 255 is cut off. Below 1 it darkens."""
    return np.asarray(ImageEnhance.Brightness(Image.fromarray(picture)).enhance(factor))


@corruption("contrast_down", (0.9, 0.8, 0.7, 0.6, 0.5))
@corruption("contrast_up", (1.1, 1.15, 1.2, 1.25, 1.3))
def stretch(picture: np.ndarray, factor: float, random: np.random.Generator) -> np.ndarray:
    """Multiply all distances from the picture's mean grey; below 1 it fades."""
    return np.asarray(ImageEnhance.Contrast(Image.fromarray(picture)).enhance(factor))


@corruption("saturate", (0.05, 0.10, 0.15, 0.17, 0.20))
def saturate(picture: np.ndarray, more: float, random: np.random.Generator) -> np.ndarray:
    """Add to the saturation of hue, saturation and value, which is 0 to 1.

    A pixel without any colour has the hue 0, which is red, and turns towards it, as in MedMNIST-C; so do all pixels of
    a grey picture.
    """
    colours = cv2.cvtColor(picture.astype(np.float32) / 255, cv2.COLOR_RGB2HSV)
    colours[..., 1] = np.minimum(colours[..., 1] + more, 1)
    return np.rint(cv2.cvtColor(colours, cv2.COLOR_HSV2RGB) * 255).astype(np.uint8)


GRAINS = 20
STAIN = np.array([0.24, 0.10, 0.32], np.float32)  # fraction of red, green and blue that a grain lets through: violet
WHITE = np.full(3, 255, np.float32)
SUBPIXEL = 4  # bits after the point of OpenCV's coordinates
UNIT = 1 << SUBPIXEL
FEWEST_BUBBLES = 7
SMALLEST_BUBBLE, RIM = 3 / 224, 2 / 224
BUBBLE_WHITE, RIM_WHITE = 100, 130  # of 255: how far what is below turns white


@corruption("stain_deposit", ((1, 0.12), (2, 0.12), (3, 0.12), (3, 0.16), (3, 0.20)))
def deposit(picture: np.ndarray, clumps: tuple[int, float], random: np.random.Generator) -> np.ndarray:
    """Lay clumps of stain grains on the picture.

    Args:
        picture: ``(H, W, 3)`` uint8.
        clumps: how many, and their diameter.
        random: draws positions and forms.
    """
    count, diameter = clumps
    cover = np.zeros(picture.shape[:2], np.uint8)
    for _ in range(count):
        middle = random.uniform(0, 1, 2) * (0.9 - diameter) + 0.05 + diameter / 2
        positions = middle + random.normal(0, diameter / 4, (GRAINS, 2))
        _fill(cover, positions, random.uniform(0.06, 0.18, GRAINS) * diameter, [255] * GRAINS)
    return _mix(picture, picture * STAIN, cover)


@corruption("bubble", [(radius / SIDE, most) for radius, most in ((5, 10), (7, 10), (10, 10), (12, 12), (15, 12))])
def bubble(picture: np.ndarray, bubbles: tuple[float, int], random: np.random.Generator) -> np.ndarray:
    """Lay pale see-through bubbles with a brighter rim on the picture.

    Args:
        picture: ``(H, W, 3)`` uint8.
        bubbles: the largest radius, and the largest number.
        random: draws number, positions and sizes.
    """
    largest, most = bubbles
    count = FEWEST_BUBBLES + int(random.random() * (most - FEWEST_BUBBLES + 1))
    white = np.zeros(picture.shape[:2], np.uint8)
    draws = random.random((count, 3))
    radii = SMALLEST_BUBBLE + draws[:, :1] * (largest - SMALLEST_BUBBLE)
    positions = radii + draws[:, 1:] * (1 - 2 * radii)
    rims_and_insides = np.hstack([radii + RIM, radii]).ravel()
    _fill(white, positions.repeat(2, axis=0), rims_and_insides, (RIM_WHITE, BUBBLE_WHITE) * count)
    return _mix(picture, WHITE, white)


def _fill(canvas: np.ndarray, positions: np.ndarray, radii: np.ndarray, values: Sequence[int]) -> None:
    """Draw discs in place, the last on top.

    Args:
        canvas: ``(H, W)`` uint8.
        positions: ``(n, 2)`` x and y of the middles, fractions of width and height.
        radii: ``(n,)`` fractions of the shorter side.
        values: ``n`` of 0 to 255.
    """
    height, width = canvas.shape
    centres = np.rint(positions * (width, height) * UNIT).astype(int).tolist()
    lengths = np.rint(radii * min(height, width) * UNIT).astype(int).tolist()
    for centre, length, value in zip(centres, lengths, values, strict=True):
        cv2.circle(canvas, centre, length, value, cv2.FILLED, cv2.LINE_AA, SUBPIXEL)


def _mix(picture: np.ndarray, other: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Blend ``other`` in by its weight of 0 to 255, ``(H, W)`` uint8."""
    mixed = picture + (other - picture.astype(np.float32)) * (weight[..., None] / np.float32(255))
    return np.rint(mixed).astype(np.uint8)


# What composites are drawn from: one more here changes all of them, and then COMPOSITES of zoo.data.views is raised.
IN_COMPOSITES = (
    "pixelate",
    "jpeg_compression",
    "defocus_blur",
    "motion_blur",
    "brightness_up",
    "brightness_down",
    "contrast_up",
    "contrast_down",
    "saturate",
    "stain_deposit",
    "bubble",
)


@corruption("composite", ((2, 1), (2, 2), (3, 2), (3, 3), (4, 4)))
def compose(picture: np.ndarray, parts: tuple[int, int], random: np.random.Generator) -> np.ndarray:
    """Lay several moderate corruptions over each other, as pictures from elsewhere have them.

    Args:
        picture: ``(H, W, 3)`` uint8.
        parts: how many kinds, and the severity of each.
        random: draws kinds and order, and seeds every kind for itself.
    """
    count, severity = parts
    order, seeds = random.permutation(len(IN_COMPOSITES)), random.integers(2**32, size=len(IN_COMPOSITES))
    for place in order[:count]:
        kind = CORRUPTIONS[IN_COMPOSITES[place]]
        picture = kind.apply(picture, kind.levels[SEVERITIES.index(severity)], np.random.default_rng(seeds[place]))
    return picture
