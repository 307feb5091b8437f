"""The bank of shifts to choose recipes by: faults of microscopes and cameras, and patterns laid over a picture.

Every kind takes a picture ``(H, W, 3)`` uint8, a strength of 0 (hardly visible) to 1 (hard) and a random generator.
Strengths between give moderate shifts, of which ``banks.py`` makes composites. Kinds are those of ImageNet-C
(Hendrycks and Dietterich, 2019), of ImageNet-C-bar (Mintun et al., 2021), and our own. A policy may get relatives of
them; of those in ``bank_to_report.py`` it must have none.
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from zoo.augment.corruptions import CORRUPTIONS


def hue(picture: np.ndarray, strength: float, random: np.random.Generator) -> np.ndarray:
    """Turn all hues one way or the other, by up to 24 degrees."""
    shifted = cv2.cvtColor(picture, cv2.COLOR_RGB2HSV_FULL)
    shifted[..., 0] += np.uint8(int(random.choice([-1, 1]) * strength * 24 / 360 * 256) % 256)  # goes round
    return cv2.cvtColor(shifted, cv2.COLOR_HSV2RGB_FULL)


def bent(picture: np.ndarray, strength: float, random: np.random.Generator) -> np.ndarray:
    """Move pixels smoothly (Simard et al., 2003), by up to 4 % of the side."""
    side = min(picture.shape[:2])
    moves = cv2.GaussianBlur(random.uniform(-1, 1, (*picture.shape[:2], 2)), (0, 0), 0.08 * side)
    moves *= 0.04 * strength * side / np.abs(moves).max()
    rows, columns = np.indices(picture.shape[:2])
    return remapped(picture, columns + moves[..., 0], rows + moves[..., 1])


def vignette(picture: np.ndarray, strength: float, random: np.random.Generator) -> np.ndarray:
    """Darken towards the edges: up to 85 % of the light is lost in the corners."""
    rows, columns = plane(picture)
    return as_bytes(picture * (1 - 0.85 * strength * (rows**2 + columns**2) / 2)[..., None])


def parted(picture: np.ndarray, strength: float, random: np.random.Generator) -> np.ndarray:
    """Show red larger and blue smaller (lateral chromatic aberration), by up to 4 %."""
    return np.dstack([_grown(picture[..., channel], 1 + (1 - channel) * 0.04 * strength) for channel in range(3)])


def _grown(channel: np.ndarray, factor: float) -> np.ndarray:
    height, width = channel.shape
    about = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), 0, factor)
    return cv2.warpAffine(channel, about, (width, height), borderMode=cv2.BORDER_REFLECT_101)


def zoomed(picture: np.ndarray, strength: float, random: np.random.Generator) -> np.ndarray:
    """Average the picture over growing sizes, as a lens that moves does (zoom blur)."""
    factors = np.linspace(1, 1 + 0.25 * strength, 8)
    grown = [np.dstack([_grown(picture[..., channel], factor) for channel in range(3)]) for factor in factors]
    return as_bytes(np.mean(grown, axis=0))


def dead_pixels(picture: np.ndarray, strength: float, random: np.random.Generator) -> np.ndarray:
    """Set up to 8 % of the pixels to black or white (impulse noise)."""
    drawn = random.random(picture.shape[:2])
    share = 0.08 * strength / 2
    return np.where((drawn < share)[..., None], 0, np.where((drawn > 1 - share)[..., None], 255, picture)).astype(
        "uint8"
    )


def haze(picture: np.ndarray, strength: float, random: np.random.Generator) -> np.ndarray:
    """Lay white over the picture, uneven and up to 55 % thick (fog)."""
    thick = 0.55 * strength * (0.4 + 0.6 * clouds(picture, random))
    return as_bytes(picture + (255.0 - picture) * thick[..., None])


def waves(picture: np.ndarray, strength: float, random: np.random.Generator) -> np.ndarray:
    """Add a sine wave of one frequency in grey, up to 50 levels high (single-frequency greyscale)."""
    rows, columns = plane(picture)
    angle, cycles = random.uniform(0, np.pi), random.uniform(3, 16)
    phase = np.pi * cycles * (columns * np.cos(angle) + rows * np.sin(angle)) + random.uniform(0, 2 * np.pi)
    return as_bytes(picture + (50 * strength * np.sin(phase))[..., None])


def checkers(picture: np.ndarray, strength: float, random: np.random.Generator) -> np.ndarray:
    """Cover a board of squares half with grey (checkerboard cutout)."""
    side = max(2, int(min(picture.shape[:2]) * random.uniform(0.06, 0.14)))
    rows, columns = np.indices(picture.shape[:2]) + random.integers(0, side, 2)[:, None, None]
    black = (rows // side + columns // side) % 2 == 0
    return as_bytes(picture + (127.0 - picture) * (0.7 * strength * black)[..., None])


def plasma(picture: np.ndarray, strength: float, random: np.random.Generator) -> np.ndarray:
    """Add coloured clouds, up to 70 levels (plasma noise)."""
    fields = np.dstack([clouds(picture, random) - 0.5 for _ in range(3)])
    return as_bytes(picture + 140 * strength * fields)


def _of_the_suite(name: str) -> Callable[[np.ndarray, float, np.random.Generator], np.ndarray]:
    kind = CORRUPTIONS[name]

    def apply(picture: np.ndarray, strength: float, random: np.random.Generator) -> np.ndarray:
        return kind.apply(picture, kind.levels[round(strength * (len(kind.levels) - 1))], random)

    return apply


KINDS = (hue, bent, vignette, parted, zoomed, dead_pixels, haze)
PATTERNS = (waves, checkers, plasma)
PARTS = (*KINDS, *PATTERNS, *(_of_the_suite(name) for name in CORRUPTIONS if name != "composite"))  # common faults too


def clouds(picture: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Draw a smooth field of 0 to 1 over the picture, of four octaves."""
    height, width = picture.shape[:2]
    field = sum(
        cv2.resize(random.random((2**octave + 1, 2**octave + 1)), (width, height), interpolation=cv2.INTER_CUBIC)
        / 2**octave
        for octave in range(1, 5)
    )
    low, high = field.min(), field.max()
    return np.asarray((field - low) / (high - low))


def plane(picture: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Places from -1 to 1: rows ``(H, 1)`` and columns ``(W,)``."""
    height, width = picture.shape[:2]
    return np.linspace(-1, 1, height)[:, None], np.linspace(-1, 1, width)


def remapped(picture: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Show at every pixel what is at another, ``(H, W)`` both."""
    across, down = x.astype("float32"), y.astype("float32")
    return cv2.remap(picture, across, down, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101)


def as_bytes(values: np.ndarray) -> np.ndarray:
    """Round and cut off at 0 and 255."""
    return np.rint(np.clip(values, 0, 255)).astype(np.uint8)
