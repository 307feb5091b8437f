"""Corrupted copies of labelled images, and scores on them: of anything that predicts, and of a whole ensemble."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any
from zlib import crc32

import numpy as np

import ensembles
from ensembles.bootstrap import Interval, row_scores, share_interval
from ensembles.metrics import balanced_accuracy
from zoo.augment.corruptions import CORRUPTIONS, SEVERITIES
from zoo.data.images import Images
from zoo.data.splits import limit as choose
from zoo.evaluation.scoring import Combines, failure_rows, fair_rules
from zoo.report.corruption_table import CELLS, ShiftTable
from zoo.report.tables import FITTED
from zoo.state.state import EnsembleState
from zoo.utils.progress import track


def validate(state: EnsembleState, split: str, images: Images, *, limit: int | None, seed: int) -> ShiftTable:
    """Score an ensemble on corrupted copies; logits come from its store where it has them.

    Learned rules predict as in the leaderboard. On the validation images of the fit, the corrupted copy of a row is
    combined by a rule that was fitted on the clean logits of other rows, with or without a limit.
    """
    kept = choose(images, limit, seed=seed)
    fair, unscored = fair_rules(state, images)
    rules = {name: _for_rows(rule, images, kept) for name, rule in fair.items()}

    def logits_of(shown: Images) -> dict[str, np.ndarray]:
        logits = state.stored_logits(shown)
        own = dict(zip((member.name for member in state.members), logits, strict=True))
        return own | {name: rule.combine(logits) for name, rule in rules.items()}

    scores = score_answers(logits_of, kept, seed=seed)
    rows = [
        {"name": name, "kind": "rule" if name in rules else "member", "status": FITTED, **as_entry(own)}
        for name, own in scores.items()
    ]
    return ShiftTable(rows + failure_rows(unscored, state.failures), _where(state, split, images, kept))


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


def corrupt(images: Images, kind: str, severity: int, *, seed: int = 0) -> Images:
    """Make a corrupted copy in memory, of the same labels, classes and origins.

    The corruption of an image depends on its own pixels, ``kind``, ``severity`` and ``seed``: not on its row nor on
    the others, so that a part of the images is corrupted as the whole is. Between severities of one kind the random
    draws are the same, so that the same bubbles grow.

    Args:
        images: of any size, in colour: ``saturate`` turns grey ones red.
        kind: one of :data:`zoo.augment.corruptions.CORRUPTIONS`.
        severity: 1 (mild) to 5 (hard).
        seed: 0 or more, of positions, sizes and angles.

    Raises:
        ValueError: an unknown kind or severity, or a seed below 0.

    Examples:
        >>> from zoo.data import as_images
        >>> images = as_images(np.full((2, 32, 32, 3), 100, np.uint8), [0, 1])
        >>> corrupt(images, "brightness_up", 2).pixels[0, 0, 0].tolist()
        [120, 120, 120]
    """
    _check(kind, severity, seed)
    corruption = CORRUPTIONS[kind]
    level = corruption.levels[SEVERITIES.index(severity)]
    pixels = images.take(np.arange(len(images)))
    for row, key in enumerate(images.digests):
        pixels[row] = corruption.apply(pixels[row], level, _generator(seed, kind, key))
    return Images(pixels, images.labels, images.classes, images.origins, groups=images.groups)


def suite(images: Images, *, seed: int = 0) -> Iterator[tuple[str, int, Images]]:
    """Go through all kinds and severities: name, severity and corrupted copy, one copy in memory at a time."""
    for kind in CORRUPTIONS:
        for severity in SEVERITIES:
            yield kind, severity, corrupt(images, kind, severity, seed=seed)


def _generator(seed: int, kind: str, key: bytes) -> np.random.Generator:
    return np.random.default_rng([seed, crc32(kind.encode()), *np.frombuffer(key, "<u4")])


def _check(kind: str, severity: int, seed: int) -> None:
    if kind not in CORRUPTIONS:
        close = get_close_matches(str(kind), CORRUPTIONS, n=1)
        hint = f" Did you mean {close[0]!r}?" if close else ""
        raise ValueError(f"Expected a kind of corruption among {', '.join(CORRUPTIONS)}; received {kind!r}.{hint}")
    if severity not in SEVERITIES:
        raise ValueError(f"Expected a severity of 1 (mild) to 5 (hard); received {severity!r}. Pass a whole number.")
    if seed < 0:
        raise ValueError(f"Expected a seed of 0 or more; received {seed}. Pass another.")


@dataclass(frozen=True, eq=False)
class ShiftScores:
    """Balanced accuracies, 0 to 1.

    Attributes:
        clean: of the images as they are.
        corrupted: ``(12, 5)`` float64, each kind at each of ``SEVERITIES``.
        rows: ``(N,)`` float64, the share of each image's 60 corrupted copies that was predicted correctly.
        labels: ``(N,)`` class ids of these images.
        groups: ``(N,)`` of these images; None where each is by itself.
    """

    clean: float
    corrupted: np.ndarray
    rows: np.ndarray
    labels: np.ndarray
    groups: np.ndarray | None = None

    @property
    def shifted(self) -> float:
        """The mean of all 60."""
        return float(self.corrupted.mean())

    @property
    def interval(self) -> Interval:
        """The 95 % interval of :attr:`shifted`: images, or whole groups, are drawn, each with all its copies."""
        return share_interval(self.rows, self.labels, groups=self.groups)

    @property
    def by_kind(self) -> dict[str, float]:
        """Each kind's mean over its severities."""
        return dict(zip(CORRUPTIONS, self.corrupted.mean(axis=1).tolist(), strict=True))

    @property
    def worst_kind(self) -> str:
        """The kind with the lowest mean, the first of equals."""
        return min(CORRUPTIONS, key=self.by_kind.__getitem__)

    @property
    def worst(self) -> float:
        """The worst kind's mean."""
        return self.by_kind[self.worst_kind]


