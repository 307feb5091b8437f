"""A line on what was written: which rule, of which members, how good it is, and how large."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ensembles.weighted_mean import active_members
from zoo.utils.regular_files import size_of

if TYPE_CHECKING:
    from zoo.state.state import EnsembleState


def summary(state: EnsembleState, method: str, path: Path) -> str:
    """Describe an export or a submission of a rule."""
    names = [member.name for member in state.members]
    weights = getattr(state.rule(method), "weights_", None)
    used = names if weights is None else [names[index] for index in active_members(weights)]
    rest = "" if len(used) == len(names) else f" of {len(names)}"
    members = f"{len(used)}{rest} {'member' if len(names) == 1 else 'members'} ({', '.join(used)})"
    return f"{path}: method {method}, {members}; {_score(state, method)}; {size_of(path):,} bytes"


def _score(state: EnsembleState, method: str) -> str:
    board = state.leaderboard
    row = board.of_rule(method)
    if row is None or row["balanced_accuracy"] is None:
        return "not scored"
    value, low, high = (row[name] for name in ("balanced_accuracy", "balanced_low", "balanced_high"))
    sure = "" if low is None else f" (95 % {low:.3f}-{high:.3f})"
    return f"balanced accuracy {value:.4f}{sure} on {board.where}"
