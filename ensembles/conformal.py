"""Sets of classes that hold the true one as often as wanted."""

from dataclasses import dataclass, field
from typing import ClassVar, Literal, Self

import numpy as np
from numpy.typing import ArrayLike

from ensembles.rule import Array, NotFittedError, check_logits, check_rows
from ensembles.space import log_softmax

Score = Literal["lac", "aps"]


@dataclass(kw_only=True, eq=False)
class Conformal:
    """Answer with a set: one class where the row is easy, several where it is not.

    Split conformal prediction (Vovk et al. 2005; Angelopoulos and Bates 2021, arXiv:2107.07511). Whatever the members
    are, of rows like those of the fit at least `coverage` have their class in the set, on average over fits; of shifted
    rows this is not promised.

    Args:
        coverage: the wanted share, above 0, below 1.
        score: "lac" takes classes from a probability on, which makes the smallest sets and may leave hard rows with an
            empty one (Sadinle et al. 2019, arXiv:1609.00451), as it must where answers are right more often than
            `coverage`; "aps" takes the most probable classes until they have enough together, never none (Romano et
            al. 2020, arXiv:2006.02544, without its random cut, so that sets repeat).
        per_class: give every class its own threshold, and so its own coverage. A class needs about 1 / (1 - coverage)
            rows; with fewer it is in every set.

    Attributes:
        thresholds_: (classes,) float64, the score up to which a class is in; infinity for always.
        classes_: how many classes.
    """

    name: ClassVar[str] = "conformal"

    coverage: float = 0.95
    score: Score = "lac"
    per_class: bool = False
    thresholds_: Array = field(init=False, repr=False)
    classes_: int = field(init=False, repr=False)

    def fit(self, logits: ArrayLike, labels: ArrayLike) -> Self:
        """Choose the thresholds by logits (samples, classes) and labels (samples,) of rows that nobody learned from.

        Raises:
            ValueError: options outside of those above, and what `ensembles.rule.check_rows` raises.
        """
        if not 0 < self.coverage < 1 or self.score not in ("lac", "aps"):
            raise ValueError(
                'expected a coverage above 0, below 1 and a score "lac" or "aps", '
                f"received {self.coverage!r} and {self.score!r}"
            )
        logits, labels = check_rows(logits, labels, axes=2)
        self.classes_ = logits.shape[1]
        own = self._scores(logits)[np.arange(len(labels)), labels]
        groups = [labels == value for value in range(self.classes_)] if self.per_class else [np.full(len(labels), True)]
        thresholds = [_quantile(own[group], self.coverage) for group in groups]
        self.thresholds_ = np.broadcast_to(thresholds, (self.classes_,)).astype(np.float64)
        return self

    def sets(self, logits: ArrayLike) -> Array:
        """Say for logits (samples, classes) which classes are in each row's set: bool of the same shape.

        Raises:
            NotFittedError: before `fit`.
            ValueError: other classes than in `fit`.
        """
        if not hasattr(self, "thresholds_"):
            raise NotFittedError("expected a fitted Conformal, received one before fit; call fit(logits, labels) first")
        logits = check_logits(logits, axes=2)
        if logits.shape[1] != self.classes_:
            raise ValueError(f"expected {self.classes_} classes as in fit, received {logits.shape[1]}")
        inside: Array = self._scores(logits) <= self.thresholds_
        return inside

    def _scores(self, logits: Array) -> Array:
        """How unlike the true class each class looks: (samples, classes) float64, 0 to 1.

        For "aps" it is what the more probable classes have together, without the class itself: of rows that are sure
        and right all of it would be near 1, and a threshold there takes most classes into every set.
        """
        probabilities = np.exp(log_softmax(logits))
        if self.score == "lac":
            unlike: Array = 1 - probabilities
            return unlike
        order = np.argsort(-probabilities, axis=1, kind="stable")
        together = np.cumsum(np.take_along_axis(probabilities, order, axis=1), axis=1)
        scores = np.zeros_like(together)
        np.put_along_axis(scores, order[:, 1:], together[:, :-1], axis=1)
        return scores


def coverage(sets: ArrayLike, labels: ArrayLike) -> float:
    """Share of rows whose label (samples,) is in their set (samples, classes) bool.

    Raises:
        ValueError, TypeError: sets that are none, and what `ensembles.rule.check_rows` raises of the labels.
    """
    inside = np.asarray(sets)
    if inside.dtype != bool:
        raise TypeError(f"expected sets as bool, received {inside.dtype}; hand in what Conformal.sets returned")
    _, labels = check_rows(inside.astype(np.float32), labels, axes=2)
    return float(inside[np.arange(len(inside)), labels].mean())


def _quantile(scores: Array, wanted: float) -> float:
    """The score that so many of n + 1 rows do not exceed, the row to come being one of them."""
    rank = int(np.ceil((len(scores) + 1) * wanted))
    return float(np.inf) if rank > len(scores) else float(np.sort(scores)[rank - 1])
