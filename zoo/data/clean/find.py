"""``find``: all checks of a data set, in one call."""

from __future__ import annotations

import logging
from collections.abc import Sequence

import numpy as np

from zoo.data.clean.casts import find_casts
from zoo.data.clean.copies import find_copies
from zoo.data.clean.descriptors import describe, principal
from zoo.data.clean.finding import CHECKS, Finding
from zoo.data.clean.findings import Findings
from zoo.data.clean.mislabels import find_mislabels
from zoo.data.clean.outliers import find_outliers
from zoo.data.clean.stack import Stack, Suspect
from zoo.data.clean.suggestions import suggest
from zoo.data.clean.thresholds import Thresholds
from zoo.data.images import Images, Splits
from zoo.registry import suggestion

logger = logging.getLogger(__name__)


def find(
    data: Splits | Images,
    *,
    checks: Sequence[str] = CHECKS,
    features: np.ndarray | None = None,
    thresholds: Thresholds | None = None,
    cleanlab: bool = False,
    seed: int = 0,
) -> Findings:
    """Find copies, outliers, colour casts and suspicious labels in all splits together. Nothing is changed.

    Args:
        data: what :func:`zoo.load` returned.
        checks: which checks to make, of ``CHECKS``.
        features: ``(N, D)`` for the images of all splits end to end, such as a backbone's
            (:func:`zoo.cleaning.backbone_features`); scaled so that distances mean something. By default
            :func:`zoo.data.clean.descriptors.describe`, which needs no network.
        thresholds: from where on something is reported.
        cleanlab: let cleanlab choose the suspicious labels; ``pip install 'ensemble-zoo[labels]'``.
        seed: of folds and trees.

    Raises:
        ValueError: an unknown check, or features that are not one row an image.
        ModuleNotFoundError: cleanlab was asked for and is not installed.
    """
    splits = data if isinstance(data, Splits) else Splits(data)
    stack = Stack(splits)
    made = _in_order(checks)
    _check_features(features, len(stack))
    limits = thresholds or Thresholds()
    found: dict[str, list[Suspect]] = dict(find_copies(stack, made, limits))
    if "cast" in made:
        logger.info("casts: the white of %d images", len(stack))
        found["cast"] = find_casts(stack, limits.cast, seed)
    if {"outlier", "label"} & set(made):
        logger.info("outliers, labels: describing %d pictures", len(stack.firsts))
        looks = describe(stack, stack.firsts)
        given = principal(looks if features is None else np.asarray(features)[stack.firsts], seed)
    if "outlier" in made:
        logger.info("outliers: the neighbours of %d pictures", len(stack.firsts))
        found["outlier"] = find_outliers(stack, given, limits.outlier)
    if "label" in made:
        both = looks if features is None else np.hstack([looks, given])
        found["label"] = find_mislabels(stack, both, limits.confidence, seed, cleanlab=cleanlab)
    suggested = {check: _worst_first(suggest(stack, check, found[check])) for check in made}
    rows = [_finding(stack, check, suspect) for check, suspects in suggested.items() for suspect in suspects]
    return Findings(tuple(rows), splits, made)


def _in_order(checks: Sequence[str]) -> tuple[str, ...]:
    if isinstance(checks, str):
        raise ValueError(f"Expected checks as a list; received {checks!r}. Put it into a list.")
    for check in checks:
        if check not in CHECKS:
            raise ValueError(f"Expected checks of {', '.join(CHECKS)}; received {check!r}. {suggestion(check, CHECKS)}")
    return tuple(check for check in CHECKS if check in checks)


def _check_features(features: np.ndarray | None, count: int) -> None:
    if features is None:
        return
    shape = np.shape(features)
    if len(shape) != 2 or shape[0] != count or not np.isfinite(features).all():
        raise ValueError(
            f"Expected features ({count}, D), finite, a row for each image of all splits end to end; "
            f"received {shape}. Compute them again for these splits."
        )


def _worst_first(suspects: list[Suspect]) -> list[Suspect]:
    """By score, or by group where there are groups: those are numbered by size."""
    return sorted(suspects, key=lambda one: (-1 if one.group is None else one.group, one.group is None and -one.score))


def _finding(stack: Stack, check: str, suspect: Suspect) -> Finding:
    split, row = stack.place(suspect.row)
    images = dict(stack.splits.items())[split]
    other = None if suspect.partner is None else stack.place(suspect.partner)
    return Finding(
        check=check,
        split=split,
        row=row,
        origin=str(images.origins[row]),
        label=images.classes[images.labels[row]],
        score=suspect.score,
        decision=suspect.decision,
        note=suspect.note,
        group=suspect.group,
        partner=str(dict(stack.splits.items())[other[0]].origins[other[1]]) if other else "",
        partner_split=other[0] if other else "",
        partner_row=other[1] if other else None,
        digest=stack.digests[suspect.row].hex(),
    )
