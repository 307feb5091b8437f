"""How many members and epochs fit into the time that is left."""

from __future__ import annotations

from time import monotonic
from typing import Protocol

from zoo.planning.preset_choice import Choice
from zoo.utils.text import duration

SPARED = 0.04  # of the limit, for rules, scores and files at the end
SKETCH = 0.25  # of the limit, at most, for a first member from scratch
# Epochs without which further members are not worth their time: one network trained well comes first.
FEWEST = {1: 1, 2: 4}
MANY = 6


class Seconds(Protocol):
    """Says what a choice takes."""

    def __call__(self, choice: Choice, /, *, measured: bool = True) -> float:
        """Seconds by a measurement of each kind of network on this machine, or by a guess."""


class Budget:
    """A time limit that runs.

    Args:
        limit: seconds from now.
        spent: seconds that have passed already, such as those of reading the images.
    """

    def __init__(self, limit: float, spent: float = 0.0) -> None:
        self.limit = limit
        self._begun = monotonic() - spent

    @property
    def passed(self) -> float:
        """Seconds since the start."""
        return monotonic() - self._begun

    @property
    def left(self) -> float:
        """Seconds that may be trained for yet."""
        return self.limit * (1 - SPARED) - self.passed


class BudgetUsed:
    """How far a run with a time limit is: how much of its time has passed.

    Args:
        budget: of the run.
    """

    def __init__(self, budget: Budget) -> None:
        self.budget = budget

    @property
    def fraction(self) -> float:
        """The part of the limit that has passed, 0 to 1."""
        return min(self.budget.passed / self.budget.limit, 1.0)

    @property
    def left(self) -> float:
        """Seconds until the limit."""
        return max(self.budget.limit - self.budget.passed, 0.0)

    def __str__(self) -> str:
        return f"(time: {self.fraction:.0%} of {duration(self.budget.limit)}, {duration(self.left)} left)"


def shorten(choice: Choice, seconds: Seconds, left: float) -> Choice | None:
    """Take as many members as can be trained well in time, and as many epochs as fit then.

    Args:
        choice: of all members, with the most epochs.
        seconds: what a choice takes.
        left: seconds that are left.

    Returns:
        A choice of the same members or the first of them; None where not even one epoch fits.
    """
    best, epochs = None, choice.recipe.epochs
    for members in range(1, len(choice.plans) + 1):
        needed = min(FEWEST.get(members, MANY), choice.recipe.epochs)
        if epochs < needed:  # fewer members have no more: what these further ones take need not be measured
            break
        part = choice.of(members)
        epochs = most_epochs(part, seconds, left)
        best = part.with_recipe(epochs=epochs) if epochs >= needed else best
    return best


def sketch(choice: Choice, seconds: Seconds, limit: float) -> Choice | None:
    """The first usable ensemble: one member, whose head alone is solved, or from scratch one of a few epochs.

    It has neither folds nor views.
    """
    plain = choice.of(1).plain()
    if choice.recipe.adapt == "probe":
        return plain
    if choice.plans[0].pretrained and choice.recipe.head_solver == "lbfgs":
        return plain.tuning_nothing()
    epochs = most_epochs(plain, seconds, limit * SKETCH)
    return plain.with_recipe(epochs=epochs) if epochs else None


def most_epochs(choice: Choice, seconds: Seconds, left: float) -> int:
    """The most epochs, up to the choice's own, that take no longer than ``left``; 0 where one takes longer."""
    low, high = 0, choice.recipe.epochs
    while low < high:
        middle = (low + high + 1) // 2
        if seconds(choice.with_recipe(epochs=middle)) <= left:
            low = middle
        else:
            high = middle - 1
    return low
