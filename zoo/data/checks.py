"""Checks of images and labels: what was expected, what came, and what to do about it."""

from __future__ import annotations

import logging
from collections.abc import Sequence

import numpy as np

from zoo.data.cells import as_text, without_missing
from zoo.data.images import Images, digest
from zoo.data.labels import as_labels
from zoo.data.pictures.array_kinds import is_deep, some_rows, to_rgb, with_array_depth
from zoo.data.pictures.levels import Levels, check_levels, levels_of
from zoo.data.pictures.pixel_checks import (
    as_array,
    as_stack,
    brightness,
    check_brightness,
    check_header,
    check_range,
    check_scaled,
)
from zoo.data.pictures.pixel_reading import PLAIN, PixelReading
from zoo.data.pictures.tally import say_without_effect
from zoo.utils.text import nfc

logger = logging.getLogger(__name__)

FEWEST_CLASSES = 2
ALONE = 16  # letters of a picture's digest that name the group of an image without one


def as_images(
    images: np.ndarray,
    labels: np.ndarray,
    classes: Sequence[str] | None = None,
    *,
    origins: np.ndarray | None = None,
    groups: np.ndarray | None = None,
    whole: bool = True,
    reading: PixelReading = PLAIN,
    chooses: bool = True,
    dark: bool = False,
) -> Images:
    """Check arrays and keep them together.

    Args:
        images: RGB, grey or with alpha; see :func:`as_pixels`.
        labels: ``(N,)`` or ``(N, 1)`` integers from 0, or the classes' names.
        classes: the names, in the order of the labels; by default those in the labels.
        origins: ``(N,)`` where each came from, for messages.
        groups: ``(N,)`` what each shows, such as a patient, where several show the same; see :class:`Images`. One
            without (None, NaN, an empty text) is a group by itself.
        whole: every class must be there; False for a split that may lack some.
        reading: how pixels of other kinds are read.
        chooses: choose a depth range from integers of more than 8 bits where there is none.
        dark: let nearly black images pass, as of files, which nobody divided by 255.

    Raises:
        ValueError: anything that would train on something else than the user meant.
    """
    reading = with_array_depth(images, reading) if chooses else reading
    pixels = as_pixels(images, reading, dark=dark)
    if chooses and not dark and not is_deep(as_stack(images), reading):
        say_without_effect(reading)
    ids, names = as_labels(as_array(labels, "labels"), len(pixels), classes)
    origins = np.array([f"row {row}" for row in range(len(ids))]) if origins is None else origins
    own = None if groups is None else _as_groups(groups, pixels)
    checked = Images(pixels, ids, names, origins, groups=own, reading=reading)
    if whole:
        check_every_class(checked)
    return checked


def _as_groups(groups: np.ndarray, pixels: np.ndarray) -> np.ndarray:
    """Check groups; an image without one gets a name that no other picture has, in this split or in another."""
    array = as_array(groups, "groups")
    if array.shape != pixels.shape[:1]:
        raise ValueError(f"Expected groups of shape ({len(pixels)},), one an image; received {array.shape}.")
    if array.dtype.kind in "iub":
        return array
    names = without_missing(as_text(cell) for cell in array.tolist())
    alone = [row for row, name in enumerate(names) if not name]
    if alone:
        logger.warning("%d images have no group; each is one by itself", len(alone))
    for row in alone:
        names[row] = f"{digest(pixels[row]).hex()[:ALONE]} (alone)"
    return np.array([nfc(name) for name in names])


def as_pixels(images: np.ndarray, reading: PixelReading = PLAIN, *, dark: bool = False) -> np.ndarray:
    """Check images and return them as RGB bytes ``(N, H, W, 3)``, without a copy of bytes that have no alpha.

    Args:
        images: ``(N, H, W, 3)``, grey ``(N, H, W)`` or ``(N, H, W, 1)``, or with alpha ``(N, H, W, 4)``: numbers of 0
            to 255, bools, or with a depth range any numbers.
        reading: the depth range, and the colour under transparent pixels.
        dark: let nearly black images pass, for a part of a set whose other parts are brighter.

    Raises:
        ValueError: a shape, a channel count, a type or a range that is no image of 0 to 255.
    """
    images = as_stack(images)
    if not dark:
        check_pixels(images, reading)
    elif not _is_trusted(images, reading):
        check_range(images)
    if images.dtype.kind == "f" and not is_deep(images, reading) and not dark:
        logger.info("%s pixels of 0 to 255 were rounded to uint8", images.dtype)
    return to_rgb(images, reading, quiet=dark)


def check_pixels(images: np.ndarray, reading: PixelReading = PLAIN) -> None:
    """Check a whole set as :func:`as_pixels` does, some images at a time and without converting it.

    Raises:
        ValueError: as :func:`as_pixels`.
    """
    check_header(images.shape, images.dtype)
    colours = images[..., :3] if images.ndim == 4 else images
    if is_deep(images, reading):
        check_scaled(images, reading)
        check_levels(sampled_levels(colours, reading), reading)
    else:
        highest = brightness(colours) if _is_trusted(images, reading) else check_range(images)
        check_brightness(images.dtype, highest, len(images))


def sampled_levels(images: np.ndarray, reading: PixelReading) -> list[Levels]:
    """What the depth range leaves of some images, evenly taken, without their alpha; of bytes nothing is measured."""
    if reading.depth_range is None or not is_deep(images, reading):
        return []
    colours = images[..., :3] if images.ndim == 4 else images
    return [levels_of(np.asarray(colours[row]), reading.depth_range) for row in some_rows(len(images))]


def _is_trusted(images: np.ndarray, reading: PixelReading) -> bool:
    """Whether every value of the dtype can be read."""
    return is_deep(images, reading) or images.dtype in (np.uint8, np.bool_)


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
        numbered = " (and number the labels from 0 without gaps)"
        if images.classes == tuple(map(str, range(len(images.classes)))):
            numbered = f"{numbered[:-1]}, or pass any labels as they are: Ensemble.fit(X, y) instead of fit((X, y)))"
        raise ValueError(
            f"Expected images of every class; none of {', '.join(empty)}. Add some, or leave the class out{numbered}."
        )
