"""The phases of a recipe, in order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from zoo.recipe import Recipe


@dataclass(frozen=True)
class Phase:
    """One compilation and one call of Keras' ``fit``.

    Attributes:
        name: ``head``, ``fine-tuning`` or ``whole``.
        epochs: how many at most.
        learning_rate: the highest.
        unfreeze: what of the backbone trains, as in the recipe; None for nothing.
        train_batch_norm: unfrozen batch norms update their statistics.
    """

    name: str
    epochs: int
    learning_rate: float
    unfreeze: Literal["all"] | int | float | None
    train_batch_norm: bool


def phases(recipe: Recipe, *, pretrained: bool) -> list[Phase]:
    """Lay out the phases: head, then fine-tuning; or one for all where nothing is pretrained."""
    if not pretrained:
        return [Phase("whole", recipe.head_epochs + recipe.epochs, recipe.head_learning_rate, "all", True)]
    head = Phase("head", recipe.head_epochs, recipe.head_learning_rate, None, False)
    tuning = Phase("fine-tuning", recipe.epochs, recipe.learning_rate, recipe.unfreeze, recipe.train_batch_norm)
    return [phase for phase in (head, tuning) if phase.epochs]
