"""Evidence that one prediction is right more often than another on the same rows, exact for few rows too."""

import numpy as np
from numpy.typing import ArrayLike

from ensembles.checks import as_finite
from ensembles.rule import Array, check_rows
from ensembles.shares import numbered

SHARPNESS = 2.0
"""By which a margin is multiplied before the sigmoid: larger is nearer to right or wrong, and says less of a row."""

BETS = (0.98, 0.4, 0.16, 0.064, 0.0256)
"""The shares of what one has that are bet on each row, in parallel: steps of 2.5, as each more dilutes the others."""


def soft_accuracy(logits: ArrayLike, labels: ArrayLike) -> Array:
    """Score each row from 0 to 1 by how right it is: (samples,) float64, 0.5 where two classes tie.

    With p the probabilities of the true class and of the most probable other one, it is p_true^2 / (p_true^2 +
    p_other^2): a sigmoid of twice their log odds. A row that is wrong by a hair counts nearly as one that is right by a
    hair, so rows say more than right and wrong do; a row that is wildly wrong counts no more than a wrong one, as it
    would in log loss.

    Args:
        logits: Calibrated logits, (samples, classes).
        labels: The class ids, (samples,).

    Raises:
        ValueError: `check_rows` refuses the arrays.
        TypeError: The arrays have other dtypes than `check_rows` takes.

    Examples:
        >>> soft_accuracy(np.array([[9.0, 0.0], [0.5, 0.0], [0.0, 0.5]]), [0, 0, 0]).round(2).tolist()
        [1.0, 0.73, 0.27]
    """
    logits, labels = check_rows(logits, labels, axes=2)
    rows, others = np.arange(len(labels)), logits.astype(np.float64)
    true = others[rows, labels].copy()
    others[rows, labels] = -np.inf
    margins = np.clip(SHARPNESS * (true - others.max(axis=1)), -500, 500)
    scores: Array = 1 / (1 + np.exp(-margins))
    return scores


def e_value(gains: ArrayLike, groups: ArrayLike | None = None) -> float:
    """Measure the evidence that gains (samples,) from -1 to 1 are above 0 in the mean.

    It is what a gambler has who starts with 1 and bets shares of it that gains are positive: the mean over `BETS` b of
    the product of 1 + b * gain. If the mean were 0 or less, it would reach c with probability 1/c at most, by Markov's
    inequality, for any number of rows and any distribution (Waudby-Smith and Ramdas 2024, doi:10.1093/jrsssb/qkad009).
    With groups (samples,), such as patients, each group bets once, on the mean of its rows.

    Raises:
        ValueError: A gain is not from -1 to 1.

    Examples:
        >>> round(e_value([1.0] * 9), 1)  # nine rows, all in one's favour
        99.0
        >>> e_value([0.5, -0.5] * 100) < 1
        True
    """
    values = _units(gains, groups)
    if np.abs(values).max() > 1:
        raise ValueError("Expected gains from -1 to 1; received larger ones. Divide them by the largest there can be.")
    logs = np.array([np.log1p(bet * values).sum() for bet in BETS])
    return float(np.exp(min(np.logaddexp.reduce(logs) - np.log(len(BETS)), 700.0)))


def mean_p_value(gains: ArrayLike, groups: ArrayLike | None = None) -> float:
    """Compute the one-sided p-value of Student's t-test that gains (samples,) of any size are above 0 in the mean.

    With groups (samples,), such as patients, each group counts once, by the mean of its rows. It is 1 where all gains
    are 0, or there is one only.

    Raises:
        ValueError: Gains are not finite, or there are none.

    Examples:
        >>> round(mean_p_value([1.0, 2.0, 3.0]), 3)
        0.037
    """
    from scipy.special import stdtr

    values = _units(gains, groups)
    if len(values) < 2 or not values.any():
        return 1.0
    error = values.std(ddof=1) / np.sqrt(len(values))
    return float(stdtr(len(values) - 1, -values.mean() / error)) if error else float(values[0] < 0)


def _units(gains: ArrayLike, groups: ArrayLike | None) -> Array:
    """Return the gains of rows, or the mean gain of each group."""
    values = as_finite(gains, "gains")
    if values.ndim != 1 or not values.size:
        raise ValueError(f"Expected gains (samples,); received shape {values.shape}. Pass one a row.")
    if groups is None:
        return values
    units = numbered(groups, len(values), "groups")
    means: Array = np.bincount(units, values) / np.bincount(units)
    return means
