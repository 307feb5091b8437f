"""How well each class is told by the rule that predicts, and which classes it takes for which."""

from __future__ import annotations

from typing import Any

import numpy as np

from ensembles.shares import recalls
from zoo.data.images import Images
from zoo.evaluation.scoring import fair_logits
from zoo.report.class_table import ClassTable, ConfusionTable
from zoo.state.state import EnsembleState


def per_class(state: EnsembleState, split: str, images: Images) -> ClassTable:
    """Score each class; see :meth:`zoo.Ensemble.per_class`. On the held-out images the rule is fitted out of fold.

    Raises:
        ValueError: the rule could not be fitted, or not out of fold.
    """
    return class_table(state, split, images, fair_logits(state, images).argmax(axis=1))


def class_table(state: EnsembleState, split: str, images: Images, predicted: np.ndarray) -> ClassTable:
    """Score predictions ``(N,)`` class by class."""
    groups = state.groups_of(images)
    found = recalls(predicted == images.labels, images.labels, groups)
    rows = [_row(images, label, predicted, groups) for label in range(len(images.classes))]
    for label, sure in found.items():
        rows[label] |= {"recall": sure.value, "recall_low": sure.low, "recall_high": sure.high}
    return ClassTable(rows, state.describe(images, split))


def confusions(state: EnsembleState, split: str, images: Images) -> ConfusionTable:
    """Count confusions of the rule that answers; see :meth:`zoo.Ensemble.confusions`."""
    predicted = fair_logits(state, images).argmax(axis=1)
    return ConfusionTable(confused_pairs(images.labels, predicted, images.classes), state.describe(images, split))


def confused_pairs(labels: np.ndarray, predicted: np.ndarray, classes: tuple[str, ...]) -> list[dict[str, Any]]:
    """Count the wrong answers ``(N,)`` by true class and answer."""
    wrong = labels != predicted
    pairs, counts = np.unique(np.stack([labels[wrong], predicted[wrong]], axis=1), axis=0, return_counts=True)
    totals = np.bincount(labels, minlength=len(classes))
    return [
        {"label": classes[a], "answer": classes[b], "images": int(count), "share": float(count / totals[a])}
        for (a, b), count in zip(pairs, counts, strict=True)
    ]


def _row(images: Images, label: int, predicted: np.ndarray, groups: np.ndarray | None) -> dict[str, Any]:
    own = images.labels == label
    wrong = np.bincount(predicted[own & (predicted != label)], minlength=len(images.classes))
    return {
        "name": images.classes[label],
        "rows": int(own.sum()),
        "groups": None if groups is None else len(np.unique(groups[own])),
        "taken_for": images.classes[wrong.argmax()] if wrong.any() else None,
    }
