"""Optimizers and learning-rate schedules of a recipe."""

from __future__ import annotations

from typing import Any

import keras

from zoo.recipe import Recipe

NOT_DECAYED = ["bias", "gamma", "beta"]
MOMENTUM = 0.9


def optimizer(recipe: Recipe, learning_rate: float, steps: int) -> keras.optimizers.Optimizer:
    """Make the optimizer of a phase of ``steps`` steps, ``learning_rate`` being the schedule's highest."""
    classes: dict[str, tuple[type[keras.optimizers.Optimizer], dict[str, Any]]] = {
        "adamw": (keras.optimizers.AdamW, {"weight_decay": recipe.weight_decay}),
        "adam": (keras.optimizers.Adam, {}),
        "lion": (keras.optimizers.Lion, {"weight_decay": recipe.weight_decay}),
        "sgd": (keras.optimizers.SGD, {"weight_decay": recipe.weight_decay, "momentum": MOMENTUM}),
    }
    make, options = classes[recipe.optimizer]
    made = make(learning_rate=schedule(recipe, learning_rate, steps), **options)
    if made.weight_decay:
        made.exclude_from_weight_decay(var_names=NOT_DECAYED)
    return made


def schedule(
    recipe: Recipe, learning_rate: float, steps: int
) -> float | keras.optimizers.schedules.LearningRateSchedule:
    """Make the learning rate over a phase of ``steps`` steps."""
    if recipe.schedule == "constant":
        return learning_rate
    warmup = round(recipe.warmup * steps)
    return keras.optimizers.schedules.CosineDecay(
        initial_learning_rate=0.0 if warmup else learning_rate,
        decay_steps=max(steps - warmup, 1),
        alpha=recipe.final_share,
        warmup_target=learning_rate if warmup else None,
        warmup_steps=warmup,
    )
