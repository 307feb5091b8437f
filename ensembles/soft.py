"""Soft voting: the mean of the members' logits."""

from collections.abc import Mapping
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike

from ensembles.rule import Array, check_fitted, check_rows, check_same, weighted_sum


class Soft:
    """Average the logits of all members: the rule that cannot overfit.

    The mean of logits is, after the softmax, the normalised geometric mean of the members' probabilities.

    Attributes:
        weights_: (members,) float64, each 1 / members.
        shape_: (members, classes) of the fit.

    See Also:
        Weighted: learns the weights.
    """

    name = "soft"
    weights_: Array
    shape_: tuple[int, int]

    def fit(self, logits: ArrayLike, labels: ArrayLike) -> Self:
        """Learn how many members and classes there are; see `Rule.fit`."""
        logits, _ = check_rows(logits, labels)
        members, _, classes = logits.shape
        self.weights_ = np.full(members, 1 / members)
        self.shape_ = (members, classes)
        return self

    def combine(self, logits: ArrayLike) -> Array:
        """Average logits (members, samples, classes) to (samples, classes) float32; see `Rule.combine`."""
        logits = check_same(self, logits)
        return weighted_sum(self.weights_, logits)

    def to_dict(self) -> dict[str, Any]:
        """Describe the fitted rule in what JSON knows; see `Rule.to_dict`."""
        members, classes = check_fitted(self)
        return {"name": self.name, "options": {}, "members": members, "classes": classes}

    @classmethod
    def from_dict(cls, saved: Mapping[str, Any]) -> Self:
        """Make the rule that `to_dict` described."""
        rule = cls(**saved["options"])
        rule.shape_ = (saved["members"], saved["classes"])
        rule.weights_ = np.full(saved["members"], 1 / saved["members"])
        return rule
