"""Greedy ensemble selection: members are added one by one, with replacement, and counted."""

from dataclasses import dataclass, field
from numbers import Integral
from typing import TYPE_CHECKING, ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike

from ensembles.losses import Loss, Metric, check_metric, prepare
from ensembles.registry import register
from ensembles.rule import Array, check_rows, check_same_members
from ensembles.weighted_mean import Over, check_over, vote

if TYPE_CHECKING:
    from ensembles.layers import Tensor

TIE = 1e-7  # relative: float32 cannot tell losses apart that are nearer than this
ROUNDING = 1e-5  # relative: of the bounds of losses


@register(order=50)
@dataclass(kw_only=True, eq=False)
class Greedy:
    """Add, `rounds` times, the member that lowers the loss of the mean most, and keep the best of these means.

    This is ensemble selection with replacement (Caruana et al. 2004, doi:10.1145/1015330.1015432). The best single
    member is among the means, and so are equal weights over the best few with a sorted start; so on the rows of the fit
    the rule is never worse than these. Of members with equal losses one that was added before is taken, then the first,
    so that few members are used. With `bags`, each bag is a random subset of the members and weights are averaged over
    the bags, which overfits less on few rows (Caruana et al. 2006, doi:10.1109/ICDM.2006.76).

    Args:
        over: The space in which members are averaged, "logits" or "probabilities".
        metric: The loss: "log_loss", or the error rate for "accuracy" or "balanced_accuracy".
        rounds: The number of additions, 1 or more, with those of the sorted start.
        sorted_start: Begin with the best few members, as many of them as have the least loss together.
        bags: The number of bags; 0 for one search among all members.
        bag_share: The fraction of the members in each bag, above 0, up to 1.
        seed: The seed of the bags.

    Attributes:
        weights_: How often each member was added, (members,) float64, 0 or more, summing to 1.
        path_: Without bags, the indices of the members in the order of their additions, all rounds.
        paths_: The same for each bag; without bags, a list of the one path.
        losses_: For each path, the loss of the mean after each addition.
        shape_: The (members, classes) of the fit.

    See Also:
        Weighted: Any weights, not only counts.

    Examples:
        >>> random, labels = np.random.default_rng(0), np.arange(300) % 3
        >>> skills = np.array([2.0, 2.0, -2.0])[:, None, None]  # member 2 is worse than chance
        >>> logits = random.normal(size=(3, 300, 3)) + skills * np.eye(3)[labels]
        >>> Greedy(rounds=10).fit(logits, labels).weights_.tolist()
        [0.6, 0.4, 0.0]
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

    def fit(self, logits: ArrayLike, labels: ArrayLike, groups: ArrayLike | None = None) -> Self:
        """Search; see `Rule.fit`.

        Raises:
            ValueError: Also where options are not those above.
            TypeError: Also where `rounds` or `bags` is not a whole number.
        """
        self.check_options()
        logits, labels = check_rows(logits, labels)
        outputs, loss = prepare(logits, labels, self.metric, self.over)
        bags = self._bags(len(logits))
        searches = [
            select(outputs if len(bag) == len(logits) else outputs[bag], loss, self.rounds, self.sorted_start)
            for bag in bags
        ]
        self.paths_ = [bag[path].tolist() for bag, (path, _) in zip(bags, searches, strict=True)]
        self.losses_ = [losses.tolist() for _, losses in searches]
        paths = zip(self.paths_, self.losses_, strict=True)
        self.weights_ = np.mean([_weights_of(path, losses, len(logits)) for path, losses in paths], axis=0)
        self.shape_ = (logits.shape[0], logits.shape[2])
        return self

    def combine(self, logits: ArrayLike) -> Array:
        """Average logits (members, samples, classes) by the counts; see `Rule.combine`."""
        logits = check_same_members(self, logits)
        return vote(self.weights_, logits, self.over)

    def write_layers(self, member_logits: "list[Tensor]", name: str) -> "Tensor":
        """Write the fitted rule as Keras layers; see `ensembles.layers.as_layers`."""
        from ensembles.layers import weighted_mean

        return weighted_mean(self.weights_, self.over, member_logits, name)

    @property
    def path_(self) -> list[int]:
        """The indices of the members in the order of their additions; AttributeError with bags."""
        if self.bags:
            raise AttributeError(f"Expected one search; received {self.bags} bags. Read their paths in paths_.")
        return self.paths_[0]

    def _bags(self, members: int) -> list[Array]:
        if not self.bags:
            return [np.arange(members)]
        random = np.random.default_rng(self.seed)
        size = max(1, round(self.bag_share * members))
        return [np.sort(random.choice(members, size, replace=False)) for _ in range(self.bags)]

    def check_options(self) -> None:
        """Check the options; raises a ValueError or a TypeError."""
        check_over(self.over)
        check_metric(self.metric)
        if not (isinstance(self.rounds, Integral) and isinstance(self.bags, Integral)):
            raise TypeError(f"Expected rounds and bags as whole numbers; received {self.rounds!r} and {self.bags!r}.")
        if self.rounds < 1 or self.bags < 0:
            raise ValueError(
                f"Expected rounds of 1 or more and bags of 0 or more; received {self.rounds} and {self.bags}."
            )
        if not 0 < self.bag_share <= 1:
            raise ValueError(f"Expected a bag_share above 0, up to 1; received {self.bag_share}.")


def select(outputs: Array, loss: Loss, rounds: int, sorted_start: bool) -> tuple[Array, Array]:
    """Search among outputs (members, k, samples); see `ensembles.losses.prepare`.

    Returns:
        The members' indices in the order of their additions, (rounds,) int64, and the loss of the mean after each.
    """
    path, losses, total = _sorted_start(outputs, loss, rounds) if sorted_start else ([], [], np.zeros_like(outputs[0]))
    while len(path) < rounds:
        candidates = _losses_with(outputs, total, len(path), loss)
        added = _least(candidates, path)
        total += outputs[added]
        path.append(added)
        losses.append(float(candidates[added]))
    return np.array(path), np.array(losses)


def _losses_with(outputs: Array, total: Array, count: int, loss: Loss) -> Array:
    """Return the loss of the mean with each member added to `total`, of `count`; infinity where it cannot be the least.

    A convex loss lies above its tangent, so a member whose bound is above the loss of another need not be computed.
    """
    losses, bounds = np.full(len(outputs), np.inf), _bounds(outputs, total, count, loss)
    mean = np.empty_like(total)
    for member in np.argsort(bounds, kind="stable"):
        if bounds[member] > losses.min():
            break
        np.add(total, outputs[member], out=mean)
        mean /= count + 1
        losses[member] = loss(mean)
    return losses


def _bounds(outputs: Array, total: Array, count: int, loss: Loss) -> Array:
    """Return numbers, (members,), that the loss of the mean with each member added is not below."""
    if loss.slopes is None or not count:
        return np.full(len(outputs), -np.inf)
    mean = total / np.float32(count)
    slopes = loss.slopes(mean)
    own, others = float(np.vdot(slopes, mean)), np.array([float(np.vdot(slopes, output)) for output in outputs])
    now = loss(mean)
    slack = ROUNDING * (abs(now) + (abs(own) + np.abs(others)) / (count + 1))
    bounds: Array = now + (others - own) / (count + 1) - slack
    return bounds


def _sorted_start(outputs: Array, loss: Loss, rounds: int) -> tuple[list[int], list[float], Array]:
    """Add the best single members in order, as many as have the least loss together."""
    order = np.argsort([loss(output.copy()) for output in outputs], kind="stable")[:rounds]
    total, losses = np.zeros_like(outputs[0]), []
    for count, member in enumerate(order, start=1):
        total += outputs[member]
        losses.append(loss(total / count))
    best = int(np.argmin(losses)) + 1
    return order[:best].tolist(), losses[:best], outputs[order[:best]].sum(axis=0)


def _least(losses: Array, path: list[int]) -> int:
    """Return the index of the least loss; of equal ones a member that was added before, then the first."""
    ties = np.flatnonzero(losses <= losses.min() * (1 + TIE))
    added = [member for member in ties if member in path]
    return int((added or ties)[0])


def _weights_of(path: list[int], losses: list[float], members: int) -> Array:
    """Count the additions up to the least loss, the first where several are equal."""
    kept = path[: int(np.argmin(losses)) + 1]
    return np.bincount(kept, minlength=members) / len(kept)
