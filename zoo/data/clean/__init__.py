"""What is wrong with a data set: found, written down, and left to the user to decide. Nothing is deleted."""

from zoo.data.clean.decisions import Decisions, apply, read_decisions
from zoo.data.clean.find import find
from zoo.data.clean.finding import CHECKS, Finding
from zoo.data.clean.findings import Findings
from zoo.data.clean.thresholds import Thresholds

__all__ = ["find", "Findings", "Finding", "CHECKS", "Thresholds", "read_decisions", "Decisions", "apply"]
