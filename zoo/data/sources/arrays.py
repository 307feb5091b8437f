"""Arrays in memory or mapped, checked like everything else."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from zoo.data.checks import as_images
from zoo.data.images import Images, Splits
from zoo.data.pictures.framing import resized
from zoo.data.pictures.pixel_checks import as_stack
from zoo.data.pictures.pixel_reading import PLAIN, PixelReading
from zoo.data.pictures.sizes import MOST_PIXELS
from zoo.data.source import Request, SourceKind, are_paths, is_dataset, is_dataset_pair, is_path_pair
from zoo.data.tables.table import is_frame
from zoo.data.unlabelled import Rows
from zoo.utils.text import Size, size_text

logger = logging.getLogger(__name__)

LARGE = 4  # times the pixels of a size that suits the backbones, above which arrays are warned of


def load_arrays(
    images: np.ndarray,
    labels: np.ndarray,
    classes: Sequence[str] | None,
    image_size: Size | None,
    *,
    reading: PixelReading = PLAIN,
    chooses: bool = True,
) -> Splits:
    """Load images and labels that are in memory already.

    Raises:
        ValueError: images or labels that fail a check.
    """
    checked = as_images(images, labels, classes, whole=False, reading=reading, chooses=chooses)
    return Splits(in_size(checked, image_size))


def in_size(images: Images, size: Size | None, how: PixelReading | None = None) -> Images:
    """Resize images of another size than the given one, and log it.

    Args:
        images: of any size.
        size: ``(height, width)``; None keeps theirs.
        how: what becomes of another aspect, and the colour of borders; by default as the images say.
    """
    height, width = images.image_size
    if size is None and height * width > LARGE * MOST_PIXELS:
        logger.warning(
            "images of %s (height x width) are larger than backbones make use of; smaller: image_size=256",
            size_text(images.image_size),
        )
    if size is None or images.image_size == size:
        return images
    sizes = size_text(images.image_size), size_text(size)
    logger.info("%d images of %s are resized to %s (height x width)", len(images), *sizes)
    how = how or images.reading
    pixels = np.empty((len(images), *size, 3), np.uint8)
    for row in range(len(images)):
        pixels[row] = resized(Image.fromarray(images.take(np.array([row]))[0]), size, how)
    return replace(images, pixels=pixels, rows=None, reading=how)


def list_array(images: np.ndarray, key: str | None = None) -> Rows:
    """The rows of an array of images; a memory map that is the whole of its file is known by that file."""
    return Rows(as_stack(images), _mapped_from(images))


def _mapped_from(array: np.ndarray) -> Path | None:
    """The file of a memory map that is the whole of it: a part of one, or a private copy, is known by its content."""
    if not isinstance(array, np.memmap) or isinstance(array.base, np.ndarray):
        return None
    return Path(array.filename) if array.filename and array.mode != "c" else None


def _load(source: Any, request: Request) -> Splits:
    pair = isinstance(source, tuple)
    images, labels = source if pair else (source, request.labels)
    if labels is None:
        raise TypeError("Expected labels with the array of images; received none. Call load(images, labels).")
    return load_arrays(
        images, labels, request.classes, request.image_size, reading=request.reading, chooses=request.chooses
    )


def _is_array(source: Any) -> bool:
    if isinstance(source, tuple):
        return len(source) == 2 and not is_path_pair(source) and not is_dataset_pair(source)
    return hasattr(source, "__array__") and not (is_dataset(source) or is_frame(source) or are_paths(source))


SOURCE = SourceKind(
    name="arrays (images, labels)",
    typed=False,
    accepts=_is_array,
    load=_load,
    list=list_array,
    options=frozenset({"labels"}),
)
