"""Compiling a phase's model: optimizer, loss, and how Keras runs its steps."""

from __future__ import annotations

import keras

from zoo.models.assembly import BACKBONE
from zoo.training.data_parallel import accuracy
from zoo.training.devices import compiles
from zoo.training.freezing import rate_scales
from zoo.training.optimizers import optimizer
from zoo.training.phase_setup import PhaseSetup
from zoo.training.phases import Phase, schedule
from zoo.training.recipe import Recipe


def compile_phase(network: keras.Model, setup: PhaseSetup, recipe: Recipe, phase: Phase, *, devices: int) -> None:
    """Compile the model of a phase, and make its optimizer's variables.

    Raises:
        ValueError: more accumulated steps than the phase has.
    """
    _check_accumulation(recipe.accumulate, phase.epochs * setup.train.num_batches)
    model, variables = setup.model, setup.model.trainable_variables
    scales = rate_scales(network.get_layer(BACKBONE), variables, recipe.layer_decay)
    made = optimizer(recipe, schedule(recipe, phase, setup.train.num_batches), scales)
    model.compile(
        optimizer=_scaled(made, network),
        loss=keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=recipe.label_smoothing),
        **accuracy(devices),
        steps_per_execution=setup.steps_per_execution,
        jit_compile="auto" if compiles() else False,
    )
    model.optimizer.build(variables)


def _check_accumulation(accumulate: int, steps: int) -> None:
    if accumulate > steps:
        raise ValueError(
            f"Expected accumulate of at most the phase's {steps} steps; received {accumulate}. Lower it, or batch_size."
        )


def _scaled(made: keras.optimizers.Optimizer, network: keras.Model) -> keras.optimizers.Optimizer:
    """Scale the loss where gradients are float16; Keras does so only if the outermost model has that policy."""
    if network.get_layer(BACKBONE).dtype_policy.name != "mixed_float16":
        return made
    return keras.optimizers.LossScaleOptimizer(made)
