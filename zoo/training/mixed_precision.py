"""Training in mixed precision or by low-rank pairs: a copy of the network trains, and its weights are copied back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import keras

from zoo.data.images import Splits
from zoo.models.assembly import assemble
from zoo.models.cloning import copy_weights, finalize
from zoo.models.plan import Plan
from zoo.models.randomness import seeded
from zoo.training.checkpoint import Workspace
from zoo.training.data_parallel import device_scope, synchronise_batch_norms
from zoo.training.devices import precision
from zoo.training.distillation import Teacher
from zoo.training.loop import Trained, train
from zoo.training.low_rank import adapt, merged_weights
from zoo.training.phases import check_pretrained
from zoo.training.recipe import Recipe


def train_planned(
    network: keras.Model,
    plan: Plan,
    splits: Splits,
    recipe: Recipe,
    *,
    pretrained: bool,
    teacher: Teacher | None = None,
    callbacks: Sequence[keras.callbacks.Callback] = (),
    place: Workspace | str | Path | None = None,
) -> Trained:
    """Train a float32 network by its plan, in the precision of the recipe.

    The precision is a property of the layers. For mixed precision another network of the same plan is therefore trained
    from the same weights; the one given stays float32.

    Args:
        network: what the plan builds.
        plan: how the network is built, and the seed.
        splits: images to train on, and those that choose the best epoch.
        recipe: how to train.
        pretrained: the backbone has weights worth freezing.
        teacher: makes soft targets beside the labels.
        callbacks: the user's.
        place: folder that holds progress, features and views.

    Raises:
        ValueError: ``adapt="lora"`` without pretrained weights, or of a backbone without dense layers.
    """
    check_pretrained(recipe, pretrained)
    with device_scope(recipe, taught=teacher is not None) as devices:
        copy = in_precision(network, plan, recipe, devices)
        trained = train(
            copy,
            splits.train,
            splits.to_validate(),
            recipe,
            pretrained=pretrained,
            seed=plan.seed,
            builder=str(plan.builder()),
            teacher=teacher,
            callbacks=callbacks,
            place=place,
            devices=devices,
        )
        weights = merged_weights(copy)
    if copy is not network:
        network.set_weights(weights)
        finalize(network)
    return trained


def in_precision(network: keras.Model, plan: Plan, recipe: Recipe, devices: int = 1) -> keras.Model:
    """The network in the recipe's precision and on its devices, adapted: itself, or a copy with the same weights."""
    policy = precision(recipe.precision)
    if policy == "float32" and devices == 1 and recipe.adapt != "lora":
        return network
    copy = assemble(plan if plan.of_preset else replace(plan, weights=None), policy)
    if devices > 1:
        synchronise_batch_norms(copy)
    copy_weights(network, copy)
    if recipe.adapt == "lora":
        with seeded(plan.seed):
            adapt(copy, recipe.lora_rank)
    return copy
