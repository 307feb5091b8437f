"""Checks of images and labels: what was expected, what came, and what to do about it."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

import numpy as np

from zoo.data.images import Images
from zoo.data.labels import as_labels

logger = logging.getLogger(__name__)

FEWEST_CLASSES = 2


def as_images(
    images: np.ndarray,
    labels: np.ndarray,
    classes: Sequence[str] | None = None,
    *,
    origins: np.ndarray | None = None,
    groups: np.ndarray | None = None,
    whole: bool = True,
) -> Images:
    """Check arrays and keep them together.

    Args:
        images: ``(N, H, W, 3)`` RGB of 0 to 255, uint8 or numbers that round to it.
        labels: ``(N,)`` or ``(N, 1)`` integers from 0, or the classes' names.
        classes: the names, in the order of the labels; by default those in the labels.
        origins: ``(N,)`` where each came from, for messages.
        groups: ``(N,)`` what each shows, such as a patient, where several show the same; see :class:`Images`.
        whole: every class must be there; False for a split that may lack some.

    Raises:
        ValueError: anything that would train on something else than the user meant.
    """
    pixels = as_pixels(images)
    ids, names = as_labels(as_array(labels, "labels"), len(pixels), classes)
    origins = np.array([f"row {row}" for row in range(len(ids))]) if origins is None else origins
    checked = Images(pixels, ids, names, origins, groups=None if groups is None else _as_groups(groups, len(ids)))
    if whole:
        check_every_class(checked)
    return checked


def _as_groups(groups: np.ndarray, count: int) -> np.ndarray:
    array = as_array(groups, "groups")
    if array.shape != (count,):
        raise ValueError(f"Expected groups of shape ({count},), one an image; received {array.shape}.")
    return array.astype(str) if array.dtype == object else array


def as_pixels(images: np.ndarray, *, dark: bool = False) -> np.ndarray:
    """Check images and return them as uint8, without a copy where they are that already.

    Args:
        images: ``(N, H, W, 3)``.
        dark: let floats of 0 to 1 pass, for a part of a set whose other parts are brighter.

    Raises:
        ValueError: a shape, a channel count, a type or a range that is no RGB image of 0 to 255.
    """
    images = images if isinstance(images, np.memmap) else as_array(images, "images")
    _check_shape(images)
    if images.dtype == np.uint8:
        return images
    _check_range(images)
    if not dark:
        check_brightness(images.dtype, float(images.max()))
    if images.dtype.kind == "f":
        logger.info("%s pixels of 0 to 255 were rounded to uint8", images.dtype)
        images = np.rint(images)
    return images.astype(np.uint8)


def check_brightness(dtype: np.dtype[Any], highest: float) -> None:
    """Check that floats do not stop at 1.

    Raises:
        ValueError: they do.
    """
    if dtype.kind == "f" and 0 <= highest <= 1:
        raise ValueError(
            f"Expected pixels of 0 to 255; received {dtype} up to {highest:g}, which looks like 0 to 1. "
            "If so: np.rint(images * 255).astype('uint8')."
        )


def check_every_class(images: Images) -> None:
    """Check that there are two classes or more, and an image of each.

    Raises:
        ValueError: one class only, or a class without an image.
    """
    if len(images.classes) < FEWEST_CLASSES:
        raise ValueError(
            f"Expected at least 2 classes; received one ({images.classes[0]!r}): there is nothing to tell apart."
        )
    empty = [name for name, count in zip(images.classes, images.counts, strict=True) if count == 0]
    if empty:
        raise ValueError(
            f"Expected images of every class; none of {', '.join(empty)}. Add some, or leave the class out"
            " (and number the labels from 0 without gaps)."
        )


def as_array(values: Any, what: str) -> np.ndarray:
    """Make one array of a list; raises a ValueError where the entries differ in shape."""
    try:
        return np.asarray(values)
    except ValueError as error:
        raise ValueError(
            f"Expected {what} that fit one array; received some of different shapes. "
            "Load images of mixed sizes from a folder, which resizes them, or resize them first."
        ) from error


def _check_shape(images: np.ndarray) -> None:
    shape = images.shape
    if images.dtype == object:
        raise ValueError(
            "Expected one array of (N, H, W, 3); received an object array, so images of mixed sizes. "
            "Load them from a folder, which resizes them, or resize them first."
        )
    if 0 in shape:
        raise ValueError(f"Expected images; received none: an array of shape {shape}.")
    if len(shape) != 4 or shape[-1] != 3:
        raise ValueError(f"Expected RGB images (N, H, W, 3); received an array of shape {shape}. {_shape_fix(shape)}")


def _shape_fix(shape: tuple[int, ...]) -> str:
    match shape:
        case (_, _, 3 | 4):
            return "For one image: images[None]."
        case (_, _, _) | (_, _, _, 1):
            grey = "images" if len(shape) == 4 else "images[..., None]"
            return f"For grey images: np.repeat({grey}, 3, axis=-1)."
        case (_, _, _, 4):
            return "To drop the alpha channel: images[..., :3]."
        case (_, 1 | 3, _, _):
            return "To put the channels last: images.transpose(0, 2, 3, 1)."
    return "Pass images of shape (N, H, W, 3)."


def _check_range(images: np.ndarray) -> None:
    if images.dtype.kind not in "iuf":
        raise ValueError(f"Expected uint8 images of 0 to 255; received {images.dtype}.")
    if not np.isfinite(images).all():
        raise ValueError("Expected finite pixels of 0 to 255; received NaN or infinity. Find them: np.isnan(images).")
    low, high = images.min(), images.max()
    if low < 0 or high > 255:
        raise ValueError(
            f"Expected pixels of 0 to 255; received {low:g} to {high:g}. Undo the normalisation: it is in the network."
        )
