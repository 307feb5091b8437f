"""An old name: corruptions are in :mod:`zoo.augment.corruptions`, scores on them in :mod:`zoo.evaluation`."""

import warnings

from zoo.augment.corruptions import CORRUPTIONS, SEVERITIES
from zoo.evaluation.corrupted_copies import corrupt, suite
from zoo.evaluation.robustness import ShiftScores, shift_scores
from zoo.report.corruption_table import ShiftTable

__all__ = ["KINDS", "SEVERITIES", "corrupt", "suite", "shift_scores", "ShiftScores", "ShiftTable"]

KINDS = tuple(CORRUPTIONS)

warnings.warn(
    "zoo.shift is now zoo.evaluation: from zoo.evaluation import corrupt, shift_scores",
    DeprecationWarning,
    stacklevel=2,
)
