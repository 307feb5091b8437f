"""Hard voting: every member has one vote, for its most probable class."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike

from ensembles.registry import register
from ensembles.rule import Array, check_fitted, check_rows, check_same_members

if TYPE_CHECKING:
    from ensembles.layers import Tensor


@register(order=20)
@dataclass(kw_only=True, eq=False)
class Hard:
    """Count the members' votes; of classes with equal votes the lower id wins, as in scikit-learn.

    It needs no calibrated probabilities, and ignores the members' confidence. Its logits are the logarithms of the
    fractions (votes + 1 / classes) / (members + 1): one more vote is spread over all classes (Laplace's rule), so that
    a class without votes has a low probability and not zero. It has no option `over`, for votes over logits and over
    probabilities are equal.

    Attributes:
        shape_: The (members, classes) of the fit.

    See Also:
        Soft: Gives more influence to members that are more confident.

    Examples:
        >>> logits = np.array([[[9.0, 0.0]], [[0.0, 1.0]], [[0.0, 1.0]]])  # 3 members, 1 sample, 2 classes
        >>> combined = Hard().fit(logits, np.array([1])).combine(logits)
        >>> np.exp(combined).round(3).tolist()  # (1 + 1/2) / 4, (2 + 1/2) / 4
        [[0.375, 0.625]]
    """

    name: ClassVar[str] = "hard"

    shape_: tuple[int, int] = field(init=False, repr=False)

    def fit(self, logits: ArrayLike, labels: ArrayLike, groups: ArrayLike | None = None) -> Self:
        """Store the numbers of members and classes; see `Rule.fit`."""
        logits, _ = check_rows(logits, labels)
        self.shape_ = (logits.shape[0], logits.shape[2])
        return self

    def combine(self, logits: ArrayLike) -> Array:
        """Count the votes of logits (members, samples, classes); see `Rule.combine`."""
        logits = check_same_members(self, logits)
        members, classes = self.shape_
        votes = np.full(logits.shape[1:], 1 / classes)
        rows = np.arange(logits.shape[1])
        for member in logits:
            votes[rows, member.argmax(axis=-1)] += 1
        return np.log(votes / (members + 1)).astype(np.float32)

    def write_layers(self, member_logits: "list[Tensor]", name: str) -> "Tensor":
        """Write the fitted rule as Keras layers; see `ensembles.layers.as_layers`."""
        from keras import ops

        from ensembles.layers import named

        members, classes = check_fitted(self)
        votes = sum(ops.one_hot(ops.argmax(member, axis=-1), classes, dtype="float32") for member in member_logits)
        return named(ops.log((votes + 1 / classes) / (members + 1)), name)
