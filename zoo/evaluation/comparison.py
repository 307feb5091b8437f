"""Two runs side by side: in what they differ, and whether one is surely better on the same images."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

import ensembles
from ensembles.bootstrap import Interval
from zoo.data.groups import group_digests
from zoo.data.images import Images
from zoo.report.comparison_table import ComparisonTable
from zoo.state.state import EnsembleState
from zoo.utils.text import count_of

SCORES = ("accuracy", "balanced_accuracy", "log_loss")


@dataclass(frozen=True, eq=False)
class Answered:
    """What both predict for the same images.

    Attributes:
        first: logits ``(N, classes)``.
        second: likewise.
        labels: class ids ``(N,)``.
        groups: of the images ``(N,)``; None where each is by itself.
        left_out: how many others there were, and why they do not count; empty where there were none.
    """

    first: np.ndarray
    second: np.ndarray
    labels: np.ndarray
    groups: np.ndarray | None
    left_out: str = ""


def compare(
    first: EnsembleState,
    second: EnsembleState,
    images: Images | None = None,
    *,
    as_second_reads: Images | None = None,
    where: str = "",
) -> ComparisonTable:
    """Compare the rules that answer, on the same images.

    Args:
        first: a fitted ensemble's state.
        second: another one's, of the same classes.
        images: labelled, as the first one reads them; by default those that both held out and labelled alike. Those
            that either was trained on, or others of their groups, are left out. An image that a run held out is
            predicted by a rule that was fitted on others.
        as_second_reads: the same images as the second one reads them, where its size or its pixels are others.
        where: what the images are called.

    Raises:
        ValueError: other classes, no image that both held out and labelled alike, or only images that were trained on.
    """
    if first.class_names != second.class_names:
        raise ValueError(
            f"Expected two runs of the same classes; received {', '.join(first.class_names)} and "
            f"{', '.join(second.class_names)}."
        )
    if images is None:
        found, called = _shared(first, second), " that both held out"
    else:
        found = _given(first, second, images, images if as_second_reads is None else as_second_reads)
        called = f" ({where})" if where else ""
    where = count_of(len(found.labels), "image") + called
    rows = [_row(name, found.first, found.second, found.labels, found.groups) for name in SCORES]
    where += f"; {found.left_out}" if found.left_out else ""
    return ComparisonTable(rows, where, identical=np.array_equal(found.first, found.second))


def differences(first: Mapping[str, Any], second: Mapping[str, Any], before: str = "") -> list[tuple[str, Any, Any]]:
    """What differs between two configurations, as plain values: the name with dots, and both values."""
    found: list[tuple[str, Any, Any]] = []
    for name in dict.fromkeys((*first, *second)):
        own, other = first.get(name), second.get(name)
        if isinstance(own, Mapping) and isinstance(other, Mapping):
            found += differences(own, other, f"{before}{name}.")
        elif own != other:
            found.append((f"{before}{name}", own, other))
    return found


def _given(first: EnsembleState, second: EnsembleState, images: Images, as_second_reads: Images) -> Answered:
    """The predictions of both for images that neither was trained on."""
    if not np.array_equal(images.labels, as_second_reads.labels):
        raise ValueError(
            f"Expected the same images for both runs; received {len(images)} and {len(as_second_reads)}, or other "
            "labels. Name a source that does not change."
        )
    own, others = first.groups_of(images), second.groups_of(as_second_reads)
    groups = others if own is None else own
    new = ~(_trained_on(first, images, own) | _trained_on(second, as_second_reads, others))
    if not new.any():
        raise ValueError(
            f"Expected images that neither run was trained on; all {len(images)}, or others of their groups, trained "
            "one of them. Name others: --data."
        )
    which = "on which" if groups is None else "on which, or on whose groups,"
    left_out = f"{count_of(int((~new).sum()), 'other')} left out, {which} one of them was trained"
    return Answered(
        _fair_logits(first, images.subset(np.flatnonzero(new))),
        _fair_logits(second, as_second_reads.subset(np.flatnonzero(new))),
        images.labels[new],
        None if groups is None else np.asarray(groups)[new],
        "" if new.all() else left_out,
    )


def _trained_on(state: EnsembleState, images: Images, groups: np.ndarray | None) -> np.ndarray:
    """Which images ``(N,)`` members were trained on, or others of their groups; those that they held out are predicted
    by others.
    """
    known, held_out = state.provenance, frozenset(state.held_out.digests)
    own = [digest in known.train for digest in images.digests]
    of_groups = [name in known.train_groups for name in group_digests(groups)] or [False] * len(images)
    new = [digest in held_out for digest in images.digests]
    return (np.array(own) | np.array(of_groups)) & ~np.array(new)


def _fair_logits(state: EnsembleState, images: Images) -> np.ndarray:
    """Predict images ``(N, classes)``; those that the rules were fitted on by a copy that was fitted on others."""
    row_of = {digest: row for row, digest in enumerate(state.held_out.digests)}
    rows = np.array([row_of.get(digest, -1) for digest in images.digests])
    logits = np.empty((len(images), len(images.classes)), np.float32)
    if (rows >= 0).any():
        logits[rows >= 0] = state.cross_fitted_logits()[rows[rows >= 0]]
    if (rows < 0).any():
        others = images.subset(np.flatnonzero(rows < 0))
        logits[rows < 0] = state.rule().combine(state.stored_logits(others))
    return logits


def _shared(first: EnsembleState, second: EnsembleState) -> Answered:
    """The predictions of both for the images that both held out and labelled alike."""
    row_of = {digest: row for row, digest in enumerate(second.held_out.digests)}
    pairs = [(row, row_of[digest]) for row, digest in enumerate(first.held_out.digests) if digest in row_of]
    own, other = np.array(pairs, int).reshape(-1, 2).T
    alike = first.held_out.labels[own] == second.held_out.labels[other]
    if not alike.any():
        differently = f", but {len(pairs)} labelled differently" if pairs else ""
        raise ValueError(
            f"Expected two runs that held some of the same images out; these share none{differently}. Name labelled "
            "images: --data."
        )
    own, other = own[alike], other[alike]
    known, others = first.held_out.groups, second.held_out.groups
    groups = known[own] if known is not None else None if others is None else others[other]
    relabelled = f"{count_of(int((~alike).sum()), 'other')} left out, labelled differently"
    return Answered(
        first.cross_fitted_logits()[own],
        second.cross_fitted_logits()[other],
        first.held_out.labels[own],
        groups,
        "" if alike.all() else relabelled,
    )


def _row(
    name: Any, own: np.ndarray, other: np.ndarray, labels: np.ndarray, groups: Sequence[Any] | np.ndarray | None
) -> dict[str, Any]:
    score = getattr(ensembles.metrics, name)
    gain: Interval = ensembles.bootstrap.difference(other, own, labels, name, groups=groups)
    return {
        "score": name,
        "first": score(own, labels),
        "second": score(other, labels),
        "difference": gain.value,
        "low": gain.low,
        "high": gain.high,
        "differing": _differing(name, own, other, labels, groups),
    }


def _differing(
    name: str, own: np.ndarray, other: np.ndarray, labels: np.ndarray, groups: Sequence[Any] | np.ndarray | None
) -> int:
    """How many images, or groups of them, speak for either side: the interval of a few has no width."""
    differ = np.any(own != other, axis=1)
    if name != "log_loss":
        differ = (own.argmax(axis=1) == labels) != (other.argmax(axis=1) == labels)
    units = np.arange(len(labels)) if groups is None else np.asarray(groups)
    return len(np.unique(units[differ]))
