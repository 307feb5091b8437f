"""What is wrong with a data set: found, written down, and left to the user to decide. Nothing is deleted."""

from zoo.cleaning.checks import find
from zoo.cleaning.decisions import Decisions, apply, read_decisions
from zoo.cleaning.findings import CHECKS, Finding, Thresholds
from zoo.cleaning.report import Findings

__all__ = ["find", "Findings", "Finding", "CHECKS", "Thresholds", "read_decisions", "Decisions", "apply"]
