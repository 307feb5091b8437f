"""The best rule and members that answer one image within a time, on this machine and in the engine of the format."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import comb
from typing import Any

import numpy as np

from ensembles.pareto import Contest, pareto_front
from ensembles.rules.soft import Soft
from zoo.evaluation.cautions import choice_of
from zoo.evaluation.subsets import Members, SubsetPredictions, state_of
from zoo.export.format import Format
from zoo.export.latency import BUSY, Cost, cost_of
from zoo.export.selection import Needs, Selection, needs_of
from zoo.report.pareto_table import ParetoTable
from zoo.state.state import EnsembleState
from zoo.utils.progress import track

logger = logging.getLogger(__name__)

MOST = 1000  # combinations
MOST_NUMBERS = 2e8  # of their predictions, which are in memory at once


@dataclass(frozen=True)
class Candidate:
    """Some members, by index, and a rule."""

    members: Members
    method: str


@dataclass(frozen=True)
class Writing:
    """How graphs are written, to be timed as they will be exported."""

    form: Format
    storage: str
    calibration: np.ndarray | None
    uncertainty: bool


def within_latency(state: EnsembleState, method: str | None, limit: float, writing: Writing) -> Selection:
    """Choose the combination of the highest balanced accuracy on held-out images that keeps a time; log the table.

    Each member is written and timed alone. A combination's time is the sum, until it is to be taken: then it is
    written and timed itself, and the next one is taken if it is too slow.

    Args:
        state: of a fitted ensemble.
        method: the rule; by default equal weights, and the rule that answers.
        limit: seconds for one image.
        writing: how graphs are written.

    Raises:
        ValueError: nothing is as fast as that.
    """
    search = _Search(state, method, limit, writing)
    chosen = search.choose()
    table = search.table(chosen)
    logger.info("%s", table)
    if chosen is None:
        raise ValueError(search.too_slow())
    one = search.candidates[chosen]
    record = {"max_latency": limit, "timed_as": writing.form.name, "where": table.where, "notes": table.notes}
    return Selection(state_of(state, one.members, one.method), one.method, {**record, "pareto": list(table)})


class _Search:
    def __init__(self, state: EnsembleState, method: str | None, limit: float, writing: Writing) -> None:
        self.state, self.limit, self.writing = state, limit, writing
        count, held_out = len(state.members), state.held_out
        self.alone = [
            cost_of(state_of(state, [index], Soft.name), writing.form, writing.storage, writing.calibration)
            for index in track(range(count), "timing members", count, "members")
        ]
        predictions = {name: SubsetPredictions(state, name) for name in rules_to_try(state, method)}
        needs = needs_of(state, uncertainty=writing.uncertainty)
        most = min(MOST, int(MOST_NUMBERS / (held_out.logits[0].size * len(predictions))))
        self.candidates = list(_candidates(predictions, subsets(count, needs, most)))
        logits = [
            predictions[one.method].of(one.members)
            for one in track(self.candidates, "combinations", len(self.candidates), "combinations")
        ]
        self.contest = Contest(logits, held_out.labels, held_out.groups)
        self.costs = [_sum(self.alone, one.members) for one in self.candidates]
        alone = set() if writing.uncertainty else {1}  # members are timed without it
        self.measured = {index for index, one in enumerate(self.candidates) if len(one.members) in alone}

    def fast_enough(self) -> list[int]:
        """The candidates that keep the time, as far as is known."""
        return [index for index, cost in enumerate(self.costs) if cost.seconds <= self.limit]

    def choose(self) -> int | None:
        """Take the best candidate that keeps the time when it is timed itself; None if none does."""
        while allowed := self.fast_enough():
            best = self.contest.best(allowed)
            if best in self.measured:
                return best
            one = self.candidates[best]
            smaller = state_of(self.state, one.members, one.method)
            form, storage, calibration = self.writing.form, self.writing.storage, self.writing.calibration
            self.costs[best] = cost_of(smaller, form, storage, calibration, uncertainty=self.writing.uncertainty)
            self.measured.add(best)
        return None

    def too_slow(self) -> str:
        """What to say where nothing keeps the time."""
        fastest = min(range(len(self.costs)), key=lambda index: self.costs[index].seconds)
        names = " + ".join(self._names(self.candidates[fastest]))
        return (
            f"Expected members that predict one image within {1000 * self.limit:g} ms; the fastest, {names}, takes "
            f"{1000 * self.costs[fastest].seconds:.1f} ms here. Allow more (max_latency=, zoo: --max-latency), take "
            "another format or storage, or fit a smaller network."
        )

    def table(self, chosen: int | None) -> ParetoTable:
        """The combinations that no other one beats, the chosen one, and all members together."""
        scores = self.contest.scores()
        front = pareto_front(scores, [[cost.seconds, cost.bytes] for cost in self.costs])
        everyone = len(self.state.members)
        shown = [
            index
            for index, one in enumerate(self.candidates)
            if front[index] or index == chosen or len(one.members) == everyone
        ]
        rows = [self._row(index) | {"best": bool(front[index]), "chosen": index == chosen} for index in shown]
        held_out = self.state.held_out
        return ParetoTable(rows, held_out.describe(len(held_out.labels)), self._notes(chosen))

    def _notes(self, chosen: int | None) -> list[str]:
        notes = [f"ms and MB of {self.writing.form.name}, {self.writing.storage}; ~ is the sum of the members' own"]
        spread = max(cost.spread for cost in (*self.alone, *self.costs))
        if spread > BUSY:
            notes.append(
                f"there is other work on this machine, by which a graph took up to {spread:.1f} times as long: measure "
                "again when there is none"
            )
        honest = None if chosen is None else self.contest.score_of_choice(self.fast_enough())
        if honest is not None:
            notes.append(
                "a choice among so many looks better on the images that it was made by; with each fifth of them "
                f"predicted by what the others chose it is {honest.value:.4f} (95 % {honest.low:.3f}-{honest.high:.3f})"
            )
        return notes

    def _row(self, index: int) -> dict[str, Any]:
        sure = self.contest.interval(self.contest.predictions[index])
        return {
            "members": self._names(self.candidates[index]),
            "rule": self.candidates[index].method,
            "balanced_accuracy": sure.value,
            "balanced_low": sure.low,
            "balanced_high": sure.high,
            "log_loss": float(self.contest.losses[index].mean()),
            "milliseconds": 1000 * self.costs[index].seconds,
            "megabytes": self.costs[index].bytes / 1e6,
            "measured": index in self.measured,
        }

    def _names(self, one: Candidate) -> list[str]:
        return [self.state.members[member].name for member in one.members]


def rules_to_try(state: EnsembleState, method: str | None) -> list[str]:
    """The rules to combine members by: the one that was asked for; else equal weights, and the one that answers."""
    if method is not None:
        return [method]
    answers = choice_of(state.rule()) or state.method
    return [name for name in dict.fromkeys((Soft.name, answers)) if name in state.rules]


def subsets(count: int, needs: Needs, most: int = MOST) -> list[Members]:
    """Combinations of members, by index: all of them; or, of many members, the smaller ones, and all together."""
    sizes = range(needs.least, count)
    totals = np.cumsum([comb(count, size) for size in sizes])
    tried = [size for size, total in zip(sizes, totals, strict=True) if total < most]
    found = [some for size in (*tried, count) for some in combinations(range(count), size)]
    return [some for some in found if needs.members <= set(some)]


def _candidates(predictions: dict[str, SubsetPredictions], some: Sequence[Members]) -> Iterator[Candidate]:
    """Each subset under each rule that needs all of it; for one member all rules are the same."""
    for members in some:
        names = list(predictions)[:1] if len(members) == 1 else list(predictions)
        yield from (Candidate(members, name) for name in names if predictions[name].needs_all(members))


def _sum(alone: Sequence[Cost], members: Members) -> Cost:
    own = [alone[member] for member in members]
    return Cost(sum(cost.seconds for cost in own), sum(cost.bytes for cost in own))
