"""Stratified, seeded splits."""

from __future__ import annotations

import logging

import numpy as np

from zoo.data.images import Images, Splits

logger = logging.getLogger(__name__)

HELD_OUT = 0.2
TOLERANCE = 1e-9  # 0.07 * 100 is 7.000000000000001, and 0.29 * 100 is 28.999999999999996


def split(images: Images, *, validation: float = 0.2, test: float = 0.0, seed: int = 0) -> Splits:
    """Divide images, every class in the same shares (the second report: ``validation=0.08, test=0.2``).

    Of every class each split holds its share to within one image, and training at least one.

    Args:
        images: what to divide.
        validation: share of all images, 0 up to 1; 0 for no such split.
        test: likewise.
        seed: the same seed gives the same split of the same data.

    Raises:
        ValueError: shares that leave nothing to train on, or a class with too few images for every split.
    """
    shares = {"train": 1 - validation - test, "validation": validation, "test": test}
    if min(validation, test) < 0 or not shares["train"] > TOLERANCE:
        raise ValueError(f"Expected shares of 0 or more that leave some to train on; received {validation} and {test}.")
    shares = {name: share for name, share in shares.items() if share > 0}
    _check_enough(images, shares)
    counts = _divide(images.counts, np.array(list(shares.values())))
    parts = _deal(images, counts, seed)
    return Splits(**{name: images.subset(rows) for name, rows in zip(shares, parts, strict=True)})


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
    present = images.counts > 0
    if count < present.sum():
        raise ValueError(
            f"Expected at least one image for each of {present.sum()} classes; received a limit of {count}."
        )
    kept = present.astype(int)
    wanted = images.counts * count / len(images)
    for _ in range(count - kept.sum()):
        kept[np.argmax(wanted - kept)] += 1
    return images.subset(_deal(images, kept[:, None], seed)[0])


def _divide(counts: np.ndarray, shares: np.ndarray) -> np.ndarray:
    """Divide every class to within one image of its shares: ``(classes, splits)``.

    What rounding down leaves of a class goes to the splits that still need most (Gale and Ryser's rule), so that
    the totals fit too, but for the images that training gets to have one of every class.
    """
    wanted = counts[:, None] * shares
    floor = np.floor(wanted + TOLERANCE).astype(int)
    given = floor.copy()
    given[:, 0] = np.maximum(floor[:, 0], np.minimum(counts, 1))
    needed = _totals(wanted.sum(axis=0)) - given.sum(axis=0)
    for label, left in enumerate(counts - given.sum(axis=1)):
        need = np.where(given[label] > floor[label], -np.inf, needed)
        neediest = np.argsort(-need, kind="stable")[:left]
        given[label, neediest] += 1
        needed[neediest] -= 1
    return np.asarray(given)


def _totals(wanted: np.ndarray) -> np.ndarray:
    """Round what is held out up, as scikit-learn does, and leave the rest to training."""
    totals = np.ceil(wanted - TOLERANCE)
    totals[0] = wanted.sum() - totals[1:].sum()
    return np.asarray(totals)


def _deal(images: Images, counts: np.ndarray, seed: int) -> list[np.ndarray]:
    """Draw ``counts[class, split]`` rows for each split, in the order in which the images lie."""
    random = np.random.default_rng(seed)
    parts: list[list[np.ndarray]] = [[] for _ in counts.T]
    for label, numbers in enumerate(counts):
        rows = random.permutation(np.flatnonzero(images.labels == label))
        for part, drawn in zip(parts, np.split(rows, np.cumsum(numbers)), strict=False):
            part.append(drawn)
    return [np.sort(np.concatenate(part)) for part in parts]


def _check_enough(images: Images, shares: dict[str, float]) -> None:
    few = [f"{name} ({n})" for name, n in zip(images.classes, images.counts, strict=True) if n < len(shares)]
    if few:
        raise ValueError(
            f"Expected at least {len(shares)} images of every class to divide them into {' and '.join(shares)}; "
            f"too few of {', '.join(few)}. Add some, or leave the class out."
        )
    for name, share in shares.items():
        if round(len(images) * share) < len(images.classes):
            raise ValueError(
                f"Expected a share of {share:.0%} for {name} to hold at least one image for each of "
                f"{len(images.classes)} classes; there are {len(images)} images. Take a larger share."
            )


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
