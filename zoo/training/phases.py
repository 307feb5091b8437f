"""The phases of a recipe, in order."""

from __future__ import annotations

from dataclasses import dataclass

from zoo.recipe import Recipe, Unfreeze

HEAD = "head"


@dataclass(frozen=True)
class Phase:
    """One compilation and one call of Keras' ``fit``.

    Attributes:
        name: ``head``, ``fine-tuning`` or ``whole``.
        epochs: how many at most.
        learning_rate: the highest.
        final_learning_rate: the lowest.
        unfreeze: what of the backbone trains, as in the recipe; None for nothing.
        train_batch_norm: unfrozen batch norms update their statistics.
    """

    name: str
    epochs: int
    learning_rate: float
    final_learning_rate: float
    unfreeze: Unfreeze | None
    train_batch_norm: bool


def phases(recipe: Recipe, *, pretrained: bool) -> list[Phase]:
    """Lay out the phases: head, then fine-tuning; or one for all where nothing is pretrained."""
    first = (recipe.head_learning_rate, recipe.head_final_learning_rate)
    if not pretrained:
        return [Phase("whole", recipe.head_epochs + recipe.epochs, *first, "all", True)]
    second = (recipe.learning_rate, recipe.final_learning_rate)
    head = Phase(HEAD, recipe.head_epochs, *first, None, False)
    tuning = Phase("fine-tuning", recipe.epochs, *second, recipe.unfreeze, recipe.train_batch_norm)
    return [phase for phase in (head, tuning) if phase.epochs]
