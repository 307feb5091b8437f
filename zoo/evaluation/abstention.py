"""Predictions with their uncertainty, and abstention where it is too high."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any

import numpy as np

import ensembles
from ensembles.uncertainty import measure
from zoo.data.images import Images
from zoo.ensemble_options import DISTANCE
from zoo.evaluation.cautions import caution_of_threshold
from zoo.evaluation.scoring import fair_logits
from zoo.report.table_kind import TableKind
from zoo.report.tables import Lines, as_html
from zoo.state.out_of_distribution import OutOfDistribution
from zoo.state.state import EnsembleState

logger = logging.getLogger(__name__)

ABSTAIN = 0.01  # share of errors that is allowed where none is asked for

MOST_SHOWN = 10  # rows in a notebook
OF_ANSWERS = TableKind(("path", "label", "class", "class_id", "right", "uncertainty"), "probability_.*")
HEADS = ("row", "label", "probability", "uncertainty", "accepted", "classes in the set")


@dataclass(frozen=True, eq=False, repr=False)
class Answers:
    """Predictions for some images, with their uncertainty.

    Attributes:
        labels: ``(N,)`` what :meth:`zoo.Ensemble.predict` returns.
        probabilities: ``(N, classes)`` float32.
        uncertainty: ``(N,)`` float64, larger where a prediction is less certain.
        accepted: ``(N,)`` bool, sure enough for the wanted share of errors.
        sets: ``(N, classes)`` bool, the classes that hold the true one with the wanted probability.
        limit: the threshold of uncertainty, and what it gave on the images that it was chosen by; minus infinity where
            so few errors cannot be had, and nothing is accepted.
        caution: why the threshold is not to be trusted, where it rests on too few images; else empty.
    """

    labels: np.ndarray
    probabilities: np.ndarray
    uncertainty: np.ndarray
    accepted: np.ndarray
    sets: np.ndarray
    limit: ensembles.Abstention
    caution: str = ""

    def __repr__(self) -> str:
        return f"<Answers for {len(self.labels):,} images, {int(self.accepted.sum()):,} of them sure enough>"

    def _repr_html_(self) -> str:
        """Show the first answers where a notebook shows a value."""
        return as_html(
            Lines("Answers", HEADS, [self._cells(row) for row in range(min(len(self.labels), MOST_SHOWN))], repr(self))
        )

    def _cells(self, row: int) -> list[str]:
        sure = self.probabilities[row].max()
        return [
            str(row),
            str(self.labels[row]),
            f"{sure:.3f}",
            f"{self.uncertainty[row]:.3f}",
            "yes" if self.accepted[row] else "no",
            str(int(self.sets[row].sum())),
        ]


def answer(
    state: EnsembleState,
    images: Images | np.ndarray,
    *,
    abstain: float,
    confidence: float | None,
    coverage: float,
) -> Answers:
    """Predict images; see :meth:`zoo.Ensemble.answer`."""
    members = state.member_logits(images)
    combined = state.rule().combine(members)
    return _warned(_answers(state, images, members, combined, abstain, confidence, coverage))


def fair_answer(
    state: EnsembleState, images: Images, *, abstain: float | None = None, coverage: float = 0.95
) -> Answers:
    """Predict labelled images to score the answers: those of the fit by networks and rules that were fitted without.

    Without an allowed share of errors the threshold is that for 1 %, and nothing warns of it.

    Raises:
        ValueError: as of :func:`zoo.evaluation.scoring.fair_rule`.
    """
    members, combined = state.stored_logits(images), fair_logits(state, images)
    error = ABSTAIN if abstain is None else abstain
    answers = _answers(state, images, members, combined, error, None, coverage)
    return answers if abstain is None else _warned(answers)


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


def _answers(
    state: EnsembleState,
    images: Images | np.ndarray,
    members: np.ndarray,
    combined: np.ndarray,
    abstain: float,
    confidence: float | None,
    coverage: float,
) -> Answers:
    unsure = uncertainty_of(state, images, members, combined)
    limit = abstention(state, abstain, confidence)
    held_out = state.held_out
    conformal = ensembles.Conformal(coverage=coverage)
    sets = conformal.fit(state.cross_fitted_logits(), held_out.labels, held_out.groups).sets(combined)
    probabilities = ensembles.metrics.softmax(combined)
    labels = state.targets.answers(combined.argmax(axis=1))
    caution = caution_of_threshold(state, abstain) if confidence is None else ""
    return Answers(labels, probabilities, unsure, limit.accepts(unsure), sets, limit, caution)


def _warned(answers: Answers) -> Answers:
    """Log what is to be known of the threshold, and return the answers as they are."""
    if answers.caution:
        logger.warning("%s", answers.caution)
    return answers


def abstention(
    state: EnsembleState, error: float, confidence: float | None = None, *, method: str | None = None
) -> ensembles.Abstention:
    """Choose the uncertainty above which a rule abstains, for a wanted error rate, on held-out predictions.

    Raises:
        ValueError: an error or a confidence that is not above 0 and below 1.
    """
    held_out, predicted = state.held_out, state.cross_fitted_logits(method)
    distribution = known_distribution(state)
    unsure = distribution.held_out if distribution else measure(state.uncertainty, held_out.logits, predicted)
    right = predicted.argmax(axis=1) == held_out.labels
    return ensembles.choose_abstention(unsure, right, error, confidence=confidence, groups=held_out.groups)


def uncertainty_of(
    state: EnsembleState, images: Images | np.ndarray, members: np.ndarray, combined: np.ndarray
) -> np.ndarray:
    """The uncertainty of an ensemble ``(N,)``: from its predictions, or from features of the images."""
    distribution = known_distribution(state)
    if distribution:
        return distribution.score(state.members, state.as_read(images))
    return measure(state.uncertainty, members, combined)


def known_distribution(state: EnsembleState) -> OutOfDistribution | None:
    """The feature distribution, where distances are the ensemble's uncertainty.

    Raises:
        ValueError: the ensemble was fitted with another uncertainty, and has not learned any distances.
    """
    if state.uncertainty != DISTANCE:
        return None
    if state.distribution is None:
        raise ValueError(
            "Expected an ensemble fitted with uncertainty='distance'; it was fitted with another one. Fit again."
        )
    return state.distribution
