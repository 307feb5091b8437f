"""Soft voting: the mean of the members' logits, or of their probabilities."""

from dataclasses import dataclass, field
from typing import ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike

from ensembles.rule import Array, check_rows, check_same
from ensembles.space import Over, check_over
from ensembles.vote import vote


@dataclass(kw_only=True, eq=False)
class Soft:
    """Average all members: the rule that cannot overfit.

    The mean of logits is, after the softmax, the normalised geometric mean of the members' probabilities; that of
    probabilities is scikit-learn's soft vote.

    Args:
        over: what is averaged, "logits" or "probabilities".

    Attributes:
        weights_: (members,) float64, each 1 / members.
        shape_: (members, classes) of the fit.

    See Also:
        Weighted: learns the weights.
    """

    name: ClassVar[str] = "soft"

    over: Over = "logits"
    weights_: Array = field(init=False, repr=False)
    shape_: tuple[int, int] = field(init=False, repr=False)

    def fit(self, logits: ArrayLike, labels: ArrayLike) -> Self:
        """Learn how many members and classes there are; see `Rule.fit`."""
        check_over(self.over)
        logits, _ = check_rows(logits, labels)
        members, _, classes = logits.shape
        self.weights_ = np.full(members, 1 / members)
        self.shape_ = (members, classes)
        return self

    def combine(self, logits: ArrayLike) -> Array:
        """Average logits (members, samples, classes) to (samples, classes) float32; see `Rule.combine`."""
        logits = check_same(self, logits)
        return vote(self.weights_, logits, self.over)
