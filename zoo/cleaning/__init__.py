"""What is wrong with a data set: found, written down, and left to the user to decide. Nothing is deleted.

Import from it: the names of ``__all__``; rooms above import its modules too.
"""

from typing import TYPE_CHECKING

from zoo.utils.modules import lazy

if TYPE_CHECKING:
    from zoo.cleaning.checks import find
    from zoo.cleaning.decisions import Decisions, apply, read_decisions
    from zoo.cleaning.findings import CHECKS, Finding, Thresholds
    from zoo.cleaning.report import Findings

__all__ = ["find", "Findings", "Finding", "CHECKS", "Thresholds", "read_decisions", "Decisions", "apply"]
__getattr__ = lazy(
    __name__,
    {
        "find": "zoo.cleaning.checks",
        "Findings": "zoo.cleaning.report",
        "Finding": "zoo.cleaning.findings",
        "CHECKS": "zoo.cleaning.findings",
        "Thresholds": "zoo.cleaning.findings",
        "read_decisions": "zoo.cleaning.decisions",
        "Decisions": "zoo.cleaning.decisions",
        "apply": "zoo.cleaning.decisions",
    },
)
