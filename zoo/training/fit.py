"""Running the phases on a network."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np

from zoo.assembly import BACKBONE
from zoo.data.batches import LabelledBatches, TrainingBatches, balanced_weights
from zoo.data.images import Images
from zoo.recipe import Recipe
from zoo.training.callbacks import EpochLog, KeepBest
from zoo.training.freezing import unfreeze
from zoo.training.optimizers import optimizer
from zoo.training.phases import Phase, phases


def train(
    model: keras.Model,
    train: Images,
    validation: Images,
    recipe: Recipe,
    *,
    pretrained: bool,
    seed: int,
    callbacks: Sequence[keras.callbacks.Callback] = (),
) -> list[dict[str, Any]]:
    """Train a network in place and leave it with the weights of its best epoch.

    Python's, NumPy's and Keras' global random generators are set by the seed.

    Args:
        model: as :func:`zoo.assembly.assemble` builds it.
        train: what to learn from.
        validation: what tells the best epoch.
        recipe: how.
        pretrained: the backbone has weights worth freezing.
        seed: of everything random, so that a member does not depend on what was trained before it.
        callbacks: the user's, passed on to Keras in every phase.

    Returns:
        One record an epoch: phase, epoch, losses and accuracies.

    Raises:
        zoo.training.callbacks.DivergedError: the loss became infinite or NaN.
    """
    keras.utils.set_random_seed(seed)
    best = KeepBest(recipe.patience)
    history: list[dict[str, Any]] = []
    for position, phase in enumerate(phases(recipe, pretrained=pretrained)):
        batches = _batches(train, recipe, (seed, position))
        _prepare(model, phase, recipe, batches.num_batches)
        history += _run(model, phase, batches, validation, [best, EpochLog(), *callbacks])
    best.restore()
    unfreeze(model.get_layer(BACKBONE), "all", train_batch_norm=True)
    return history


def _batches(train: Images, recipe: Recipe, seed: tuple[int, int]) -> TrainingBatches:
    weights = balanced_weights(train) if recipe.class_weights else np.ones(len(train.classes), np.float32)
    flips = recipe.augment == "flips"
    return TrainingBatches(
        train, batch_size=min(recipe.batch_size, len(train)), flips=flips, class_weights=weights, seed=seed
    )


def _prepare(model: keras.Model, phase: Phase, recipe: Recipe, steps_an_epoch: int) -> None:
    unfreeze(model.get_layer(BACKBONE), phase.unfreeze, train_batch_norm=phase.train_batch_norm)
    model.compile(
        optimizer=_scaled(optimizer(recipe, phase.learning_rate, phase.epochs * steps_an_epoch), model),
        loss=keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=recipe.label_smoothing),
        metrics=["accuracy"],
        jit_compile="auto" if _has_accelerator() else False,
    )


def _scaled(made: keras.optimizers.Optimizer, model: keras.Model) -> keras.optimizers.Optimizer:
    """Scale the loss where gradients are float16: Keras does so only if the outermost model says it is."""
    if model.get_layer(BACKBONE).dtype_policy.name != "mixed_float16":
        return made
    return keras.optimizers.LossScaleOptimizer(made)


def _run(
    model: keras.Model,
    phase: Phase,
    batches: TrainingBatches,
    validation: Images,
    callbacks: Sequence[keras.callbacks.Callback],
) -> list[dict[str, Any]]:
    for callback in callbacks:
        if hasattr(callback, "phase"):
            callback.phase = phase.name
    record = model.fit(
        batches,
        validation_data=LabelledBatches(validation, batches.batch_size),
        epochs=phase.epochs,
        shuffle=False,
        callbacks=list(callbacks),
        verbose=0,
    )
    figures = [dict(zip(record.history, values, strict=True)) for values in zip(*record.history.values(), strict=True)]
    return [{"phase": phase.name, "epoch": number + 1, **figure} for number, figure in enumerate(figures)]


def _has_accelerator() -> bool:
    """XLA pays on accelerators; on a CPU it was measured 3.5 to 18 times slower."""
    return keras.backend.backend() != "tensorflow" or bool(keras.distribution.list_devices("gpu"))
