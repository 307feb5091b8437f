"""Labels of datasets that come one after another: their shapes, and which classes they mean."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

import numpy as np

from zoo.data.cells import as_label_texts, class_names
from zoo.data.class_names import FittedClasses
from zoo.data.labels import check_numbering

logger = logging.getLogger(__name__)


def element_labels(label: Any, count: int, image: tuple[int, ...]) -> np.ndarray:
    """The labels of one element, ``(n,)``, whether it is a batch or one image; one-hot rows are ids.

    Args:
        label: of the element.
        count: of its images.
        image: the shape of the element, for the message.

    Raises:
        ValueError: neither one label an image nor one-hot rows.
    """
    labels = np.asarray(label)
    if labels.size == count and labels.ndim <= 2:
        return labels.reshape(count)
    if labels.dtype.kind in "biuf" and labels.ndim <= 2 and labels.size and labels.size % count == 0:
        rows = labels.reshape(count, -1)
        if np.isin(rows, (0, 1)).all() and (rows.sum(axis=1) == 1).all():
            return np.asarray(rows.argmax(axis=1))
    raise ValueError(
        f"Expected one label an image, or one-hot labels; received labels of shape {labels.shape} for images {image}. "
        "An image has one class here: dataset.map(lambda image, label: (image, tf.argmax(label, -1)))."
    )


def named(
    labels: np.ndarray, own: Sequence[str] | None, classes: Sequence[str] | None
) -> tuple[np.ndarray, Sequence[str] | None]:
    """Name ids by the stream's own classes, so that they mean the same whatever the order of those asked for.

    Args:
        labels: ``(N,)`` of all elements.
        own: the stream's own names, in the order of its ids; None where it has none.
        classes: the names that were asked for.

    Returns:
        labels and classes as :func:`zoo.data.checks.as_images` takes them.

    Raises:
        ValueError: ids beyond the stream's own names.
    """
    if labels.dtype.kind == "f" and (np.isfinite(labels) & (labels == np.rint(labels))).all():
        labels = labels.astype(np.int64)
    if labels.dtype.kind in "SUO":
        texts = as_label_texts(labels.tolist(), classes or own)
        return np.array(texts), class_names(texts, classes or own)
    if own is None or labels.dtype.kind not in "iub":
        check_numbering(labels, classes)
        _warn_of_order(labels, classes)
        return labels, classes
    ids = labels.astype(np.int64)
    if not 0 <= ids.min() <= ids.max() < len(own):
        raise ValueError(
            f"Expected labels of 0 to {len(own) - 1} for the classes {', '.join(own)}; received {ids.min()} to "
            f"{ids.max()}. Count them from 0."
        )
    asked = () if isinstance(classes, FittedClasses) else tuple(classes or ())
    if len(asked) == len(own) and not set(asked) & set(own):
        pairs = ", ".join(f"{name} is {other}" for name, other in zip(own, asked, strict=True))
        logger.warning("the dataset's classes are called otherwise, and are taken by their order: %s", pairs)
        return ids, asked
    return np.array([own[number] for number in ids.tolist()]), classes or own


def _warn_of_order(labels: np.ndarray, classes: Sequence[str] | None) -> None:
    """Ids may count classes that were sorted as texts, 1, 10, 2, as Keras sorts folders."""
    if classes is not None and list(classes) != sorted(classes) and labels.dtype.kind in "iu":
        pairs = ", ".join(f"{number} {name}" for number, name in enumerate(classes))
        logger.warning(
            "a dataset without class_names: its labels are taken as ids in the order %s. Keras sorts folders as texts; "
            "if it made the dataset, set dataset.class_names",
            pairs,
        )
