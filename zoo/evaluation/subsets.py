"""Some of an ensemble's members: what they predict for the held-out images, and the state of an ensemble of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache

import numpy as np

import ensembles
from ensembles.crossval import with_fixed_hyperparameters
from ensembles.input_warnings import without_warnings
from ensembles.remembered import fit_once
from ensembles.weighted_mean import active_members, for_members
from zoo.evaluation.scoring import member_rows, rule_rows
from zoo.report.leaderboard import Leaderboard
from zoo.state.kept_fits import fits_kept_in
from zoo.state.out_of_distribution import OutOfDistribution
from zoo.state.state import EnsembleState

Members = tuple[int, ...]


class SubsetPredictions:
    """What a rule over some members predicts for the held-out images, out of fold; computed once for each subset.

    Hyper-parameters are those that the rule's fit chose on all members; ``auto`` stays the rule that it chose.

    Args:
        state: of a fitted ensemble.
        method: the rule.
    """

    def __init__(self, state: EnsembleState, method: str) -> None:
        self._held_out = state.held_out
        self._rule = with_fixed_hyperparameters(state.rule(method))
        self.of = cache(self._of)

    def _of(self, members: Members) -> np.ndarray:
        """Logits ``(N, classes)`` float32 of members by index."""
        held_out = self._held_out
        logits = held_out.logits[list(members)]
        with without_warnings():
            rule = for_members(self._rule, members)
            return ensembles.out_of_fold(rule, logits, held_out.labels, groups=held_out.fold_groups, singles=True)

    def needs_all(self, members: Members) -> bool:
        """Whether the rule gives weight to each of some members; an export leaves the others out anyway."""
        held_out = self._held_out
        with without_warnings():
            rule = for_members(self._rule, members)
            rule = fit_once(rule, held_out.logits[list(members)], held_out.labels, held_out.fold_groups)
        weights = getattr(rule, "weights_", None)
        return weights is None or len(active_members(weights)) == len(members)


def state_of(state: EnsembleState, members: Sequence[int], method: str) -> EnsembleState:
    """The state of an ensemble of some members, with one rule, which is fitted anew to their held-out predictions.

    Args:
        state: of a fitted ensemble; it stays as it is.
        members: indices, in order.
        method: the rule.
    """
    rows = list(members)
    held_out = replace(state.held_out, logits=state.held_out.logits[rows])
    with without_warnings(), fits_kept_in(state.store):
        rule = for_members(state.rule(method), rows)
        rule = fit_once(rule, held_out.logits, held_out.labels, held_out.fold_groups)
    names = [state.members[row].name for row in rows]
    smaller = replace(
        state,
        members=[state.members[row] for row in rows],
        keys=[state.keys[row] for row in rows],
        entered=(),
        rules={method: rule},
        method=method,
        held_out=held_out,
        distribution=_moved(state.distribution, rows),
        gains={name: gain for name, gain in state.gains.items() if name in names},
        doubts={name: doubt for name, doubt in state.doubts.items() if name in names},
        cross_fitted={},
    )
    return replace(smaller, leaderboard=_scored(smaller, method))


def _moved(distribution: OutOfDistribution | None, rows: Sequence[int]) -> OutOfDistribution | None:
    """The feature distribution with its member's new index; None without the member."""
    if distribution is None or distribution.member not in rows:
        return None
    return replace(distribution, member=rows.index(distribution.member))


def _scored(state: EnsembleState, method: str) -> Leaderboard:
    """The row of the rule, out of fold, and those of its members."""
    held_out = state.held_out
    members = member_rows(state, held_out.logits, held_out.labels, held_out.groups)
    predictions = {method: state.cross_fitted_logits(method)}
    rows = [*members, *rule_rows(state, predictions, held_out.labels, members, held_out.groups)]
    where = f"{held_out.describe(len(held_out.labels))}; they chose the members too"
    return Leaderboard(rows, where).marked(method)
