"""A linear head solved on kept features: multinomial logistic regression, its penalty chosen by the validation images.

It takes seconds where gradient steps take minutes, and fine-tuning that starts from it keeps more of what the backbone
knows (Kumar et al., 2022, arXiv:2202.10054).
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from copy import deepcopy
from typing import TYPE_CHECKING

import keras
import numpy as np

from ensembles.penalties import one_thread
from zoo.data.batches import balanced_weights
from zoo.utils.chunks import Rows, spans, take_all

if TYPE_CHECKING:
    from sklearn.linear_model import LogisticRegression

logger = logging.getLogger(__name__)

MOST_ROWS = 50_000  # of which more change little, and take memory: 1,280 features of so many rows are 256 MB
CHUNK = 8192
PENALTIES = np.logspace(5, 0, 6)  # the strongest first
OTHERWISE = {"head_solver": "gradient", "adapt": "tune"}  # what solves for no head
PATIENCE = 2  # penalties in turn that do worse than the best one, before the rest is left out


def check_solvable(head: keras.Model, option: str, value: str, *, distilled: bool) -> None:
    """Check that a head is one dense layer, and learns from labels.

    Raises:
        ValueError: it has hidden units, or a teacher makes soft targets for it.
    """
    dense = [layer for layer in head.layers if isinstance(layer, keras.layers.Dense)]
    if len(dense) > 1:
        raise ValueError(
            f"Expected a head of one dense layer with {option} {value!r}; received one with hidden units. Leave units "
            f"out, or set {option}={OTHERWISE[option]!r}."
        )
    if distilled:
        raise ValueError(
            f"Expected {option} {OTHERWISE[option]!r} for a student, which learns from soft targets; "
            f"received {value!r}."
        )


def solve_head(
    head: keras.Model,
    views: Sequence[Rows],
    labels: np.ndarray,
    validation: Rows,
    validation_labels: np.ndarray,
    *,
    balanced: bool,
    balanced_validation: bool,
    seed: int,
) -> None:
    """Give a linear head the weights of the logistic regression with the least validation loss.

    Args:
        head: of one dense layer, features ``(n, features)`` in and logits out.
        views: features of the training images, ``(N, features)`` for each view; all rows of all views are fitted, or
            a choice of 50,000.
        labels: ``(N,)`` class ids of the training images.
        validation: features of the validation images ``(M, features)``.
        validation_labels: ``(M,)`` their class ids.
        balanced: every class counts the same in the fit.
        balanced_validation: every class counts the same in the validation loss.
        seed: of the choice of rows.
    """
    features, images = rows_of(views, labels, seed)
    centre, scale = standardise(features)
    shown = (np.asarray(take_all(validation), np.float32) - centre) / scale
    weights = balanced_weights(validation_labels, int(labels.max()) + 1)[validation_labels]
    weights = weights if balanced_validation else None
    with one_thread():
        best = _least_loss(features, labels[images], shown, validation_labels, weights, balanced=balanced)
    logger.info("%s: head solved on %d rows, penalty %.3g", head.name, len(features), 1 / best.C)
    write_head(head, best, centre, scale)


def standardise(features: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Scale features ``(n, D)`` in place to mean 0 and deviation 1, and return both of each as they were."""
    centre, scale = features.mean(axis=0), features.std(axis=0) + 1e-6
    features -= centre
    features /= scale
    return centre, scale


def regression_with(penalty: float, *, tol: float, max_iter: int, balanced: bool) -> LogisticRegression:
    """A regression of a penalty, not fitted; fitted again, it starts from what it has."""
    from sklearn.linear_model import LogisticRegression

    weight = "balanced" if balanced else None
    return LogisticRegression(C=1 / penalty, warm_start=True, tol=tol, max_iter=max_iter, class_weight=weight)


def write_head(head: keras.Model, regression: LogisticRegression, centre: np.ndarray, scale: np.ndarray) -> None:
    """Give a head's dense layer the weights of a regression on features that were scaled."""
    coef, intercept = _affine(regression)
    kernel = (coef / scale).T
    head.layers[-1].set_weights([kernel, intercept - centre @ kernel])


def rows_of(views: Sequence[Rows], labels: np.ndarray, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """The features to fit on, float32, and the image of each row: all rows of all views, or a seeded choice."""
    images = len(labels)
    count = images * len(views)
    chosen = np.arange(count)
    if count > MOST_ROWS:
        chosen = np.sort(np.random.default_rng(seed).choice(count, MOST_ROWS, replace=False))
        classes, first = np.unique(labels, return_index=True)
        lost = ~np.isin(classes, labels[chosen % images])
        chosen = np.union1d(chosen, first[lost])
    parts = [
        np.asarray(view.take(rows[span]), np.float32)
        for number, view in enumerate(views)
        for rows in [chosen[chosen // images == number] % images]
        for span in spans(len(rows), CHUNK)
    ]
    return np.concatenate(parts), chosen % images


def _least_loss(
    features: np.ndarray,
    labels: np.ndarray,
    shown: np.ndarray,
    shown_labels: np.ndarray,
    weights: np.ndarray | None,
    *,
    balanced: bool,
) -> LogisticRegression:
    """The regression of the least validation loss.

    Each penalty starts from the coefficients of the stronger one before.
    """
    from sklearn.metrics import log_loss

    regression = regression_with(1.0, tol=1e-3, max_iter=100, balanced=balanced)
    best, least, worse = None, np.inf, 0
    for penalty in PENALTIES:
        regression.set_params(C=1 / penalty).fit(features, labels)
        loss = log_loss(
            shown_labels, regression.predict_proba(shown), sample_weight=weights, labels=regression.classes_
        )
        worse = worse + 1 if loss >= least else 0
        if loss < least:
            best, least = deepcopy(regression), loss
        if worse == PATIENCE:
            break
    assert best is not None  # a log loss is finite
    return best


def _affine(regression: LogisticRegression) -> tuple[np.ndarray, np.ndarray]:
    coef, intercept = regression.coef_, regression.intercept_
    if len(coef) == 1:  # for two classes scikit-learn keeps the log odds of the second only
        return np.vstack([-coef, coef]) / 2, np.hstack([-intercept, intercept]) / 2
    return coef, intercept
