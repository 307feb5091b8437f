"""Scores of a fitted ensemble's state: leaderboard, corruptions, diversity, and when not to predict.

May import: state and all below it. Imported by export, inference, the estimator and the command line.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from zoo.evaluation.corrupted_copies import corrupt, suite
    from zoo.evaluation.robustness import ShiftScores, shift_scores
    from zoo.evaluation.written_copies import WrittenCopies

HOMES = {
    "corrupt": "corrupted_copies",
    "suite": "corrupted_copies",
    "shift_scores": "robustness",
    "ShiftScores": "robustness",
    "WrittenCopies": "written_copies",
}
__all__ = ["corrupt", "suite", "shift_scores", "ShiftScores", "WrittenCopies"]


def __getattr__(name: str) -> Any:
    if name not in HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"zoo.evaluation.{HOMES[name]}"), name)
