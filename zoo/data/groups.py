"""Groups: images that show the same, such as one patient, slide or video, and must not be divided.

A network recognises what it was trained on, so a group that lies on both sides of a split gives too good a score.
"""

from __future__ import annotations

import hashlib
import logging
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace
from itertools import combinations
from pathlib import PurePath
from typing import Any

import numpy as np

from zoo.data.cells import as_text
from zoo.data.duplicates import rows_by_key
from zoo.data.images import Images, Splits
from zoo.utils.hashing import short_hash
from zoo.utils.text import count_of, nfc

logger = logging.getLogger(__name__)

NAMED = 3  # files in a message
_TOLD = ContextVar("told", default=False)
ROW = re.compile(r"row \d+")  # the origin of what is no file


def partition_key(images: Images) -> str:
    """Name how groups and copies divide images, whatever the groups are called; "" where there are no groups."""
    if images.groups is None:
        return ""
    number: dict[int, int] = {}
    return short_hash([number.setdefault(unit, len(number)) for unit in units(images).tolist()])


def with_groups(splits: Splits, pattern: str) -> Splits:
    """Group images by their files' paths; groups that they had are replaced.

    Args:
        splits: loaded from files.
        pattern: a regular expression, searched in the path under the source's folder, with ``/`` between its parts.
            Its first group in brackets names the image's group, or without brackets all that it matches.

    Raises:
        ValueError: no regular expression, images that come from no files, or a file that it does not match.
    """
    grouped = splits.map(lambda images: replace(images, groups=groups_of_files(images.origins, pattern)))
    sizes = np.unique(np.concatenate([images.groups for _, images in grouped.items()]), return_counts=True)[1]
    logger.info("groups: %d, of %d to %d images, by %s", len(sizes), sizes.min(), sizes.max(), pattern)
    return grouped


def with_groups_if_found(splits: Splits, pattern: str | None) -> Splits:
    """Group images as others were, if that can be done: not where they have groups, or the pattern does not match."""
    if pattern is None or any(images.groups is not None for _, images in splits.items()):
        return splits
    try:
        return with_groups(splits, pattern)
    except ValueError as error:
        logger.warning("no groups, though those of the fit were found by %s: %s", pattern, error)
        return splits


def groups_of_files(origins: Sequence[str] | np.ndarray, pattern: str) -> np.ndarray:
    """Read the group of each file from its path: ``(N,)`` texts; arguments and errors are :func:`with_groups`'."""
    expression = compiled(pattern)
    paths = [PurePath(str(origin)).as_posix() for origin in origins]
    if any(ROW.fullmatch(path) for path in paths):
        raise ValueError(
            "Expected files for group_from (--group-from); received images of an array, which have no paths. "
            "Pass groups: zoo.data.as_images(images, labels, groups=groups)."
        )
    matches = [expression.search(path) for path in paths]
    names = [match and match[min(1, expression.groups)] for match in matches]
    missing = [path for path, name in zip(paths, names, strict=True) if name is None]
    if missing:
        raise ValueError(
            f"Expected group_from (--group-from) to match every file; {pattern!r} does not match {len(missing)} of "
            f"{len(paths)}, such as {', '.join(missing[:NAMED])}. Change the expression, or move the files."
        )
    return np.array([nfc(str(name)) for name in names])  # file systems differ in their Unicode forms


def compiled(pattern: str) -> re.Pattern[str]:
    """Compile a regular expression.

    Raises:
        ValueError: it cannot be compiled.
    """
    try:
        return re.compile(pattern)
    except re.error as error:
        raise ValueError(
            f"Expected group_from (--group-from) as a regular expression; received {pattern!r}: {error}."
        ) from error


def group_digests(groups: np.ndarray | None) -> list[bytes]:
    """Hash the name of each image's group to 16 bytes, so that files need not hold names; nothing without groups.

    A number and its text are one name. Names that can be guessed, such as short numbers, can be found again by trying.
    """
    names = [] if groups is None else np.asarray(groups).tolist()
    known = {name: hashlib.blake2b(group_name(name).encode(), digest_size=16).digest() for name in set(names)}
    return [known[name] for name in names]


def group_name(name: Any) -> str:
    """The name of a group as text, so that ``3``, ``3.0``, which pandas makes of it, and ``"3"`` are one.

    >>> group_name(3.0), group_name(3), group_name("3")
    ('3', '3', '3')
    """
    return nfc(as_text(name))


def units(images: Images) -> np.ndarray:
    """Number what must stay together: images of one group, copies of one picture, and all that these link.

    Returns:
        ``(N,)`` int64, numbered in the order in which units come first.
    """
    first = np.arange(len(images))
    ends = [_firsts(rows_by_key(images.digests), len(images))]
    if images.groups is not None:
        ends.append(_firsts(rows_by_key(np.asarray(images.groups).tolist()), len(images)))
    starts, linked = np.tile(first, len(ends)), np.concatenate(ends)
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    graph = coo_matrix((np.ones(len(starts)), (starts, linked)), shape=(len(images), len(images)))
    found = connected_components(graph, directed=False)[1]
    _, rows, numbers = np.unique(found, return_index=True, return_inverse=True)
    return np.asarray(np.argsort(np.argsort(rows))[numbers])


def of_groups(groups: np.ndarray | None) -> str:
    """Say how many groups there are, to follow a number of images: `` of 40 groups``, or nothing."""
    return "" if groups is None else f" of {count_of(len(np.unique(groups)), 'group')}"


def counts_by_class(images: Images, numbers: np.ndarray) -> np.ndarray:
    """Count the different units, or groups, of each class: ``(classes,)``."""
    return np.array([len(np.unique(numbers[images.labels == label])) for label in range(len(images.classes))])


@contextmanager
def leaks_are_told() -> Iterator[None]:
    """Warn of no leaks while the block runs: whoever divided these images was warned of them."""
    token = _TOLD.set(True)
    try:
        yield
    finally:
        _TOLD.reset(token)


def warn_of_leaks(splits: Splits) -> None:
    """Warn of pictures and of groups that lie in two splits."""
    if _TOLD.get():
        return
    for (name, images), (other, others) in combinations(splits.items(), 2):
        copies = np.isin(others.digests, images.digests).sum()
        if copies:
            text = "%d of %d %s images lie in %s too; zoo.data.drop_duplicates removes them"
            logger.warning(text, copies, len(others), other, name)
        _warn_of_groups(name, images, other, others)


def _warn_of_groups(name: str, images: Images, other: str, others: Images) -> None:
    if images.groups is None or others.groups is None:
        return
    known, own = set(map(group_name, images.groups.tolist())), set(map(group_name, others.groups.tolist()))
    shared = sorted(known & own)
    if shared:
        logger.warning(
            "%d of %d groups of %s lie in %s too (%s), so its score is too good: divide by groups",
            *(len(shared), len(own), other, name, ", ".join(shared[:NAMED])),
        )


def _firsts(parts: list[list[int]], count: int) -> np.ndarray:
    """The first row of each row's part."""
    firsts = np.empty(count, np.int64)
    for rows in parts:
        firsts[rows] = rows[0]
    return firsts
