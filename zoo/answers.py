"""Answers with their doubt: what is in a picture, how unsure that is, and whether it is too unsure to say."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, cast

import numpy as np

import ensembles
from ensembles import uncertainty
from zoo.evidence import Evidence

if TYPE_CHECKING:
    from collections.abc import Hashable

    from zoo.ensemble import Ensemble

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
    """

    labels: np.ndarray
    probabilities: np.ndarray
    uncertainty: np.ndarray
    accepted: np.ndarray
    sets: np.ndarray


def answer(
    ensemble: Ensemble, member_logits: np.ndarray, *, abstain: float, confidence: float | None, coverage: float
) -> Answers:
    """Answer members' logits ``(members, N, classes)``; see :meth:`zoo.Ensemble.answer`."""
    combined = ensemble.rule_.combine(member_logits)
    unsure = uncertainty.measure(ensemble.uncertainty, member_logits, combined)
    limit = abstention(ensemble, abstain, confidence)
    conformal = ensembles.Conformal(coverage=coverage)
    evidence = ensemble.evidence_
    sets = conformal.fit(honest_answers(ensemble.rule_, evidence), evidence.labels).sets(combined)
    probabilities = ensembles.metrics.softmax(combined)
    labels = ensemble.targets_.answers(combined.argmax(axis=1))
    return Answers(labels, probabilities, unsure, limit.accepts(unsure), sets)


def abstention(
    ensemble: Ensemble, error: float, confidence: float | None = None, *, method: str | None = None
) -> ensembles.Abstention:
    """Choose where a rule stops answering, for a wanted share of errors, by images that nobody learned from.

    Raises:
        ValueError: an error or a confidence that is not above 0 and below 1.
    """
    evidence = ensemble.evidence_
    honest = honest_answers(ensemble.rule(method or ensemble.method), evidence)
    unsure = uncertainty.measure(ensemble.uncertainty, evidence.logits, honest)
    right = honest.argmax(axis=1) == evidence.labels
    return ensembles.choose_abstention(unsure, right, error, confidence=confidence)


def honest_answers(rule: ensembles.Rule, evidence: Evidence) -> np.ndarray:
    """What a rule says of the rows that it was fitted on, each by a copy that was fitted on others."""
    return _remembered(cast("Hashable", rule), evidence)


@lru_cache(REMEMBERED)
def _remembered(rule: Any, evidence: Evidence) -> np.ndarray:
    """Both are known again as the objects that they are: neither changes once it is fitted."""
    return ensembles.out_of_fold(rule, evidence.logits, evidence.labels)
