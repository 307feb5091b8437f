"""Two runs side by side: in what they differ, and whether one is surely better on the same images."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

import ensembles
from ensembles.bootstrap import Interval
from zoo.data.images import Images
from zoo.evaluation.scoring import fair_logits
from zoo.report.comparison_table import ComparisonTable
from zoo.state.state import EnsembleState
from zoo.utils.text import count_of

SCORES = ("accuracy", "balanced_accuracy", "log_loss")


def compare(
    first: EnsembleState, second: EnsembleState, images: Images | None = None, *, where: str = ""
) -> ComparisonTable:
    """Compare the rules that answer, on the same images.

    Args:
        first: a fitted ensemble's state.
        second: another one's, of the same classes.
        images: labelled; by default those that both held out and labelled alike, each predicted by a rule that was not
            fitted on it.
        where: what the images are called.

    Raises:
        ValueError: other classes, or no image that both held out and labelled alike.
    """
    if first.class_names != second.class_names:
        raise ValueError(
            f"Expected two runs of the same classes; received {', '.join(first.class_names)} and "
            f"{', '.join(second.class_names)}."
        )
    if images is None:
        own, other, labels, groups, relabelled = _shared(first, second)
        where = f"{count_of(len(labels), 'image')} that both held out"
        where += f"; {count_of(relabelled, 'other')} left out, labelled differently" if relabelled else ""
    else:
        own, other, labels, groups = (
            fair_logits(first, images),
            fair_logits(second, images),
            images.labels,
            images.groups,
        )
    rows = [_row(name, own, other, labels, groups) for name in SCORES]
    return ComparisonTable(rows, where, identical=np.array_equal(own, other))


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


def _shared(
    first: EnsembleState, second: EnsembleState
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray | None, int]:
    """The predictions of both for the images that both held out, with labels, groups, and how many labels differ."""
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
    groups = None if first.held_out.groups is None else first.held_out.groups[own]
    labels, relabelled = first.held_out.labels[own], int((~alike).sum())
    return first.cross_fitted_logits()[own], second.cross_fitted_logits()[other], labels, groups, relabelled


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
