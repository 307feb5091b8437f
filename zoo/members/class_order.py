"""The order of a fitted member's classes: by their names where these are known, else by what it answers."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from copy import copy
from unicodedata import normalize

import numpy as np

from zoo.members.member import Member
from zoo.models.from_keras import reordered

logger = logging.getLogger(__name__)

LEVEL = 1e-3  # of the tests: one honest member in a thousand is doubted
HALVES = 2


def table_of(keys: str) -> str:
    """Say where keys of a trained model's member are written for ``zoo fit``, whose ``--member`` takes a path alone."""
    return f'zoo fit FILE.toml with [[members]] model = "mine.keras", {keys}'


def in_order(member: Member, classes: Sequence[str]) -> Member:
    """Put a fitted member's columns into the order of some classes, by name.

    A member whose classes are not known is left as it is; one of other names throughout too, with a warning.

    Raises:
        ValueError: names that were given are not the data's; or some are the same and stand at other places, so that
            nothing tells which is meant.
    """
    own, wanted = _plain(member.classes or ()), _plain(classes)
    if own == wanted or not own:
        return member
    if set(own) == set(wanted):
        logger.info("%s: its columns are put into the order of the data's classes", member.name)
        return _reordered(member, [own.index(name) for name in wanted], tuple(classes))
    elsewhere = [name for place, name in enumerate(wanted) if name in own and own[place] != name]
    if elsewhere or member.named:
        raise ValueError(
            f"Expected a member of the classes {', '.join(classes)}; received one of "
            f"{', '.join(member.classes or ())}. Name them as the data does: Member.from_keras(model, classes=[...]), "
            f"or {table_of('classes = [...]')}."
        )
    logger.warning(
        "%s: its classes %s are taken for %s, by their place", member.name, ", ".join(own), ", ".join(wanted)
    )
    return member


def best_order(predicted: np.ndarray, labels: np.ndarray, classes: int) -> np.ndarray:
    """Which column answers each class, ``(classes,)``, so that most rows are right; as it stands where that is equal.

    Args:
        predicted: ``(n,)`` the column that each row answers.
        labels: ``(n,)`` class ids.
        classes: how many there are.
    """
    from scipy.optimize import linear_sum_assignment

    table = np.zeros((classes, classes))
    np.add.at(table, (labels, predicted), 1)
    return np.asarray(linear_sum_assignment(table + np.eye(classes) / 2, maximize=True)[1])


def right_reordered(predicted: np.ndarray, labels: np.ndarray, classes: int) -> np.ndarray:
    """Which rows ``(n,)`` bool would be right, each under the order that the other half of the rows chooses.

    An order that is chosen on the rows that it is scored on is always better, for few rows much better.
    """
    half = np.zeros(len(labels), int)
    for label in range(classes):
        rows = np.flatnonzero(labels == label)
        half[rows] = np.arange(len(rows)) % HALVES
    right = np.zeros(len(labels), bool)
    for number in range(HALVES):
        chosen, scored = half != number, half == number
        order = best_order(predicted[chosen], labels[chosen], classes)
        right[scored] = predicted[scored] == order[labels[scored]]
    return right


def is_better(one: np.ndarray, other: np.ndarray) -> bool:
    """Test whether the rows ``(n,)`` bool of one are right more often than those of the other; one-sided sign test."""
    from scipy.stats import binomtest

    won, lost = int(np.sum(one & ~other)), int(np.sum(other & ~one))
    return bool(won and binomtest(won, won + lost, alternative="greater").pvalue < LEVEL)


def _reordered(member: Member, columns: Sequence[int], classes: tuple[str, ...]) -> Member:
    """The same member with other columns first, as a network from elsewhere: it has no plan."""
    moved = copy(member)
    moved.plan, moved.classes = None, classes
    moved._model, moved._folder, moved._record = reordered(member.model, columns), None, {}
    return moved


def _plain(names: Sequence[str]) -> tuple[str, ...]:
    """Names in one Unicode form, as file systems differ in theirs."""
    return tuple(normalize("NFC", str(name)) for name in names)
