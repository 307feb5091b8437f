"""Weighted voting: one weight a member, or one a member and class, with the least log loss."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from numbers import Real
from typing import TYPE_CHECKING, ClassVar, Literal, Self

import numpy as np
from numpy.typing import ArrayLike

from ensembles.penalties import one_thread
from ensembles.registry import register
from ensembles.rule import Array, check_rows, check_same_members
from ensembles.shrinkage import cross_validated_shrinkage
from ensembles.simplex import best_weights
from ensembles.weighted_mean import Over, check_over, to_space, vote

if TYPE_CHECKING:
    from ensembles.layers import Tensor


@register(order=40)
@dataclass(kw_only=True, eq=False)
class Weighted:
    """Average the members with the weights, 0 or more and summing to 1, that have the least log loss.

    Over logits z the problem is convex. With the margins d[m] = z[m] - z[m, true class] the loss is the mean over rows
    of logsumexp(sum_m w[m] d[m]): logsumexp is convex, its argument is linear in the weights w, and the weights lie on
    a simplex. So the minimum is global and no seed is needed. Over probabilities the problem is convex too, since the
    loss is -log of a linear function; with weights by class it is not, and a local minimum near equal weights is found.
    The solver is sequential quadratic programming (Kraft 1988, SciPy's SLSQP) with the analytic gradient, which starts
    from equal weights.

    On few rows learned weights overfit, so they are shrunk towards equal weights: the summed log loss has the penalty
    0.5 * shrinkage * members * |w - 1 / members|^2.

    Args:
        over: The space in which members are averaged, "logits" or "probabilities".
        per_class: Learn weights for every class; the weights of a class sum to 1.
        shrinkage: The strength of the penalty, 0 or more; or "cv" for the strongest of
            `ensembles.shrinkage.SHRINKAGES` whose log loss in stratified 5-fold cross-validation is within one standard
            error of the least. The strongest of all gives equal weights. Groups stay whole in the folds, and the
            standard error is that of groups.
        weights: Weights of the user's own, (members,) or (members, classes), 0 or more; nothing is learned then.
        seed: The seed of the folds.

    Attributes:
        weights_: The weights, (members,) or (members, classes) float64, summing to 1 over the members; exactly 0 where
            a member does not help.
        shrinkage_: The shrinkage used, infinity for equal weights; None for the user's own weights.
        shape_: The (members, classes) of the fit.

    See Also:
        Soft: Equal weights.
        Stacked: Any affine map.

    Examples:
        >>> random, labels = np.random.default_rng(0), np.arange(300) % 3
        >>> skills = np.array([2.0, 2.0, -2.0])[:, None, None]  # member 2 is worse than chance
        >>> logits = random.normal(size=(3, 300, 3)) + skills * np.eye(3)[labels]
        >>> Weighted(shrinkage=0).fit(logits, labels).weights_.round(1).tolist()
        [0.6, 0.4, 0.0]
        >>> Weighted(weights=[2, 1, 1]).fit(logits, labels).weights_.tolist()
        [0.5, 0.25, 0.25]
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

    def fit(self, logits: ArrayLike, labels: ArrayLike, groups: ArrayLike | None = None) -> Self:
        """Find the weights; see `Rule.fit`. Their loss on these rows is never above that of equal weights.

        Raises:
            ValueError: Also where options are not those above.
        """
        self.check_options()
        logits, labels = check_rows(logits, labels)
        members, _, classes = logits.shape
        if self.weights is not None:
            self.weights_, self.shrinkage_ = _normalised(self.weights, members, classes), None
        else:
            self._learn(logits, labels, groups)
        self.shape_ = (members, classes)
        return self

    def combine(self, logits: ArrayLike) -> Array:
        """Average logits (members, samples, classes) to (samples, classes) float32; see `Rule.combine`."""
        logits = check_same_members(self, logits)
        return vote(self.weights_, logits, self.over)

    def with_fixed_hyperparameters(self) -> Self:
        """Return the unfitted rule with the shrinkage that `fit` chose; see `ensembles.crossval`."""
        return self if self.shrinkage_ is None else replace(self, shrinkage=self.shrinkage_)

    def for_members(self, members: Sequence[int]) -> Self:
        """Return the unfitted rule with the user's weights of some members; equal ones where all of these are 0."""
        if self.weights is None:
            return replace(self)
        own = np.asarray(self.weights, float)[list(members)]
        return replace(self, weights=(own if own.any() else np.ones_like(own)).tolist())

    def check_members(self, count: int) -> None:
        """Check that the user's weights are of so many members; raises a ValueError."""
        if self.weights is not None and len(self.weights) != count:
            raise ValueError(
                f"Expected weights of {count} members; received {len(self.weights)}. Give one for each, in their "
                "order: every snapshot, and every repetition of a name, is a member."
            )

    def write_layers(self, member_logits: "list[Tensor]", name: str) -> "Tensor":
        """Write the fitted rule as Keras layers; see `ensembles.layers.as_layers`."""
        from ensembles.layers import weighted_mean

        return weighted_mean(self.weights_, self.over, member_logits, name)

    def _learn(self, logits: Array, labels: Array, groups: ArrayLike | None) -> None:
        members, _, classes = logits.shape
        equal = np.full((members, classes) if self.per_class else members, 1 / members)
        # Logits keep their dtype here: the solver copies them to float64 block by block.
        outputs = logits if self.over == "logits" else to_space(logits, self.over)
        with one_thread():
            if self.shrinkage == "cv":
                self.shrinkage_ = cross_validated_shrinkage(outputs, labels, equal, self.over, self.seed, groups)
            else:
                self.shrinkage_ = float(self.shrinkage)
            self.weights_ = best_weights(outputs, labels, equal, self.over, self.shrinkage_)

    def check_options(self) -> None:
        """Check the options; raises a ValueError or a TypeError."""
        check_over(self.over)
        good = self.shrinkage == "cv" or (isinstance(self.shrinkage, Real) and self.shrinkage >= 0)
        if not good:
            raise ValueError(f'Expected shrinkage as "cv" or a number of 0 or more; received {self.shrinkage!r}.')
        if self.weights is not None and (self.per_class or self.shrinkage != "cv"):
            raise ValueError(
                "Expected weights, or options of how to learn them; received weights and per_class or shrinkage. "
                "Leave out one."
            )


def _normalised(weights: ArrayLike, members: int, classes: int) -> Array:
    array = np.asarray(weights, np.float64)
    if array.shape not in ((members,), (members, classes)):
        raise ValueError(f"Expected weights ({members},) or ({members}, {classes}); received shape {array.shape}.")
    sums = array.sum(axis=0)
    if not (np.isfinite(array).all() and (array >= 0).all() and np.all(sums > 0)):
        raise ValueError(f"Expected finite weights of 0 or more, not all 0; received {weights!r}.")
    normalised: Array = array / sums
    return normalised
