"""Moves of the picture in its plane: all of them together are one affine map, and one interpolation."""

from __future__ import annotations

from math import cos, radians, sin

import numpy as np

from zoo.augment.steps import Warp
from zoo.utils.opencv import cv2

AS_IT_IS = Warp()
FLIPS = (AS_IT_IS, Warp(a=-1.0), Warp(e=-1.0), Warp(a=-1.0, e=-1.0))  # sideways, upside down, both
FLIP_CODES = {(-1.0, 1.0): 1, (1.0, -1.0): 0, (-1.0, -1.0): -1}  # of cv2.flip


def rotation(degrees: float) -> Warp:
    """Turn the picture about its centre, counter-clockwise."""
    c, s = cos(radians(degrees)), sin(radians(degrees))
    return Warp(a=c, b=-s, d=s, e=c)


def shear_x(slope: float) -> Warp:
    """Slide each row sideways by ``slope`` times its height above the centre."""
    return Warp(b=slope)


def shear_y(slope: float) -> Warp:
    """Slide each column up or down by ``slope`` times its distance from the centre."""
    return Warp(d=slope)


def translation(right: float, down: float) -> Warp:
    """Move the picture by pixels."""
    return Warp(c=-right, f=-down)


def zoom(factor: float) -> Warp:
    """Enlarge the picture about its centre; below 1 it shrinks."""
    return Warp(a=1 / factor, e=1 / factor)


def then(first: Warp, second: Warp) -> Warp:
    """Fuse two moves: the result shows where ``second`` looks in what ``first`` shows."""
    a, b, c, d, e, f = first
    g, h, i, j, k, m = second
    return Warp(a * g + b * j, a * h + b * k, a * i + b * m + c, d * g + e * j, d * h + e * k, d * i + e * m + f)


def warp(picture: np.ndarray, move: Warp) -> np.ndarray:
    """Move a picture ``(H, W, 3)`` uint8; what lies beyond its edge is its mirror image.

    Flips and shifts by whole pixels are exact, no move at all gives the picture itself, and all others are linearly
    interpolated.
    """
    if move == AS_IT_IS:
        return picture
    height, width = picture.shape[:2]
    if _is_exact(move):
        flipped = cv2.flip(picture, FLIP_CODES[move.a, move.e]) if (move.a, move.e) in FLIP_CODES else picture
        return _shifted(flipped, int(move.a * move.c), int(move.e * move.f))
    matrix, flags = _matrix(move, height, width), cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return cv2.warpAffine(picture, matrix, (width, height), flags=flags, borderMode=cv2.BORDER_REFLECT_101)


def _is_exact(move: Warp) -> bool:
    """Whether every pixel of the result is one of the picture's."""
    return (
        move.b == move.d == 0
        and abs(move.a) == abs(move.e) == 1
        and float(move.c).is_integer()
        and float(move.f).is_integer()
    )


def _shifted(picture: np.ndarray, x: int, y: int) -> np.ndarray:
    """Look ``x`` to the right and ``y`` down."""
    if x == y == 0:
        return picture
    height, width = picture.shape[:2]
    wide = cv2.copyMakeBorder(picture, max(-y, 0), max(y, 0), max(-x, 0), max(x, 0), cv2.BORDER_REFLECT_101)
    return np.ascontiguousarray(wide[max(y, 0) :, max(x, 0) :][:height, :width])


def _matrix(move: Warp, height: int, width: int) -> np.ndarray:
    """Write a move for OpenCV, which counts from the middle of the first pixel: ``(2, 3)`` float64."""
    a, b, c, d, e, f = move
    x, y = (width - 1) / 2, (height - 1) / 2
    return np.array([[a, b, c + x - a * x - b * y], [d, e, f + y - d * x - e * y]])
