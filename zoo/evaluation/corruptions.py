"""An ensemble under shift: every member and every rule on every corruption."""

from __future__ import annotations

import numpy as np

import ensembles
from zoo.data.images import Images
from zoo.data.splits import limit as choose
from zoo.evaluation.corruption_scores import as_entry, score_answers
from zoo.evaluation.cross_fitted import Combines, fair_rules
from zoo.evaluation.scoring import failure_rows
from zoo.report.corruption_table import ShiftTable
from zoo.report.tables import FITTED
from zoo.state.state import EnsembleState


def validate(state: EnsembleState, split: str, images: Images, *, limit: int | None, seed: int) -> ShiftTable:
    """Score an ensemble on corrupted copies; logits come from its store where it has them.

    Learned rules answer as in the leaderboard. On the validation images of the fit, the corrupted copy of a row is
    combined by a rule that was fitted on the clean logits of other rows, with or without a limit.
    """
    kept = choose(images, limit, seed=seed)
    fair, unscored = fair_rules(state, images)
    rules = {name: _for_rows(rule, images, kept) for name, rule in fair.items()}

    def answers_of(shown: Images) -> dict[str, np.ndarray]:
        logits = state.stored_logits(shown)
        own = dict(zip((member.name for member in state.members), logits, strict=True))
        return own | {name: rule.combine(logits) for name, rule in rules.items()}

    scores = score_answers(answers_of, kept, seed=seed)
    rows = [
        {"name": name, "kind": "rule" if name in rules else "member", "status": FITTED, **as_entry(own)}
        for name, own in scores.items()
    ]
    return ShiftTable(rows + failure_rows(unscored, state.failures), _where(state, split, images, kept))


def _for_rows(rule: Combines, images: Images, kept: Images) -> Combines:
    """Keep of a rule that was fitted out of fold of ``images`` what answers those that are kept of them."""
    if not isinstance(rule, ensembles.CrossFitted):
        return rule
    row_of = {key: row for row, key in enumerate(images.digests)}
    return rule.of(np.array([row_of[key] for key in kept.digests]))


def _where(state: EnsembleState, split: str, images: Images, kept: Images) -> str:
    if len(kept) < len(images) and state.held_out.covers(images):
        return f"{len(kept)} of {state.describe(images, split)}"
    return state.describe(kept, split)
