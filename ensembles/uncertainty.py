"""Uncertainty scores of predictions: one number a row, larger where a prediction deserves less trust."""

import warnings
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ensembles.metrics import log_softmax
from ensembles.rule import Array, check_logits


def entropy(logits: ArrayLike) -> Array:
    """Compute the entropy of the probabilities of logits (samples, classes), in nats: 0 to log(classes).

    Examples:
        >>> entropy(np.zeros((1, 4))).round(4).tolist()  # log(4)
        [1.3863]
    """
    return _entropy(check_logits(logits, axes=2))


def max_softmax(logits: ArrayLike) -> Array:
    """Compute one minus the maximum softmax probability of logits (samples, classes), 0 to 1.

    The baseline of Hendrycks and Gimpel 2017 (arXiv:1610.02136).

    Examples:
        >>> max_softmax(np.zeros((1, 4))).tolist()
        [0.75]
    """
    probabilities = np.exp(log_softmax(check_logits(logits, axes=2)))
    scores: Array = 1 - probabilities.max(axis=-1)
    return scores


def energy(logits: ArrayLike) -> Array:
    """Compute the energy -log(sum(exp(logits))) of logits (samples, classes); its range depends on the network.

    Liu et al. 2020, arXiv:2010.03759.

    Examples:
        >>> energy(np.zeros((1, 4))).round(4).tolist()
        [-1.3863]
    """
    logits = check_logits(logits, axes=2).astype(np.float64)
    highest = logits.max(axis=-1)
    scores: Array = -highest - np.log(np.exp(logits - highest[:, None]).sum(axis=-1))
    return scores


def mutual_information(member_logits: ArrayLike) -> Array:
    """Compute how far members (members, samples, classes) disagree, in nats: 0 where their probabilities are equal.

    It is the entropy of the mean probabilities minus the mean of the members' entropies: the epistemic part of the
    uncertainty (Lakshminarayanan et al. 2017, arXiv:1612.01474; Depeweg et al. 2018, arXiv:1710.07283).

    Examples:
        >>> mutual_information(np.array([[[50.0, 0.0]], [[0.0, 50.0]]])).round(4).tolist()  # log(2)
        [0.6931]
    """
    logs = log_softmax(check_logits(member_logits))
    mean = np.exp(logs).mean(axis=0)
    total = -(mean * np.log(np.maximum(mean, np.finfo(np.float64).tiny))).sum(axis=-1)
    expected = -(np.exp(logs) * logs).sum(axis=-1).mean(axis=0)
    return np.maximum(total - expected, 0)  # rounding may leave it below 0


_OF_COMBINED = {"entropy": entropy, "max_softmax": max_softmax, "energy": energy}
_RENAMED = {"doubt": "max_softmax"}

SCORES = (*_OF_COMBINED, "mutual_information")
"""The names that `measure` knows."""


def measure(score: str, member_logits: ArrayLike, combined: ArrayLike) -> Array:
    """Compute the uncertainty of each prediction by the score of this name: (samples,) float64.

    Args:
        score: One of `SCORES`.
        member_logits: The members' logits, (members, samples, classes), which `mutual_information` alone needs.
        combined: The rule's logits, (samples, classes), which the other scores need.

    Raises:
        ValueError: The score is unknown.

    Examples:
        >>> logits = np.zeros((3, 2, 4))
        >>> measure("max_softmax", logits, logits.mean(axis=0)).tolist()
        [0.75, 0.75]
    """
    score = check_score(score)
    return mutual_information(member_logits) if score == "mutual_information" else _OF_COMBINED[score](combined)


def check_score(score: str) -> str:
    """Check an option that names a score, and return its current name; an earlier name gives a DeprecationWarning.

    Raises:
        ValueError: The score is unknown.
    """
    name = current_name(score)
    if name not in SCORES:
        raise ValueError(f"Expected an uncertainty among {', '.join(SCORES)}; received {score!r}.")
    if name != score:
        warnings.warn(f"The uncertainty {score!r} is now called {name!r}.", DeprecationWarning, stacklevel=3)
    return name


def current_name(score: str) -> str:
    """Translate a score's earlier name, as saved files may have it, without a warning; other names are unchanged.

    Examples:
        >>> current_name("doubt")
        'max_softmax'
    """
    return _RENAMED.get(score, score)


def doubt(logits: ArrayLike) -> Array:
    """Compute `max_softmax`, by its earlier name."""
    warnings.warn("doubt is now called max_softmax.", DeprecationWarning, stacklevel=2)
    return max_softmax(logits)


def _entropy(logits: Array) -> Array:
    logs = log_softmax(logits)
    scores: Array = -(np.exp(logs) * logs).sum(axis=-1)
    return scores


def __getattr__(name: str) -> Any:
    """Find what moved to another module, with a DeprecationWarning."""
    if name == "FeatureDistance":
        from ensembles.mahalanobis import FeatureDistance

        warnings.warn("FeatureDistance is now ensembles.FeatureDistance.", DeprecationWarning, stacklevel=2)
        return FeatureDistance
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
