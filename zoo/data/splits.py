"""Stratified, seeded splits."""

from __future__ import annotations

import logging

import numpy as np

from zoo.data.images import Images, Splits

logger = logging.getLogger(__name__)

FEWEST_PER_SPLIT = 1
HELD_OUT = 0.2


def split(images: Images, *, validation: float = 0.2, test: float = 0.0, seed: int = 0) -> Splits:
    """Divide images, every class in the same shares (the second report: ``validation=0.08, test=0.2``).

    Args:
        images: what to divide.
        validation: share of all images, 0 up to 1; 0 for no such split.
        test: likewise.
        seed: the same seed gives the same split of the same data.

    Raises:
        ValueError: shares that leave nothing to train on, or a class with too few images for every split.
    """
    if validation < 0 or test < 0 or validation + test >= 1:
        raise ValueError(f"Expected shares of 0 or more that leave some to train on; received {validation} and {test}.")
    rest = np.arange(len(images))
    rest, test_rows = _part(rest, images, test, seed)
    rest, validation_rows = _part(rest, images, validation / (1 - test), seed)
    return Splits(images.subset(rest), _subset(images, validation_rows), _subset(images, test_rows))


def hold_out(train: Splits, validation: Splits | None = None, *, share: float = HELD_OUT, seed: int = 0) -> Splits:
    """Make sure that there is a validation split, and say so where it is taken from the training images.

    Raises:
        ValueError: validation images of other classes or another size.
    """
    if validation is not None:
        _check_alike(train.train, validation.train)
        return Splits(train.train, validation.train, train.test)
    if train.validation is not None:
        return train
    parts = split(train.train, validation=share, seed=seed)
    logger.info(
        "no validation images given: %d of %d are held out for it (stratified, seed %d)",
        len(train.train) - len(parts.train),
        len(train.train),
        seed,
    )
    return Splits(parts.train, parts.validation, train.test)


def limit(images: Images, count: int | None, *, seed: int = 0) -> Images:
    """Keep a stratified, seeded ``count`` of the images; all of them where there are no more, or for None.

    Raises:
        ValueError: fewer than one image a class asked for.
    """
    if count is None or count >= len(images):
        return images
    kept, _ = _part(np.arange(len(images)), images, 1 - count / len(images), seed, keep=count)
    return images.subset(np.sort(kept))


def _part(
    rows: np.ndarray, images: Images, share: float, seed: int, keep: int | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Take a stratified share of the rows away; returns the rest and the share."""
    from sklearn.model_selection import train_test_split

    if share == 0:
        return rows, rows[:0]
    labels = images.labels[rows]
    _check_enough(labels, images.classes, share)
    return tuple(
        train_test_split(rows, test_size=share if keep is None else None, train_size=keep, stratify=labels, random_state=seed)
    )


def _check_enough(labels: np.ndarray, classes: tuple[str, ...], share: float) -> None:
    counts = np.bincount(labels, minlength=len(classes))
    few = [f"{name} ({count})" for name, count in zip(classes, counts, strict=True) if count <= FEWEST_PER_SPLIT]
    if few:
        raise ValueError(
            f"Expected at least {FEWEST_PER_SPLIT + 1} images of every class to take a share of {share:.0%} away; "
            f"too few of {', '.join(few)}."
        )
    if len(labels) * min(share, 1 - share) < len(classes):
        raise ValueError(
            f"Expected a share of {share:.0%} to hold and to leave at least one image for each of {len(classes)} "
            f"classes; there are {len(labels)} images."
        )


def _subset(images: Images, rows: np.ndarray) -> Images | None:
    return images.subset(np.sort(rows)) if len(rows) else None


def _check_alike(train: Images, validation: Images) -> None:
    if validation.classes != train.classes:
        raise ValueError(
            f"Expected validation images of the classes {', '.join(train.classes)}; "
            f"received {', '.join(validation.classes)}."
        )
    if validation.image_size != train.image_size:
        raise ValueError(
            f"Expected validation images of {train.image_size}, (height, width), as in training; "
            f"received {validation.image_size}."
        )
