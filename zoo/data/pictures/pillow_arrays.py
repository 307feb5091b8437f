"""Lists of Pillow's images as arrays of what a viewer shows: upright, and grey, RGB or RGBA."""

from __future__ import annotations

from typing import Any

import numpy as np
from PIL import Image

from zoo.data.pictures.picture import Flat, upright

DEEP = ("I", "F")  # what Pillow's modes of more than 8 bits begin with; their numbers are the pixels
RANKS = ("L", "RGB", "RGBA")  # each holds all that the one before it does


def with_pillow_images_read(values: Any) -> Any:
    """Read the images of a list, all in one mode; anything else is returned as it is.

    A palette's numbers and the channels of CMYK or HSV are no colours, and NumPy would take them for such.
    """
    if not isinstance(values, list | tuple) or not any(isinstance(one, Image.Image) for one in values):
        return values
    images = [one for one in values if isinstance(one, Image.Image) and not one.mode.startswith(DEEP)]
    mode = max(map(_mode, images), key=RANKS.index, default=RANKS[0])
    return [_pixels(one, mode) if isinstance(one, Image.Image) else one for one in values]


def _pixels(image: Image.Image, mode: str) -> np.ndarray:
    orientation = Flat(image, owned=False).orientation
    return upright(np.asarray(image if image.mode.startswith(DEEP) else _converted(image, mode)), orientation)


def _converted(image: Image.Image, mode: str) -> Image.Image:
    image.load()  # which may say more of the transparency
    return image if image.mode == mode else image.convert(mode)


def _mode(image: Image.Image) -> str:
    if image.has_transparency_data:
        return "RGBA"
    return "L" if image.mode in ("1", "L") else "RGB"
