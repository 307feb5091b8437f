"""A fitted ensemble in TensorBoard: a run for each member and each rule, and one of the ensemble."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from zoo.plots import leaderboard
from zoo.report.leaderboard import Leaderboard
from zoo.trackers import event_file as events
from zoo.trackers.live_curves import CURVES, MEMBERS, LiveCurves
from zoo.trackers.results import SCORES, Results, curves

if TYPE_CHECKING:
    import keras

    from zoo.data.loading import Source
    from zoo.ensemble.estimator import Ensemble
    from zoo.members.member import Member

ENSEMBLE, SCORED = "ensemble", "scores"


def to_tensorboard(ensemble: Ensemble, folder: str | Path, data: Source | None = None) -> Path:
    """Write a fitted ensemble to a folder that ``tensorboard --logdir`` shows.

    Each member is a run ``members/NAME``: its losses, accuracies and learning rate by epoch over all phases, its scores
    and its options. The run ``ensemble`` has the leaderboard and the confusion matrix as images, all options as text,
    and the scores of the rule that answers; ``ensemble/RULE`` those of each rule. Runs of the same names are replaced,
    so give each ensemble a folder of its own; TensorBoard shows all folders below the one that it is given.

    Args:
        ensemble: fitted or loaded.
        folder: made where it is missing.
        data: labelled images to score, anything that :func:`zoo.load` takes; by default the held-out ones of the fit.

    Returns:
        The folder.

    Raises:
        ensembles.NotFittedError: before the fit.
        ImportError: tensorboard is not installed.
        ValueError: images of other classes or another size.
    """
    return Path(TensorBoard(folder).record(Results(ensemble, data)))


@dataclass(frozen=True)
class TensorBoard:
    """TensorBoard as a tracker.

    Attributes:
        folder: of its runs.
    """

    folder: str | Path

    def check(self) -> None:
        """See :meth:`zoo.trackers.Tracker.check`."""
        events.check_installed()
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ValueError(f"Expected a folder for TensorBoard; received {self._folder}: {error}") from error

    def callbacks(self) -> Sequence[keras.callbacks.Callback]:
        """See :meth:`zoo.trackers.Tracker.callbacks`."""
        return [LiveCurves(self._folder)]

    def record(self, results: Results) -> str:
        """See :meth:`zoo.trackers.Tracker.record`."""
        self.check()
        for member in results.members:
            _write_member(self._folder / MEMBERS / member.name, member, results)
        for rule in results.rules:
            _write_scores(self._folder / ENSEMBLE / rule, results.scores(rule))
        _write_ensemble(self._folder / ENSEMBLE, results)
        return str(self._folder)

    @property
    def _folder(self) -> Path:
        return Path(self.folder).expanduser()


def _write_member(folder: Path, member: Member, results: Results) -> None:
    if member.history and not _has_curves(folder, member):
        file = events.new_file(folder, CURVES)
        for step, figures in curves(member):
            events.append(file, step, events.scalars(figures), starts=step == 1)
    _write_scores(folder, results.scores(member.name), *events.hparams(results.options_of_member(member), member.name))


def _has_curves(folder: Path, member: Member) -> bool:
    """Whether the curves are there, as they are where they were written during this training: times are then kept."""
    wanted = {(tag, step): float(np.float32(value)) for step, own in curves(member) for tag, value in own.items()}
    kept = events.kept_scalars(folder, CURVES)
    return kept.keys() == wanted.keys() and all(np.array_equal(kept[p], wanted[p], equal_nan=True) for p in kept)


def _write_scores(folder: Path, scores: dict[str, float], *more: object) -> None:
    tagged = {f"{SCORED}/{name}": value for name, value in scores.items()}
    events.append(events.new_file(folder, SCORED), 0, [*more, *events.scalars(tagged)])


def _write_ensemble(folder: Path, results: Results) -> None:
    # Of an image and a text of the same tag TensorBoard would show one.
    images = {"plots/leaderboard": leaderboard(results.board), "plots/confusion matrix": results.confusion}
    drawn = [events.image(name, figure) for name, figure in images.items() if figure is not None]
    told = [
        events.text("tables/leaderboard", _table(results.board)),
        events.text("tables/options", _options(results.options)),
    ]
    _write_scores(folder, results.scores(results.ensemble.method_), *drawn, *told)


def _table(board: Leaderboard) -> str:
    columns = ("name", "kind", *SCORES, "status")
    rows = [[_short(row[column]) for column in columns] for row in board]
    return "\n".join(["|".join(columns), "|".join("-" * len(columns)), *map("|".join, rows), "", board.where])


def _short(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.4f}"
    return "" if value is None else " ".join(str(value).replace("|", "/").split())


def _options(options: dict[str, str]) -> str:
    return "\n".join(["option|value", "-|-", *(f"{name}|{_short(value)}" for name, value in options.items())])
