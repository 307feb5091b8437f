"""Score an ensemble: rows of the leaderboard, from logits and labels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

import ensembles
from ensembles.vote import connected
from zoo.data.images import Images
from zoo.data.sources import load
from zoo.evidence import Evidence
from zoo.report.fair import fair_rules, honest_logits
from zoo.report.leaderboard import FITTED, Leaderboard
from zoo.speed import in_turn

if TYPE_CHECKING:
    from zoo.data.sources import Source
    from zoo.data.targets import Labels
    from zoo.fitted import FittedEnsemble

Row = dict[str, Any]


def to_score(ensemble: FittedEnsemble, data: Source | None = None, labels: Labels | None = None) -> tuple[str, Images]:
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
    unfitted: Mapping[str, ensembles.Rule], evidence: Evidence
) -> tuple[dict[str, ensembles.Rule], dict[str, str]]:
    """Fit rules on the members' logits; returns those that could be, by name, and the reason of each that failed."""
    rules, failures = {}, {}
    for name, rule in unfitted.items():
        try:
            rules[name] = rule.fit(evidence.logits, evidence.labels)
        except ValueError as error:
            failures[name] = str(error)
    return rules, failures


def score(ensemble: FittedEnsemble, split: str, images: Images) -> Leaderboard:
    """Score every member and every rule; on the images that the rules were fitted on, learned ones out of fold."""
    logits = honest_logits(ensemble, images)
    fair, unscored = fair_rules(ensemble, images)
    members = member_rows(ensemble, logits, images.labels)
    answers = {name: rule.combine(logits) for name, rule in fair.items()}
    rows = [*members, *rule_rows(ensemble, answers, images.labels, members)]
    return Leaderboard(rows + failure_rows(unscored, ensemble.failures_), describe(ensemble, split, images))


def measure_speeds(ensemble: FittedEnsemble, images: Images) -> None:
    """Have the store measure how fast each member is, where it does not know; no network is read otherwise."""
    for key, member in zip(ensemble.keys_, ensemble.members_, strict=True):
        ensemble.store_.speed(key, member, images)


def describe(ensemble: FittedEnsemble, split: str, images: Images) -> str:
    """Say of images to score how many there are and who saw them."""
    if ensemble.evidence_.covers(images):
        return ensemble.evidence_.describe(len(images))
    return ensemble.seen_.describe(images, split)


def member_rows(ensemble: FittedEnsemble, logits: np.ndarray, labels: np.ndarray) -> list[Row]:
    """Score each member by its own logits ``(members, N, classes)``."""
    columns = zip(ensemble.keys_, ensemble.members_, logits, _member_weights(ensemble), strict=True)
    return [
        {
            "name": member.name,
            "kind": "member",
            **_scores(own, labels),
            "weight": weight,
            "parameters": member.parameters,
            "images_per_second": ensemble.store_.find_speed(key),
            "seconds": member.seconds or None,  # of a network from elsewhere nobody knows them
            "rows_fitted": member.trained_on,
            "status": FITTED,
        }
        for key, member, own, weight in columns
    ]


def rule_rows(
    ensemble: FittedEnsemble, answers: Mapping[str, np.ndarray], labels: np.ndarray, members: Sequence[Row]
) -> list[Row]:
    """Score each rule by its answers ``(N, classes)``, and add up what its members cost."""
    return [
        {
            "name": name,
            "kind": "rule",
            **_scores(own, labels),
            **_cost(_needed(ensemble.rules_[name], members)),
            "rows_fitted": len(ensemble.evidence_.labels),
            "status": FITTED,
        }
        for name, own in answers.items()
    ]


def failure_rows(unscored: Mapping[str, str], failures: Mapping[str, str]) -> list[Row]:
    """List the rules without scores by their status, and what failed with its reason."""
    statuses = dict(unscored) | {name: f"failed: {reason}" for name, reason in failures.items()}
    return [
        {"name": name, "kind": "rule" if name in ensembles.RULES else "member", "status": status}
        for name, status in statuses.items()
    ]


def _scores(answers: np.ndarray, labels: np.ndarray) -> Row:
    sure = ensembles.bootstrap.interval(answers, labels, "balanced_accuracy")
    interval = {"balanced_low": sure.low, "balanced_high": sure.high}
    return {**ensembles.metrics.scores(answers, labels), **interval, "rows": len(labels)}


def _needed(rule: ensembles.Rule, members: Sequence[Row]) -> list[Row]:
    """The members that a rule runs when it is exported: all of them, but for those of weight 0."""
    weights = getattr(rule, "weights_", None)
    return list(members) if weights is None else [members[place] for place in connected(weights)]


def _cost(members: Sequence[Row]) -> Row:
    """What it costs to train and to run some members, one after another; what is not known of one is not known."""
    columns = {name: [row[name] for row in members] for name in ("parameters", "seconds", "images_per_second")}
    sums = {name: None if None in columns[name] else sum(columns[name]) for name in ("parameters", "seconds")}
    return {**sums, "images_per_second": in_turn(columns["images_per_second"])}


def _member_weights(ensemble: FittedEnsemble) -> list[float | None]:
    """The weight of each member's vote, of weights by class their mean; the stacked rule has none, but a matrix."""
    weights = getattr(ensemble.rules_.get(ensemble.method_), "weights_", None)
    return [None] * len(ensemble.members_) if weights is None else [float(np.mean(own)) for own in weights]
