"""The logistic regression behind stacking: centred and scaled features, and the strength of its penalty."""

from numbers import Real

import numpy as np
from numpy.typing import ArrayLike

from ensembles.folds import divided, usable_folds
from ensembles.metrics import log_softmax
from ensembles.penalties import folds_for_search, one_thread, rows_for_search
from ensembles.rule import Array
from ensembles.shares import numbered
from ensembles.softmax_regression import COARSE, FINE, LARGE, ROUGH, minimise, predict
from ensembles.weighted_mean import Over, to_space

STRENGTHS = np.logspace(-2, 4, 7)
"""The strengths that "cv" tries: decades, from almost no penalty to class frequencies only."""

WORSE_IN_A_ROW = 2
FIXED_STRENGTH = 1.0
"""The strength where a class has too few rows, or groups, to cross-validate: scikit-learn's own default."""


def fit_logistic(
    logits: Array, labels: Array, over: Over, strength: float | str, seed: int, groups: ArrayLike | None = None
) -> tuple[Array, Array, float]:
    """Fit an L2-regularised multinomial logistic regression on members' logits or probabilities.

    Each member's outputs are centred over the classes and divided by their root mean square. Both steps are folded
    into the coefficients.

    Args:
        logits: The members' logits, (members, samples, classes).
        labels: The class ids, (samples,).
        over: What the regression sees, "logits" or "probabilities".
        strength: The penalty's factor, or "cv" to choose it by cross-validation.
        seed: The seed of the folds.
        groups: What each row is of, (samples,); they stay whole in the folds.

    Returns:
        Coefficients (members * classes, classes) float64, intercepts (classes,) float64, and the strength used.

    Raises:
        ValueError: The strength is neither "cv" nor a number above 0.
    """
    _check_strength(strength)
    units = None if groups is None else numbered(groups, len(labels), "groups")
    features, scales = _features(logits, over)
    with one_thread():
        start = np.zeros((features.shape[1] + 1, logits.shape[2]))
        chosen, start = _start(features, labels, strength, seed, units, start)
        coefficients = minimise(features, labels, _of_softmax(chosen, start), start, FINE)
    return *_affine(coefficients[:-1], coefficients[-1], scales), chosen


def _check_strength(strength: float | str) -> None:
    if strength != "cv" and not (isinstance(strength, Real) and 0 < strength < np.inf):
        raise ValueError(f'Expected strength as "cv" or a finite number above 0; received {strength!r}.')


def _features(logits: Array, over: Over) -> tuple[Array, Array]:
    """Return centred, scaled outputs (samples, members * classes), and the members' scales (members,)."""
    members, samples, classes = logits.shape
    features = np.empty((samples, members, classes), np.float32 if logits.size > LARGE else np.float64)
    scales = np.empty(members)
    for index, member in enumerate(logits):  # one by one: no second array of all members
        outputs = to_space(member, over)
        centred = outputs - outputs.mean(axis=-1, keepdims=True)
        scale = np.sqrt(np.mean(centred**2))
        # A member that never prefers a class leaves nothing but rounding, which must not be scaled up to size 1.
        scales[index] = scale if scale > 1e-9 * np.abs(outputs).max() else 1.0
        features[:, index] = centred / scales[index]
    return features.reshape(samples, -1), scales


def _affine(kernel: Array, intercept: Array, scales: Array) -> tuple[Array, Array]:
    """Fold centring and scaling into the coefficients (members * classes, classes)."""
    classes = len(intercept)
    blocks = kernel.reshape(len(scales), classes, classes) / scales[:, None, None]
    # (z - mean(z)) @ B = z @ (B - column means of B): to centre the rows is to centre the columns of the block.
    blocks = blocks - blocks.mean(axis=1, keepdims=True)
    return blocks.reshape(-1, classes), intercept


def _of_softmax(strength: float, start: Array) -> float:
    """Return the strength for coefficients of every class.

    That of two classes is meant for their difference, as in scikit-learn, of which the penalty of both is half.
    """
    return 2 * strength if start.shape[1] == 2 else strength


def _start(
    features: Array, labels: Array, strength: float | str, seed: int, units: Array | None, zero: Array
) -> tuple[float, Array]:
    """Return the strength, and coefficients near those of the least loss: those of fewer rows."""
    rows = rows_for_search(len(labels), seed)
    if rows is not None:
        features, labels, units = features[rows], labels[rows], None if units is None else units[rows]
    if strength == "cv":
        return _cross_validated(features, labels, folds_for_search(rows), seed, units, zero)
    chosen = float(strength)
    return chosen, zero if rows is None else minimise(features, labels, _of_softmax(chosen, zero), zero, ROUGH)


def _cross_validated(
    features: Array, labels: Array, folds: int, seed: int, units: Array | None, zero: Array
) -> tuple[float, Array]:
    """Choose among `STRENGTHS`, the strongest first, and return the mean of the folds' coefficients with it.

    The search ends where two decades in a row are worse than the best: weaker penalties overfit more, and take longest.
    """
    if usable_folds(labels, folds, units) < 2:
        return FIXED_STRENGTH, zero
    parts = [_Fold(features, labels, *rows, zero) for rows in divided(labels, folds, seed, units)]
    losses: list[float] = []
    means: list[Array] = []
    for strength in STRENGTHS[::-1]:
        losses.append(float(np.mean([part.loss(strength) for part in parts])))
        means.append(np.mean([part.coefficients for part in parts], axis=0))
        if len(losses) - 1 - int(np.argmin(losses)) == WORSE_IN_A_ROW:
            break
    best = int(np.argmin(losses))
    return float(STRENGTHS[::-1][best]), means[best]


class _Fold:
    """A division of the rows, with the coefficients of the last strength, from which the next search starts."""

    def __init__(self, features: Array, labels: Array, training: Array, held_out: Array, zero: Array) -> None:
        self.inside = features[training], labels[training]
        self.outside = features[held_out], labels[held_out]
        self.coefficients = zero

    def loss(self, strength: float) -> float:
        """Return the log loss of the held-out rows."""
        own = _of_softmax(strength, self.coefficients)
        self.coefficients = minimise(*self.inside, own, self.coefficients, COARSE)
        features, labels = self.outside
        logs = log_softmax(predict(self.coefficients, features))
        return -float(logs[np.arange(len(labels)), labels].mean())
