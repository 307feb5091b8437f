"""An ensemble under shift: every member and every rule on every corruption."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

import ensembles
from zoo.data.images import Images
from zoo.data.splits import limit as choose
from zoo.report.fair import Combines, fair_rules, honest_logits
from zoo.report.leaderboard import FITTED
from zoo.report.scoring import describe, failure_rows
from zoo.shift.scores import score_answers
from zoo.shift.table import ShiftTable, as_entry

if TYPE_CHECKING:
    from zoo.fitted import FittedEnsemble


def validate(ensemble: FittedEnsemble, split: str, images: Images, *, limit: int | None, seed: int) -> ShiftTable:
    """Score an ensemble on corrupted copies; logits come from its store where it has them.

    Learned rules answer as in the leaderboard. On the validation images of the fit, the corrupted copy of a row is
    combined by a rule that was fitted on the clean logits of other rows, with or without a limit.
    """
    kept = choose(images, limit, seed=seed)
    fair, unscored = fair_rules(ensemble, images)
    rules = {name: _for_rows(rule, images, kept) for name, rule in fair.items()}

    def answers_of(shown: Images) -> dict[str, np.ndarray]:
        logits = honest_logits(ensemble, shown)
        own = dict(zip((member.name for member in ensemble.members_), logits, strict=True))
        return own | {name: rule.combine(logits) for name, rule in rules.items()}

    scores = score_answers(answers_of, kept, seed=seed)
    rows = [
        {"name": name, "kind": "rule" if name in rules else "member", "status": FITTED, **as_entry(own)}
        for name, own in scores.items()
    ]
    return ShiftTable(rows + failure_rows(unscored, ensemble.failures_), _where(ensemble, split, images, kept))


def _for_rows(rule: Combines, images: Images, kept: Images) -> Combines:
    """Keep of a rule that was fitted out of fold of ``images`` what answers those that are kept of them."""
    if not isinstance(rule, ensembles.CrossFitted):
        return rule
    row_of = {key: row for row, key in enumerate(images.digests)}
    return rule.of(np.array([row_of[key] for key in kept.digests]))


def _where(ensemble: FittedEnsemble, split: str, images: Images, kept: Images) -> str:
    if len(kept) < len(images) and ensemble.evidence_.covers(images):
        return f"{len(kept)} of {describe(ensemble, split, images)}"
    return describe(ensemble, split, kept)
