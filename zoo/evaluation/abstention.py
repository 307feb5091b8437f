"""Predictions with their uncertainty: what is in an image, how unsure that is, and whether it is too unsure to say."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

import ensembles
from ensembles.uncertainty import measure
from zoo.data.images import Images
from zoo.options import DISTANCE
from zoo.state.out_of_distribution import OutOfDistribution
from zoo.state.state import EnsembleState


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
    state: EnsembleState,
    images: Images | np.ndarray,
    *,
    abstain: float,
    confidence: float | None,
    coverage: float,
) -> Answers:
    """Answer images; see :meth:`zoo.Ensemble.answer`."""
    members = state.member_logits(images)
    combined = state.rule().combine(members)
    unsure = uncertainty_of(state, images, members, combined)
    limit = abstention(state, abstain, confidence)
    conformal = ensembles.Conformal(coverage=coverage).fit(state.cross_fitted_logits(), state.held_out.labels)
    sets = conformal.sets(combined)
    probabilities = ensembles.metrics.softmax(combined)
    labels = state.targets.answers(combined.argmax(axis=1))
    return Answers(labels, probabilities, unsure, limit.accepts(unsure), sets, limit)


def abstention(
    state: EnsembleState, error: float, confidence: float | None = None, *, method: str | None = None
) -> ensembles.Abstention:
    """Choose where a rule stops answering, for a wanted share of errors, by images that nobody learned from.

    Raises:
        ValueError: an error or a confidence that is not above 0 and below 1.
    """
    held_out, predicted = state.held_out, state.cross_fitted_logits(method)
    distribution = known_distribution(state)
    unsure = distribution.held_out if distribution else measure(state.uncertainty, held_out.logits, predicted)
    right = predicted.argmax(axis=1) == held_out.labels
    return ensembles.choose_abstention(unsure, right, error, confidence=confidence)


def uncertainty_of(
    state: EnsembleState, images: Images | np.ndarray, members: np.ndarray, combined: np.ndarray
) -> np.ndarray:
    """How unsure an ensemble is of images ``(N,)``: by its answers, or by the images themselves."""
    distribution = known_distribution(state)
    if distribution:
        return distribution.score(state.members, images)
    return measure(state.uncertainty, members, combined)


def known_distribution(state: EnsembleState) -> OutOfDistribution | None:
    """What tells distances, where these are the ensemble's uncertainty.

    Raises:
        ValueError: the ensemble was fitted with another uncertainty, and has not learned any distances.
    """
    if state.uncertainty != DISTANCE:
        return None
    if state.distribution is None:
        raise ValueError("Expected an ensemble fitted with uncertainty='distance'; it was another one then. Fit again.")
    return state.distribution
