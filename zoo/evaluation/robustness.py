"""Scores on corrupted copies of labelled images: of anything that predicts, and of a whole ensemble."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

import ensembles
from ensembles.bootstrap import Interval, row_scores, share_interval
from ensembles.metrics import balanced_accuracy
from zoo.augment.corruptions import CORRUPTIONS, SEVERITIES
from zoo.data.images import Images
from zoo.data.splits import limit as choose
from zoo.evaluation.corrupted_copies import Copies, OwnCopies
from zoo.evaluation.scoring import Combines, failure_rows, fair_rules
from zoo.report.corruption_table import ShiftTable, cells
from zoo.report.tables import FITTED
from zoo.state.state import EnsembleState
from zoo.utils.progress import track


def validate(
    state: EnsembleState,
    split: str,
    images: Images,
    *,
    limit: int | None,
    seed: int,
    copies: Copies | None = None,
) -> ShiftTable:
    """Score an ensemble on corrupted copies; logits come from its store where it has them.

    Learned rules predict as in the leaderboard. On the validation images of the fit, the corrupted copy of a row is
    combined by a rule that was fitted on the clean logits of other rows, with or without a limit.

    Raises:
        ValueError: the training images of folds, whose copies every network would predict, or a limit below one image a
            class.
    """
    if state.held_out.folds and state.held_out.covers(images):
        raise ValueError(
            "Expected images that no member was trained on, to corrupt them; received the training images of the "
            "folds. Name others: shift(data), or none after a fit, for its validation images (zoo: --data, or zoo fit "
            "--shift)."
        )
    kept = choose(images, limit, seed=seed)
    fair, unscored = fair_rules(state, images)
    rules = {name: _for_rows(rule, images, kept) for name, rule in fair.items()}

    def logits_of(shown: Images) -> dict[str, np.ndarray]:
        logits = state.stored_logits(shown)
        own = dict(zip((member.name for member in state.members), logits, strict=True))
        return own | {name: rule.combine(logits) for name, rule in rules.items()}

    source = copies or OwnCopies(seed)
    scores = score_answers(logits_of, kept, copies=source)
    rows = [
        {"name": name, "kind": "rule" if name in rules else "member", "status": FITTED, **as_entry(own)}
        for name, own in scores.items()
    ]
    return ShiftTable(rows + failure_rows(unscored, state.failures), _where(state, split, images, kept), source.kinds)


def _for_rows(rule: Combines, images: Images, kept: Images) -> Combines:
    """Reduce a rule that was fitted out of fold on ``images`` to the copies for the kept images."""
    if not isinstance(rule, ensembles.CrossFitted):
        return rule
    row_of = {key: row for row, key in enumerate(images.digests)}
    return rule.of(np.array([row_of[key] for key in kept.digests]))


def _where(state: EnsembleState, split: str, images: Images, kept: Images) -> str:
    if len(kept) < len(images) and state.held_out.covers(images):
        return f"{len(kept)} of {state.describe(images, split)}"
    return state.describe(kept, split)


logger = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class ShiftScores:
    """Balanced accuracies, 0 to 1.

    Attributes:
        clean: of the images as they are.
        corrupted: ``(K, 5)`` float64, each kind at each of ``SEVERITIES``.
        rows: ``(N,)`` float64, the share of each image's corrupted copies that was predicted correctly.
        labels: ``(N,)`` class ids of these images.
        groups: ``(N,)`` of these images; None where each is by itself.
        kinds: ``K`` names.
    """

    clean: float
    corrupted: np.ndarray
    rows: np.ndarray
    labels: np.ndarray
    groups: np.ndarray | None = None
    kinds: tuple[str, ...] = tuple(CORRUPTIONS)

    @property
    def shifted(self) -> float:
        """The mean of all of them."""
        return float(self.corrupted.mean())

    @property
    def interval(self) -> Interval:
        """The 95 % interval of :attr:`shifted`: images, or whole groups, are drawn, each with all its copies."""
        return share_interval(self.rows, self.labels, groups=self.groups)

    @property
    def by_kind(self) -> dict[str, float]:
        """Each kind's mean over its severities."""
        return dict(zip(self.kinds, self.corrupted.mean(axis=1).tolist(), strict=True))

    @property
    def worst_kind(self) -> str:
        """The kind with the lowest mean, the first of equals."""
        return min(self.kinds, key=self.by_kind.__getitem__)

    @property
    def worst(self) -> float:
        """The worst kind's mean."""
        return self.by_kind[self.worst_kind]


def shift_scores(
    logits_of: Callable[[Images], np.ndarray],
    images: Images,
    *,
    limit: int | None = None,
    seed: int = 0,
    copies: Copies | None = None,
) -> ShiftScores:
    """Score anything that predicts logits, such as ``member.logits``.

    Args:
        logits_of: predicts ``(N, classes)`` for images of 8-bit RGB.
        images: labelled, clean.
        limit: score a stratified choice of so many.
        seed: 0 or more, of the choice and the corruptions.
        copies: the corrupted copies; by default those of :mod:`zoo.augment.corruptions`.

    Raises:
        ValueError: a limit below one image a class, or predictions of another shape.
    """
    kept = choose(images, limit, seed=seed)
    return score_answers(lambda shown: {"": logits_of(shown)}, kept, copies=copies or OwnCopies(seed))[""]


OWN = OwnCopies()


def score_answers(
    answers_of: Callable[[Images], Mapping[str, np.ndarray]], images: Images, *, copies: Copies = OWN
) -> dict[str, ShiftScores]:
    """Score several that predict together, by name, so that every image is corrupted once.

    Raises:
        ValueError: predictions of another shape than ``(N, classes)``.
    """
    kinds, labels = copies.kinds, images.labels
    clean = {name: balanced_accuracy(logits, labels) for name, logits in answers_of(images).items()}
    corrupted = {name: np.empty((len(kinds), len(SEVERITIES))) for name in clean}
    right = {name: np.zeros(len(images)) for name in clean}
    for kind, severity, shown in track(copies.of(images), "shift", len(kinds) * len(SEVERITIES), "corrupted copies"):
        cell = kinds.index(kind), SEVERITIES.index(severity)
        for name, logits in answers_of(shown).items():
            corrupted[name][cell] = balanced_accuracy(logits, labels)
            right[name] += row_scores(logits, labels, "accuracy")
        del shown  # before the next copy is made
        if severity == SEVERITIES[-1]:
            logger.info("%s (%d of %d kinds): %d images scored", kind, cell[0] + 1, len(kinds), len(images))
    return {
        name: ShiftScores(clean[name], own, right[name] / own.size, labels, images.groups, kinds)
        for name, own in corrupted.items()
    }


def as_entry(scores: ShiftScores) -> dict[str, Any]:
    """Lay scores out as the columns of a row."""
    summary = {name: getattr(scores, name) for name in ("clean", "shifted", "worst", "worst_kind")}
    sure = scores.interval
    summary |= {"shifted_low": sure.low, "shifted_high": sure.high, "rows": len(scores.rows)}
    return summary | dict(zip(cells(scores.kinds), scores.corrupted.ravel().tolist(), strict=True))
