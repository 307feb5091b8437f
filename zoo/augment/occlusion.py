"""What lies on a slide, or is missing from its picture: holes, bubbles and blotches of stain."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from math import pi
from typing import NamedTuple

import numpy as np
from numpy.random import Generator

from zoo.augment.steps import Filter, Step, between, pick, whole
from zoo.utils.opencv import cv2
from zoo.utils.text import Size

# Largest at magnitude 1, as fractions of the shorter side.
HOLE = 0.35  # side
BUBBLE = 0.22  # radius
BLOTCH = 0.25  # radius
MOST = 4  # of one kind on a picture
CORNERS = 24  # of a blotch's outline
SOFTNESS = 0.02  # of its edge, as a fraction of the side
STAINS = ((88, 40, 130), (120, 50, 110), (60, 60, 160), (160, 60, 100), (110, 70, 40), (40, 30, 40), (200, 120, 170))
WASHED_OUT = (245, 240, 235)
RIM = (90, 80, 90)

Place = tuple[float, float]  # x and y in pixels


class Layer(NamedTuple):
    """One colour and where it lies: ``cover`` is ``(H, W)`` float32, 0 to 1 of it."""

    cover: np.ndarray
    colour: tuple[int, ...]


def paint(picture: np.ndarray, layers: Iterable[Layer]) -> np.ndarray:
    """Lay colours over a picture ``(H, W, 3)`` uint8, one after the other."""
    for cover, colour in layers:
        flat = np.full_like(picture, colour)
        picture = cv2.blendLinear(picture, flat, 1 - cover, cover)
    return picture


def draw_occlusion(random: Generator, size: Size, magnitude: float) -> list[Step]:
    """Draw holes, bubbles or blotches, one to ``MOST`` of them."""
    places = [_place(random, size) for _ in range(whole(random, 1, MOST))]
    layers = pick(random, OCCLUSIONS)(random, size, magnitude, places)
    return [Filter(partial(paint, layers=layers))]


def holes(random: Generator, size: Size, magnitude: float, places: Sequence[Place]) -> list[Layer]:
    """Draw grey rectangles (coarse dropout: DeVries and Taylor, arXiv:1708.04552)."""
    cover = np.zeros(size, np.uint8)
    for x, y in places:
        height, width = (_length(random, HOLE * magnitude, size) / 2 for _ in size)
        cv2.rectangle(cover, _pixel(x - width, y - height), _pixel(x + width, y + height), 255, cv2.FILLED)
    return [Layer(_as_cover(cover, 1.0), (whole(random, 0, 255),) * 3)]


def bubbles(random: Generator, size: Size, magnitude: float, places: Sequence[Place]) -> list[Layer]:
    """Draw air bubbles: washed-out discs with a dark rim."""
    inside, rim = np.zeros(size, np.uint8), np.zeros(size, np.uint8)
    for x, y in places:
        radius = round(_length(random, BUBBLE * magnitude, size))
        cv2.circle(inside, _pixel(x, y), radius, 255, cv2.FILLED, cv2.LINE_AA)
        cv2.circle(rim, _pixel(x, y), radius, 255, max(1, radius // 5), cv2.LINE_AA)
    opacities = between(random, 0.2, 0.9), between(random, 0.3, 0.8)
    return [Layer(_as_cover(inside, opacities[0]), WASHED_OUT), Layer(_as_cover(rim, opacities[1]), RIM)]


def blotches(random: Generator, size: Size, magnitude: float, places: Sequence[Place]) -> list[Layer]:
    """Draw spilt stain: soft, uneven patches of one colour, more or less transparent."""
    cover = np.zeros(size, np.uint8)
    for place in places:
        outline = _outline(random, _length(random, BLOTCH * magnitude, size)) + place
        cv2.fillPoly(cover, [np.rint(outline).astype(np.int32)], 255)
    soft = cv2.GaussianBlur(cover, (0, 0), max(SOFTNESS * min(size), 0.3))
    return [Layer(_as_cover(soft, between(random, 0.3, 0.9)), pick(random, STAINS))]


OCCLUSIONS = (holes, bubbles, blotches)


def _length(random: Generator, most: float, size: Size) -> float:
    """Draw a length in pixels, from a quarter of the largest fraction of the side."""
    return between(random, most / 4, most) * min(size)


def _place(random: Generator, size: Size) -> Place:
    return between(random, 0, size[1]), between(random, 0, size[0])


def _pixel(x: float, y: float) -> tuple[int, int]:
    return round(x), round(y)


def _outline(random: Generator, radius: float) -> np.ndarray:
    """Draw a closed line about the origin whose distance from it swings by three waves: ``(CORNERS, 2)``."""
    angles = np.linspace(0, 2 * pi, CORNERS, endpoint=False)
    waves, phases = np.arange(2, 5), 2 * pi * random.random(3)
    distance = radius * (1 + (0.5 * random.random(3) / (waves - 1) * np.cos(np.outer(angles, waves) + phases)).sum(1))
    return distance[:, None] * np.stack([np.cos(angles), np.sin(angles)], axis=1)


def _as_cover(mask: np.ndarray, opacity: float) -> np.ndarray:
    return mask.astype(np.float32) * np.float32(opacity / 255)
