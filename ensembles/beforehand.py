"""What can be refused of a rule before there are logits, as the members may take hours to train."""

from typing import Any

from numpy.typing import NDArray

from ensembles.rule import Rule
from ensembles.weighted_mean import check_members


def check_beforehand(rule: Rule, members: int, labels: NDArray[Any], classes: int) -> None:
    """Check a rule's options, and that it can be fitted on so many members and these labels.

    A rule has a method for each part that may be wrong: `check_options()`, `check_members(count)` and
    `check_labels(labels, classes)`; one that has none of a name takes whatever there is.

    Args:
        rule: The rule, or one with calibration around it.
        members: How many there will be.
        labels: The class ids of the rows that it will be fitted on, (samples,).
        classes: How many there are.

    Raises:
        ValueError: The rule would raise it when it is fitted.
        TypeError: Likewise.

    Examples:
        >>> import numpy as np
        >>> from ensembles import Stacked
        >>> check_beforehand(Stacked(), 2, np.asarray([0, 1, 0]), 2)
    """
    check_own_options(rule)
    check_members(rule, members)
    if hasattr(rule, "check_labels"):
        rule.check_labels(labels, classes)


def check_own_options(rule: Rule) -> None:
    """Check a rule's options, as its `fit` would.

    Raises:
        ValueError: One is refused.
        TypeError: One is of another type.
    """
    if hasattr(rule, "check_options"):
        rule.check_options()
