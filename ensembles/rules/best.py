"""The single best member: the baseline of every ensemble."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike

from ensembles.losses import Metric, check_metric, member_losses
from ensembles.registry import register
from ensembles.rule import Array, check_rows, check_same_members

if TYPE_CHECKING:
    from ensembles.layers import Tensor


@register(order=30)
@dataclass(kw_only=True, eq=False)
class Best:
    """Predict as the member that is best on the rows of the fit; of equal members the first is taken.

    It has no option `over`, since one member is not averaged.

    Args:
        metric: The metric of the comparison: "log_loss", "accuracy" or "balanced_accuracy".

    Attributes:
        member_: The index of the best member.
        losses_: Each member's log loss or error rate, (members,) float64.
        weights_: 1 for the best member and 0 for the others, (members,) float64.
        shape_: The (members, classes) of the fit.

    Examples:
        >>> logits = np.array([[[0.0, 2.0], [0.0, 2.0]], [[3.0, 0.0], [0.0, 3.0]]])  # member 1 is always correct
        >>> rule = Best(metric="accuracy").fit(logits, np.array([0, 1]))
        >>> rule.member_, rule.losses_.tolist()
        (1, [0.5, 0.0])
    """

    name: ClassVar[str] = "best"

    metric: Metric = "log_loss"
    member_: int = field(init=False, repr=False)
    losses_: Array = field(init=False, repr=False)
    weights_: Array = field(init=False, repr=False)
    shape_: tuple[int, int] = field(init=False, repr=False)

    def fit(self, logits: ArrayLike, labels: ArrayLike, groups: ArrayLike | None = None) -> Self:
        """Compare the members; see `Rule.fit`.

        Raises:
            ValueError: Also where the metric is unknown.
        """
        check_metric(self.metric)
        logits, labels = check_rows(logits, labels)
        self.losses_ = member_losses(logits, labels, self.metric)
        self.member_ = int(self.losses_.argmin())
        self.weights_ = np.eye(len(logits))[self.member_]
        self.shape_ = (logits.shape[0], logits.shape[2])
        return self

    def combine(self, logits: ArrayLike) -> Array:
        """Select the best member of logits (members, samples, classes); see `Rule.combine`."""
        logits = check_same_members(self, logits)
        return logits[self.member_].astype(np.float32)

    def write_layers(self, member_logits: "list[Tensor]", name: str) -> "Tensor":
        """Write the fitted rule as Keras layers; see `ensembles.layers.as_layers`."""
        from ensembles.layers import weighted_mean

        return weighted_mean(self.weights_, "logits", member_logits, name)
