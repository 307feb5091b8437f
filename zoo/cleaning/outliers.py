"""Outliers: pictures that lie where few others do.

The local outlier factor (Breunig et al., SIGMOD 2000) compares how thinly a picture is surrounded with how thinly its
neighbours are. It looks at a large neighbourhood here, because pictures that do not belong come in numbers: one cartoon
over a hundred cells is a cluster of its own, and only more neighbours than it has members show that it lies apart.
"""

from __future__ import annotations

import logging
import warnings

import numpy as np
from sklearn.covariance import MinCovDet
from sklearn.neighbors import LocalOutlierFactor

from zoo.cleaning.all_splits import Stack, Suspect
from zoo.cleaning.descriptors import shrunk
from zoo.cleaning.findings import DROP, KEEP

logger = logging.getLogger(__name__)

FEWEST = 30  # pictures: among fewer, nothing is usual
SHARE = 0.04  # of the pictures, which are a picture's neighbours
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
            row=int(stack.firsts[index]),
            score=float(scores[index]),
            decision=DROP,
            note="",
        )
        for index in np.flatnonzero(scores >= least)
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


SIDE = 32
BRIGHTEST = 0.9  # quantile of a picture's brightness from which on it counts as white
INVISIBLE = 0.01  # a change of a ratio of two colours by 1 %: no set is taken to be steadier
FEWEST_OF_A_CLASS = 30


def find_casts(stack: Stack, least: float, seed: int) -> list[Suspect]:
    """Make the check ``cast``. The suggestion is to keep: the picture is still one of its class.

    Args:
        stack: the images.
        least: robust standard deviations from which on a picture is reported.
        seed: of the subsets that the robust covariance tries.
    """
    if len(stack.firsts) < FEWEST_OF_A_CLASS:
        logger.warning("no search for colour casts: it takes %d different images", FEWEST_OF_A_CLASS)
        return []
    whites = np.concatenate([_whites(pixels) for pixels in stack.chunks(np.arange(len(stack)))])
    centre, distances = _distances(whites, stack.firsts, seed)
    return [
        Suspect(row=int(row), score=float(distances[row]), decision=KEEP, note=_describe(whites[row] - centre))
        for row in np.flatnonzero(distances >= least)
    ]


def _whites(pixels: np.ndarray) -> np.ndarray:
    """``(n, 2)`` logarithms of red / green and blue / green in each picture's brightest tenth."""
    points = shrunk(pixels, SIDE).reshape(len(pixels), -1, 3) + 1 / 255
    light = points.mean(axis=-1)
    bright = light >= np.quantile(light, BRIGHTEST, axis=1, keepdims=True)
    red, green, blue = np.log((points * bright[..., None]).sum(axis=1)).T
    return np.stack([red - green, blue - green], axis=1)


def _distances(whites: np.ndarray, firsts: np.ndarray, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """The set's own white ``(2,)``, each picture counted once, and ``(N,)`` how far each row's is from it."""
    noise = np.random.default_rng(seed).normal(0, INVISIBLE, (len(firsts), 2))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # of a determinant that grew in the last digits
        fitted = MinCovDet(random_state=seed).fit(whites[firsts] + noise)
    away = whites - fitted.location_
    return fitted.location_, np.sqrt(np.einsum("ni,ij,nj->n", away, np.linalg.inv(fitted.covariance_), away))


def _describe(away: np.ndarray) -> str:
    """Say what the light has more of than the set's, against green, and what less."""
    red, blue = 100 * np.expm1(away)
    return f"red {red:+.0f} %, blue {blue:+.0f} %"
