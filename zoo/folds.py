"""Rules as they may answer for some images: out of fold where they were fitted on them."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

import ensembles
from ensembles.crossval import stratified_folds
from zoo.data.images import Images

if TYPE_CHECKING:
    from zoo.ensemble import Ensemble

FOLDS = 5


class Combines(Protocol):
    """Makes one answer of logits: a fitted rule, or copies of it that were fitted out of fold."""

    def combine(self, logits: np.ndarray) -> np.ndarray:
        """Combine logits ``(members, N, classes)`` to ``(N, classes)`` float32."""


@dataclass(frozen=True, eq=False)
class OutOfFold:
    """A learned rule in copies, each fitted without some of the rows, for the rows that it did not see.

    Combining the logits that the copies were fitted on is :func:`ensembles.out_of_fold`; logits of other versions of
    the same images, such as corrupted ones, are combined as honestly.

    Attributes:
        rules: the copies.
        fold: ``(N,)`` which copy has not seen each row.
    """

    rules: tuple[ensembles.Rule, ...]
    fold: np.ndarray

    def combine(self, logits: np.ndarray) -> np.ndarray:
        """Combine logits ``(members, N, classes)`` to ``(N, classes)`` float32, every row by the copy for it."""
        combined = np.empty(logits.shape[1:], np.float32)
        for number in np.unique(self.fold):
            rows = self.fold == number
            combined[rows] = self.rules[number].combine(logits[:, rows])
        return combined

    def of(self, rows: np.ndarray) -> OutOfFold:
        """Keep some rows, by index."""
        return OutOfFold(self.rules, self.fold[rows])


def out_of_fold(rule: ensembles.Rule, logits: np.ndarray, labels: np.ndarray, *, seed: int = 0) -> OutOfFold:
    """Fit copies of a rule on all folds but one each, as :func:`ensembles.out_of_fold` does.

    Raises:
        ValueError: a class with a single row.
    """
    fold, copies = np.empty(len(labels), int), []
    folds = stratified_folds(labels, FOLDS, seed).split(labels, labels)
    for number, (seen, held_out) in enumerate(folds):
        copies.append(deepcopy(rule).fit(logits[:, seen], labels[seen]))
        fold[held_out] = number
    return OutOfFold(tuple(copies), fold)


def fair_rules(ensemble: Ensemble, images: Images) -> tuple[dict[str, Combines], dict[str, str]]:
    """The rules as they may answer for these images, by name, and the status of those that may not.

    On the validation images of the fit they are fitted out of fold: every row is combined by a copy that was fitted on
    others.
    """
    if not ensemble.seen_.is_validation(images):
        return dict(ensemble.rules_), {}
    logits = stored_logits(ensemble, images)
    fair: dict[str, Combines] = {}
    unscored = {}
    for name, rule in ensemble.rules_.items():
        try:
            fair[name] = out_of_fold(rule, logits, images.labels)
        except ValueError as error:
            unscored[name] = f"fitted, not scored: {error}"
    return fair, unscored


def stored_logits(ensemble: Ensemble, images: Images) -> np.ndarray:
    """Every member's logits ``(members, N, classes)``, from the store where it has them."""
    pairs = zip(ensemble.keys_, ensemble.members_, strict=True)
    return np.stack([ensemble.store_.logits(key, member, images) for key, member in pairs])
