"""The logistic regression behind stacking: centred and scaled features, and how strong its penalty is."""

from contextlib import AbstractContextManager
from numbers import Real
from typing import TYPE_CHECKING

import numpy as np

from ensembles.crossval import stratified_folds, usable_folds
from ensembles.rule import Array

if TYPE_CHECKING:
    from sklearn.linear_model import LogisticRegression

# The coarse tolerance, scikit-learn's own, stops weakly penalised fits early, at up to 1.5 times the log loss: good
# enough to tell decades of strength apart, not to answer with.
FINE, COARSE = 1e-6, 1e-4
STRENGTHS = np.logspace(-2, 4, 7)
"""The strengths that "cv" tries: decades, from almost none to class frequencies only."""

FIXED_STRENGTH = 1.0
"""The strength where a class has too few rows to cross-validate: scikit-learn's own default."""

MOST_ROWS = 10_000
"""The penalty stands beside the summed loss, so its best strength does not grow with the rows: so many tell it."""


def fit_logistic(answers: Array, labels: Array, strength: float | str, seed: int) -> tuple[Array, Array, float]:
    """Fit L2-regularised multinomial logistic regression on answers (members, samples, classes) float64.

    Each member's answers are centred over the classes and divided by their root mean square. Both are folded into what
    is returned.

    Returns:
        coefficients (members * classes, classes), intercepts (classes,), and the strength used.

    Raises:
        ValueError: a strength that is neither "cv" nor a number above 0.
    """
    _check_strength(strength)
    features, scales = _features(answers)
    with one_thread():
        chosen = _cross_validated_strength(features, labels, seed) if strength == "cv" else float(strength)
        regression = _regression(chosen).fit(features, labels)
    return *_affine(regression.coef_, regression.intercept_, scales), chosen


def one_thread() -> AbstractContextManager[object]:
    """Keep BLAS to one thread: two shared cores took up to 14 times as long on matrices this small."""
    import sklearn.linear_model  # noqa: F401 - only libraries loaded by now are limited
    from threadpoolctl import threadpool_limits

    limit: AbstractContextManager[object] = threadpool_limits(1)
    return limit


def _check_strength(strength: float | str) -> None:
    if strength != "cv" and not (isinstance(strength, Real) and 0 < strength < np.inf):
        raise ValueError(f'expected strength "cv" or a number above 0, received {strength!r}')


def _features(answers: Array) -> tuple[Array, Array]:
    """Centred, scaled answers (samples, members * classes) float64, and the members' scales (members,)."""
    centred = answers - answers.mean(axis=-1, keepdims=True)
    scales = np.sqrt(np.mean(centred**2, axis=(1, 2)))
    # A member that never prefers a class leaves nothing but rounding, which must not be blown up to size 1.
    scales[scales <= 1e-9 * np.abs(answers).max(axis=(1, 2))] = 1.0
    scaled = centred / scales[:, None, None]
    return scaled.transpose(1, 0, 2).reshape(answers.shape[1], -1), scales


def _affine(coef: Array, intercept: Array, scales: Array) -> tuple[Array, Array]:
    """Fold centring and scaling into scikit-learn's coefficients."""
    if len(coef) == 1:  # of two classes scikit-learn keeps the log odds of the second only
        coef, intercept = np.vstack([-coef, coef]) / 2, np.hstack([-intercept, intercept]) / 2
    classes = len(coef)
    blocks = coef.T.reshape(len(scales), classes, classes) / scales[:, None, None]
    # (z - mean(z)) @ B = z @ (B - column means of B): centring the rows is centring the columns of the block.
    blocks = blocks - blocks.mean(axis=1, keepdims=True)
    return blocks.reshape(-1, classes), intercept.astype(np.float64)


def _regression(strength: float, tolerance: float = FINE) -> "LogisticRegression":
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(C=1 / strength, tol=tolerance, max_iter=10_000)


def _cross_validated_strength(features: Array, labels: Array, seed: int) -> float:
    from sklearn.model_selection import GridSearchCV

    if len(labels) > MOST_ROWS:
        rows = np.random.default_rng(seed).choice(len(labels), MOST_ROWS, replace=False)
        features, labels = features[rows], labels[rows]
    if usable_folds(labels, 5) < 2:
        return FIXED_STRENGTH
    # Not LogisticRegressionCV: its arguments change from release to release (1.8, 1.10, 1.11); these do not.
    search = GridSearchCV(
        _regression(FIXED_STRENGTH, COARSE),
        {"C": 1 / STRENGTHS},
        scoring="neg_log_loss",
        cv=stratified_folds(labels, 5, seed),
        refit=False,
    )
    return float(STRENGTHS[search.fit(features, labels).best_index_])
