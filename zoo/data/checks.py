"""Checks of images and labels: what was expected, what came, and what to do about it."""

from __future__ import annotations

import logging
from collections.abc import Sequence

import numpy as np

from zoo.data.images import Images

logger = logging.getLogger(__name__)

FEWEST_CLASSES = 2


def as_images(
    images: np.ndarray,
    labels: np.ndarray,
    classes: Sequence[str] | None = None,
    *,
    origins: np.ndarray | None = None,
    whole: bool = True,
) -> Images:
    """Check arrays and keep them together.

    Args:
        images: ``(N, H, W, 3)`` RGB of 0 to 255, uint8 or numbers that round to it.
        labels: ``(N,)`` or ``(N, 1)`` integers from 0, or the classes' names.
        classes: the names, in the order of the labels; by default as the labels tell.
        origins: ``(N,)`` where each came from, for messages.
        whole: every class must be there; False for a split that may lack some.

    Raises:
        ValueError: anything that would train on something else than the user meant.
    """
    pixels = as_pixels(images)
    ids, names = as_labels(np.asarray(labels), len(pixels), classes)
    origins = np.array([f"row {row}" for row in range(len(ids))]) if origins is None else origins
    checked = Images(pixels, ids, names, origins)
    if whole:
        check_every_class(checked)
    return checked


def as_pixels(images: np.ndarray) -> np.ndarray:
    """Check images and return them as uint8, without a copy where they are that already.

    Raises:
        ValueError: a shape, a channel count, a type or a range that is no RGB image of 0 to 255.
    """
    images = images if isinstance(images, np.memmap) else np.asarray(images)
    _check_shape(images)
    if images.dtype == np.uint8:
        return images
    _check_range(images)
    if images.dtype.kind == "f":
        logger.info("%s pixels of 0 to 255 were rounded to uint8", images.dtype)
        images = np.rint(images)
    return images.astype(np.uint8)


def as_labels(
    labels: np.ndarray, count: int, classes: Sequence[str] | None = None
) -> tuple[np.ndarray, tuple[str, ...]]:
    """Check labels and return them as ``(N,)`` int64 with the classes' names.

    Raises:
        ValueError: labels of another shape, length, type or range.
    """
    labels = _flat(labels, count)
    if labels.dtype.kind in "US":
        return _from_names(labels.astype(str), classes)
    if labels.dtype.kind not in "iu":
        raise ValueError(
            f"Expected integer labels or names; received {labels.dtype}. Convert them: labels.astype('int64')."
        )
    names = tuple(classes) if classes is not None else tuple(str(n) for n in range(int(labels.max()) + 1))
    if labels.min() < 0 or labels.max() >= len(names):
        raise ValueError(
            f"Expected labels of 0 to {len(names) - 1} for {len(names)} classes; "
            f"received {labels.min()} to {labels.max()}. Count them from 0."
        )
    return labels.astype(np.int64), names


def _check_shape(images: np.ndarray) -> None:
    shape = images.shape
    if images.dtype == object:
        raise ValueError(
            "Expected one array of (N, H, W, 3); received an object array, so images of mixed sizes. "
            "Load them from a folder, which resizes them, or resize them first."
        )
    if len(shape) == 4 and shape[-1] == 3 and 0 not in shape:
        return
    fix = "Pass images of shape (N, H, W, 3)."
    if len(shape) == 3 or (len(shape) == 4 and shape[-1] == 1):
        grey = "images" if len(shape) == 4 else "images[..., None]"
        fix = f"For grey images: np.repeat({grey}, 3, axis=-1)."
    elif len(shape) == 4 and shape[-1] == 4:
        fix = "To drop the alpha channel: images[..., :3]."
    elif len(shape) == 4 and shape[1] == 3:
        fix = "To put the channels last: images.transpose(0, 2, 3, 1)."
    raise ValueError(f"Expected RGB images (N, H, W, 3); received an array of shape {shape}. {fix}")


def _check_range(images: np.ndarray) -> None:
    if images.dtype.kind not in "iuf":
        raise ValueError(f"Expected uint8 images of 0 to 255; received {images.dtype}.")
    if not np.isfinite(images).all():
        raise ValueError("Expected finite pixels of 0 to 255; received NaN or infinity. Find them: np.isnan(images).")
    low, high = images.min(), images.max()
    if images.dtype.kind == "f" and high <= 1:
        raise ValueError(
            f"Expected pixels of 0 to 255; received {images.dtype} of {low:g} to {high:g}, which looks like 0 to 1. "
            "If so: np.rint(images * 255).astype('uint8')."
        )
    if low < 0 or high > 255:
        raise ValueError(
            f"Expected pixels of 0 to 255; received {low:g} to {high:g}. Undo the normalisation: it is in the network."
        )


def _flat(labels: np.ndarray, count: int) -> np.ndarray:
    if labels.ndim == 2 and labels.shape[1] == 1:
        labels = labels[:, 0]
    if labels.ndim != 1:
        raise ValueError(
            f"Expected labels of shape (N,) or (N, 1); received {labels.shape}. "
            "If they are one-hot: labels.argmax(axis=1)."
        )
    if len(labels) != count:
        raise ValueError(f"Expected one label an image; received {count} images and {len(labels)} labels.")
    if labels.dtype == object and all(isinstance(label, str) for label in labels):
        return labels.astype(str)
    return labels


def _from_names(labels: np.ndarray, classes: Sequence[str] | None) -> tuple[np.ndarray, tuple[str, ...]]:
    names = tuple(sorted(set(labels.tolist()))) if classes is None else tuple(classes)
    unknown = sorted(set(labels.tolist()) - set(names))
    if unknown:
        raise ValueError(f"Expected labels among {', '.join(names)}; received also {', '.join(unknown)}.")
    index = {name: position for position, name in enumerate(names)}
    return np.array([index[label] for label in labels.tolist()], dtype=np.int64), names


def check_every_class(images: Images) -> None:
    """Check that there is something to tell apart, and an example of each.

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
