"""Soft voting: the mean of the members' logits or of their probabilities."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike

from ensembles.registry import register
from ensembles.rule import Array, check_rows, check_same_members
from ensembles.weighted_mean import Over, check_over, vote

if TYPE_CHECKING:
    from ensembles.layers import Tensor


@register(order=10)
@dataclass(kw_only=True, eq=False)
class Soft:
    """Average all members with equal weights: the rule that cannot overfit.

    The softmax of mean logits is the normalised geometric mean of the members' probabilities. The mean of probabilities
    is scikit-learn's soft vote.

    Args:
        over: The space in which members are averaged, "logits" or "probabilities".

    Attributes:
        weights_: The weights, (members,) float64, each 1 / members.
        shape_: The (members, classes) of the fit.

    See Also:
        Weighted: Learns the weights.

    Examples:
        >>> logits = np.array([[[2.0, 0.0]], [[0.0, 4.0]]])  # 2 members, 1 sample, 2 classes
        >>> Soft().fit(logits, np.array([1])).combine(logits).tolist()
        [[1.0, 2.0]]
    """

    name: ClassVar[str] = "soft"

    over: Over = "logits"
    weights_: Array = field(init=False, repr=False)
    shape_: tuple[int, int] = field(init=False, repr=False)

    def fit(self, logits: ArrayLike, labels: ArrayLike, groups: ArrayLike | None = None) -> Self:
        """Store the numbers of members and classes; see `Rule.fit`."""
        check_over(self.over)
        logits, _ = check_rows(logits, labels)
        members, _, classes = logits.shape
        self.weights_ = np.full(members, 1 / members)
        self.shape_ = (members, classes)
        return self

    def combine(self, logits: ArrayLike) -> Array:
        """Average logits (members, samples, classes) to (samples, classes) float32; see `Rule.combine`."""
        logits = check_same_members(self, logits)
        return vote(self.weights_, logits, self.over)

    def write_layers(self, member_logits: "list[Tensor]", name: str) -> "Tensor":
        """Write the fitted rule as Keras layers; see `ensembles.layers.as_layers`."""
        from ensembles.layers import weighted_mean

        return weighted_mean(self.weights_, self.over, member_logits, name)
