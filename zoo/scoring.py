"""Rows of the leaderboard, from logits and labels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

import ensembles
from zoo.leaderboard import FITTED
from zoo.member import Member

Row = dict[str, Any]


def member_rows(
    members: Sequence[Member], logits: np.ndarray, labels: np.ndarray, weights: Sequence[float | None]
) -> list[Row]:
    """Score each member by its own logits ``(members, N, classes)``."""
    return [
        {
            "name": member.name,
            "kind": "member",
            **ensembles.metrics.scores(own, labels),
            "weight": weight,
            "parameters": member.parameters,
            "seconds": member.seconds,
            "status": FITTED,
        }
        for member, own, weight in zip(members, logits, weights, strict=True)
    ]


def rule_rows(
    rules: Mapping[str, ensembles.Rule], logits: np.ndarray, labels: np.ndarray, *, out_of_fold: bool
) -> list[Row]:
    """Score each rule; out of fold, every row is combined by a rule fitted on the others."""
    return [_rule_row(rule, logits, labels, out_of_fold) for rule in rules.values()]


def failure_rows(failures: Mapping[str, str]) -> list[Row]:
    """List what failed, with its reason."""
    return [
        {"name": name, "kind": "rule" if name in ensembles.RULES else "member", "status": f"failed: {reason}"}
        for name, reason in failures.items()
    ]


def _rule_row(rule: ensembles.Rule, logits: np.ndarray, labels: np.ndarray, out_of_fold: bool) -> Row:
    try:
        combined = ensembles.out_of_fold(rule, logits, labels) if out_of_fold else rule.combine(logits)
    except ValueError as error:
        return {"name": rule.name, "kind": "rule", "status": f"fitted, not scored: {error}"}
    return {"name": rule.name, "kind": "rule", **ensembles.metrics.scores(combined, labels), "status": FITTED}
