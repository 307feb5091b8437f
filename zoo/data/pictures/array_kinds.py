"""Arrays of images of other kinds than RGB bytes: grey, with alpha, bools, and of more than 8 bits."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import Any

import numpy as np

from zoo.data.pictures.depth import FULL, UNIT, choose_range, sample_values, say_range, to_bytes
from zoo.data.pictures.pixel_checks import BYTES, as_stack, extremes
from zoo.data.pictures.pixel_reading import Colour, PixelReading, Range
from zoo.data.pictures.tally import say_transparent

logger = logging.getLogger(__name__)

RGB, RGBA, OPAQUE = 3, 4, 255
OPAQUES = tuple(full for _, full in (UNIT, *FULL))
CHUNK = 256  # images at a time


def is_deep(images: np.ndarray, reading: PixelReading) -> bool:
    """Whether a depth range scales these: any numbers but bytes, where there is one."""
    return reading.depth_range is not None and images.dtype not in (np.uint8, np.bool_)


def with_array_depth(images: Any, reading: PixelReading) -> PixelReading:
    """Choose a depth range from training images of integers above 255, where none is given."""
    images = as_stack(images)
    if reading.depth_range is not None or images.dtype.kind not in "iu" or images.dtype.itemsize == 1:
        return reading
    low, high = extremes(images)
    if low < 0 or high <= BYTES:
        return reading
    limits, why = choose_range([sample_values(images[row]) for row in some_rows(len(images))])
    say_range(limits, why)
    return replace(reading, depth_range=limits)


def some_rows(count: int) -> list[int]:
    """Rows of a set, evenly taken, that stand for all."""
    rows: list[int] = np.unique(np.linspace(0, count - 1, min(count, CHUNK)).astype(int)).tolist()
    return rows


def to_rgb(images: np.ndarray, reading: PixelReading, *, quiet: bool = False) -> np.ndarray:
    """Make checked images ``(N, H, W[, C])`` RGB bytes ``(N, H, W, 3)``; grey bytes are a view of the same memory.

    Args:
        images: of C grey, RGB or RGBA, in numbers that round to 0 to 255, bools, or values that a depth range scales.
        reading: the depth range, and the colour under transparent pixels.
        quiet: log nothing, for a part of a set.
    """
    if images.dtype == np.uint8 and images.shape[-1] == RGB and images.ndim == 4:
        return images
    if images.dtype == np.uint8 and not _has_alpha(images):
        return _with_colours(images, quiet)
    grey = not _has_alpha(images) and not (images.ndim == 4 and images.shape[-1] == RGB)
    made = np.empty((*images.shape[:3], 1 if grey else RGB), np.uint8)
    transparent = 0
    for start in range(0, len(images), CHUNK):
        part = bytes_of(np.asarray(images[start : start + CHUNK]), reading)
        part, count = _over(part, reading.background)
        made[start : start + CHUNK] = part[..., None] if part.ndim == 3 else part
        transparent += count
    if transparent and not quiet:
        say_transparent(transparent, reading)
    return _with_colours(made, quiet) if grey else made


def _has_alpha(images: np.ndarray) -> bool:
    return images.ndim == 4 and images.shape[-1] == RGBA


def _with_colours(grey: np.ndarray, quiet: bool) -> np.ndarray:
    """Say that grey has three equal channels, without copying it."""
    if not quiet:
        logger.info("%d grey images became RGB", len(grey))
    one = grey[..., None] if grey.ndim == 3 else grey
    return np.broadcast_to(one, (*one.shape[:3], RGB), subok=True)


def _opacity(alpha: np.ndarray, limits: Range) -> np.ndarray:
    """Scale alphas ``(N, H, W, 1)`` to bytes: opaque is the full value of the fewest bits that hold both those of the
    image and the depth range, or 1 for floats. Whatever other images there are, an image so becomes the same.
    """
    least = limits[1] if alpha.dtype.kind in "iu" else UNIT[1]
    highest = np.maximum(alpha.max(axis=(1, 2, 3)), least)
    opaque = [next((full for full in OPAQUES if own <= full), float(own)) for own in highest]
    return np.concatenate(
        [to_bytes(own, (0.0, full)) for own, full in zip(np.split(alpha, len(alpha)), opaque, strict=True)]
    )


def bytes_of(images: np.ndarray, reading: PixelReading) -> np.ndarray:
    """Scale checked images to bytes of the same shape; the alpha of opaque pixels becomes 255."""
    if images.dtype == np.bool_:
        return images.astype(np.uint8) * np.uint8(OPAQUE)
    if images.dtype == np.uint8:
        return images
    if not is_deep(images, reading) or reading.depth_range is None:
        return np.rint(images).astype(np.uint8)
    if not _has_alpha(images):
        return to_bytes(images, reading.depth_range)
    colours = to_bytes(images[..., :RGB], reading.depth_range)
    return np.concatenate([colours, _opacity(images[..., RGB:], reading.depth_range)], axis=-1)


def _over(images: np.ndarray, background: Colour) -> tuple[np.ndarray, int]:
    """Lay RGBA bytes over a colour, rounded; returns the pictures, and how many have a transparent pixel."""
    if not _has_alpha(images):
        return images, 0
    alpha = images[..., RGB:].astype(np.float32) / OPAQUE
    laid = images[..., :RGB] * alpha + np.asarray(background, np.float32) * (1 - alpha)
    transparent = (images[..., RGB] < OPAQUE).any(axis=(1, 2)).sum()
    return np.rint(laid).astype(np.uint8), int(transparent)
