"""Stacking: a multinomial logistic regression on the members' logits."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from numbers import Real
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import ArrayLike

from ensembles.crossval import stratified_folds, usable_folds
from ensembles.rule import Array, check_fitted, check_rows, check_same

if TYPE_CHECKING:
    from sklearn.linear_model import LogisticRegression

# The coarse tolerance, scikit-learn's own, stops weakly penalised fits early, at up to 1.5 times the log loss: good
# enough to tell decades of strength apart, not to answer with.
FINE, COARSE = 1e-6, 1e-4
STRENGTHS = np.logspace(-2, 4, 7)
"""The strengths that `strength="cv"` tries: decades, from almost none to class frequencies only."""

FIXED_STRENGTH = 1.0
"""The strength where a class has too few rows to cross-validate: scikit-learn's own default."""


class Stacked:
    """Map all members' logits to one answer by L2-regularised multinomial logistic regression.

    Stacked generalisation (Wolpert 1992, doi:10.1016/S0893-6080(05)80023-1). Each member's logits are centred
    over the classes, since a softmax does not see a shift, and divided by their root mean square, so that the
    penalty does not ask on which scale a member speaks. Both are folded into `coef_`: combining is one affine
    map of raw logits.

    `strength` is the factor of the penalty 0.5 * |coefficients|^2 beside the summed log loss (1 / C in
    scikit-learn), or "cv": that of `STRENGTHS` with the least log loss in stratified 5-fold cross-validation,
    shuffled by `seed`, with fewer folds where the rarest class has fewer rows, and `FIXED_STRENGTH` where it
    has one.

    Attributes:
        coef_: (members * classes, classes) float64, members in order, each with its classes in order.
        intercept_: (classes,) float64.
        strength_: the strength used.
        shape_: (members, classes) of the fit.

    See Also:
        Weighted: one number a member, for when rows are few.
    """

    name = "stacked"
    coef_: Array
    intercept_: Array
    strength_: float
    shape_: tuple[int, int]

    def __init__(self, *, strength: float | str = "cv", seed: int = 0) -> None:
        """Store the options."""
        self.strength = strength
        self.seed = seed

    def fit(self, logits: ArrayLike, labels: ArrayLike) -> Self:
        """Fit the regression; see `Rule.fit`.

        Raises:
            ValueError: a class without a row, or a `strength` that is neither "cv" nor a number above 0.
        """
        logits, labels = check_rows(logits, labels)
        _check_classes(labels, logits.shape[2])
        features, scales = _features(logits)
        with _one_thread():
            strength = self._choose_strength(features, labels)
            regression = _regression(strength).fit(features, labels)
        self.shape_, self.strength_ = (logits.shape[0], logits.shape[2]), strength
        self.coef_, self.intercept_ = _affine(regression.coef_, regression.intercept_, scales)
        return self

    def combine(self, logits: ArrayLike) -> Array:
        """Map logits (members, samples, classes) to (samples, classes) float32; see `Rule.combine`."""
        logits = check_same(self, logits)
        members, classes = self.shape_
        # Member by member, as in weighted_sum: the same affine map, without a float64 copy of all the logits.
        total = np.tile(self.intercept_, (logits.shape[1], 1))
        for member, block in zip(logits, self.coef_.reshape(members, classes, classes), strict=True):
            total += member @ block
        return total.astype(np.float32)

    def to_dict(self) -> dict[str, Any]:
        """Describe the fitted rule in what JSON knows; see `Rule.to_dict`."""
        members, classes = check_fitted(self)
        options = {"strength": self.strength, "seed": self.seed}
        learned = {
            "coef": self.coef_.tolist(),
            "intercept": self.intercept_.tolist(),
            "strength": self.strength_,
        }
        return {"name": self.name, "options": options, "members": members, "classes": classes, **learned}

    @classmethod
    def from_dict(cls, saved: Mapping[str, Any]) -> Self:
        """Make the rule that `to_dict` described."""
        rule = cls(**saved["options"])
        members, classes = rule.shape_ = (saved["members"], saved["classes"])
        rule.coef_ = np.asarray(saved["coef"], np.float64).reshape(members * classes, classes)
        rule.intercept_ = np.asarray(saved["intercept"], np.float64).reshape(classes)
        rule.strength_ = saved["strength"]
        return rule

    def _choose_strength(self, features: Array, labels: Array) -> float:
        if self.strength == "cv":
            return _cross_validated_strength(features, labels, self.seed)
        if not isinstance(self.strength, Real) or not 0 < self.strength < np.inf:
            raise ValueError(f'expected strength "cv" or a number above 0, received {self.strength!r}')
        return float(self.strength)


def _check_classes(labels: Array, classes: int) -> None:
    missing = sorted(set(range(classes)) - set(labels.tolist()))
    if missing:
        raise ValueError(
            f"expected rows of all {classes} classes, received none of class {', '.join(map(str, missing))}; "
            'add rows or use the "weighted" rule'
        )


def _features(logits: Array) -> tuple[Array, Array]:
    """Centred, scaled logits (samples, members * classes) float64, and the members' scales (members,)."""
    logits = logits.astype(np.float64)
    centred = logits - logits.mean(axis=-1, keepdims=True)
    scales = np.sqrt(np.mean(centred**2, axis=(1, 2)))
    # A member that never prefers a class leaves nothing but rounding, which must not be blown up to size 1.
    scales[scales <= 1e-9 * np.abs(logits).max(axis=(1, 2))] = 1.0
    scaled = centred / scales[:, None, None]
    return scaled.transpose(1, 0, 2).reshape(logits.shape[1], -1), scales


def _affine(coef: Array, intercept: Array, scales: Array) -> tuple[Array, Array]:
    """Fold centring and scaling into scikit-learn's coefficients, as `coef_` and `intercept_`."""
    if len(coef) == 1:  # of two classes scikit-learn keeps the log odds of the second only
        coef, intercept = np.vstack([-coef, coef]) / 2, np.hstack([-intercept, intercept]) / 2
    classes = len(coef)
    blocks = coef.T.reshape(len(scales), classes, classes) / scales[:, None, None]
    # (z - mean(z)) @ B = z @ (B - column means of B): centring the rows is centring the columns of the block.
    blocks = blocks - blocks.mean(axis=1, keepdims=True)
    return blocks.reshape(-1, classes), intercept.astype(np.float64)


def _one_thread() -> AbstractContextManager[object]:
    """Keep BLAS to one thread: two shared cores took up to 14 times as long on matrices this small."""
    import sklearn.linear_model  # noqa: F401 - only libraries loaded by now are limited
    from threadpoolctl import threadpool_limits

    limit: AbstractContextManager[object] = threadpool_limits(1)
    return limit


def _regression(strength: float, tolerance: float = FINE) -> "LogisticRegression":
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(C=1 / strength, tol=tolerance, max_iter=10_000)


def _cross_validated_strength(features: Array, labels: Array, seed: int) -> float:
    from sklearn.model_selection import GridSearchCV

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
