"""A map of what a network sees: images that it describes alike lie side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from matplotlib import rc_context
from numpy.typing import ArrayLike

from zoo.plots.canvas import COLOURS, INK, STYLE, as_tick, axes_for, figure_of, shown_in_legend

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


MARKERS = ("o", "s", "^", "D", "v", "P")  # one for as many classes as there are colours


def feature_map(
    places: ArrayLike,
    labels: ArrayLike,
    classes: Sequence[str],
    *,
    wrong: ArrayLike | None = None,
    ax: Axes | None = None,
) -> Figure:
    """Draw images as points, coloured by class, with the wrongly predicted ones marked.

    Args:
        places: ``(N, 2)``, such as the first two principal components of the features.
        labels: ``(N,)`` class ids.
        classes: the classes' names.
        wrong: ``(N,)`` bool, whether each was predicted wrongly.
        ax: draw here; by default on a figure of its own.
    """
    points, ids = np.asarray(places), np.asarray(labels)
    with rc_context(STYLE):
        ax = axes_for(ax, (6.2, 4.2))
        for label, name in enumerate(classes):
            own = points[ids == label]
            colour, marker = COLOURS[label % len(COLOURS)], MARKERS[label // len(COLOURS) % len(MARKERS)]
            look = ax.scatter(own[:, 0], own[:, 1], s=9, color=colour, marker=marker, alpha=0.75, linewidths=0)
            look.set_label(as_tick(shown_in_legend(name)))
        if wrong is not None and np.any(wrong):
            marked = points[np.asarray(wrong, bool)]
            ax.scatter(marked[:, 0], marked[:, 1], s=34, facecolors="none", edgecolors=INK, label="wrong")
        ax.set_xticks([])
        ax.set_yticks([])
        ax.legend(loc="center left", bbox_to_anchor=(1.0, 0.5), markerscale=1.6)
    return figure_of(ax)
