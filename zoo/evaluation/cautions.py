"""What to say of figures that rest on too little: few images to score, to choose thresholds by, or to learn from."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable, Sequence
from math import ceil, log

import numpy as np

import ensembles
from ensembles.metrics import accuracy
from zoo.data.duplicates import find_duplicates
from zoo.data.groups import counts_by_class
from zoo.data.images import Images
from zoo.ensemble_options import MUTUAL
from zoo.state.state import EnsembleState

logger = logging.getLogger(__name__)

LEVEL = 1e-2  # of the tests whether a rule is worse than a member
FEWEST = 10  # images, or groups, of a class
CHOOSING = ("auto", "best")  # rules that may answer as one member alone
CERTAINTY = 0.95  # of a threshold's promise


def cautions(state: EnsembleState, images: Images) -> tuple[str, ...]:
    """Say of a leaderboard what it knows too little of.

    Args:
        state: of the ensemble that is scored.
        images: that are scored; what the rules learned from is told where they were fitted on these.
    """
    told = [*state.doubts.values(), _seen_in_training(state, images), _copies(images)]
    told += [caution_of_groups(state, images), _few_to_score(images, state.groups_of(images))]
    if state.held_out.covers(images):
        told += [caution_of_labels(state, images), _one_group(state), _one_image(state), _nothing_to_learn(state)]
    return tuple(filter(None, told))


def relabelled(state: EnsembleState, images: Images) -> int:
    """How many held-out images have another label than at the fit; 0 of others."""
    if not state.held_out.covers(images):
        return 0
    return int((images.labels != state.held_out.labels[state.held_out.rows_of(images)]).sum())


def caution_of_labels(state: EnsembleState, images: Images) -> str:
    """Say if held-out images have other labels than those that rules and thresholds were fitted on."""
    count = relabelled(state, images)
    if not count:
        return ""
    return (
        f"{count} of {len(images)} images have another label than at the fit: scores are of today's labels, but rules, "
        "thresholds and sets of classes of the labels then; fit again"
    )


def caution_of_rule(
    state: EnsembleState,
    combined: np.ndarray,
    logits: np.ndarray,
    labels: np.ndarray,
    groups: np.ndarray | None = None,
) -> str:
    """Say if the rule that answers is significantly worse than one of its members, at a level shared among all.

    Args:
        state: of the ensemble that is scored.
        combined: logits of the rule ``(N, classes)``.
        logits: of the members ``(members, N, classes)``.
        labels: class ids ``(N,)``.
        groups: what the rows are of ``(N,)``, where they have groups.
    """
    scores = [accuracy(member, labels) for member in logits]
    best, own, level = int(np.argmax(scores)), accuracy(combined, labels), LEVEL / len(scores)
    if own >= scores[best] or ensembles.bootstrap.sign_test(logits[best], combined, labels, groups=groups) > level:
        return ""
    sure = 1 - 2 * level
    if ensembles.bootstrap.difference(logits[best], combined, labels, groups=groups, confidence=sure).low <= 0:
        return ""
    remedy = "leave members out" if state.method in CHOOSING else "--method auto, or leave members out"
    name = state.members[best].name
    return f"{state.method} is worse than its best member {name} (accuracy {own:.2f}, {scores[best]:.2f}): {remedy}"


def explain_choice(rule: object) -> str:
    """Say in a line which rule ``auto`` took and why; nothing of another rule."""
    auto = _uncalibrated(rule)
    return auto.explain() if isinstance(auto, ensembles.Auto) else ""


def caution_of_choice(final: ensembles.Rule, copies: Sequence[ensembles.Rule]) -> str:
    """Say if copies of ``auto``, by which it is scored out of fold, chose other rules than it did on all rows."""
    chosen, choices = choice_of(final), Counter(map(choice_of, copies))
    if set(choices) <= {chosen}:
        return ""
    told = ", ".join(f"{name} ({count})" for name, count in choices.most_common())
    return (
        f"auto answers as {chosen}, of which its parameters and its speed are; its scores are of copies for "
        f"{len(copies)} folds, which chose {told}"
    )


def choice_of(auto: object) -> str:
    """The name of the rule that ``auto`` chose; "" of another rule."""
    return str(getattr(getattr(_uncalibrated(auto), "rule_", None), "name", ""))


def _uncalibrated(rule: object) -> object:
    return getattr(rule, "rule_", None) if hasattr(rule, "after_") else rule


def caution_of_groups(state: EnsembleState, images: Images) -> str:
    """Say how many images are of groups, such as patients, that members were trained on; nothing where none are.

    Held-out images of folds are predicted by networks that were trained on other groups.
    """
    if state.held_out.folds and state.held_out.covers(images):
        return ""
    return state.provenance.caution(images)


def warn_of(notes: Iterable[str]) -> None:
    """Log notes; commands do not show these messages, as their tables have the notes."""
    for note in notes:
        logger.warning("%s", note)


def caution_of_threshold(state: EnsembleState, error: float) -> str:
    """Say of a threshold for a share of errors if it tells nothing, or rests on too few images; else nothing.

    Even without an error among them so many are needed to show the share: ``(1 - error)^n`` must fall to 0.05.
    """
    if state.uncertainty == MUTUAL and len(state.members) == 1:
        return f"one member cannot disagree: by {MUTUAL} it is sure of every image, so take another uncertainty"
    groups = state.held_out.groups
    count, what = len(state.held_out.labels), "images"
    if groups is not None:
        count, what = len(np.unique(groups)), "groups"
    needed = ceil(log(1 - CERTAINTY) / log(1 - error))
    if count >= needed:
        return ""
    return (
        f"the threshold for {error:.2%} of errors rests on {count} held-out {what}; {needed} without an error would be "
        f"needed to be {CERTAINTY:.0%} sure of it"
    )


def _seen_in_training(state: EnsembleState, images: Images) -> str:
    """Say if most of the images trained the members; held-out images did not, or of folds not those that answer."""
    seen = sum(digest in state.provenance.train for digest in images.digests)
    if state.held_out.covers(images) or 2 * seen <= len(images):
        return ""
    return (
        f"{seen} of {len(images)} images trained the members, so these scores are too good; `zoo evaluate RUN` without "
        "--data scores the held-out images"
    )


def _copies(images: Images) -> str:
    """Say how many images are copies: a fit leaves them out, as under several labels most must be wrong."""
    found = find_duplicates(images)
    told = [
        f"{count} {what}"
        for count, what in (
            (found.conflicting.sum(), "copies under conflicting labels (one picture as several classes)"),
            (found.repeated.sum(), "repeated copies"),
        )
        if count
    ]
    if not told:
        return ""
    return (
        f"among {len(images)} images are {' and '.join(told)}: zoo.data.drop_duplicates (zoo: evaluate "
        "--drop-duplicates) leaves them out, as a fit does"
    )


def _few_to_score(images: Images, groups: np.ndarray | None) -> str:
    counts = images.counts if groups is None else counts_by_class(images, groups)
    few = [f"{name} ({count})" for name, count in zip(images.classes, counts, strict=True) if count < FEWEST]
    if not few:
        return ""
    what = "images" if groups is None else "groups"
    return f"fewer than {FEWEST} {what} to score of {', '.join(few)}: how well these are told is hardly known"


def _one_group(state: EnsembleState) -> str:
    if state.held_out.groups is None or state.held_out.fold_groups is not None:
        return ""
    return "a class has images of one group only, so rules are fitted and scored out of fold by images, not by groups"


def _one_image(state: EnsembleState) -> str:
    counts = np.bincount(state.held_out.labels, minlength=len(state.class_names))
    lonely = [name for name, count in zip(state.class_names, counts, strict=True) if count == 1]
    if not lonely:
        return ""
    return f"one held-out image of {', '.join(lonely)}: rules are scored on it by copies that never saw the class"


def _nothing_to_learn(state: EnsembleState) -> str:
    """Say which rules learn, and had no errors, or too few images, to learn from."""
    logits, labels = state.held_out.logits, state.held_out.labels
    members, rows, classes = logits.shape
    if members == 1:
        return ""
    if (logits.argmax(axis=2) == labels).all():
        return f"every member is right on all {rows} held-out images: no rule had anything to learn from"
    told = []
    reasons = _reasons(state.rules.get("auto"))
    if reasons:
        told.append(f"auto had nothing to choose by: {', '.join(reasons)}")
    if "stacked" in state.rules and rows < members * classes:
        told.append(f"stacked weighs {members * classes} logits and had {rows} held-out images to learn from")
    return "; ".join(told)


def _reasons(auto: object) -> list[str]:
    """Why no rule was tried beside equal weights, where none was."""
    report = getattr(_uncalibrated(auto), "report_", [])
    tried = [row for row in report if "reason" not in row]
    return [] if tried else sorted({row["reason"] for row in report})
