"""Stacking: a classifier on the members' answers."""

from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike

from ensembles.estimators import Maps, maps_of
from ensembles.logistic import fit_logistic
from ensembles.rule import Array, check_fitted, check_rows, check_same
from ensembles.space import FLOOR, Over, check_over, spoken


@dataclass(kw_only=True, eq=False)
class Stacked:
    """Map all members' answers to one, by default by L2-regularised multinomial logistic regression.

    Stacked generalisation (Wolpert 1992, doi:10.1016/S0893-6080(05)80023-1). For the regression each member's answers
    are centred over the classes, since a softmax does not see a shift, and divided by their root mean square, so that
    the penalty does not ask on which scale a member speaks. Both are folded into `coef_`: combining is one affine map.

    Any scikit-learn classifier with `predict_proba` can take the regression's place. It is fitted on the answers as
    they are, side by side, as `sklearn.ensemble.StackingClassifier` hands them on. Linear ones and MLPs are read as
    affine maps, and can be saved and exported; others (forests, neighbours) answer here only.

    Args:
        over: what is handed on, "logits" or "probabilities".
        strength: of the regression, the factor of the penalty 0.5 * |coefficients|^2 beside the summed log loss (1 / C
            in scikit-learn), or "cv": that of `logistic.STRENGTHS` with the least log loss in stratified 5-fold
            cross-validation, with fewer folds where the rarest class has fewer rows, and 1 where it has one.
        estimator: a classifier in place of the regression; a copy of it is fitted.
        seed: of the folds.

    Attributes:
        coef_: (members * classes, classes) float64, members in order, each with its classes in order; of an MLP the
            last layer's.
        intercept_: (classes,) float64.
        maps_: all affine maps; None for what is neither linear nor an MLP.
        strength_: the strength used; None with an estimator.
        estimator_: the fitted copy where there are no maps, else None.
        shape_: (members, classes) of the fit.

    See Also:
        Weighted: one number a member, for when rows are few.
    """

    name: ClassVar[str] = "stacked"

    over: Over = "logits"
    strength: float | str = "cv"
    estimator: Any = None
    seed: int = 0
    maps_: Maps | None = field(init=False, repr=False)
    strength_: float | None = field(init=False, repr=False)
    estimator_: Any = field(init=False, repr=False)
    shape_: tuple[int, int] = field(init=False, repr=False)

    def fit(self, logits: ArrayLike, labels: ArrayLike) -> Self:
        """Fit the classifier; see `Rule.fit`.

        Raises:
            ValueError: a class without a row, options outside of those above, or an estimator of a rule that was read
                from a file, which has only its description.
        """
        self._check_options()
        logits, labels = check_rows(logits, labels)
        _check_classes(labels, logits.shape[2])
        if self.estimator is None:
            self._fit_regression(logits, labels)
        else:
            self._fit_estimator(logits, labels)
        self.shape_ = (logits.shape[0], logits.shape[2])
        return self

    @property
    def coef_(self) -> Array:
        """The last affine map's kernel."""
        return self._all_maps().affine[-1][0]

    @property
    def intercept_(self) -> Array:
        """The last affine map's bias."""
        return self._all_maps().affine[-1][1]

    def combine(self, logits: ArrayLike) -> Array:
        """Map logits (members, samples, classes) to (samples, classes) float32; see `Rule.combine`."""
        logits = check_same(self, logits)
        if self.maps_ is None:
            probabilities = self.estimator_.predict_proba(side_by_side(spoken(logits, self.over)))
            return np.log(np.maximum(probabilities, FLOOR)).astype(np.float32)
        # Member by member through the first map: no float64 copy of all the logits, which may be larger than memory.
        (kernel, bias), *_ = self.maps_.affine
        total = np.tile(bias, (logits.shape[1], 1))
        for member, block in zip(logits, np.split(kernel, len(logits)), strict=True):
            total += spoken(member, self.over) @ block
        return self.maps_.after_first(total).astype(np.float32)

    def settled(self) -> Self:
        """The rule unfitted, with the strength that it chose; see `ensembles.crossval.settled`."""
        return self if self.strength_ is None else replace(self, strength=self.strength_)

    def _all_maps(self) -> Maps:
        check_fitted(self)
        if self.maps_ is None:
            raise AttributeError(f"expected a linear classifier or an MLP, received {self.estimator_!r}")
        return self.maps_

    def _fit_regression(self, logits: Array, labels: Array) -> None:
        coef, intercept, self.strength_ = fit_logistic(logits, labels, self.over, self.strength, self.seed)
        self.maps_, self.estimator_ = Maps([(coef, intercept)]), None

    def _fit_estimator(self, logits: Array, labels: Array) -> None:
        from sklearn.base import clone

        features = side_by_side(spoken(logits, self.over))
        fitted, self.strength_ = clone(self.estimator).fit(features, labels), None
        self.maps_ = maps_of(fitted, features)
        self.estimator_ = None if self.maps_ else fitted

    def _check_options(self) -> None:
        check_over(self.over)
        if isinstance(self.estimator, str):
            raise ValueError(
                f"expected an estimator, received the description {self.estimator!r} of one; make a new rule"
            )
        if self.estimator is not None and not hasattr(self.estimator, "predict_proba"):
            raise ValueError(f"expected an estimator with predict_proba, received {self.estimator!r}")
        if self.estimator is not None and self.strength != "cv":
            raise ValueError("expected a strength or an estimator, received both; give the estimator its own penalty")


def side_by_side(answers: Array) -> Array:
    """Turn (members, samples, classes) into features (samples, members * classes)."""
    return answers.transpose(1, 0, 2).reshape(answers.shape[1], -1)


def _check_classes(labels: Array, classes: int) -> None:
    missing = sorted(set(range(classes)) - set(labels.tolist()))
    if missing:
        raise ValueError(
            f"expected rows of all {classes} classes, received none of class {', '.join(map(str, missing))}; "
            'add rows or use the "weighted" rule'
        )
