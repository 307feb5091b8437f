"""The logistic regression behind stacking: centred and scaled features, and the strength of its penalty."""

from numbers import Real
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from ensembles.crossval import divided, usable_folds
from ensembles.penalties import one_thread, rows_for_search
from ensembles.rule import Array
from ensembles.shares import numbered
from ensembles.weighted_mean import Over, to_space

if TYPE_CHECKING:
    from sklearn.linear_model import LogisticRegression

# scikit-learn's own tolerance, 1e-4, stops weakly penalised fits early, at up to 1.5 times the log loss, which makes
# weak penalties look stronger than they are. The coarse one is accurate enough to tell decades of strength apart.
FINE, COARSE = 1e-6, 1e-5
STRENGTHS = np.logspace(-2, 4, 7)
"""The strengths that "cv" tries: decades, from almost no penalty to class frequencies only."""

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
        chosen = _cross_validated_strength(features, labels, seed, units) if strength == "cv" else float(strength)
        regression = _regression(chosen).fit(features, labels)
    return *_affine(regression.coef_, regression.intercept_, scales), chosen


def _check_strength(strength: float | str) -> None:
    if strength != "cv" and not (isinstance(strength, Real) and 0 < strength < np.inf):
        raise ValueError(f'Expected strength as "cv" or a finite number above 0; received {strength!r}.')


def _features(logits: Array, over: Over) -> tuple[Array, Array]:
    """Return centred, scaled outputs (samples, members * classes) float64, and the members' scales (members,)."""
    members, samples, classes = logits.shape
    features = np.empty((samples, members, classes))
    scales = np.empty(members)
    for index, member in enumerate(logits):  # one by one: no second array of all members
        outputs = to_space(member, over)
        centred = outputs - outputs.mean(axis=-1, keepdims=True)
        scale = np.sqrt(np.mean(centred**2))
        # A member that never prefers a class leaves nothing but rounding, which must not be scaled up to size 1.
        scales[index] = scale if scale > 1e-9 * np.abs(outputs).max() else 1.0
        features[:, index] = centred / scales[index]
    return features.reshape(samples, -1), scales


def _affine(coef: Array, intercept: Array, scales: Array) -> tuple[Array, Array]:
    """Fold centring and scaling into scikit-learn's coefficients."""
    if len(coef) == 1:  # for two classes scikit-learn keeps the log odds of the second only
        coef, intercept = np.vstack([-coef, coef]) / 2, np.hstack([-intercept, intercept]) / 2
    classes = len(coef)
    blocks = coef.T.reshape(len(scales), classes, classes) / scales[:, None, None]
    # (z - mean(z)) @ B = z @ (B - column means of B): to centre the rows is to centre the columns of the block.
    blocks = blocks - blocks.mean(axis=1, keepdims=True)
    return blocks.reshape(-1, classes), intercept.astype(np.float64)


def _regression(strength: float, tolerance: float = FINE, *, warm_start: bool = False) -> "LogisticRegression":
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(C=1 / strength, tol=tolerance, max_iter=10_000, warm_start=warm_start)


def _cross_validated_strength(features: Array, labels: Array, seed: int, units: Array | None) -> float:
    rows = rows_for_search(len(labels), seed)
    if rows is not None:
        features, labels, units = features[rows], labels[rows], None if units is None else units[rows]
    if usable_folds(labels, 5, units) < 2:
        return FIXED_STRENGTH
    folds = divided(labels, 5, seed, units)
    losses = np.mean([_held_out_losses(features, labels, training, held_out) for training, held_out in folds], axis=0)
    return float(STRENGTHS[losses.argmin()])


def _held_out_losses(features: Array, labels: Array, training: Array, held_out: Array) -> list[float]:
    """Return the log loss of the held-out rows under each of `STRENGTHS`."""
    from sklearn.metrics import log_loss

    inside, outside, losses = features[training], features[held_out], []
    regression = _regression(FIXED_STRENGTH, COARSE, warm_start=True)
    for strength in STRENGTHS[::-1]:  # each starts from the coefficients of the stronger penalty before
        regression.set_params(C=1 / strength).fit(inside, labels[training])
        losses.append(log_loss(labels[held_out], regression.predict_proba(outside), labels=regression.classes_))
    return losses[::-1]
