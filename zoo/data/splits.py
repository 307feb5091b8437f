"""Stratified, seeded splits."""

from __future__ import annotations

import logging
from collections.abc import Sequence

import numpy as np

from zoo.data.duplicates import rows_by_key
from zoo.data.group_splits import deal_groups
from zoo.data.groups import warn_of_leaks
from zoo.data.images import Images, Splits
from zoo.data.split_words import HELD_OUT, SPLITS

logger = logging.getLogger(__name__)

TOLERANCE = 1e-9  # 0.07 * 100 is 7.000000000000001, and 0.29 * 100 is 28.999999999999996


def split(images: Images, *, validation: float = 0.2, test: float = 0.0, seed: int = 0) -> Splits:
    """Divide images, every class in the same fractions (the second report: ``validation=0.08, test=0.2``).

    Of every class each split holds its fraction to within one image, and training at least one. Copies of one picture
    stay in one split, and so do images of one group; fractions are then met as well as that allows.

    Args:
        images: what to divide.
        validation: fraction of all images, 0 up to 1; 0 for no such split.
        test: likewise.
        seed: the same seed gives the same split of the same data.

    Raises:
        ValueError: shares that leave nothing to train on, or a class with too few images, or groups, for every split.
    """
    shares = {"train": 1 - validation - test, "validation": validation, "test": test}
    if min(validation, test) < 0 or not shares["train"] > TOLERANCE:
        raise ValueError(f"Expected shares of 0 or more that leave some to train on; received {validation} and {test}.")
    shares = {name: share for name, share in shares.items() if share > 0}
    counts = _counts(images, shares)
    single = images.groups is None and len(set(images.digests)) == len(images)
    parts = _deal(images, counts, seed) if single else deal_groups(images, counts, [*shares], seed)
    return Splits(**{name: images.subset(rows) for name, rows in zip(shares, parts, strict=True)})


def divided(images: Images, owners: Sequence[str]) -> Splits:
    """Divide images by the split that each belongs to: ``(N,)`` of ``train``, ``validation`` and ``test``.

    Raises:
        ValueError: none to train on, as where none of these could be read.
    """
    parts = {split: images.subset(np.asarray(owners) == split) for split in SPLITS if split in owners}
    if "train" not in parts:
        left = ", ".join(f"{len(part)} of {split}" for split, part in parts.items())
        raise ValueError(f"Expected images to train on that can be read; received {left or 'none'} alone. Mend these.")
    return Splits(**parts)


def hold_out(train: Splits, validation: Splits | None = None, *, share: float = HELD_OUT, seed: int = 0) -> Splits:
    """Make sure that there is a validation split, and log it where it is taken from the training images.

    What is held out is what :func:`split` would draw, but that copies of one picture stay on one side: a network
    fits the images that it was trained on, and scores on their copies would mislead early stopping. Groups stay whole
    too. Validation images that are given are left as they are, with a warning where training has them too, or others
    of their groups.

    Raises:
        ValueError: validation images of other classes or another size, or with several splits of which none is called
            so; or too few images, or different ones, to hold a share out.
    """
    if validation is not None:
        given = validating(validation)
        _check_alike(train.train, given)
        train = Splits(train.train, given, train.test)
    warn_of_leaks(train)
    if train.validation is not None:
        return train
    held = _hold_out(train.train, {"train": 1 - share, "validation": share}, seed)
    if not held.any():
        raise ValueError(
            f"Expected different pictures, some to hold out for validation; the {len(held)} images are copies of too "
            "few. Pass validation images, or leave copies out: zoo.data.drop_duplicates."
        )
    how = "stratified" if train.train.groups is None else "stratified, groups whole"
    logger.info(
        "no validation images given: %d of %d are held out for it (%s, seed %d)", held.sum(), len(held), how, seed
    )
    return Splits(train.train.subset(~held), train.train.subset(held), train.test)


def validating(given: Splits) -> Images:
    """The images to validate with of a source that was given for that: its validation split, or its only one.

    Raises:
        ValueError: several splits, of which none is for validation.
    """
    if given.validation is None and given.test is not None:
        named = ", ".join(f"{len(images):,} {name}" for name, images in given.items())
        raise ValueError(
            f"Expected validation images, or a source with a split of that name; received splits of {named} images. "
            "Pass one of them: zoo.load(source).test."
        )
    return given.train if given.validation is None else given.validation


def limit(images: Images, count: int | None, *, seed: int = 0) -> Images:
    """Keep a stratified, seeded ``count`` of the images; all of them where there are no more, or for None.

    Of a group some images may go and others stay: what is left out is in no other split.

    Raises:
        ValueError: a count below one image a class.
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


def _counts(images: Images, shares: dict[str, float]) -> np.ndarray:
    """How many images of each class each split gets: ``(classes, splits)``."""
    _check_enough(images, shares)
    return _divide(images.counts, np.array(list(shares.values())))


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


def _hold_out(images: Images, shares: dict[str, float], seed: int) -> np.ndarray:
    """Draw rows to hold out: ``(N,)`` bool."""
    counts = _counts(images, shares)
    if images.groups is None:
        return _draw_whole(images, counts, seed)
    held = np.zeros(len(images), dtype=bool)
    held[deal_groups(images, counts, [*shares], seed)[1]] = True
    return held


def _draw_whole(images: Images, counts: np.ndarray, seed: int) -> np.ndarray:
    """Draw ``counts[class, 1]`` rows, ``(N,)`` bool, with all copies of a picture or none.

    Pictures whose first copy :func:`_deal` draws come first, so that copies make none likelier; where one has more
    copies than there is room for, others are drawn instead. A class falls short of its count only where every
    picture of it that comes once is drawn.
    """
    drawn, held = np.zeros((2, len(images)), dtype=bool)
    drawn[_deal(images, counts, seed)[1]] = True
    pictures = rows_by_key(images.digests)
    order = np.random.default_rng(seed).permutation(len(pictures))
    room = counts[:, 1].copy()
    for rows in sorted((pictures[number] for number in order), key=lambda rows: not drawn[rows[0]]):
        needed = np.bincount(images.labels[rows], minlength=len(room))
        if (needed <= room).all():
            held[rows] = True
            room -= needed
    return held


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
