"""Rules as they may answer for some images: out of fold where they were fitted on them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import numpy as np

import ensembles
from zoo.data.images import Images

if TYPE_CHECKING:
    from zoo.fitted import FittedEnsemble


class Combines(Protocol):
    """Makes one answer of logits: a fitted rule, or copies of it that were fitted out of fold."""

    def combine(self, logits: np.ndarray) -> np.ndarray:
        """Combine logits ``(members, N, classes)`` to ``(N, classes)`` float32."""


def fair_rules(ensemble: FittedEnsemble, images: Images) -> tuple[dict[str, Combines], dict[str, str]]:
    """The rules as they may answer for these images, by name, and the status of those that may not.

    On the images of the fit they are fitted out of fold: every row is combined by a copy that was fitted on others.
    """
    if not ensemble.evidence_.covers(images):
        return dict(ensemble.rules_), {}
    logits = honest_logits(ensemble, images)
    fair: dict[str, Combines] = {}
    unscored = {}
    for name, rule in ensemble.rules_.items():
        try:
            fair[name] = ensembles.cross_fit(rule, logits, images.labels)
        except ValueError as error:
            unscored[name] = f"fitted, not scored: {error}"
    return fair, unscored


def honest_logits(ensemble: FittedEnsemble, images: Images) -> np.ndarray:
    """Every member's logits ``(members, N, classes)``, from the store where it has them.

    For the images that the rules were fitted on they are those that they were fitted on: of networks that did not learn
    from them.
    """
    if ensemble.evidence_.covers(images):
        return ensemble.evidence_.of(images)
    pairs = zip(ensemble.keys_, ensemble.members_, strict=True)
    return np.stack([ensemble.store_.logits(key, member, images) for key, member in pairs])
