"""Scores of a fitted ensemble's state: leaderboard, corruptions, diversity, and when not to predict.

Import from it: the names of ``__all__``; rooms above import its modules too.
"""

from typing import TYPE_CHECKING

from zoo.utils.modules import lazy

if TYPE_CHECKING:
    from zoo.evaluation.corrupted_copies import corrupt, suite
    from zoo.evaluation.robustness import ShiftScores, shift_scores
    from zoo.evaluation.written_copies import WrittenCopies

__all__ = ["corrupt", "suite", "shift_scores", "ShiftScores", "WrittenCopies"]
__getattr__ = lazy(
    __name__,
    {
        "corrupt": "zoo.evaluation.corrupted_copies",
        "suite": "zoo.evaluation.corrupted_copies",
        "shift_scores": "zoo.evaluation.robustness",
        "ShiftScores": "zoo.evaluation.robustness",
        "WrittenCopies": "zoo.evaluation.written_copies",
    },
)