def shift_scores(
    logits_of: Callable[[Images], np.ndarray], images: Images, *, limit: int | None = None, seed: int = 0
) -> ShiftScores:
    """Score anything that predicts logits, such as ``member.logits``.

    Args:
        logits_of: predicts ``(N, classes)`` for images of 8-bit RGB.
        images: labelled, clean.
        limit: score a stratified choice of so many.
        seed: 0 or more, of the choice and the corruptions.

    Raises:
        ValueError: a limit below one image a class, or predictions of another shape.
    """
    return score_answers(lambda shown: {"": logits_of(shown)}, choose(images, limit, seed=seed), seed=seed)[""]


def score_answers(
    answers_of: Callable[[Images], Mapping[str, np.ndarray]], images: Images, *, seed: int = 0
) -> dict[str, ShiftScores]:
    """Score several that predict together, by name, so that every image is corrupted once.

    Raises:
        ValueError: predictions of another shape than ``(N, classes)``.
    """
    labels = images.labels
    clean = {name: balanced_accuracy(logits, labels) for name, logits in answers_of(images).items()}
    corrupted = {name: np.empty((len(CORRUPTIONS), len(SEVERITIES))) for name in clean}
    right = {name: np.zeros(len(images)) for name in clean}
    copies = track(suite(images, seed=seed), "shift", len(CORRUPTIONS) * len(SEVERITIES), "corrupted copies")
    for kind, severity, shown in copies:
        cell = [*CORRUPTIONS].index(kind), SEVERITIES.index(severity)
        for name, logits in answers_of(shown).items():
            corrupted[name][cell] = balanced_accuracy(logits, labels)
            right[name] += row_scores(logits, labels, "accuracy")
        del shown  # before the next copy is made
        if severity == SEVERITIES[-1]:
            logger.info("%s (%d of %d kinds): %d images scored", kind, cell[0] + 1, len(CORRUPTIONS), len(images))
    return {
        name: ShiftScores(clean[name], own, right[name] / own.size, labels, images.groups)
        for name, own in corrupted.items()
    }


def as_entry(scores: ShiftScores) -> dict[str, Any]:
    """Lay scores out as the columns of a row."""
    summary = {name: getattr(scores, name) for name in ("clean", "shifted", "worst", "worst_kind")}
    sure = scores.interval
    summary |= {"shifted_low": sure.low, "shifted_high": sure.high, "rows": len(scores.rows)}
    return summary | dict(zip(CELLS, scores.corrupted.ravel().tolist(), strict=True))
