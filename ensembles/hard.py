"""Hard voting: every member has one vote, for its most probable class."""

from dataclasses import dataclass, field
from typing import ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike

from ensembles.rule import Array, check_rows, check_same


@dataclass(kw_only=True, eq=False)
class Hard:
    """Count votes; of equals the class with the lower id wins, as in scikit-learn.

    It needs no probabilities to mean anything, and throws away how sure a member was. The logits that it answers with
    are logarithms of the shares of votes, one more vote being spread over all classes (Laplace's rule), so that a class
    without a vote is improbable and not impossible. It has no `over`: votes are the same over logits and probabilities.

    Attributes:
        shape_: (members, classes) of the fit.

    See Also:
        Soft: members that are surer count more.
    """

    name: ClassVar[str] = "hard"

    shape_: tuple[int, int] = field(init=False, repr=False)

    def fit(self, logits: ArrayLike, labels: ArrayLike) -> Self:
        """Learn how many members and classes there are; see `Rule.fit`."""
        logits, _ = check_rows(logits, labels)
        self.shape_ = (logits.shape[0], logits.shape[2])
        return self

    def combine(self, logits: ArrayLike) -> Array:
        """Count the votes of logits (members, samples, classes); see `Rule.combine`."""
        logits = check_same(self, logits)
        members, classes = self.shape_
        votes = np.full(logits.shape[1:], 1 / classes)
        rows = np.arange(logits.shape[1])
        for member in logits:
            votes[rows, member.argmax(axis=-1)] += 1
        return np.log(votes / (members + 1)).astype(np.float32)
