"""Checks of labels, as numbers or as names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np


def as_labels(
    labels: np.ndarray, count: int, classes: Sequence[str] | None = None
) -> tuple[np.ndarray, tuple[str, ...]]:
    """Check labels and return them as ``(N,)`` int64 with the classes' names.

    Raises:
        ValueError: labels of another shape, length, type or range, or names that are no names.
    """
    names = None if classes is None else as_names(classes)
    labels = _flat(labels, count)
    if labels.dtype.kind in "US":
        return _from_names(labels.astype(str), names)
    if labels.dtype.kind not in "iu":
        raise ValueError(
            f"Expected integer labels or names; received {labels.dtype}. Convert them: labels.astype('int64')."
        )
    return labels.astype(np.int64), _names_of(int(labels.min()), int(labels.max()), count, names)


def as_names(classes: Sequence[str]) -> tuple[str, ...]:
    """Check the classes' names.

    Raises:
        ValueError: one string, or a name that comes twice.
    """
    if isinstance(classes, str):
        raise ValueError(f"Expected the classes as a list of names; received the string {classes!r}.")
    names = tuple(str(name) for name in classes)
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        raise ValueError(f"Expected every class once; received {', '.join(twice)} more than once.")
    return names


def column_names(classes: Sequence[object], count: int) -> tuple[str, ...]:
    """Check the classes' names of a model's columns.

    Raises:
        ValueError: not one name a column, or a name that comes twice.
    """
    names = as_names([str(name) for name in classes] if not isinstance(classes, str) else classes)
    if len(names) != count:
        raise ValueError(
            f"Expected classes with a name for each of {count} columns; received {len(names)}. "
            "Name all of them, in the columns' order."
        )
    return names


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
    if labels.dtype == object and all(isinstance(label, str | bytes) for label in labels):
        return np.array([label.decode() if isinstance(label, bytes) else label for label in labels])
    return labels


def _from_names(labels: np.ndarray, classes: tuple[str, ...] | None) -> tuple[np.ndarray, tuple[str, ...]]:
    names = tuple(sorted(set(labels.tolist()))) if classes is None else classes
    unknown = sorted(set(labels.tolist()) - set(names))
    if unknown:
        raise ValueError(f"Expected labels among {', '.join(names)}; received also {', '.join(unknown)}.")
    index = {name: position for position, name in enumerate(names)}
    return np.array([index[label] for label in labels.tolist()], dtype=np.int64), names


def _names_of(low: int, high: int, count: int, classes: tuple[str, ...] | None) -> tuple[str, ...]:
    """The names of integer labels from ``low`` to ``high`` on ``count`` images."""
    if classes is not None and not 0 <= low <= high < len(classes):
        raise ValueError(
            f"Expected labels of 0 to {len(classes) - 1} for {len(classes)} classes; received {low} to {high}. "
            "Count them from 0."
        )
    # Without this, numbers such as patients' would be counted up to, name by name.
    if classes is None and not 0 <= low <= high < count:
        raise ValueError(
            f"Expected labels counted from 0 without gaps; received {low} to {high} on {count} images. "
            "Number them: np.unique(labels, return_inverse=True)[1]."
        )
    return tuple(str(number) for number in range(high + 1)) if classes is None else classes
