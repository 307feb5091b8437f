"""Outliers: pictures that lie where few others do.

The local outlier factor (Breunig et al., SIGMOD 2000) compares how thinly a picture is surrounded with how thinly its
neighbours are. It looks at a large neighbourhood here, because pictures that do not belong come in numbers: one cartoon
over a hundred cells is a cluster of its own, and only more neighbours than it has members show that it lies apart.
"""

from __future__ import annotations

import logging

import numpy as np
from sklearn.neighbors import LocalOutlierFactor

from zoo.data.clean.finding import DROP
from zoo.data.clean.stack import Stack, Suspect

logger = logging.getLogger(__name__)

FEWEST = 30  # pictures: among fewer, nothing is usual
SHARE = 0.04  # of the pictures, how many neighbours are looked at
NEIGHBOURS = (20, 600)  # at least and at most; memory grows by 16 bytes a picture and neighbour
TAIL = 0.9  # quantile that measures how widely the factors of a set spread: one picture in ten is no outlier


def find_outliers(stack: Stack, features: np.ndarray, least: float) -> list[Suspect]:
    """Make the check ``outlier``, on one row a picture.

    Args:
        stack: the images.
        features: ``(P, D)`` for each of ``stack.firsts``, its principal components.
        least: score (:func:`tail_score`) from which on a picture is reported.
    """
    if len(features) < FEWEST:
        logger.warning("no search for outliers: it takes %d different images; there are %d", FEWEST, len(features))
        return []
    scores = tail_score(_outlier_factors(features))
    return [
        Suspect(
            row=int(stack.firsts[place]),
            score=float(scores[place]),
            decision=DROP,
            note="",
        )
        for place in np.flatnonzero(scores >= least)
    ]


def tail_score(values: np.ndarray) -> np.ndarray:
    """Distance above the median, in steps from the median to the ninth decile: comparable over sets and features."""
    middle, tail = np.quantile(values, [0.5, TAIL])
    return np.asarray((values - middle) / max(tail - middle, 1e-9))


def _outlier_factors(features: np.ndarray) -> np.ndarray:
    """``(P,)`` local outlier factors, about 1 for pictures among their like."""
    neighbours = int(np.clip(SHARE * len(features), *NEIGHBOURS))
    found = LocalOutlierFactor(n_neighbors=min(neighbours, len(features) - 1)).fit(features)
    return -np.asarray(found.negative_outlier_factor_)
