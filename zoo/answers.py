"""Answers with their doubt: what is in a picture, how unsure that is, and whether it is too unsure to say."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, cast

import numpy as np

import ensembles
from ensembles.uncertainty import SCORES, check_score, measure
from zoo.data.images import Images
from zoo.evidence import Evidence
from zoo.familiarity import DISTANCE, Familiarity

if TYPE_CHECKING:
    from collections.abc import Hashable

    from zoo.fitted import FittedEnsemble

REMEMBERED = 16  # rules


@dataclass(frozen=True, eq=False)
class Answers:
    """What an ensemble says of some images.

    Attributes:
        labels: ``(N,)`` what :meth:`zoo.Ensemble.predict` says.
        probabilities: ``(N, classes)`` float32.
        uncertainty: ``(N,)`` float64, larger where an answer deserves less trust.
        accepted: ``(N,)`` bool, sure enough for the wanted share of errors.
        sets: ``(N, classes)`` bool, the classes that hold the true one with the wanted probability.
        limit: the threshold of uncertainty, and what it gave on the images that it was chosen by; minus infinity where
            so few errors cannot be had, and nothing is accepted.
    """

    labels: np.ndarray
    probabilities: np.ndarray
    uncertainty: np.ndarray
    accepted: np.ndarray
    sets: np.ndarray
    limit: ensembles.Abstention


def answer(
    ensemble: FittedEnsemble,
    images: Images | np.ndarray,
    *,
    abstain: float,
    confidence: float | None,
    coverage: float,
) -> Answers:
    """Answer images; see :meth:`zoo.Ensemble.answer`."""
    members = ensemble.member_logits(images)
    combined = ensemble.rule_.combine(members)
    unsure = unsureness(ensemble, images, members, combined)
    limit = abstention(ensemble, abstain, confidence)
    conformal = ensembles.Conformal(coverage=coverage)
    evidence = ensemble.evidence_
    sets = conformal.fit(honest_answers(ensemble.rule_, evidence), evidence.labels).sets(combined)
    probabilities = ensembles.metrics.softmax(combined)
    labels = ensemble.targets_.answers(combined.argmax(axis=1))
    return Answers(labels, probabilities, unsure, limit.accepts(unsure), sets, limit)


def abstention(
    ensemble: FittedEnsemble, error: float, confidence: float | None = None, *, method: str | None = None
) -> ensembles.Abstention:
    """Choose where a rule stops answering, for a wanted share of errors, by images that nobody learned from.

    Raises:
        ValueError: an error or a confidence that is not above 0 and below 1.
    """
    evidence = ensemble.evidence_
    honest = honest_answers(ensemble.rule(method or ensemble.method_), evidence)
    familiarity = known_familiarity(ensemble)
    unsure = familiarity.held_out if familiarity else measure(ensemble.uncertainty, evidence.logits, honest)
    right = honest.argmax(axis=1) == evidence.labels
    return ensembles.choose_abstention(unsure, right, error, confidence=confidence)


def unsureness(
    ensemble: FittedEnsemble, images: Images | np.ndarray, members: np.ndarray, combined: np.ndarray
) -> np.ndarray:
    """How unsure an ensemble is of images ``(N,)``: by its answers, or by the images themselves."""
    familiarity = known_familiarity(ensemble)
    if familiarity:
        return familiarity.score(ensemble.members_, images)
    return measure(ensemble.uncertainty, members, combined)


def known_familiarity(ensemble: FittedEnsemble) -> Familiarity | None:
    """What tells distances, where these are the ensemble's uncertainty.

    Raises:
        ValueError: the ensemble was fitted with another uncertainty, and has not learned any distances.
    """
    if ensemble.uncertainty != DISTANCE:
        return None
    if ensemble.familiarity_ is None:
        raise ValueError("Expected an ensemble fitted with uncertainty='distance'; it was another one then. Fit again.")
    return ensemble.familiarity_


def check_uncertainty(name: str, folds: int) -> None:
    """Check an option.

    Raises:
        ValueError: no such uncertainty, or distances with folds, where every image was trained on.
    """
    if name == DISTANCE and folds:
        raise ValueError(
            f"Expected an uncertainty of answers with folds={folds}; received 'distance', which needs images that no "
            f"network was trained on. Take one of {', '.join(SCORES)}, or no folds."
        )
    if name != DISTANCE:
        check_score(name)


def honest_answers(rule: ensembles.Rule, evidence: Evidence) -> np.ndarray:
    """What a rule says of the rows that it was fitted on, each by a copy that was fitted on others."""
    return _remembered(cast("Hashable", rule), evidence)


@lru_cache(REMEMBERED)
def _remembered(rule: Any, evidence: Evidence) -> np.ndarray:
    """Both are known again as the objects that they are: neither changes once it is fitted."""
    return ensembles.out_of_fold(rule, evidence.logits, evidence.labels)
