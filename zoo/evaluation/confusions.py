"""What is taken for what, and the answer for each image."""

from __future__ import annotations

from typing import Any

import numpy as np

import ensembles
from zoo.data.images import Images
from zoo.evaluation.abstention import uncertainty_of
from zoo.evaluation.scoring import fair_logits
from zoo.report.class_table import ConfusionTable
from zoo.report.table_kind import TableKind
from zoo.state.state import EnsembleState

OF_ANSWERS = TableKind(("path", "label", "class", "class_id", "right", "uncertainty"), "probability_.*")


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


def answer_rows(state: EnsembleState, images: Images) -> list[dict[str, Any]]:
    """The answer for each image, in the columns of :func:`zoo.predict`; see :meth:`zoo.Ensemble.answered`."""
    logits = fair_logits(state, images)
    unsure = uncertainty_of(state, images, state.stored_logits(images), logits)
    return [
        {
            "path": str(origin),
            "label": images.classes[label],
            "class": images.classes[own.argmax()],
            "class_id": int(own.argmax()),
            "right": bool(own.argmax() == label),
            **{f"probability_{name}": float(share) for name, share in zip(images.classes, own, strict=True)},
            "uncertainty": float(doubt),
        }
        for origin, label, own, doubt in zip(
            images.origins, images.labels, ensembles.metrics.softmax(logits), unsure, strict=True
        )
    ]
