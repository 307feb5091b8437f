"""Plots of classes: what is taken for what, how well each is told, and how many images there are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib import rc_context
from numpy.typing import ArrayLike

from zoo.plots.canvas import COLOURS, FAINT, FIRST, STYLE, as_tick, axes_for, figure_of, shown_in_legend

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST_NUMBERS = 20  # classes, above which the cells of a matrix have no room for their numbers


def confusion(
    labels: ArrayLike,
    predicted: ArrayLike,
    classes: Sequence[str] | None = None,
    *,
    normalize: bool = True,
    ax: Axes | None = None,
) -> Figure:
    """Draw how many images of each class were predicted as each class.

    Args:
        labels: ``(N,)`` true class ids.
        predicted: ``(N,)`` predicted class ids.
        classes: the classes' names; by default their ids.
        normalize: colour cells by the share of their true class, so that a rare class shows as much as a common one;
            the numbers are always images.
        ax: draw here; by default on a figure of its own.

    Raises:
        ValueError: labels and predictions of different lengths, or ids that have no name.

    Examples:
        >>> confusion([0, 1, 1], [0, 1, 0], ["cat", "dog"]).axes[0].get_ylabel()
        'true'
    """
    from sklearn.metrics import confusion_matrix

    true, answered = np.asarray(labels), np.asarray(predicted)
    if true.shape != answered.shape:
        raise ValueError(f"Expected as many predictions as labels; received {answered.shape} and {true.shape}.")
    names = list(classes) if classes is not None else [str(name) for name in range(_count(true, answered))]
    if len(names) < _count(true, answered):
        raise ValueError(f"Expected a name for each of {_count(true, answered)} classes; received {len(names)}.")
    matrix = confusion_matrix(true, answered, labels=range(len(names)))
    shares = matrix / np.maximum(matrix.sum(axis=1, keepdims=True), 1) if normalize else matrix / max(matrix.max(), 1)
    with rc_context(STYLE):
        side = max(3.2, 0.45 * len(names) + 1.6)
        ax = axes_for(ax, (side + 0.6, side))
        ax.imshow(shares, cmap="Blues", vmin=0, vmax=1, alpha=0.85)
        ticks = [as_tick(name) for name in names]
        ax.set_xticks(range(len(names)), ticks, rotation=45, ha="right", rotation_mode="anchor")
        ax.set_yticks(range(len(names)), ticks)
        ax.set(xlabel="predicted", ylabel="true")
        if len(names) <= MOST_NUMBERS:
            _write_numbers(ax, matrix, shares)
    return figure_of(ax)


def recalls(rows: Sequence[Mapping[str, Any]], *, ax: Axes | None = None) -> Figure:
    """Draw the recall of each class with its interval, as :meth:`zoo.Ensemble.per_class` has them.

    Args:
        rows: each with ``name``, ``recall``, ``recall_low``, ``recall_high``; a recall of None is left out.
        ax: draw here; by default on a figure of its own.
    """
    known = [row for row in rows if row["recall"] is not None][::-1]
    with rc_context(STYLE):
        ax = axes_for(ax, (5.0, 0.7 + 0.28 * len(known)))
        values = np.array([[row[end] for end in ("recall", "recall_low", "recall_high")] for row in known])
        values = values.reshape(-1, 3)
        spread = np.abs(values[:, 1:] - values[:, :1]).T
        ax.errorbar(values[:, 0], range(len(known)), xerr=spread, fmt="o", color=FIRST, markersize=4, linewidth=1.2)
        ax.set_yticks(range(len(known)), [as_tick(row["name"]) for row in known])
        ax.set(xlabel="recall, with its 95 % interval", xlim=(-0.02, 1.02))
        ax.grid(axis="x")
    return figure_of(ax)


def counts(by_split: Mapping[str, ArrayLike], classes: Sequence[str], *, ax: Axes | None = None) -> Figure:
    """Draw how many images each class has in each split.

    Args:
        by_split: the counts ``(classes,)`` of each split, by its name.
        classes: the classes' names.
        ax: draw here; by default on a figure of its own.
    """
    with rc_context(STYLE):
        ax = axes_for(ax, (5.0, 0.9 + 0.28 * len(classes)))
        left, places = np.zeros(len(classes)), np.arange(len(classes))[::-1]
        for (split, numbers), colour in zip(by_split.items(), COLOURS, strict=False):
            ax.barh(places, np.asarray(numbers), left=left, color=colour, label=shown_in_legend(split), height=0.7)
            left += np.asarray(numbers)
        for place, total in zip(places, left, strict=True):
            ax.text(total, place, f" {total:,.0f}", va="center", fontsize=8)
        ax.set_yticks(places, [as_tick(name) for name in classes])
        ax.set(xlabel="images", xlim=(0, max(left.max(), 1) * 1.12))
        ax.spines["left"].set_color(FAINT)
        ax.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=len(by_split))
    return figure_of(ax)


def _count(labels: np.ndarray, predicted: np.ndarray) -> int:
    return int(max(labels.max(initial=-1), predicted.max(initial=-1)) + 1)


def _write_numbers(ax: Axes, matrix: np.ndarray, shares: np.ndarray) -> None:
    for (row, column), number in np.ndenumerate(matrix):
        if number:
            colour = "#ffffff" if shares[row, column] > 0.55 else "#1b2733"
            ax.text(column, row, str(number), ha="center", va="center", color=colour, fontsize=8)
