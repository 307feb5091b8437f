"""Whether one answer is right more often than another on the same rows: the exact sign test, sound for few rows too."""

from math import ceil, log2

import numpy as np
from numpy.typing import ArrayLike

from ensembles.rule import check_rows


def p_value(logits: ArrayLike, others: ArrayLike, labels: ArrayLike) -> float:
    """Return the chance of so many rows that only the one gets right, or more, if neither were better.

    Rows that both get right, or wrong, say nothing (McNemar 1947, doi:10.1007/BF02295996; one-sided, by the binomial
    distribution). The bootstrap is flattered here: of six rows that differ, all in favour of one, it is sure at 0.99,
    though tossing a coin gives that in one of 64 cases.
    """
    from scipy.stats import binomtest

    logits, labels = check_rows(logits, labels, axes=2)
    others, labels = check_rows(others, labels, axes=2)
    right, other = logits.argmax(axis=1) == labels, others.argmax(axis=1) == labels
    differ = int(np.sum(right != other))
    return float(binomtest(int(np.sum(right & ~other)), differ, alternative="greater").pvalue) if differ else 1.0


def fewest_rows(level: float) -> int:
    """How many rows have to differ, all in favour of one, for a p-value as low as this."""
    return ceil(log2(1 / level))
