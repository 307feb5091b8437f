"""The phases of a recipe, in order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import keras
from keras import ops

from zoo.training.recipe import Recipe
from zoo.training.recipe_options import Unfreeze

LEAVE_WEIGHTS = ("probe", "lora")  # what adapts a backbone otherwise than by its weights
HEAD = "head"


@dataclass(frozen=True)
class Phase:
    """One compilation and one call of Keras' ``fit``.

    Attributes:
        name: ``head``, ``fine-tuning`` or ``whole``.
        epochs: how many at most.
        learning_rate: the highest; 0 of a head that is solved, whose one epoch changes nothing and scores it.
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

    @property
    def solves(self) -> bool:
        """The head is solved before the phase's only epoch."""
        return not self.learning_rate

    @property
    def lowest(self) -> float:
        """The lowest rate, as a share of the highest."""
        return 0.0 if self.solves else self.final_learning_rate / self.learning_rate


def phases(recipe: Recipe, *, pretrained: bool) -> list[Phase]:
    """Lay out the phases: head, then fine-tuning; or one for all where nothing is pretrained.

    Raises:
        ValueError: a probe, or low-rank matrices, of a backbone without pretrained weights.
    """
    check_pretrained(recipe, pretrained)
    if recipe.adapt == "probe":
        return [Phase(HEAD, 1, 0.0, 0.0, None, False)]
    first = (recipe.head_learning_rate, recipe.head_final_learning_rate)
    if not pretrained:
        return [Phase("whole", recipe.head_epochs + recipe.epochs, *first, "all", True)]
    second = (recipe.learning_rate, recipe.final_learning_rate)
    head = Phase(HEAD, recipe.head_epochs, *first, None, False)
    if recipe.head_solver == "lbfgs":
        head = Phase(HEAD, 1, 0.0, 0.0, None, False)
    tuning = Phase("fine-tuning", recipe.epochs, *second, recipe.unfreeze, recipe.train_batch_norm)
    return [phase for phase in (head, tuning) if phase.epochs]


def check_pretrained(recipe: Recipe, pretrained: bool) -> None:
    """Check that what leaves a backbone's weights as they are has weights that are worth it.

    Raises:
        ValueError: they are random.
    """
    if recipe.adapt in LEAVE_WEIGHTS and not pretrained:
        raise ValueError(
            f"Expected pretrained weights with adapt={recipe.adapt!r}, which leaves those of the backbone as they are; "
            "received none. Take another backbone, give weights= (zoo: --weights), or set adapt='tune'."
        )


def fixes_views(recipe: Recipe, phase: Phase) -> bool:
    """Whether a phase sees the images in a few fixed views, of which nothing is mixed or changed in the graph."""
    return phase.name == HEAD and recipe.views > 0 and recipe.mix == "none" and not recipe.graph_layers


def keeps_features(recipe: Recipe, phase: Phase) -> bool:
    """Whether the backbone's features of these views are computed once, and kept."""
    return fixes_views(recipe, phase) and recipe.cache != "none"


def view_count(recipe: Recipe, phase: Phase) -> int:
    """How many fixed views a phase has; 0 for fresh ones. One on fixed views uses at most one an epoch."""
    if phase.name != HEAD:
        return recipe.stored_views
    return min(recipe.views, phase.epochs) if fixes_views(recipe, phase) and not phase.solves else recipe.views


class WarmUp(keras.optimizers.schedules.LearningRateSchedule):
    """Rise in a straight line, its first step above 0, then follow another schedule from its beginning.

    Args:
        highest: where the line ends.
        steps: how long it is.
        then: what follows.
    """

    def __init__(self, highest: float, steps: int, then: keras.optimizers.schedules.LearningRateSchedule) -> None:
        self.highest = highest
        self.steps = steps
        self.then = then

    def __call__(self, step: Any) -> Any:
        """The rate at a step."""
        step = ops.cast(step, "float32")
        rising = self.highest * (step + 1) / self.steps
        return ops.where(step < self.steps, rising, self.then(ops.maximum(step - self.steps, 0.0)))

    def get_config(self) -> dict[str, Any]:
        """The arguments, for Keras."""
        return {"highest": self.highest, "steps": self.steps, "then": self.then}


class Constant(keras.optimizers.schedules.LearningRateSchedule):
    """One rate at every step."""

    def __init__(self, rate: float) -> None:
        self.rate = rate

    def __call__(self, step: Any) -> Any:
        """The rate at a step."""
        return ops.full((), self.rate, "float32")

    def get_config(self) -> dict[str, Any]:
        """The arguments, for Keras."""
        return {"rate": self.rate}


def schedule(recipe: Recipe, phase: Phase, steps_an_epoch: int) -> keras.optimizers.schedules.LearningRateSchedule:
    """Make the rate over a phase as a function of the step; ``plateau``'s drops come from its callback."""
    if phase.solves:
        return Constant(0.0)
    steps = phase.epochs * steps_an_epoch
    rising = round(recipe.warmup * steps)
    after = _after_warm_up(recipe, phase, rising, steps_an_epoch)
    return WarmUp(phase.learning_rate, rising, after) if rising else after


def _after_warm_up(
    recipe: Recipe, phase: Phase, rising: int, steps_an_epoch: int
) -> keras.optimizers.schedules.LearningRateSchedule:
    steps = phase.epochs * steps_an_epoch - rising
    if recipe.schedule == "cosine":
        return keras.optimizers.schedules.CosineDecay(phase.learning_rate, max(steps, 1), alpha=phase.lowest)
    every = recipe.drop_after * steps_an_epoch
    last_steps = [end - rising - 1 for end in range(every, rising + steps, every) if end > rising]
    if recipe.schedule == "step" and last_steps:
        rates = [phase.learning_rate * recipe.drop**number for number in range(len(last_steps) + 1)]
        floored = [max(rate, phase.final_learning_rate) for rate in rates]
        return keras.optimizers.schedules.PiecewiseConstantDecay(last_steps, floored)
    return Constant(phase.learning_rate)
