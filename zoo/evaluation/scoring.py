"""Score an ensemble: rows of the leaderboard, from logits and labels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

import ensembles
from ensembles.crossval import CrossFitted
from ensembles.input_warnings import without_warnings
from ensembles.remembered import fit_once
from ensembles.weighted_mean import active_members
from zoo.data.images import Images
from zoo.data.loading import load
from zoo.data.source import as_path
from zoo.evaluation.cautions import caution_of_choice, caution_of_rule, cautions, warn_of
from zoo.members.store import in_turn
from zoo.report.leaderboard import Leaderboard
from zoo.report.tables import FITTED
from zoo.state.held_out_predictions import HeldOutPredictions
from zoo.state.kept_fits import fits_kept_in
from zoo.state.state import EnsembleState
from zoo.utils.progress import track

if TYPE_CHECKING:
    from zoo.data.loading import Source
    from zoo.data.targets import Labels

Row = dict[str, Any]

GIVEN = "given"  # what images in memory are called that nothing divides


def to_score(state: EnsembleState, data: Source | None = None, labels: Labels | None = None) -> tuple[str, Images]:
    """Read labelled images of the ensemble's classes, and return what they are called; by default those that its fit
    held out: with folds the training images, each predicted by networks that were trained without it.

    Raises:
        ValueError: images of other classes or another size, or none at all for an ensemble that was loaded.
    """
    if data is None:
        own = state.own_images()
        return ("training", own.train) if state.held_out.folds else ("validation", own.to_validate())
    known, how = state.targets.known, state.reading.as_dict()
    splits = load(data, labels, classes=known, image_size=state.image_size, whole=False, **how)
    split, images = splits.to_score()
    return (split if len(splits.items()) > 1 else _called(data)), images


def to_corrupt(state: EnsembleState, data: Source | None = None) -> tuple[str, Images]:
    """The images of which corrupted copies are scored: by default the validation images, as all networks of folds but
    one were trained on a training image. Raises as :func:`to_score`.
    """
    return ("validation", state.own_images().to_validate()) if data is None else to_score(state, data)


def _called(data: Source) -> str:
    """What images are called that nothing divides: by their path, as they need not be training images."""
    path = as_path(data)
    return path.resolve().name if path is not None else GIVEN


def fit_rules(
    unfitted: Mapping[str, ensembles.Rule], held_out: HeldOutPredictions, classes: Sequence[str]
) -> tuple[dict[str, ensembles.Rule], dict[str, str]]:
    """Fit rules on the members' logits; returns those that could be, by name, and the reason of each that failed."""
    rules, failures = {}, {}
    absent = without_rows(held_out.labels, classes)
    for name, rule in track(unfitted.items(), "rules", len(unfitted), "rules"):
        try:
            with without_warnings():  # class ids are the library's own, and members have been asked
                rules[name] = fit_once(rule, held_out.logits, held_out.labels, held_out.fold_groups)
        except ValueError as error:
            failures[name] = f"{error}{absent}"
    return rules, failures


def without_rows(labels: np.ndarray, classes: Sequence[str]) -> str:
    """Name the classes that rules have no row of, where there are such ones; else ""."""
    missing = [name for number, name in enumerate(classes) if number not in labels]
    return f" (no held-out image of {', '.join(missing)})" if missing else ""


def score(state: EnsembleState, split: str, images: Images) -> Leaderboard:
    """Score every member and every rule; on the images that the rules were fitted on, learned ones out of fold."""
    logits, groups = state.stored_logits(images), state.groups_of(images)
    fair, unscored = fair_rules(state, images)
    members = member_rows(state, logits, images.labels, groups)
    predictions = {name: rule.combine(logits) for name, rule in fair.items()}
    rows = [*members, *rule_rows(state, predictions, images.labels, members, groups)]
    against = _against_members(state, predictions, logits, images.labels, groups)
    notes = [note for note in (*cautions(state, images), against, _of_choice(state, fair)) if note]
    warn_of(notes)
    board = Leaderboard(rows + failure_rows(unscored, state.failures), state.describe(images, split), notes)
    return board.marked(state.method)


def _against_members(
    state: EnsembleState,
    predictions: Mapping[str, np.ndarray],
    logits: np.ndarray,
    labels: np.ndarray,
    groups: np.ndarray | None,
) -> str:
    own = predictions.get(state.method)
    return "" if own is None else caution_of_rule(state, own, logits, labels, groups)


def _of_choice(state: EnsembleState, fair: Mapping[str, Combines]) -> str:
    copies = fair.get("auto")
    return caution_of_choice(state.rules["auto"], copies.rules) if isinstance(copies, CrossFitted) else ""


def member_rows(
    state: EnsembleState, logits: np.ndarray, labels: np.ndarray, groups: np.ndarray | None = None
) -> list[Row]:
    """Score each member by its own logits ``(members, N, classes)``."""
    columns = zip(state.keys, state.members, logits, _member_weights(state), strict=True)
    return [
        {
            "name": member.name,
            "kind": "member",
            **_scores(own, labels, groups),
            "weight": weight,
            "parameters": member.parameters,
            "images_per_second": state.store.find_speed(key),
            "seconds": member.seconds or None,  # unknown for a network that was trained outside the library
            "rows_fitted": member.trained_on,
            "status": FITTED,
        }
        for key, member, own, weight in columns
    ]


