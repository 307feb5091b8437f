"""Plots of how sure answers are: calibration, risk against the share answered, and sets of classes."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import cycle
from typing import TYPE_CHECKING

import numpy as np
from matplotlib import rc_context
from numpy.typing import ArrayLike

from zoo.plots.canvas import COLOURS, FAINT, FIRST, STYLE, axes_for, figure_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


FEW = 10  # answers: the share of errors among fewer is not worth a scale of its own


def reliability(
    probabilities: ArrayLike | Mapping[str, ArrayLike], labels: ArrayLike, *, bins: int = 10, ax: Axes | None = None
) -> Figure:
    """Draw accuracy against confidence: calibrated answers lie on the diagonal (Niculescu-Mizil and Caruana 2005).

    Args:
        probabilities: ``(N, classes)``; or several of them by name, such as before and after calibration.
        labels: ``(N,)`` true class ids.
        bins: of equal width; the area of a point grows with its rows.
        ax: draw here; by default on a figure of its own.

    Raises:
        ValueError: probabilities and labels of different lengths.
    """
    several = probabilities if isinstance(probabilities, Mapping) else {"": probabilities}
    with rc_context(STYLE):
        ax = axes_for(ax, (4.0, 3.6))
        ax.plot([0, 1], [0, 1], color=FAINT, linewidth=1, linestyle="--")
        for (name, own), colour in zip(several.items(), cycle(COLOURS), strict=False):
            confidence, accuracy, rows = _binned(np.asarray(own), np.asarray(labels), bins)
            ax.plot(confidence, accuracy, color=colour, linewidth=1.2, label=name or None)
            ax.scatter(confidence, accuracy, s=6 + 90 * rows / rows.sum(), color=colour, zorder=3)
        ax.set(xlabel="confidence", ylabel="accuracy", xlim=(0, 1.02), ylim=(0, 1.02))
        ax.grid()
        if any(several):
            ax.legend(loc="lower right")
    return figure_of(ax)


def risk_coverage(uncertainty: ArrayLike, right: ArrayLike, *, ax: Axes | None = None) -> Figure:
    """Draw the share of errors among the answers against the share of images answered, the surest first.

    Equally unsure answers are given together, or not at all, so they are one step.

    Args:
        uncertainty: ``(N,)``, larger where an answer is less sure.
        right: ``(N,)`` bool, whether each answer is right.
        ax: draw here; by default on a figure of its own.
    """
    unsure = np.asarray(uncertainty)
    order = np.argsort(unsure, kind="stable")
    wrong = ~np.asarray(right, bool)[order]
    last = np.flatnonzero(np.append(np.diff(unsure[order]) > 0, True))  # of each step
    answered, risk = last + 1, np.cumsum(wrong)[last] / (last + 1)
    with rc_context(STYLE):
        ax = axes_for(ax, (4.4, 3.2))
        ax.plot(answered / len(order), risk, color=FIRST, linewidth=1.4)
        ax.axhline(wrong.mean(), color=FAINT, linewidth=1, linestyle="--")
        ax.set(xlabel="share of images answered", ylabel="share of these that is wrong", xlim=(0, 1.02))
        ax.set_ylim(0, max(1.1 * risk[answered >= min(FEW, len(order))].max(), 0.01))
        ax.grid()
    return figure_of(ax)


def coverage_sets(sets: ArrayLike, *, ax: Axes | None = None) -> Figure:
    """Draw how many classes the conformal sets hold.

    Args:
        sets: ``(N, classes)`` bool, as :meth:`zoo.Ensemble.answer` has them.
        ax: draw here; by default on a figure of its own.
    """
    sizes = np.asarray(sets, bool).sum(axis=1)
    numbers = np.bincount(sizes)
    with rc_context(STYLE):
        ax = axes_for(ax, (4.4, 2.6))
        ax.bar(range(len(numbers)), numbers / max(len(sizes), 1), color=FIRST)
        ax.set_xticks(range(len(numbers)))
        ax.set(xlabel="classes in the set", ylabel="share of images")
    return figure_of(ax)


def _binned(probabilities: np.ndarray, labels: np.ndarray, bins: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Mean confidence, accuracy and rows of the bins that have some."""
    if len(probabilities) != len(labels):
        raise ValueError(f"Expected a row for each of {len(labels)} labels; received {len(probabilities)}.")
    confidence, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == labels
    index = np.clip(np.ceil(confidence * bins).astype(int) - 1, 0, bins - 1)
    rows, sure, true = (np.bincount(index, each, bins) for each in (None, confidence, right))
    some = rows > 0
    return sure[some] / rows[some], true[some] / rows[some], rows[some]
