"""A probe: the head of a frozen backbone, fitted to the optimum by L-BFGS, its penalty chosen by cross-validation.

Linear probes are how features are compared (Alain and Bengio, 2016, arXiv:1610.01644; Kornblith et al., 2019,
arXiv:1805.08974). Only training images decide here, so that validation images stay clean for rules and scores.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from functools import cache
from typing import TYPE_CHECKING

import keras
import numpy as np

from ensembles.penalties import one_thread
from zoo.data.groups import counts_by_class, units
from zoo.data.images import Images
from zoo.training.linear_head import regression_with, rows_of, standardise, write_head
from zoo.utils.chunks import Rows

if TYPE_CHECKING:
    from sklearn.linear_model import LogisticRegression

logger = logging.getLogger(__name__)

FOLDS = 5
PENALTIES = np.logspace(5, -3, 17)  # the strongest first; of features of deviation 1, and of the sum over rows
START = 4  # the place of 1,000 among them: fits of strong penalties take few steps
CLOSE, CLOSEST = 1e-4, 1e-5  # gradients of the mean loss at which the search, and the final fit, are over
MOST_STEPS = 2000


def solve_probe(head: keras.Model, views: Sequence[Rows], images: Images, *, balanced: bool, seed: int) -> float:
    """Give a linear head the weights of the logistic regression with the best penalty.

    The features are scaled to mean 0 and deviation 1, which the weights undo. The penalty has the least mean log loss
    over five folds of the training images; all views of an image, copies of it and images of its group lie in one fold.
    The regression is then fitted to all of them.

    Args:
        head: of one dense layer, features ``(n, features)`` in and logits out.
        views: features of the training images, ``(N, features)`` for each view; all rows of all views are fitted, or
            a choice of 50,000.
        images: the training images, for their labels and groups.
        balanced: every class counts the same, in the fits and in the log loss.
        seed: of the folds and of the choice of rows.

    Returns:
        The penalty: of half the squared weights, beside the sum of the rows' log losses; scikit-learn's ``1 / C``.

    Raises:
        ValueError: no class has two images, or groups, to divide into folds.
    """
    features, shown = rows_of(views, images.labels, seed)
    labels, parts = images.labels[shown], folds_of_images(images, seed)[shown]
    centre, scale = standardise(features)
    with one_thread():
        penalty = best_penalty(features, labels, parts, balanced=balanced)
        regression = regression_with(penalty, tol=CLOSEST, max_iter=MOST_STEPS, balanced=balanced).fit(features, labels)
    write_head(head, regression, centre, scale)
    logger.info("%s: probe fitted on %d rows, penalty %.3g", head.name, len(features), penalty)
    return penalty


def folds_of_images(images: Images, seed: int) -> np.ndarray:
    """Divide images into stratified folds: ``(N,)`` the fold that holds each out; -1 where a class has one unit alone.

    Copies of a picture, and images of a group, stay together. There are five folds, or as many as the smallest class
    has units.

    Raises:
        ValueError: every class has one unit alone.
    """
    from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold

    whole = units(images)
    counts = counts_by_class(images, whole)
    several = np.flatnonzero(counts[images.labels] > 1)
    if not len(several):
        raise ValueError(
            "Expected two images or more of a class, of different groups, for adapt='probe', which cross-validates; "
            "received one of each. Add images, or set adapt='tune'."
        )
    alone = len(np.unique(whole)) == len(images)  # the plain divider is the same, and takes no time
    kind = StratifiedKFold if alone else StratifiedGroupKFold
    divider = kind(min(FOLDS, counts[counts > 1].min()), shuffle=True, random_state=seed)
    folds = np.full(len(images), -1)
    divided = divider.split(several, images.labels[several], None if alone else whole[several])
    for number, (_, rows) in enumerate(divided):
        folds[several[rows]] = number
    return folds


def best_penalty(features: np.ndarray, labels: np.ndarray, folds: np.ndarray, *, balanced: bool) -> float:
    """Choose the penalty of the least mean log loss over the folds.

    The loss falls and rises again with the penalty, so the search goes by steps of ten times to where it is least,
    then by half of them; each fit starts from the one before.

    Args:
        features: ``(n, features)`` of mean 0 and deviation 1.
        labels: ``(n,)`` class ids.
        folds: ``(n,)`` the fold that holds a row out; -1 for none.
        balanced: every class counts the same.
    """
    cuts = list(_cuts(labels, folds))
    started = [regression_with(1.0, tol=CLOSE, max_iter=MOST_STEPS, balanced=balanced) for _ in cuts]

    @cache
    def loss(place: int) -> float:
        penalty = PENALTIES[place]
        losses = [
            _held_out_loss(own.set_params(C=1 / penalty), features, labels, held, balanced=balanced)
            for own, held in zip(started, cuts, strict=True)
        ]
        return float(np.mean(losses))

    best, stride = START, 2
    while stride:
        near = (place for place in (best + stride, best - stride) if 0 <= place < len(PENALTIES))
        better = next((place for place in near if loss(place) < loss(best)), None)
        best, stride = (best, stride // 2) if better is None else (better, stride)
    return float(PENALTIES[best])


def _cuts(labels: np.ndarray, folds: np.ndarray) -> Iterator[np.ndarray]:
    """The rows ``(n,)`` bool that each fold holds out: none of a class of which it would leave none to train on."""
    for number in range(folds.max() + 1):
        held = folds == number
        held &= np.isin(labels, labels[~held])
        if held.any():
            yield held


def _held_out_loss(
    regression: LogisticRegression, features: np.ndarray, labels: np.ndarray, held: np.ndarray, *, balanced: bool
) -> float:
    from sklearn.metrics import log_loss
    from sklearn.utils.class_weight import compute_sample_weight

    regression.fit(features[~held], labels[~held])
    weights = compute_sample_weight("balanced", labels)[held] if balanced else None
    probabilities = regression.predict_proba(features[held])
    return float(log_loss(labels[held], probabilities, sample_weight=weights, labels=regression.classes_))
