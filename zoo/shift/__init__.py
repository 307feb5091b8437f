"""Validation under shift: a seeded suite of corruptions, 11 kinds at 5 severities, and the scores on it."""

from zoo.shift.copies import corrupt, suite
from zoo.shift.kinds import KINDS, SEVERITIES
from zoo.shift.scores import ShiftScores, shift_scores
from zoo.shift.table import ShiftTable

__all__ = ["KINDS", "SEVERITIES", "corrupt", "suite", "shift_scores", "ShiftScores", "ShiftTable"]
