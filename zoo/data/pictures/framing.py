"""A picture in the wanted size: its aspect squashed, padded or cropped, its transparent pixels laid over a colour."""

from __future__ import annotations

import numpy as np
from PIL import Image

from zoo.data.pictures.pixel_reading import PLAIN, Colour, PixelReading
from zoo.utils.text import Size

GAP = 2.0  # how much larger than wanted the quick first step of a reduction stays
OPAQUE = 255


def resized(image: Image.Image, size: Size, reading: PixelReading = PLAIN) -> np.ndarray:
    """Bring an RGB picture to ``(height, width)``, smoothed where it shrinks: ``(height, width, 3)`` uint8."""
    height, width = size
    if image.size == (width, height):
        return np.asarray(image)
    if reading.fit == "pad":
        return np.asarray(_padded(image, (width, height), reading.background))
    box = _middle(image.size, (width, height)) if reading.fit == "crop" else None
    return np.asarray(_scaled(image, (width, height), box))


def over(image: Image.Image, background: Colour) -> tuple[Image.Image, bool]:
    """Make a picture of any 8-bit mode RGB, transparent pixels laid over a colour; says whether there were any."""
    if not image.has_transparency_data:
        # Palettes go through RGBA, where Pillow does not warn of what they lose.
        return (image.convert("RGBA") if image.mode == "P" else image).convert("RGB"), False
    picture = image.convert("RGBA")
    if picture.getchannel("A").getextrema()[0] == OPAQUE:
        return picture.convert("RGB"), False
    ground = Image.new("RGBA", picture.size, (*background, OPAQUE))
    return Image.alpha_composite(ground, picture).convert("RGB"), True


def _scaled(image: Image.Image, size: tuple[int, int], box: tuple[float, float, float, float] | None) -> Image.Image:
    return image.resize(size, Image.Resampling.BILINEAR, box=box, reducing_gap=GAP)


def _padded(image: Image.Image, size: tuple[int, int], background: Colour) -> Image.Image:
    scale = min(size[0] / image.width, size[1] / image.height)
    inner = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    canvas = Image.new("RGB", size, background)
    canvas.paste(_scaled(image, inner, None), ((size[0] - inner[0]) // 2, (size[1] - inner[1]) // 2))
    return canvas


def _middle(have: tuple[int, int], want: tuple[int, int]) -> tuple[float, float, float, float]:
    """The largest box of the wanted aspect in the middle: left, top, right, bottom."""
    scale = min(have[0] / want[0], have[1] / want[1])
    width, height = want[0] * scale, want[1] * scale
    left, top = (have[0] - width) / 2, (have[1] - height) / 2
    return left, top, left + width, top + height
