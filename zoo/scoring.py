"""Score an ensemble: rows of the leaderboard, from logits and labels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

import ensembles
from zoo.data.images import Images
from zoo.data.sources import load
from zoo.folds import fair_rules, stored_logits
from zoo.leaderboard import FITTED, Leaderboard
from zoo.member import Member

if TYPE_CHECKING:
    from zoo.data.sources import Source
    from zoo.data.targets import Labels
    from zoo.ensemble import Ensemble

Row = dict[str, Any]


def to_score(ensemble: Ensemble, data: Source | None = None, labels: Labels | None = None) -> tuple[str, Images]:
    """Read labelled images of the ensemble's classes, and say which split they are; by default those of its fit.

    Raises:
        ValueError: images of other classes or another size, or none at all for an ensemble that was loaded.
    """
    if data is None and not hasattr(ensemble, "validation_"):
        raise ValueError("Expected labelled images; an ensemble that was loaded has none of its own. Pass some.")
    if data is None:
        return "validation", ensemble.validation_
    source, ids = ensemble.targets_.numbered(data, labels)
    names, size = ensemble.class_names_, ensemble.image_size_
    return load(source, ids, classes=names, image_size=size, whole=False).to_score()


def fit_rules(
    ensemble: Ensemble, unfitted: Mapping[str, ensembles.Rule], validation: Images
) -> tuple[dict[str, ensembles.Rule], dict[str, str]]:
    """Fit rules on the members' logits; returns those that could be, by name, and the reason of each that failed."""
    logits = stored_logits(ensemble, validation)
    rules, failures = {}, {}
    for name, rule in unfitted.items():
        try:
            rules[name] = rule.fit(logits, validation.labels)
        except ValueError as error:
            failures[name] = str(error)
    return rules, failures


def score(ensemble: Ensemble, split: str, images: Images) -> Leaderboard:
    """Score every member and every rule; on the validation images of the fit, learned rules out of fold."""
    logits = stored_logits(ensemble, images)
    rules, unscored = fair_rules(ensemble, images)
    rows = member_rows(ensemble.members_, logits, images.labels, _member_weights(ensemble))
    rows += [
        {
            "name": name,
            "kind": "rule",
            **ensembles.metrics.scores(rule.combine(logits), images.labels),
            "status": FITTED,
        }
        for name, rule in rules.items()
    ]
    return Leaderboard(rows + failure_rows(unscored, ensemble.failures_), describe(ensemble, split, images))


def describe(ensemble: Ensemble, split: str, images: Images) -> str:
    """Say of images to score how many there are and who saw them."""
    if ensemble.seen_.is_validation(images):
        return f"{len(images)} validation images; learned rules out of fold"
    return ensemble.seen_.describe(images, split)


def member_rows(
    members: Sequence[Member], logits: np.ndarray, labels: np.ndarray, weights: Sequence[float | None]
) -> list[Row]:
    """Score each member by its own logits ``(members, N, classes)``."""
    return [
        {
            "name": member.name,
            "kind": "member",
            **ensembles.metrics.scores(own, labels),
            "weight": weight,
            "parameters": member.parameters,
            "seconds": member.seconds,
            "status": FITTED,
        }
        for member, own, weight in zip(members, logits, weights, strict=True)
    ]


def failure_rows(unscored: Mapping[str, str], failures: Mapping[str, str]) -> list[Row]:
    """List the rules without scores by their status, and what failed with its reason."""
    statuses = dict(unscored) | {name: f"failed: {reason}" for name, reason in failures.items()}
    return [
        {"name": name, "kind": "rule" if name in ensembles.RULES else "member", "status": status}
        for name, status in statuses.items()
    ]


def _member_weights(ensemble: Ensemble) -> list[float | None]:
    """The weight of each member's vote; the stacked rule has none, but a matrix."""
    weights = getattr(ensemble.rules_.get(ensemble.method), "weights_", None)
    return [None] * len(ensemble.members_) if weights is None else [float(weight) for weight in weights]
