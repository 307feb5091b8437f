"""The bank of shifts that reports: looked at once, when everything is chosen, and without relatives in any policy.

Kinds have the form of ``bank_to_choose.py``. Nothing may be trained on, or chosen by, what stands here: a policy that
gets a relative of a kind takes the kind out of this file.
"""

from __future__ import annotations

import cv2
import numpy as np
from bank_to_choose import as_bytes, plane, remapped


def glass(picture: np.ndarray, strength: float, random: np.random.Generator) -> np.ndarray:
    """Exchange pixels with near ones, as frosted glass does (Hendrycks and Dietterich, 2019)."""
    reach = 0.012 + 0.02 * strength
    height, width = picture.shape[:2]
    rows, columns = np.indices((height, width))
    moves = random.normal(0, reach / 2 * min(height, width), (2, height, width))
    return remapped(picture, columns + moves[0], rows + moves[1])


def barrel(picture: np.ndarray, strength: float, random: np.random.Generator) -> np.ndarray:
    """Bend straight lines outwards or inwards, as a cheap lens does (radial distortion, up to 30 % at the edge)."""
    height, width = picture.shape[:2]
    rows, columns = plane(picture)
    factor = 1 + random.choice([-0.2, 0.3]) * strength * (rows**2 + columns**2 - 0.5)
    return remapped(picture, (columns * factor + 1) * (width - 1) / 2, (rows * factor + 1) * (height - 1) / 2)


def ghost(picture: np.ndarray, strength: float, random: np.random.Generator) -> np.ndarray:
    """Lay a second, shifted exposure over the first (a reflection in the optics)."""
    side = min(picture.shape[:2])
    angle, length = random.uniform(0, 2 * np.pi), random.uniform(0.05, 0.12) * side
    move = np.array([[1, 0, length * np.cos(angle)], [0, 1, length * np.sin(angle)]])
    again = cv2.warpAffine(picture, move, picture.shape[1::-1], borderMode=cv2.BORDER_REFLECT_101)
    return as_bytes(picture + (again.astype(float) - picture) * 0.45 * strength)


def mosaic(picture: np.ndarray, strength: float, random: np.random.Generator) -> np.ndarray:
    """Read each colour at every fourth pixel only, as a raw sensor does without interpolation (Bayer's filter)."""
    rows, columns = np.indices(picture.shape[:2])
    places = [(rows // 2 * 2 + down, columns // 2 * 2 + right) for down, right in ((0, 0), (0, 1), (1, 1))]
    height, width = (side - 1 for side in picture.shape[:2])
    channels = [picture[np.minimum(y, height), np.minimum(x, width), c] for c, (y, x) in enumerate(places)]
    return as_bytes(picture + (np.dstack(channels).astype(float) - picture) * (0.4 + 0.6 * strength))


def striped(picture: np.ndarray, strength: float, random: np.random.Generator) -> np.ndarray:
    """Give every row of the sensor its own offset, up to 24 levels (fixed-pattern noise)."""
    offsets = random.normal(0, 24 * strength, (picture.shape[0], 1, 1))
    return as_bytes(picture + offsets)


def dithered(picture: np.ndarray, strength: float, random: np.random.Generator) -> np.ndarray:
    """Keep few levels a colour, chosen by a fixed 4x4 raster (ordered dithering, Bayer 1973)."""
    raster = np.array([[0, 8, 2, 10], [12, 4, 14, 6], [3, 11, 1, 9], [15, 7, 13, 5]]) / 16 - 0.5
    height, width = picture.shape[:2]
    step = 255 / (10 - 7 * strength)
    tiled = np.tile(raster, (height // 4 + 1, width // 4 + 1))[:height, :width]
    return as_bytes(np.round(picture / step + tiled[..., None] * 0.8) * step)


def ringing(picture: np.ndarray, strength: float, random: np.random.Generator) -> np.ndarray:
    """Cut off high frequencies at once, so that edges ring (a scanner's low pass)."""
    height, width = picture.shape[:2]
    frequencies = np.hypot(np.fft.fftfreq(height)[:, None], np.fft.fftfreq(width))
    kept = frequencies < 0.30 - 0.18 * strength
    return as_bytes(np.real(np.fft.ifft2(np.fft.fft2(picture, axes=(0, 1)) * kept[..., None], axes=(0, 1))))


def rings(picture: np.ndarray, strength: float, random: np.random.Generator) -> np.ndarray:
    """Add rings about a point, up to 50 levels (diffraction at a grain of dust; concentric waves)."""
    rows, columns = plane(picture)
    y, x = random.uniform(-0.8, 0.8, 2)
    distance = np.hypot(rows - y, columns - x)
    return as_bytes(picture + (50 * strength * np.cos(random.uniform(15, 40) * distance))[..., None])


def scratches(picture: np.ndarray, strength: float, random: np.random.Generator) -> np.ndarray:
    """Draw up to eight bright or dark lines across the picture."""
    drawn = picture.copy()
    height, width = picture.shape[:2]
    for _ in range(2 + int(6 * strength)):
        ends = [tuple(int(v) for v in random.uniform(-0.1, 1.1, 2) * (width, height)) for _ in range(2)]
        cv2.line(drawn, *ends, [int(random.choice([30, 225]))] * 3, 1, cv2.LINE_AA)
    return drawn


def mesh(picture: np.ndarray, strength: float, random: np.random.Generator) -> np.ndarray:
    """Lay a woven grid over the picture, as a photographed screen shows (moire), up to 60 levels."""
    rows, columns = plane(picture)
    angle, cycles = random.uniform(0, np.pi / 2), random.uniform(10, 24)
    along = columns * np.cos(angle) + rows * np.sin(angle)
    across = rows * np.cos(angle) - columns * np.sin(angle)
    woven = np.maximum(np.sin(np.pi * cycles * along), np.sin(np.pi * cycles * across)) - 0.5
    tint = random.uniform(0.6, 1.0, 3)
    return as_bytes(picture + 60 * strength * woven[..., None] * tint)


KINDS = (glass, barrel, ghost, mosaic, striped, dithered, ringing)
PATTERNS = (rings, scratches, mesh)
PARTS = (*KINDS, *PATTERNS)  # of composites
