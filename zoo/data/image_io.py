"""One picture: its size, and its pixels as RGB."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import ExifTags, Image, ImageOps

from zoo.utils.text import Size

SIDEWAYS = (5, 6, 7, 8)  # of EXIF's orientations
DEEP = ("I", "F")  # the modes of more than 8 bits, such as I;16


def measure(path: Path) -> Size:
    """Read ``(height, width)`` of an upright image from its header.

    Raises:
        OSError: no image.
        ValueError: an image of more than 8 bits a channel.
    """
    with Image.open(path) as image:
        _check_depth(image)
        width, height = image.size
        return (width, height) if _lies_on_its_side(image) else (height, width)


def read(path: Path, size: Size) -> np.ndarray:
    """Read one file as ``(height, width, 3)`` uint8 RGB, upright, resized smoothly where its size differs.

    Raises:
        OSError: no image, or part of one.
        ValueError: an image of more than 8 bits a channel.
    """
    with Image.open(path) as image:
        _check_depth(image)
        return resized(_rgb(ImageOps.exif_transpose(image)), size)


def resized(image: Image.Image, size: Size) -> np.ndarray:
    """Resize a picture to ``(height, width)``, smoothed where it shrinks."""
    height, width = size
    if image.size != (width, height):
        image = image.resize((width, height), Image.Resampling.BILINEAR, reducing_gap=2.0)
    return np.asarray(image)


def _lies_on_its_side(image: Image.Image) -> bool:
    """Pillow turns TIFFs itself, in their size too, and leaves every other format to the caller."""
    return image.format != "TIFF" and image.getexif().get(ExifTags.Base.Orientation) in SIDEWAYS


def _check_depth(image: Image.Image) -> None:
    """Pillow would clip such an image at 255, mostly to plain white, and only its owner can choose the scale."""
    if image.mode.startswith(DEEP):
        raise ValueError(f"more than 8 bits a channel (mode {image.mode}); convert it to 8 bits")


def _rgb(image: Image.Image) -> Image.Image:
    """Leave alpha out; palettes lose theirs on the way through RGBA, where Pillow does not warn of it."""
    return (image.convert("RGBA") if image.mode == "P" else image).convert("RGB")
