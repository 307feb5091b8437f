"""The single best member, which an ensemble has to beat."""

from dataclasses import dataclass, field
from typing import ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike

from ensembles.losses import Metric, check_metric, losses_of_members
from ensembles.rule import Array, check_rows, check_same


@dataclass(kw_only=True, eq=False)
class Best:
    """Answer as the member does that is best on the rows of the fit, the first of equals.

    It has no `over`: one member's logits and its probabilities say the same.

    Args:
        metric: by what: "log_loss", "accuracy" or "balanced_accuracy".

    Attributes:
        member_: its position.
        losses_: (members,) float64, each member's log loss, or its share of errors.
        weights_: (members,) float64, 1 for it and 0 for the others.
        shape_: (members, classes) of the fit.
    """

    name: ClassVar[str] = "best"

    metric: Metric = "log_loss"
    member_: int = field(init=False, repr=False)
    losses_: Array = field(init=False, repr=False)
    weights_: Array = field(init=False, repr=False)
    shape_: tuple[int, int] = field(init=False, repr=False)

    def fit(self, logits: ArrayLike, labels: ArrayLike) -> Self:
        """Compare the members; see `Rule.fit`."""
        check_metric(self.metric)
        logits, labels = check_rows(logits, labels)
        self.losses_ = losses_of_members(logits, labels, self.metric)
        self.member_ = int(self.losses_.argmin())
        self.weights_ = np.eye(len(logits))[self.member_]
        self.shape_ = (logits.shape[0], logits.shape[2])
        return self

    def combine(self, logits: ArrayLike) -> Array:
        """Take the best member's of logits (members, samples, classes); see `Rule.combine`."""
        logits = check_same(self, logits)
        return logits[self.member_].astype(np.float32)
