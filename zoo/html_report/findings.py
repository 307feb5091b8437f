"""All that the sections are made of: an ensemble's answers for some labelled images, asked for once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

import ensembles
from zoo.data.images import Images
from zoo.data.pictures.image_io import measure
from zoo.evaluation.abstention import uncertainty_of
from zoo.evaluation.cautions import relabelled
from zoo.evaluation.per_class import class_table
from zoo.evaluation.scoring import Combines, fair_rule, score
from zoo.explanation.ensemble_maps import explain
from zoo.report.class_table import ClassTable
from zoo.report.corruption_table import ShiftTable
from zoo.report.leaderboard import Leaderboard
from zoo.state.run_record import RunRecord
from zoo.state.state import EnsembleState

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, eq=False)
class Findings:
    """An ensemble and its answers.

    Attributes:
        state: of the ensemble.
        split: what the images are called.
        images: labelled, that are scored.
        run: how the run came about; None for an ensemble that no command made.
        shift: scores under shift; None where they were not asked for.
        method: how heat maps are made.
        seed: of choices among the images.
    """

    state: EnsembleState
    split: str
    images: Images
    run: RunRecord | None = None
    shift: ShiftTable | None = None
    method: str = "layercam"
    seed: int = 0

    @property
    def classes(self) -> tuple[str, ...]:
        """The classes' names."""
        return self.state.class_names

    @property
    def labels(self) -> np.ndarray:
        """True class ids ``(N,)``."""
        return self.images.labels

    @property
    def held_out(self) -> bool:
        """The images are those that rules were fitted on; learned rules answer out of fold."""
        return self.state.held_out.covers(self.images)

    @cached_property
    def members(self) -> np.ndarray:
        """The members' logits ``(members, N, classes)``."""
        return self.state.stored_logits(self.images)

    @cached_property
    def logits(self) -> np.ndarray:
        """The ensemble's ``(N, classes)``, of a rule that was not fitted on the row."""
        return self.rule.combine(self.members)

    @cached_property
    def rule(self) -> Combines:
        """The rule that answers, or its copies that were fitted on other rows."""
        return fair_rule(self.state, self.images)

    @cached_property
    def unscored(self) -> str:
        """Why the rule that answers has no score on these images; empty where it has one."""
        self.state.rule()
        try:
            _ = self.rule
        except ValueError as error:
            return str(error)
        return ""

    @cached_property
    def probabilities(self) -> np.ndarray:
        """``(N, classes)``."""
        return ensembles.metrics.softmax(self.logits)

    @cached_property
    def predicted(self) -> np.ndarray:
        """Class ids ``(N,)``."""
        found: np.ndarray = self.logits.argmax(axis=1)
        return found

    @cached_property
    def right(self) -> np.ndarray:
        """``(N,)`` bool."""
        found: np.ndarray = self.predicted == self.labels
        return found

    @cached_property
    def uncertainty(self) -> np.ndarray:
        """``(N,)``, by the ensemble's own score."""
        return uncertainty_of(self.state, self.images, self.members, self.logits)

    @cached_property
    def board(self) -> Leaderboard:
        """The leaderboard on these images, with the labels that they have now."""
        known = self.held_out and not relabelled(self.state, self.images)
        board = self.state.leaderboard if known else score(self.state, self.split, self.images)
        return board.with_shift(self.shift) if self.shift else board

    @cached_property
    def groups(self) -> np.ndarray | None:
        """``(N,)`` of the images, where they are known."""
        return self.state.groups_of(self.images)

    @cached_property
    def sides(self) -> np.ndarray | None:
        """``(N,)`` shorter sides of the images' files in pixels; None where one is no file that can be read."""
        if self.images.folder is None:
            return None
        try:
            return np.array([min(measure(self.images.folder / str(origin))) for origin in self.images.origins])
        except (ImportError, OSError, ValueError):
            return None

    @cached_property
    def per_class(self) -> ClassTable:
        """Recalls of the classes."""
        return class_table(self.state, self.split, self.images, self.predicted)

    def pixels(self, rows: Sequence[int] | np.ndarray) -> np.ndarray:
        """The pixels of some rows ``(n, H, W, 3)`` uint8."""
        return self.images.take(np.asarray(rows, np.int64))

    def maps(self, rows: np.ndarray) -> np.ndarray:
        """Heat maps of the answers for some rows ``(n, H, W)`` float32, each made once."""
        kept: dict[int, np.ndarray] = self.__dict__.setdefault("_maps", {})
        missing = np.array([row for row in dict.fromkeys(map(int, rows)) if row not in kept], np.int64)
        if len(missing):
            made = explain(self.state, self.pixels(missing), classes=self.predicted[missing], method=self.method)
            kept |= dict(zip(missing.tolist(), made, strict=True))
        return np.stack([kept[int(row)] for row in rows])

    def origin(self, row: int) -> str:
        """The short name of an image."""
        return Path(str(self.images.origins[row])).name
