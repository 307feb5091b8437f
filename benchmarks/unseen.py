"""Shifts that no policy of the zoo has a relative of, to hold beside those of ``zoo.augment.corruptions``.

``composite`` has relatives of all eleven of those, so they partly ask what it taught. These are other faults of
microscopes: hues of another stain, a lens that bends, one that darkens towards the edge, and one that parts colours.
"""

from __future__ import annotations

import cv2
import numpy as np

from zoo.data import Images

HUE = 18  # degrees
BEND, SMOOTH = 0.03, 0.08  # of the side: how far pixels move, and how smoothly
EDGE = 0.7  # of the light is lost in the corners
PARTING = 0.03  # of the side: red grows by so much and blue shrinks


def hue(picture: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Turn all hues one way or the other."""
    shifted = cv2.cvtColor(picture, cv2.COLOR_RGB2HSV_FULL)
    shifted[..., 0] += np.uint8(int(random.choice([-1, 1]) * HUE / 360 * 256) % 256)  # goes round
    return cv2.cvtColor(shifted, cv2.COLOR_HSV2RGB_FULL)


def bent(picture: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Move pixels smoothly (Simard et al., 2003)."""
    side = min(picture.shape[:2])
    moves = cv2.GaussianBlur(random.uniform(-1, 1, (*picture.shape[:2], 2)), (0, 0), SMOOTH * side)
    moves *= BEND * side / np.abs(moves).max()
    rows, columns = np.indices(picture.shape[:2])
    x, y = (columns + moves[..., 0]).astype("float32"), (rows + moves[..., 1]).astype("float32")
    return cv2.remap(picture, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101)


def vignette(picture: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Darken towards the edges."""
    height, width = picture.shape[:2]
    rows, columns = np.linspace(-1, 1, height)[:, None], np.linspace(-1, 1, width)
    light = 1 - EDGE * (rows**2 + columns**2) / 2
    return np.rint(picture * light[..., None]).astype(np.uint8)


def parted(picture: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Show red larger and blue smaller (lateral chromatic aberration)."""
    return np.dstack([_grown(picture[..., channel], 1 + (1 - channel) * PARTING) for channel in range(3)])


def _grown(channel: np.ndarray, factor: float) -> np.ndarray:
    height, width = channel.shape
    about = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), 0, factor)
    return cv2.warpAffine(channel, about, (width, height), borderMode=cv2.BORDER_REFLECT_101)


UNSEEN = (hue, bent, vignette, parted)


def unseen_copies(images: Images) -> list[Images]:
    """The same labelled images in each of the four ways; what is drawn depends on an image's row alone."""
    pixels = images.take(np.arange(len(images)))
    return [
        Images(
            np.stack([kind(picture, np.random.default_rng([0, row])) for row, picture in enumerate(pixels)]),
            images.labels,
            images.classes,
            np.array([f"{kind.__name__} of {origin}" for origin in images.origins]),
        )
        for kind in UNSEEN
    ]
