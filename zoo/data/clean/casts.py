"""Colour casts: pictures taken, or filtered, under another light than the set's.

What is white shows the light: the brightest tenth of a picture. Its ratios of red and of blue to green are compared
with those of all pictures by a robust covariance (minimum covariance determinant, Rousseeuw 1984), which a few per
cent of filtered pictures do not bend.
"""

from __future__ import annotations

import logging
import warnings

import numpy as np
from sklearn.covariance import MinCovDet

from zoo.data.clean.descriptors import shrunk
from zoo.data.clean.finding import KEEP
from zoo.data.clean.stack import Stack, Suspect

logger = logging.getLogger(__name__)

SIDE = 32
BRIGHTEST = 0.9  # quantile of a picture's brightness from which on it counts as white
INVISIBLE = 0.01  # a change of a ratio of two colours by 1 %: no set is taken to be steadier
FEWEST = 30


def find_casts(stack: Stack, least: float, seed: int) -> list[Suspect]:
    """Make the check ``cast``. The suggestion is to keep: the picture is still one of its class.

    Args:
        stack: the images.
        least: robust standard deviations from which on a picture is reported.
        seed: of the subsets that the robust covariance tries.
    """
    if len(stack.firsts) < FEWEST:
        logger.warning("no search for colour casts: it takes %d different images", FEWEST)
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