def rule_rows(
    state: EnsembleState,
    predictions: Mapping[str, np.ndarray],
    labels: np.ndarray,
    members: Sequence[Row],
    groups: np.ndarray | None = None,
) -> list[Row]:
    """Score each rule by its predictions ``(N, classes)``, and add up what its members cost."""
    return [
        {
            "name": name,
            "kind": "rule",
            **_scores(own, labels, groups),
            **_cost(_needed(state.rules[name], members)),
            "rows_fitted": len(state.held_out.labels),
            "status": FITTED,
        }
        for name, own in predictions.items()
    ]


def failure_rows(unscored: Mapping[str, str], failures: Mapping[str, str]) -> list[Row]:
    """List the rules without scores by their status, and what failed with its reason."""
    statuses = dict(unscored) | {name: f"failed: {reason}" for name, reason in failures.items()}
    return [
        {"name": name, "kind": "rule" if name in ensembles.RULES else "member", "status": status}
        for name, status in statuses.items()
    ]


def _scores(predictions: np.ndarray, labels: np.ndarray, groups: np.ndarray | None) -> Row:
    right = ensembles.bootstrap.interval(predictions, labels, "accuracy", groups=groups)
    sure = ensembles.bootstrap.interval(predictions, labels, "balanced_accuracy", groups=groups)
    ends = {"accuracy_low": right.low, "accuracy_high": right.high}
    ends |= {"balanced_low": sure.low, "balanced_high": sure.high}
    counts = {"rows": len(labels), "groups": None if groups is None else len(np.unique(groups))}
    return {**ensembles.metrics.scores(predictions, labels), **ends, **counts}


def _needed(rule: ensembles.Rule, members: Sequence[Row]) -> list[Row]:
    """The members that a rule runs when it is exported: all of them, but for those of weight 0."""
    weights = getattr(rule, "weights_", None)
    return list(members) if weights is None else [members[index] for index in active_members(weights)]


def _cost(members: Sequence[Row]) -> Row:
    """What it costs to train and to run some members, one after another; a sum with an unknown part is unknown."""
    columns = {name: [row[name] for row in members] for name in ("parameters", "seconds", "images_per_second")}
    sums = {name: None if None in columns[name] else sum(columns[name]) for name in ("parameters", "seconds")}
    return {**sums, "images_per_second": in_turn(columns["images_per_second"])}


def _member_weights(state: EnsembleState) -> list[float | None]:
    """The weight of each member's vote, of weights by class their mean; the stacked rule has none, but a matrix."""
    weights = getattr(state.rules.get(state.method), "weights_", None)
    return [None] * len(state.members) if weights is None else [float(np.mean(own)) for own in weights]


class Combines(Protocol):
    """Combines logits: a fitted rule, or copies of it that were fitted out of fold."""

    def combine(self, logits: np.ndarray) -> np.ndarray:
        """Combine logits ``(members, N, classes)`` to ``(N, classes)`` float32."""


def why_unscored(error: ValueError, classes: Sequence[str], labels: np.ndarray) -> str:
    """The reason why a rule has no copies: by name the classes of one image, which a copy is fitted without."""
    counts = np.bincount(labels, minlength=len(classes))
    single = [name for name, count in zip(classes, counts, strict=True) if count == 1]
    return f"it learns from every class, and of {', '.join(single)} one image is held out" if single else str(error)


def fair_rules(state: EnsembleState, images: Images) -> tuple[dict[str, Combines], dict[str, str]]:
    """The rules that can be scored fairly on these images, by name, and the status of the others.

    On the images of the fit they are fitted out of fold: every row is combined by a copy that was fitted on others, and
    on other groups where there are groups. The only image of a class is combined by a copy that never saw its class.
    """
    if not state.held_out.covers(images):
        return dict(state.rules), {}
    logits = state.stored_logits(images)
    groups = None if state.held_out.fold_groups is None else state.groups_of(images)
    fair: dict[str, Combines] = {}
    unscored = {}
    with without_warnings(), fits_kept_in(state.store):
        for name, rule in track(state.rules.items(), "rules out of fold", len(state.rules), "rules"):
            try:
                fair[name] = ensembles.cross_fit(rule, logits, images.labels, groups=groups, singles=True)
            except ValueError as error:
                unscored[name] = f"fitted, not scored: {why_unscored(error, images.classes, images.labels)}"
    return fair, unscored


def fair_logits(state: EnsembleState, images: Images) -> np.ndarray:
    """The logits ``(N, classes)`` of :func:`fair_rule`, which raises what this raises."""
    return fair_rule(state, images).combine(state.stored_logits(images))


def fair_rule(state: EnsembleState, images: Images) -> Combines:
    """The rule that answers; on the images of the fit, its copies that were fitted on others.

    Raises:
        ValueError: the rule could not be fitted, or not out of fold.
    """
    state.rule()
    fair, unscored = fair_rules(state, images)
    if state.method not in fair:
        why = f"{state.method}: {unscored[state.method].rstrip('.')}"
        raise ValueError(
            f"Expected a rule that can be scored; received {why}. Name other images, or fit with another method."
        )
    return fair[state.method]
