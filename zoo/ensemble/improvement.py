"""Whether an ensemble is better than the one before it, within a time limit."""

from __future__ import annotations

from typing import Any

import numpy as np

import ensembles
from zoo.evaluation.scoring import fair_logits
from zoo.state.state import EnsembleState
from zoo.utils.text import count_of


def is_better(state: EnsembleState, best: EnsembleState) -> bool:
    """Compare two ensembles by their log loss on held-out images, or on validation images if one alone has folds."""
    if state.held_out.digests == best.held_out.digests:
        losses = [_answering(one)["log_loss"] for one in (state, best)]
    else:
        losses = [_validation_loss(one) for one in (state, best)]
    new, old = (np.inf if loss is None else loss for loss in losses)
    return bool(new < old or old == np.inf)


def _validation_loss(state: EnsembleState) -> float | None:
    """The log loss of the rule that answers on the validation images; None where it cannot be scored on them."""
    images = state.own_images().to_validate()
    try:
        return ensembles.metrics.log_loss(fair_logits(state, images), images.labels)
    except ValueError:
        return None


def _answering(state: EnsembleState) -> dict[str, Any]:
    return next(row for row in state.leaderboard if row["answers"])


def summary(state: EnsembleState) -> str:
    """The rule that answers, its members and its score, for the log."""
    row, members = _answering(state), count_of(len(state.members), "member")
    score = row["balanced_accuracy"]
    return f"{row['name']} of {members}, {'not scored' if score is None else f'balanced accuracy {score:.3f}'}"
