"""Scores of the whole suite: balanced accuracy of each kind at each severity, and how sure their mean is."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from ensembles.bootstrap import Interval, mean_interval, row_scores
from ensembles.metrics import balanced_accuracy
from zoo.data.images import Images
from zoo.data.splits import limit as choose
from zoo.shift.copies import suite
from zoo.shift.kinds import KINDS, SEVERITIES

logger = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class ShiftScores:
    """Balanced accuracies, 0 to 1.

    Attributes:
        clean: of the images as they are.
        corrupted: ``(11, 5)`` float64, each of ``KINDS`` at each of ``SEVERITIES``.
        rows: ``(N,)`` float64, the share of each image's 55 corrupted copies that was answered rightly.
        labels: ``(N,)`` class ids of these images.
    """

    clean: float
    corrupted: np.ndarray
    rows: np.ndarray
    labels: np.ndarray

    @property
    def shifted(self) -> float:
        """The mean of all 55."""
        return float(self.corrupted.mean())

    @property
    def interval(self) -> Interval:
        """The 95 % interval of :attr:`shifted`: images are drawn again class by class, each with all its copies."""
        return mean_interval(self.rows, self.labels)

    @property
    def by_kind(self) -> dict[str, float]:
        """Each kind's mean over its severities."""
        return dict(zip(KINDS, self.corrupted.mean(axis=1).tolist(), strict=True))

    @property
    def worst_kind(self) -> str:
        """The kind with the lowest mean, the first of equals."""
        return min(KINDS, key=self.by_kind.__getitem__)

    @property
    def worst(self) -> float:
        """The worst kind's mean."""
        return self.by_kind[self.worst_kind]


def shift_scores(
    logits_of: Callable[[Images], np.ndarray], images: Images, *, limit: int | None = None, seed: int = 0
) -> ShiftScores:
    """Score anything that answers images with logits, such as ``member.logits``.

    Args:
        logits_of: answers ``(N, classes)`` for images of 8-bit RGB.
        images: labelled, clean.
        limit: score a stratified choice of so many.
        seed: 0 or more, of the choice and the corruptions.

    Raises:
        ValueError: a limit below one image a class, or answers of another shape.
    """
    return score_answers(lambda shown: {"": logits_of(shown)}, choose(images, limit, seed=seed), seed=seed)[""]


def score_answers(
    answers_of: Callable[[Images], Mapping[str, np.ndarray]], images: Images, *, seed: int = 0
) -> dict[str, ShiftScores]:
    """Score several that answer together, by name, so that every image is corrupted once.

    Raises:
        ValueError: answers of another shape than ``(N, classes)``.
    """
    labels = images.labels
    clean = {name: balanced_accuracy(logits, labels) for name, logits in answers_of(images).items()}
    corrupted = {name: np.empty((len(KINDS), len(SEVERITIES))) for name in clean}
    right = {name: np.zeros(len(images)) for name in clean}
    for kind, severity, shown in suite(images, seed=seed):
        place = KINDS.index(kind), SEVERITIES.index(severity)
        for name, logits in answers_of(shown).items():
            corrupted[name][place] = balanced_accuracy(logits, labels)
            right[name] += row_scores(logits, labels, "accuracy")
        del shown  # before the next copy is made
        if severity == SEVERITIES[-1]:
            logger.info("%s (%d of %d kinds): %d images scored", kind, place[0] + 1, len(KINDS), len(images))
    return {name: ShiftScores(clean[name], own, right[name] / own.size, labels) for name, own in corrupted.items()}
