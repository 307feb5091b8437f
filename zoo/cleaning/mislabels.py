"""Suspicious labels: what a classifier that was not trained on an image predicts for it.

Confident learning (Northcutt, Jiang and Chuang, arXiv:1911.00068) counts the wrong labels: images that reach the usual
confidence of another class. Those with the least probability for their own label are
reported, as many as were counted. A class too small for every fold is left out, as if it were not there. Groups, such
as patients, are kept whole: other images of one would vouch for a label that all of them have.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TypeAlias

import numpy as np
from sklearn.ensemble import ExtraTreesClassifier
from sklearn.model_selection import cross_val_predict

from ensembles.folds import divided, usable_folds
from zoo.cleaning.all_splits import Stack, Suspect
from zoo.cleaning.findings import DROP

logger = logging.getLogger(__name__)

Rule: TypeAlias = Callable[[np.ndarray, np.ndarray], np.ndarray]

FOLDS = 5
TREES = 200
LEAST_LEAF = 2  # images: single ones would make the forest certain of every wrong label among its like


def find_mislabels(stack: Stack, features: np.ndarray, most: float, seed: int, *, cleanlab: bool) -> list[Suspect]:
    """Make the check ``label``, on one row a picture, without those whose copies contradict each other.

    Args:
        stack: the images.
        features: ``(P, D)`` for each of ``stack.firsts``; trees do not mind their scales.
        most: probability of the given label up to which it is reported.
        seed: of folds and trees.
        cleanlab: let cleanlab choose, instead of this module's own lines.

    Raises:
        ModuleNotFoundError: cleanlab was requested and is not installed.
    """
    choose = _with_cleanlab() if cleanlab else count_and_rank
    labels = stack.labels[stack.firsts]
    usable = _usable(stack, labels)
    names, codes = np.unique(labels[usable], return_inverse=True)
    if len(names) < 2:
        logger.warning("no search for wrong labels: it takes two classes with %d different images each", FOLDS)
        return []
    logger.info("labels: %d forests on %d pictures", FOLDS, len(usable))
    probabilities = _out_of_fold(features[usable], codes, _groups(stack, usable, codes), seed)
    own = probabilities[np.arange(len(codes)), codes]
    wrong = np.flatnonzero(choose(codes, probabilities) & (own <= most))
    likely = [stack.splits.classes[name] for name in names[probabilities[wrong].argmax(axis=1)]]
    return [
        Suspect(
            row=int(stack.firsts[usable[index]]),
            score=float(1 - own[index]),
            decision=DROP,
            note=f"{name}? {probabilities[index].max():.0%}",
        )
        for index, name in zip(wrong, likely, strict=True)
    ]


def count_and_rank(labels: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
    """Count wrong labels by confident learning, and choose as many of the least self-confidence.

    Args:
        labels: ``(N,)`` int. No image is taken for one of a class without images, whose usual confidence is unknown.
        probabilities: ``(N, classes)`` out of fold.

    Returns:
        ``(N,)`` bool.
    """
    rows = np.arange(len(labels))
    own = probabilities[rows, labels]
    counts = np.bincount(labels, minlength=probabilities.shape[1])
    sums = np.bincount(labels, weights=own, minlength=probabilities.shape[1])
    usual = np.divide(sums, counts, out=np.full(len(counts), np.inf), where=counts > 0)
    confident = np.where(probabilities >= usual, probabilities, 0)
    count = int(((confident.max(axis=1) > 0) & (confident.argmax(axis=1) != labels)).sum())
    contradicted = probabilities.argmax(axis=1) != labels
    ranked = np.lexsort((own, ~contradicted))
    return np.asarray(np.isin(rows, ranked[:count]) & contradicted)


def _usable(stack: Stack, labels: np.ndarray) -> np.ndarray:
    """Which pictures have one label, of a class with a picture for each fold at least."""
    consistent = ~stack.contradictory[stack.firsts]
    counts = np.bincount(labels[consistent], minlength=len(stack.splits.classes))
    small = [
        f"{name} ({counts[label]})" for label, name in enumerate(stack.splits.classes) if 0 < counts[label] < FOLDS
    ]
    if small:
        logger.warning("labels: classes not checked, with fewer than %d different images: %s", FOLDS, ", ".join(small))
    return np.flatnonzero(consistent & (counts[labels] >= FOLDS))


def _groups(stack: Stack, usable: np.ndarray, codes: np.ndarray) -> np.ndarray | None:
    """The groups ``(N,)`` of the usable pictures; None where there are none, or a class is of one group alone."""
    own = [stack.groups[row] for row in stack.firsts[usable]]
    if not any(group is not None for group in own):
        return None
    names = [(True, group) if group is not None else (False, str(row)) for row, group in enumerate(own)]
    number = {name: index for index, name in enumerate(dict.fromkeys(names))}
    groups = np.array([number[name] for name in names])
    if usable_folds(codes, 2, groups) > 1:
        return groups
    logger.warning("labels: a class is of one group alone, so folds are of images: a group may vouch for its own label")
    return None


def _out_of_fold(features: np.ndarray, codes: np.ndarray, groups: np.ndarray | None, seed: int) -> np.ndarray:
    """``(N, classes)`` probabilities by forests that were not trained on the row, or on others of its group."""
    folds = divided(codes, FOLDS, seed, groups)
    forest = ExtraTreesClassifier(TREES, min_samples_leaf=LEAST_LEAF, n_jobs=-1, random_state=seed)
    return np.asarray(cross_val_predict(forest, features, codes, cv=folds, method="predict_proba"))


def _with_cleanlab() -> Rule:
    try:
        from cleanlab.filter import find_label_issues
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            f"Expected cleanlab for the check of labels; {error}. "
            "Install it (pip install 'ensemble-zoo[labels]') or leave --cleanlab out."
        ) from error
    return lambda labels, probabilities: np.asarray(
        find_label_issues(labels, probabilities, filter_by="low_self_confidence", n_jobs=1)
    )
