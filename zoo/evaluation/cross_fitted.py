"""Rules as they may be scored on some images: cross-fitted where they were fitted on them."""

from __future__ import annotations

from typing import Protocol

import numpy as np

import ensembles
from zoo.data.images import Images
from zoo.state.state import EnsembleState


class Combines(Protocol):
    """Makes one answer of logits: a fitted rule, or copies of it that were fitted out of fold."""

    def combine(self, logits: np.ndarray) -> np.ndarray:
        """Combine logits ``(members, N, classes)`` to ``(N, classes)`` float32."""


def fair_rules(state: EnsembleState, images: Images) -> tuple[dict[str, Combines], dict[str, str]]:
    """The rules as they may answer for these images, by name, and the status of those that may not.

    On the images of the fit they are fitted out of fold: every row is combined by a copy that was fitted on others.
    """
    if not state.held_out.covers(images):
        return dict(state.rules), {}
    logits = state.stored_logits(images)
    fair: dict[str, Combines] = {}
    unscored = {}
    for name, rule in state.rules.items():
        try:
            fair[name] = ensembles.cross_fit(rule, logits, images.labels)
        except ValueError as error:
            unscored[name] = f"fitted, not scored: {error}"
    return fair, unscored
