"""What trackers write: the results of a fitted ensemble as plain names and numbers."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from zoo.ensemble.estimator import Ensemble
from zoo.ensemble_options import EnsembleOptions
from zoo.evaluation.scoring import fair_logits, score, to_score
from zoo.models.head import Head
from zoo.plots import confusion
from zoo.report.leaderboard import Leaderboard
from zoo.state.run_record import RunRecord, machine, versions
from zoo.training.deadline import CUT
from zoo.training.recipe import Recipe
from zoo.utils.option_fields import options_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from zoo.data.images import Images
    from zoo.data.loading import Source
    from zoo.members.member import Member

SCORES = ("balanced_accuracy", "accuracy", "precision", "recall", "f1", "log_loss", "brier", "ece")
NO_CURVES = frozenset({"phase", "epoch", "augmented", "shifted", CUT})  # of a record of the history
LONGEST = 500  # characters of a value, which every version of MLflow takes


@dataclass(frozen=True, eq=False)
class Results:
    """A fitted ensemble and the labelled images that it is scored on.

    Attributes:
        ensemble: fitted.
        data: anything that :func:`zoo.load` takes; None for the held-out images of the fit.
        run: how the run came about; None for an ensemble that no command made.
        name: of the run; "" where it has none.
    """

    ensemble: Ensemble
    data: Source | None = None
    run: RunRecord | None = None
    name: str = ""

    @cached_property
    def board(self) -> Leaderboard:
        """The leaderboard."""
        state = self.ensemble.state_
        return state.leaderboard if self._scored is None else score(state, *self._scored)

    @property
    def members(self) -> tuple[Member, ...]:
        """The members, which have their histories."""
        return tuple(self.ensemble.state_.members)

    @cached_property
    def confusion(self) -> Figure | None:
        """The confusion matrix of the rule that answers; None where it cannot be scored."""
        state = self.ensemble.state_
        try:
            if self._scored is None:
                labels, logits = state.held_out.labels, state.cross_fitted_logits()
            else:
                labels, logits = self._scored[1].labels, fair_logits(state, self._scored[1])
        except ValueError:  # the leaderboard has the reason
            return None
        return confusion(labels, logits.argmax(axis=1), state.class_names)

    def scores(self, name: str) -> dict[str, float]:
        """The scores of a row of the leaderboard that are known, by their names."""
        row = next((row for row in self.board if row["name"] == name), {})
        return {score: float(row[score]) for score in SCORES if row.get(score) is not None}

    @property
    def rules(self) -> tuple[str, ...]:
        """The rules of the leaderboard, the best first."""
        return tuple(row["name"] for row in self.board if row["kind"] == "rule")

    @cached_property
    def options(self) -> dict[str, str]:
        """Options, recipe, data and versions, by names such as ``recipe.epochs``."""
        own = self._fitted
        plain = {name: getattr(own, name) for name in options_of(EnsembleOptions)}
        parts = {
            "recipe": self._recipe.as_dict(),
            "head": asdict(own.head or Head()),
            "data": self._data(),
            "versions": dict(self.run.versions if self.run else versions()),
            "machine": dict(self.run.machine if self.run else machine()),
        }
        return dict(flat(plain | parts | {"method": self.ensemble.method_, "scored_on": self.board.where}))

    def options_of_member(self, member: Member) -> dict[str, str]:
        """What a member is and how it was trained, by names such as ``head.units``; nothing of one from elsewhere."""
        if member.plan is None:
            return {}
        own = self._recipe.adapted(member.plan.adapt)
        return dict(flat(member.plan.as_dict() | {"recipe": own.as_dict()}))

    @property
    def _fitted(self) -> EnsembleOptions:
        return self.ensemble.choice_.over(self.ensemble) if self.ensemble.choice_ else self.ensemble

    @property
    def _recipe(self) -> Recipe:
        return self._fitted.recipe or Recipe()

    @cached_property
    def _scored(self) -> tuple[str, Images] | None:
        return None if self.data is None else to_score(self.ensemble.state_, self.data)

    def _data(self) -> dict[str, Any]:
        state = self.ensemble.state_
        own = {"classes": ", ".join(state.class_names), "image_size": state.image_size}
        known = {} if self.run is None else {"source": self.run.source, "images": self.run.counts}
        return {**own, "held_out": len(state.held_out.labels), **known}


def curves(member: Member) -> Iterator[tuple[int, dict[str, float]]]:
    """The figures of each epoch of a training, numbered from 1 over all phases."""
    for step, record in enumerate(member.history, start=1):
        yield step, figures(record)


def figures(record: Mapping[str, Any]) -> dict[str, float]:
    """The figures of an epoch, by what they are, such as ``val_loss``."""
    return {name: float(value) for name, value in record.items() if name not in NO_CURVES and value is not None}


def flat(values: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, str]]:
    """Names with dots and texts of nested values; None is ``none``."""
    for name, value in values.items():
        if isinstance(value, Mapping) and value:
            yield from flat(value, f"{before}{name}.")
        else:
            yield f"{before}{name}", _text(value)[:LONGEST]


def _text(value: Any) -> str:
    if value is None:
        return "none"
    if isinstance(value, str | Path):
        return str(value)
    return json.dumps(value, default=_plain)


def _plain(value: Any) -> Any:
    return value.tolist() if isinstance(value, np.generic | np.ndarray) else str(value)
