"""What is written for each class into the one column of a sample that takes the answer."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence

from zoo.data.tables.columns import plain
from zoo.data.tables.table_rows import code_column
from zoo.inference.sample import is_whole

logger = logging.getLogger(__name__)

Codes = Mapping[str, tuple[str, ...]]


def answers_of(column: str, shown: set[str], where: str, classes: Sequence[str], codes: Codes) -> tuple[str, ...]:
    """Say what is written for each class, ``(classes,)``: its name, a word of the fit's table, or its id.

    Args:
        column: of the sample.
        shown: the cells of the column that are not empty.
        where: what the column is, for messages.
        classes: the classes' names.
        codes: by a further column of the fit's table, what it has for each class.

    Raises:
        ValueError: numbers that may mean classes in several ways, or in none.
    """
    own = [name for name in codes if plain(name) == plain(column)]
    if own and not (shown and shown <= set(classes)):
        return _said(codes[own[0]], own[0], where, classes)
    ids = all(map(is_whole, shown)) and not all(map(is_whole, classes)) and not shown <= set(classes)
    if shown and ids:
        return _numbers(column, {str(int(float(text))) for text in shown}, where, classes, codes)
    if not shown & set(classes) and (known := code_column(codes, column, shown, where)) is not None:
        return _said(codes[known], known, where, classes)
    strange = sorted(shown - set(classes))
    if strange and not all(map(is_whole, shown)):
        logger.warning("%s takes the classes' names; %r, which it shows, is none of them", where, strange[0])
    return tuple(classes)


def _numbers(column: str, shown: set[str], where: str, classes: Sequence[str], codes: Codes) -> tuple[str, ...]:
    """The numbers of the fit's table, where it has some; else ids."""
    numbering = {name: own for name, own in codes.items() if all(map(is_whole, own))}
    if not numbering:
        _check_ids({int(text) for text in shown}, where, classes)
        return _said(tuple(map(str, range(len(classes)))), "", where, classes)
    having = {name: own for name, own in numbering.items() if shown <= set(own)} or numbering
    if len(set(having.values())) > 1:
        raise ValueError(
            f"Expected numbers in {where} that mean one class; the fit's table numbers the classes in different ways, "
            f"in {', '.join(map(repr, having))}. Call the column {column!r} as the one that is meant."
        )
    name, own = next(iter(having.items()))
    return _said(own, name, where, classes)


def _said(written: tuple[str, ...], column: str, where: str, classes: Sequence[str]) -> tuple[str, ...]:
    """Log what is written for which class."""
    meant = ", ".join(f"{code} {name}" for code, name in zip(written, classes, strict=True))
    what = f"what the fit's table has in {column!r}" if column else "ids"
    logger.warning("%s takes %s: %s", where, what, meant)
    return written


def _check_ids(shown: set[int], where: str, classes: Sequence[str]) -> None:
    """Check that the numbers of a sample may be ids, which are counted from 0.

    Raises:
        ValueError: an unknown id: the contest numbers the classes in another way.
    """
    beyond = sorted(number for number in shown if not 0 <= number < len(classes))
    if beyond:
        raise ValueError(
            f"Expected ids of 0 to {len(classes) - 1} in {where}; received {beyond[0]}, so these number the classes in "
            "another way. Fit on a table whose labels are these numbers, or write classes' names into the sample."
        )
