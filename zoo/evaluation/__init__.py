"""Scores of a fitted ensemble's state: leaderboard, corruptions, diversity, and when not to predict.

May import: state and all below it. Imported by export, inference, the estimator and the command line.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from zoo.evaluation.robustness import ShiftScores, corrupt, shift_scores, suite

__all__ = ["corrupt", "suite", "shift_scores", "ShiftScores"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module("zoo.evaluation.robustness"), name)
