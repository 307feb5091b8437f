"""Plots of a training: losses, accuracies and the learning rate by epoch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from matplotlib import rc_context
from matplotlib.ticker import MaxNLocator

from zoo.plots.canvas import FAINT, FIRST, SECOND, STYLE, THIRD, axes_for, figure_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WHAT = ("loss", "accuracy", "learning_rate")
FAR = 20  # times, between the highest rates of two phases, from which on one axis shows magnitudes


def curves(
    history: Sequence[Mapping[str, Any]], what: str = "loss", *, kept: int | None = None, ax: Axes | None = None
) -> Figure:
    """Draw how a training went, of its training images and of its validation images.

    Args:
        history: one record an epoch, as :attr:`zoo.Member.history` has them: all phases, one after another.
        what: ``loss``, ``accuracy`` or ``learning_rate``.
        kept: index of the record whose weights were kept, which is marked.
        ax: draw here; by default on a figure of its own.

    Raises:
        ValueError: another curve.
    """
    if what not in WHAT:
        raise ValueError(f"Expected what as one of {', '.join(WHAT)}; received {what!r}.")
    epochs = range(1, len(history) + 1)
    with rc_context(STYLE):
        ax = axes_for(ax, (4.2, 2.6))
        for key, name, colour in ((what, "training", FIRST), (f"val_{what}", "validation", SECOND)):
            values = [record.get(key) for record in history]
            if any(value is not None for value in values):
                numbers = [float("nan") if value is None else value for value in values]
                ax.plot(epochs, numbers, color=THIRD if what == "learning_rate" else colour, label=name, marker=".")
        for number, (before, after) in enumerate(pairwise(history), start=1):
            if before["phase"] != after["phase"]:
                ax.axvline(number + 0.5, color=FAINT, linestyle=":", linewidth=1)
        if kept is not None:
            ax.axvline(kept + 1, color=FAINT, linewidth=1, linestyle="--")
        ax.set(xlabel="epoch", ylabel=what.replace("_", " "))
        ax.xaxis.set_major_locator(MaxNLocator(integer=True))
        ax.grid()
        if what != "learning_rate":
            ax.legend()
        else:
            _scale_rates(ax, history)
    return figure_of(ax)


def _scale_rates(ax: Axes, history: Sequence[Mapping[str, Any]]) -> None:
    """Let the end of a schedule be seen, which often is 0, and phases whose rates differ in magnitude."""
    rates = [record["learning_rate"] for record in history if record.get("learning_rate")]
    highest = [max(phase) for phase in _by_phase(history)]
    if highest and max(highest) > FAR * min(highest):
        ax.set_yscale("symlog", linthresh=min(rates))
    ax.set_ylim(bottom=0)


def _by_phase(history: Sequence[Mapping[str, Any]]) -> list[list[float]]:
    """The rates of each phase that has one above 0."""
    by_phase: dict[Any, list[float]] = {}
    for record in history:
        if record.get("learning_rate"):
            by_phase.setdefault(record["phase"], []).append(record["learning_rate"])
    return list(by_phase.values())
