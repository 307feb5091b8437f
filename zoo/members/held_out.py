"""Which networks predict which images that they were not trained on: the validation images, or fold by fold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from zoo.data.groups import counts_by_class, units
from zoo.data.images import Images, Splits
from zoo.members.store import Store


@dataclass(frozen=True, eq=False)
class HeldOut:
    """Labelled images in parts, each part held out from the training of one network.

    Attributes:
        images: all of them.
        parts: the rows of each part; together every row once.
    """

    images: Images
    parts: tuple[np.ndarray, ...]

    def logits(self, keys: Sequence[str], store: Store) -> np.ndarray:
        """Logits ``(N, classes)`` float32 of every image by the network that was trained without it.

        Args:
            keys: of the networks in the store, one for each part.
            store: what keeps them.
        """
        predictions = np.empty((len(self.images), len(self.images.classes)), np.float32)
        for key, rows in zip(keys, self.parts, strict=True):
            predictions[rows] = store.logits(key, self.images.subset(rows))
        return predictions


def validation_of(data: Splits) -> HeldOut:
    """The validation images, all held out from the one network that there is."""
    images = data.to_validate()
    return HeldOut(images, (np.arange(len(images)),))


def folds_of(data: Splits, count: int, seed: int) -> HeldOut:
    """The training images in stratified folds; copies of a picture, and images of a group, stay in one fold, so that
    none is held out from a network that was trained on another.

    Raises:
        ValueError: fewer than 2 folds, or a class with fewer pictures, or groups, than folds.
    """
    from sklearn.model_selection import StratifiedGroupKFold

    images = data.train
    whole = units(images)
    _check(images, whole, count)
    divider = StratifiedGroupKFold(count, shuffle=True, random_state=seed)
    parts = tuple(rows for _, rows in divider.split(images.labels, images.labels, whole))
    _check_trained(images, parts)
    return HeldOut(images, parts)


def without_each(held_out: HeldOut, data: Splits) -> list[Splits]:
    """For each part, all other training images to train on; the validation images choose the epoch."""
    everything = np.arange(len(held_out.images))
    others = [np.setdiff1d(everything, part) for part in held_out.parts]
    return [Splits(held_out.images.subset(rows), data.to_validate()) for rows in others]


def _check(images: Images, whole: np.ndarray, count: int) -> None:
    if count < 2:
        raise ValueError(f"Expected folds of 2 or more, or 0 for none; received {count}.")
    what = "images" if images.groups is None else "groups"
    counted = zip(images.classes, counts_by_class(images, whole), strict=True)
    few = [f"{name} ({n})" for name, n in counted if n < count]
    if few:
        raise ValueError(
            f"Expected at least {count} different {what} of every class for {count} folds; too few of "
            f"{', '.join(few)}. Add some, take fewer folds, or leave the class out."
        )


def _check_trained(images: Images, parts: tuple[np.ndarray, ...]) -> None:
    """Check that no fold holds all images of a class."""
    for rows in parts:
        lost = np.flatnonzero(images.counts == np.bincount(images.labels[rows], minlength=len(images.classes)))
        if len(lost):
            raise ValueError(
                f"Expected folds that leave images of every class to train on; all of {images.classes[lost[0]]} fell "
                "into one, with its groups. Take another seed, or fewer folds."
            )
