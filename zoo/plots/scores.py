"""Plots of members and rules: their scores, their speed, their scores under shift, and what each is worth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib import rc_context
from matplotlib.ticker import LogLocator, MaxNLocator, NullFormatter, StrMethodFormatter

from zoo.plots.canvas import FAINT, FIRST, SECOND, STYLE, THIRD, axes_for, figure_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Rows = Sequence[Mapping[str, Any]]
NAME_WIDTH, NAME_HEIGHT = 90, 9  # points that a name beside a point takes


def leaderboard(rows: Rows, *, score: str = "balanced", ax: Axes | None = None) -> Figure:
    """Draw the score of every member and rule with its interval, the best first; the one that answers is filled.

    Args:
        rows: of :meth:`zoo.Ensemble.leaderboard`; those without scores are left out.
        score: ``balanced`` or ``accuracy``.
        ax: draw here; by default on a figure of its own.

    Raises:
        ValueError: another score.
    """
    if score not in ("balanced", "accuracy"):
        raise ValueError(f"Expected score as balanced or accuracy; received {score!r}.")
    column = {"balanced": "balanced_accuracy", "accuracy": "accuracy"}[score]
    known = sorted((row for row in rows if row[column] is not None), key=lambda row: -row[column])[::-1]
    with rc_context(STYLE):
        ax = axes_for(ax, (5.4, 0.8 + 0.27 * len(known)))
        for place, row in enumerate(known):
            colour = SECOND if row["kind"] == "rule" else FIRST
            ends = [[row[column] - row[f"{score}_low"]], [row[f"{score}_high"] - row[column]]]
            filled = colour if row.get("answers") else "none"
            ax.errorbar(
                row[column], place, xerr=np.maximum(ends, 0), fmt="o", color=colour, mfc=filled, ms=6, linewidth=1.1
            )
        ax.set_yticks(range(len(known)), [row["name"] + (" *" if row.get("answers") else "") for row in known])
        ax.set_xlabel(f"{column.replace('_', ' ')}, with its 95 % interval")
        ax.grid(axis="x")
    return figure_of(ax)


def score_speed(rows: Rows, *, ax: Axes | None = None) -> Figure:
    """Draw balanced accuracy against images/s, which vary by magnitudes, for rows whose speed is known."""
    known = [row for row in rows if row["images_per_second"] and row["balanced_accuracy"] is not None]
    places: dict[tuple[float, float], list[Mapping[str, Any]]] = {}
    for row in known:
        places.setdefault((row["images_per_second"], row["balanced_accuracy"]), []).append(row)
    with rc_context(STYLE):
        ax = axes_for(ax, (5.4, 3.4))
        for place, there in places.items():
            colour = SECOND if there[0]["kind"] == "rule" else FIRST
            ax.scatter(*place, color=colour, s=26, zorder=3)
        if len({f"{speed:.2g}" for speed, _ in places}) > 1:  # of one speed a logarithmic axis has no length
            _by_magnitude(ax, [speed for speed, _ in places])
        ax.margins(x=0.25, y=0.15)
        ax.set(xlabel="images/s, one member after another", ylabel="balanced accuracy")
        ax.grid()
        _name_points(ax, {place: ", ".join(row["name"] for row in there) for place, there in places.items()})
    return figure_of(ax)


def _name_points(ax: Axes, names: Mapping[tuple[float, float], str]) -> None:
    """Write a name beside each point, from above; one that would lie on another moves down below it."""
    ax.autoscale_view()
    placed: list[tuple[float, float]] = []  # in points from the axes' corner
    for place in sorted(names, key=lambda place: -place[1]):
        x, y = ax.transData.transform(place) * 72 / figure_of(ax).dpi
        near = [below for left, below in placed if abs(left - x) < NAME_WIDTH]
        height = min([y + 3, *(below - NAME_HEIGHT for below in near)])
        ax.annotate(names[place], place, xytext=(4, height - y), textcoords="offset points", fontsize=7.5)
        placed.append((x, height))


def _by_magnitude(ax: Axes, values: Sequence[float]) -> None:
    """Give an axis magnitudes, with whole numbers at its ticks however close the values are."""
    ax.set_xscale("log")
    wide = max(values) > 10 * min(values)
    ax.xaxis.set_major_locator(LogLocator(subs=(1, 3)) if wide else MaxNLocator(4))
    ax.xaxis.set_major_formatter(StrMethodFormatter("{x:,g}"))
    ax.xaxis.set_minor_formatter(NullFormatter())


def shift(scores: np.ndarray, kinds: Sequence[str], *, clean: float | None = None, ax: Axes | None = None) -> Figure:
    """Draw balanced accuracy by kind and strength of corruption.

    Args:
        scores: ``(kinds, strengths)`` of 0 to 1.
        kinds: names of the corruptions.
        clean: the score of the images as they are, which the title has.
        ax: draw here; by default on a figure of its own.
    """
    with rc_context(STYLE):
        ax = axes_for(ax, (5.0, 0.9 + 0.3 * len(kinds)))
        ax.imshow(scores, cmap="RdYlGn", vmin=0, vmax=1, aspect="auto", alpha=0.75)
        for (row, column), value in np.ndenumerate(scores):
            ax.text(column, row, f"{value:.2f}", ha="center", va="center", fontsize=8, color="#1b2733")
        ax.set_xticks(range(scores.shape[1]), [str(strength + 1) for strength in range(scores.shape[1])])
        ax.set_yticks(range(len(kinds)), kinds)
        ax.set_xlabel("strength")
        if clean is not None:
            ax.set_title(f"balanced accuracy; {clean:.3f} without corruption")
    return figure_of(ax)


def removal(rows: Rows, *, ax: Axes | None = None) -> Figure:
    """Draw by how much the ensemble's accuracy would change without each member, with intervals.

    Args:
        rows: of :meth:`zoo.Ensemble.diversity`; of a single member there is nothing to draw.
        ax: draw here; by default on a figure of its own.
    """
    known = [row for row in rows if row["removal"] is not None][::-1]
    with rc_context(STYLE):
        ax = axes_for(ax, (5.0, 0.8 + 0.3 * max(len(known), 1)))
        for place, row in enumerate(known):
            ends = [[row["removal"] - row["removal_low"]], [row["removal_high"] - row["removal"]]]
            ax.errorbar(row["removal"], place, xerr=np.maximum(ends, 0), fmt="o", color=THIRD, ms=5, linewidth=1.2)
        ax.axvline(0, color=FAINT, linewidth=1)
        ax.set_yticks(range(len(known)), [row["name"] for row in known])
        ax.set_xlabel("change of accuracy without the member")
    return figure_of(ax)
