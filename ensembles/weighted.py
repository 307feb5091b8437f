"""Weighted voting: one weight a member, or one a member and class, of the least log loss."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from numbers import Real
from typing import ClassVar, Literal, Self

import numpy as np
from numpy.typing import ArrayLike

from ensembles.rule import Array, check_rows, check_same
from ensembles.shrinking import cross_validated_shrinkage
from ensembles.simplex import best_weights
from ensembles.space import Over, check_over, spoken
from ensembles.threads import one_thread
from ensembles.vote import vote


@dataclass(kw_only=True, eq=False)
class Weighted:
    """Average the members by the weights, >= 0 and summing to 1, of the least log loss.

    Over logits the problem is convex: for the margins d[m] = z[m] - z[m, true class], linear in the weights w, the loss
    is the mean of logsumexp(sum_m w[m] d[m]) over rows, logsumexp is convex, and the weights live on a simplex. So the
    minimum is global and no seed is needed. Over probabilities it is convex too (-log of a linear function), but not by
    class, where a local minimum near equal weights is found. The solver is sequential quadratic
    programming (Kraft 1988, SciPy's SLSQP) with the analytic gradient, from equal weights.

    On few rows learned weights follow the noise. So they are shrunk towards equal ones: beside the summed log loss
    stands 0.5 * shrinkage * members * |w - 1 / members|^2.

    Args:
        over: what is averaged, "logits" or "probabilities".
        per_class: every class weighs the members in its own way; weights of a class sum to 1.
        shrinkage: 0 or more, or "cv": the strongest among `shrinking.SHRINKAGES` whose log loss in stratified 5-fold
            cross-validation is no further from the least than chance may put it. The strongest of all is equal weights.
        weights: the user's own, (members,) or (members, classes), >= 0; nothing is learned then.
        seed: of the folds.

    Attributes:
        weights_: (members,) or (members, classes) float64, >= 0, summing to 1; exactly 0 where a member does not help.
        shrinkage_: the one used, infinity for equal weights; None for the user's own.
        shape_: (members, classes) of the fit.

    See Also:
        Soft: equal weights.
        Stacked: any affine map.
    """

    name: ClassVar[str] = "weighted"

    over: Over = "logits"
    per_class: bool = False
    shrinkage: float | Literal["cv"] = "cv"
    weights: Sequence[float] | Sequence[Sequence[float]] | None = None
    seed: int = 0
    weights_: Array = field(init=False, repr=False)
    shrinkage_: float | None = field(init=False, repr=False)
    shape_: tuple[int, int] = field(init=False, repr=False)

    def fit(self, logits: ArrayLike, labels: ArrayLike) -> Self:
        """Find the weights; see `Rule.fit`. Their loss on these rows is never above that of equal weights.

        Raises:
            ValueError: also options outside of those above.
        """
        self._check_options()
        logits, labels = check_rows(logits, labels)
        members, _, classes = logits.shape
        if self.weights is not None:
            self.weights_, self.shrinkage_ = _given(self.weights, members, classes), None
        else:
            self._learn(logits, labels)
        self.shape_ = (members, classes)
        return self

    def combine(self, logits: ArrayLike) -> Array:
        """Weigh logits (members, samples, classes) to (samples, classes) float32; see `Rule.combine`."""
        logits = check_same(self, logits)
        return vote(self.weights_, logits, self.over)

    def settled(self) -> Self:
        """The rule unfitted, with the shrinkage that it chose; see `ensembles.crossval.settled`."""
        return self if self.shrinkage_ is None else replace(self, shrinkage=self.shrinkage_)

    def _learn(self, logits: Array, labels: Array) -> None:
        members, _, classes = logits.shape
        equal = np.full((members, classes) if self.per_class else members, 1 / members)
        answers = logits if self.over == "logits" else spoken(logits, self.over)
        with one_thread():
            if self.shrinkage == "cv":
                self.shrinkage_ = cross_validated_shrinkage(answers, labels, equal, self.over, self.seed)
            else:
                self.shrinkage_ = float(self.shrinkage)
            self.weights_ = best_weights(answers, labels, equal, self.over, self.shrinkage_)

    def _check_options(self) -> None:
        check_over(self.over)
        good = self.shrinkage == "cv" or (isinstance(self.shrinkage, Real) and self.shrinkage >= 0)
        if not good:
            raise ValueError(f'expected shrinkage "cv" or a number of 0 or more, received {self.shrinkage!r}')
        if self.weights is not None and (self.per_class or self.shrinkage != "cv"):
            raise ValueError("expected weights, or how to learn them; received weights and per_class or shrinkage")


def _given(weights: ArrayLike, members: int, classes: int) -> Array:
    array = np.asarray(weights, np.float64)
    if array.shape not in ((members,), (members, classes)):
        raise ValueError(f"expected weights ({members},) or ({members}, {classes}), received shape {array.shape}")
    sums = array.sum(axis=0)
    if not (np.isfinite(array).all() and (array >= 0).all() and np.all(sums > 0)):
        raise ValueError(f"expected finite weights of 0 or more, not all 0, received {weights!r}")
    normalised: Array = array / sums
    return normalised
