"""Greedy selection: members are taken one by one, again if it helps, and counted."""

from dataclasses import dataclass, field
from numbers import Integral
from typing import ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike

from ensembles.losses import Loss, Metric, check_metric, judged
from ensembles.rule import Array, check_rows, check_same
from ensembles.space import Over, check_over
from ensembles.vote import vote

EQUAL = 1e-7  # relative: losses as near as float32 tells them apart are equal


@dataclass(kw_only=True, eq=False)
class Greedy:
    """Add, `rounds` times, the member that helps the mean most, and keep the best point of the way.

    Ensemble selection with replacement (Caruana et al. 2004, doi:10.1145/1015330.1015432). The best single member and,
    with a sorted start, equal weights over the best few are points of the way, so on the rows of the fit it is never
    worse than these. Of equally good members one that is in already is taken, then the first: so few members
    stay. With `bags`, each bag sees a random share of the members and weights are averaged over them (Caruana et al.
    2006, doi:10.1109/ICDM.2006.76), against luck on few rows.

    Args:
        over: what is averaged, "logits" or "probabilities".
        metric: what is to be small: "log_loss", or the errors of "accuracy" or "balanced_accuracy".
        rounds: members to add, 1 or more, those of the start included.
        sorted_start: begin with the best few members, as many of them as do best together.
        bags: how many, 0 for one search among all members.
        bag_share: of the members in a bag, above 0, up to 1.
        seed: of the bags.

    Attributes:
        weights_: (members,) float64, >= 0, summing to 1: how often each was taken.
        path_: without bags, the members in the order in which they were taken, all rounds.
        paths_: the same for each bag, or the one search.
        losses_: for each of these the loss of the mean so far.
        shape_: (members, classes) of the fit.

    See Also:
        Weighted: any weights, not only counts.
    """

    name: ClassVar[str] = "greedy"

    over: Over = "logits"
    metric: Metric = "log_loss"
    rounds: int = 25
    sorted_start: bool = True
    bags: int = 0
    bag_share: float = 0.5
    seed: int = 0
    weights_: Array = field(init=False, repr=False)
    paths_: list[list[int]] = field(init=False, repr=False)
    losses_: list[list[float]] = field(init=False, repr=False)
    shape_: tuple[int, int] = field(init=False, repr=False)

    def fit(self, logits: ArrayLike, labels: ArrayLike) -> Self:
        """Search; see `Rule.fit`.

        Raises:
            ValueError, TypeError: also options outside of those above.
        """
        self._check_options()
        logits, labels = check_rows(logits, labels)
        answers, loss = judged(logits, labels, self.metric, self.over)
        bags = self._bags(len(logits))
        ways = [
            select(answers if len(bag) == len(logits) else answers[bag], loss, self.rounds, self.sorted_start)
            for bag in bags
        ]
        self.paths_ = [bag[path].tolist() for bag, (path, _) in zip(bags, ways, strict=True)]
        self.losses_ = [losses.tolist() for _, losses in ways]
        self.weights_ = np.mean([_shares(*way, len(logits)) for way in zip(self.paths_, self.losses_, strict=True)], 0)
        self.shape_ = (logits.shape[0], logits.shape[2])
        return self

    def combine(self, logits: ArrayLike) -> Array:
        """Average logits (members, samples, classes) by the counts; see `Rule.combine`."""
        logits = check_same(self, logits)
        return vote(self.weights_, logits, self.over)

    @property
    def path_(self) -> list[int]:
        """The members of the one search in the order in which they were taken; AttributeError with bags."""
        if self.bags:
            raise AttributeError(f"expected one search, received {self.bags} bags; their ways are in paths_")
        return self.paths_[0]

    def _bags(self, members: int) -> list[Array]:
        if not self.bags:
            return [np.arange(members)]
        random = np.random.default_rng(self.seed)
        size = max(1, round(self.bag_share * members))
        return [np.sort(random.choice(members, size, replace=False)) for _ in range(self.bags)]

    def _check_options(self) -> None:
        check_over(self.over)
        check_metric(self.metric)
        if not (isinstance(self.rounds, Integral) and isinstance(self.bags, Integral)):
            raise TypeError(f"expected whole numbers of rounds and bags, received {self.rounds!r}, {self.bags!r}")
        if self.rounds < 1 or self.bags < 0:
            raise ValueError(f"expected rounds of 1 or more and bags of 0 or more, received {self.rounds}, {self.bags}")
        if not 0 < self.bag_share <= 1:
            raise ValueError(f"expected a bag_share above 0, up to 1, received {self.bag_share}")


def select(answers: Array, loss: Loss, rounds: int, sorted_start: bool) -> tuple[Array, Array]:
    """Search among answers (members, k, samples).

    Returns:
        the members in the order in which they were taken, (rounds,) int64, and the losses of the mean after each.
    """
    path, losses, total = _start(answers, loss, rounds) if sorted_start else ([], [], np.zeros_like(answers[0]))
    mean = np.empty_like(total)
    while len(path) < rounds:
        candidates = np.empty(len(answers))
        for member, answer in enumerate(answers):
            np.add(total, answer, out=mean)
            mean /= len(path) + 1
            candidates[member] = loss(mean)
        taken = _least(candidates, path)
        total += answers[taken]
        path.append(taken)
        losses.append(float(candidates[taken]))
    return np.array(path), np.array(losses)


def _start(answers: Array, loss: Loss, rounds: int) -> tuple[list[int], list[float], Array]:
    """Take the best members by themselves, as many as do best together."""
    order = np.argsort([loss(answer.copy()) for answer in answers], kind="stable")[:rounds]
    total, losses = np.zeros_like(answers[0]), []
    for count, member in enumerate(order, start=1):
        total += answers[member]
        losses.append(loss(total / count))
    best = int(np.argmin(losses)) + 1
    return order[:best].tolist(), losses[:best], answers[order[:best]].sum(axis=0)


def _least(losses: Array, path: list[int]) -> int:
    """The least loss; among equals a member that is in already, then the first."""
    equals = np.flatnonzero(losses <= losses.min() * (1 + EQUAL))
    inside = [member for member in equals if member in path]
    return int((inside or equals)[0])


def _shares(path: list[int], losses: list[float], members: int) -> Array:
    """Count up to the best point of the way, the first of equals."""
    kept = path[: int(np.argmin(losses)) + 1]
    return np.bincount(kept, minlength=members) / len(kept)
