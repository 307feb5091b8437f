"""``find``: all checks of a data set, in one call."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from zoo.cleaning.all_splits import Stack, Suspect
from zoo.cleaning.descriptors import describe, principal
from zoo.cleaning.findings import CHECKS, DROP, KEEP, Finding, Thresholds
from zoo.cleaning.group_leaks import find_shared_groups
from zoo.cleaning.mislabels import find_mislabels
from zoo.cleaning.near_duplicates import find_copies
from zoo.cleaning.outliers import find_casts, find_outliers
from zoo.cleaning.report import Findings
from zoo.data.images import Images, Splits
from zoo.utils.text import suggestion

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
        checks: which checks to make, of ``CHECKS``; ``group`` needs images with groups, and is else left out of all.
        features: ``(N, D)`` for the images of all splits end to end, such as
            :func:`zoo.cleaning.descriptors.backbone_features`; scaled so that distances mean something. By
            default :func:`zoo.cleaning.descriptors.describe`, which needs no network.
        thresholds: from where on something is reported.
        cleanlab: let cleanlab choose the suspicious labels; ``pip install 'ensemble-zoo[labels]'``.
        seed: of folds and trees.

    Raises:
        ValueError: an unknown check, features that are not one row an image, or features or cleanlab for checks that
            use none.
        ModuleNotFoundError: cleanlab was requested and is not installed.
    """
    splits = data if isinstance(data, Splits) else Splits(data)
    stack = Stack(splits)
    made = _in_order(checks, grouped=any(group is not None for group in stack.groups))
    _check_features(features, len(stack))
    _check_used(made, features=features is not None, cleanlab=cleanlab)
    limits = thresholds or Thresholds()
    found: dict[str, list[Suspect]] = dict(find_copies(stack, made, limits))
    if "group" in made:
        found["group"] = find_shared_groups(stack)
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


def _in_order(checks: Sequence[str], *, grouped: bool) -> tuple[str, ...]:
    """The checks to make; without groups all of them are all others."""
    if isinstance(checks, str):
        raise ValueError(f"Expected checks as a list; received {checks!r}. Put it into a list.")
    for check in checks:
        if check not in CHECKS:
            raise ValueError(f"Expected checks of {', '.join(CHECKS)}; received {check!r}. {suggestion(check, CHECKS)}")
    if "group" in checks and not grouped and tuple(checks) != CHECKS:
        raise ValueError(
            "Expected images with groups for the check 'group'; received some without. Say what groups them: "
            "load(..., group_from=...), --group-from."
        )
    return tuple(check for check in CHECKS if check in checks and (grouped or check != "group"))


def _check_features(features: np.ndarray | None, count: int) -> None:
    if features is None:
        return
    shape = np.shape(features)
    if len(shape) != 2 or shape[0] != count or not np.isfinite(features).all():
        raise ValueError(
            f"Expected features ({count}, D), finite, a row for each image of all splits end to end; "
            f"received {shape}. Compute them again for these splits."
        )


def _check_used(made: Sequence[str], *, features: bool, cleanlab: bool) -> None:
    """Check that what was asked for has a check that uses it."""
    if features and not {"outlier", "label"} & set(made):
        raise ValueError(
            f"Expected the check 'outlier' or 'label' with features (zoo: --features); received {', '.join(made)}. "
            "Add one, or leave the features out."
        )
    if cleanlab and "label" not in made:
        raise ValueError(
            f"Expected the check 'label' with cleanlab (zoo: --cleanlab); received {', '.join(made)}. Add it, or leave "
            "cleanlab out."
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


JUDGED = ("outlier", "label")  # by what is usual; copies can be seen
SHARE = 0.2  # of a class in a split: the most that one check suggests to drop


def suggest(stack: Stack, check: str, suspects: list[Suspect]) -> list[Suspect]:
    """Make ``keep`` of the decisions ``drop`` that a user has to look at first; the note says why.

    Those are outliers and labels outside the training split, and all of a class in a split, if one check would drop
    more than a fifth of it. Exact copies are left as they are: they are of no use, however many.
    """
    if check == "exact":
        return suspects
    if check in JUDGED:
        held_out = {one.row for one in suspects if stack.ranks[one.row] > 0}
        suspects = _kept(suspects, held_out, "held out")
    many = _of_shrunk_classes(stack, check, [one.row for one in suspects if one.decision == DROP])
    return _kept(suspects, many, "too many of the class")


def _kept(suspects: list[Suspect], rows: set[int], why: str) -> list[Suspect]:
    return [
        replace(one, decision=KEEP, note=f"{one.note}; {why}".removeprefix("; "))
        if one.decision == DROP and one.row in rows
        else one
        for one in suspects
    ]


def _of_shrunk_classes(stack: Stack, check: str, dropped: list[int]) -> set[int]:
    """The rows to drop whose class would lose more than ``SHARE`` of its images in their split."""
    classes = len(stack.splits.classes)
    strata = stack.ranks * classes + stack.labels
    total = np.bincount(strata)
    lost = np.bincount(strata[dropped], minlength=len(total))
    shrunk = np.flatnonzero(lost > SHARE * total)
    for number in shrunk.tolist():
        split, name = stack.splits.items()[number // classes][0], stack.splits.classes[number % classes]
        logger.warning(
            "%s: %d of %d %s images of %s would go; it is suggested to keep them, so look at them",
            *(check, lost[number], total[number], split, name),
        )
    return {row for row in dropped if strata[row] in shrunk}
