"""From the bytes of a request to pixels of the model's size, exactly as ``zoo predict`` reads files and arrays."""

from __future__ import annotations

from math import prod
from pathlib import Path

import numpy as np
from PIL import Image

from zoo.data.pictures.formats import marked_as
from zoo.data.pictures.image_io import TooLargeError, measure, read, reason_of
from zoo.data.pictures.pixel_reading import PixelReading
from zoo.data.unlabelled import Rows
from zoo.serve.refusal import RefusalError, too_large, unreadable
from zoo.utils.text import Size, size_text

FORMATS = ("JPEG", "PNG", "WEBP", "TIFF", "BMP", "GIF")  # whose decoders start no other program
MARK = 16  # bytes
BOMBS = (Image.DecompressionBombError, Image.DecompressionBombWarning, MemoryError, TooLargeError)
RANK = 4  # of an array of images


def pixels_of(data: bytes, size: Size, reading: PixelReading, most_pixels: int) -> np.ndarray:
    """Decode a picture's file: ``(height, width, 3)`` uint8 RGB.

    Args:
        data: the file.
        size: of the model.
        reading: what becomes of transparent pixels, of more than 8 bits and of another aspect.
        most_pixels: of the picture, by its header; of more nothing is decoded.

    Raises:
        RefusalError: no picture, a broken one, or one of more pixels.
    """
    if not set(marked_as(data[:MARK])) & set(FORMATS):
        raise unreadable(f"Expected a picture as {', '.join(FORMATS)}; received {_what(data)}. Save it as JPEG or PNG.")
    try:
        height, width = measure(data)
    except BOMBS as error:
        raise _of_too_many_pixels(most_pixels, "more") from error
    except Exception as error:  # Pillow's decoders raise whatever a broken file leads them into
        raise _broken(error) from error
    if height * width > most_pixels:
        raise _of_too_many_pixels(most_pixels, size_text((height, width)))
    try:
        return read(data, size, reading)
    except Exception as error:
        raise _broken(error) from error


def _of_too_many_pixels(most: int, found: str) -> RefusalError:
    return too_large(
        f"Expected at most {most:,} pixels (--max-megapixels); received {found}. Make the picture smaller."
    )


def _broken(error: Exception) -> RefusalError:
    return unreadable(f"Expected a picture that can be read; received one that cannot: {reason_of(error)}.")


def _what(data: bytes) -> str:
    return f"bytes that begin with {data[:4].hex(' ')}" if data else "none"


def rows_of(data: bytes | memoryview, shape: tuple[int, ...]) -> np.ndarray:
    """See raw pixels as images ``(n, H, W, C)`` uint8.

    Raises:
        RefusalError: another number of bytes, or of axes.
    """
    if len(shape) == RANK - 1:
        shape = (1, *shape)
    if len(shape) != RANK or min(shape) < 1 or shape[-1] not in (1, 3, 4):
        raise unreadable(
            f"Expected a shape of N,H,W,C with C of 1, 3 or 4; received {','.join(map(str, shape))}. Put channels last."
        )
    if prod(shape) != len(data):
        raise unreadable(
            f"Expected {prod(shape):,} bytes of uint8 for {' x '.join(map(str, shape))}; received {len(data):,}. "
            "Send one byte a pixel and channel."
        )
    return np.frombuffer(data, np.uint8).reshape(shape)


def checked(images: np.ndarray, size: Size, reading: PixelReading, most_pixels: int) -> list[np.ndarray]:
    """Check images ``(n, H, W, C)`` uint8 as a whole, and make each ``(height, width, 3)`` of the model's size.

    Raises:
        RefusalError: more pixels than are allowed, or pixels of 0 to 1.
    """
    if images.shape[1] * images.shape[2] > most_pixels:
        raise _of_too_many_pixels(most_pixels, size_text((images.shape[1], images.shape[2])))
    try:
        row = Rows(images).reader(Path(), reading)
        return [row(index, size) for index in range(len(images))]
    except ValueError as error:
        raise unreadable(str(error)) from error
