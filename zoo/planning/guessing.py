"""A speed without a measurement: from the operations that a network needs, and what machines do a second.

It tells whether a run is worth a measurement, and weighs the members of one that is not.
"""

from __future__ import annotations

import math
import time
from dataclasses import replace

import keras
import numpy as np

from zoo.data.images import Splits
from zoo.models.assembly import assemble, trunk
from zoo.models.cloning import leaf_layers, take_apart
from zoo.models.plan import Plan
from zoo.planning.machine import Machine
from zoo.planning.rehearsal import augmentation
from zoo.planning.speed import PhaseSpeed, Speed
from zoo.training.phases import keeps_features, phases
from zoo.training.recipe import Recipe
from zoo.utils.timing import peak_memory

CORE, GPU = 5e9, 1e12  # multiplications a second that common networks reach
BACKWARD = 2.5  # times as much as forward
PREDICTION_LAYER, TRAINING_LAYER = 0.01, 0.05  # seconds to compile a layer
CALL = 2e-3  # seconds of a step whatever it does
EPOCH = 0.2  # seconds of an epoch beside its steps
COPIES = 6  # of the weights while they are trained: gradients, moments, the best ones


def guessed(plan: Plan, recipe: Recipe, data: Splits, machine: Machine) -> Speed:
    """Guess the speed of a plan; see :func:`zoo.planning.measuring.guess`."""
    begun = time.perf_counter()
    network = assemble(replace(plan, weights=None))
    built, throughput = time.perf_counter() - begun, GPU if machine.gpus else CORE * machine.cores
    forward = operations(network) / throughput
    layers = sum(1 for _ in leaf_layers(network))
    drawing = augmentation(data.train, recipe)
    timed = {}
    for phase in phases(recipe, pretrained=plan.pretrained):
        step = CALL / recipe.batch_size
        if keeps_features(recipe, phase):
            timed[phase.name] = PhaseSpeed(start=1.0, train=step, validate=step, epoch=EPOCH)
            continue
        backward = BACKWARD * forward if phase.unfreeze is not None else 0.0
        train = max(forward + backward + step, drawing)
        started = TRAINING_LAYER * layers
        timed[phase.name] = PhaseSpeed(start=started, train=train, validate=forward + drawing, epoch=EPOCH)
    parameters, features = network.count_params(), int(np.prod(trunk(network).output_shape[1:]))
    take_apart(network)
    return Speed(
        phases=timed,
        augment=drawing,
        features=forward,
        predict=forward,
        build=built,
        compile=PREDICTION_LAYER * layers,
        cores=float(machine.cores),
        memory=(peak_memory() or 0) + COPIES * 4 * parameters,
        parameters=parameters,
        feature_count=features,
        measured=False,
    )


def operations(network: keras.Model) -> float:
    """Count the multiplications that a prediction of one image takes."""
    return float(sum(_of(layer) for layer in leaf_layers(network)))


def _of(layer: keras.layers.Layer) -> int:
    """Each number of a kernel is used once at every place of the output."""
    kernels = [weight for weight in layer.weights if len(weight.shape) > 1]
    shape = getattr(layer.output, "shape", (None, 1))
    return sum(math.prod(weight.shape) for weight in kernels) * math.prod(side or 1 for side in shape[1:-1])
