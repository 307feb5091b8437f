"""A rehearsal: a member's own training, on a few images and with a stopwatch."""

from __future__ import annotations

import gc
import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import keras
import numpy as np

from zoo.data.batches import Drawing, LabelledBatches, TrainingBatches, predict
from zoo.data.images import Images, Splits
from zoo.data.views import Array, CyclicViews, View
from zoo.models.assembly import BACKBONE, assemble, tail, trunk
from zoo.models.cloning import take_apart
from zoo.models.fingerprint import network_digest
from zoo.models.plan import Plan
from zoo.models.randomness import seeded
from zoo.planning.speed import PhaseSpeed, Speed
from zoo.planning.stopwatch import Stopwatch, rate
from zoo.training.freezing import unfreeze
from zoo.training.mixed_precision import in_precision
from zoo.training.phase_runner import PhaseRunner
from zoo.training.phase_setup import STEPS_PER_EXECUTION, PhaseSetup, gather_training_data, set_up_phase
from zoo.training.phases import Phase, keeps_features, phases
from zoo.training.recipe import Recipe
from zoo.utils import progress
from zoo.utils.timing import peak_memory

EPOCHS, STEPS, TEST_STEPS = 2, 12, 3  # of a phase, and of each of its epochs, at most
CALLS = 3  # of a head on kept features, each of STEPS_PER_EXECUTION steps
BATCH = 64  # images that are predicted at a time, as in prediction and in the computation of features
SLOW = 1e-9  # a rate that changes no weight, so that nothing diverges
MUTED = ("zoo.training", "zoo.training.callbacks")


def rehearse(plan: Plan, recipe: Recipe, data: Splits, seconds: float) -> Speed:
    """Time every phase of a plan's recipe, and its prediction; see :func:`zoo.planning.measuring.measure`."""
    with _unseen(plan), TemporaryDirectory(prefix="zoo-speed-") as folder:
        begun = time.perf_counter()
        network = assemble(plan)
        trained = in_precision(network, plan, recipe)
        built = time.perf_counter() - begun
        try:
            stage = _Stage(trained, plan, recipe, data, seconds, Path(folder))
            laid_out = phases(recipe, pretrained=plan.pretrained)
            timed = {phase.name: stage.phase(number, phase) for number, phase in enumerate(laid_out)}
            body, pixels = trunk(trained), data.train.take(some(data.train, BATCH))
            answering, describing = _prediction(network, pixels), _prediction(body, pixels)
            return Speed(
                phases=timed,
                augment=augmentation(data.train, recipe),
                features=describing.image,
                predict=answering.image,
                build=built,
                compile=answering.start,
                cores=stage.cores,
                memory=peak_memory() or 0,
                parameters=network.count_params(),
                feature_count=int(np.prod(body.output_shape[1:])),
            )
        finally:
            _let_go(network, trained)


class _Stage:
    """The images of a rehearsal, and what runs its phases one after another."""

    def __init__(
        self, network: keras.Model, plan: Plan, recipe: Recipe, data: Splits, seconds: float, folder: Path
    ) -> None:
        self.recipe = _short(recipe)
        self.seconds = seconds
        size, validation = recipe.batch_size, data.to_validate()
        train = data.train.subset(some(data.train, size * max(STEPS, self.recipe.accumulate)))
        held_out = validation.subset(some(validation, size * TEST_STEPS))
        self.data = gather_training_data(
            train, held_out, self.recipe, folder, seed=plan.seed, builder=str(plan.builder())
        )
        self.runner = PhaseRunner(network, self.data, self.recipe, folder / "progress.npz", ())
        self.cores = 1.0

    def phase(self, position: int, phase: Phase) -> PhaseSpeed:
        """Run two epochs of a phase, or one that is long enough, and read the stopwatch."""
        # A solved head is timed by steps like another, and its solution counted by its size (zoo.planning.costs).
        network, short = self.runner.network, replace(phase, epochs=EPOCHS, learning_rate=phase.learning_rate or SLOW)
        begun = time.perf_counter()
        network_digest(network)  # as a training does
        unfreeze(network.get_layer(BACKBONE), phase.unfreeze, train_batch_norm=phase.train_batch_norm)
        if keeps_features(self.recipe, phase):
            setup = self._head_on_features()
        else:
            setup = set_up_phase(network, self.data, self.recipe, short, position=position, epoch=0)
        size, counts = setup.train.batch_size, (len(setup.train.order), len(setup.validation.pictures))
        watch = Stopwatch(self.seconds, size, *counts)
        self.runner.callbacks = [watch]
        self.runner.fit(setup, short, position)
        self.cores = watch.cores
        return _read(watch, begun)

    def _head_on_features(self) -> PhaseSetup:
        """The head on features that are all zero: what they hold does not change how long it takes."""
        head, images, dtype = tail(self.runner.network), self.data.train, self.recipe.cache
        size, shape = self.recipe.batch_size, head.input_shape[1:]
        rows = np.arange(size * STEPS_PER_EXECUTION * CALLS) % len(images)
        features = CyclicViews([Array(np.zeros((len(rows), *shape), dtype))])
        batches = TrainingBatches(features, images.labels[rows], len(images.classes), Drawing(batch_size=size))
        validation = self.data.validation
        kept = Array(np.zeros((len(validation), *shape), dtype))
        return PhaseSetup(head, batches, LabelledBatches(kept, validation, size), STEPS_PER_EXECUTION)


def some(images: Images, count: int) -> np.ndarray:
    """Choose so many rows, or all, evenly over the images: ``(n,)`` int64."""
    return np.unique(np.linspace(0, len(images) - 1, min(count, len(images))).astype(int))


def _short(recipe: Recipe) -> Recipe:
    """The same steps at a rate that changes nothing, with neither an end by patience nor balanced classes."""
    if recipe.adapt == "probe":
        return replace(recipe, imbalance="none")
    return replace(
        recipe,
        imbalance="none",
        patience=None,
        schedule="constant",
        drop=Recipe.drop,
        drop_after=Recipe.drop_after,
        head_learning_rate=SLOW,
        head_final_learning_rate=0.0,
        learning_rate=SLOW,
        final_learning_rate=0.0,
    )


def _read(watch: Stopwatch, begun: float) -> PhaseSpeed:
    train, validate = rate(watch.epochs), rate(watch.validations)
    first, tested, last = watch.epochs[0].marks[1], watch.validations[0], watch.epochs[-1]
    tracing = tested.marks[1].at - tested.marks[0].at - tested.marks[1].images * validate
    start = first.at - begun - first.images * train + max(tracing, 0.0)
    rest = watch.ended - last.marks[0].at - last.images * train - watch.validations[-1].images * validate
    if len(watch.epochs) == 1:  # it holds both compilations
        rest -= (first.at - last.marks[0].at - first.images * train) + max(tracing, 0.0)
    return PhaseSpeed(start=max(start, 0.0), train=train, validate=validate, epoch=max(rest, 0.0))


@dataclass(frozen=True)
class _Prediction:
    start: float
    image: float


def _prediction(model: keras.Model, pixels: np.ndarray) -> _Prediction:
    seconds: list[float] = []
    for _ in range(3):
        predict(model, pixels, len(pixels), seconds=seconds)
    least = min(seconds[1:])
    return _Prediction(max(seconds[0] - least, 0.0), least / len(pixels))


def augmentation(images: Images, recipe: Recipe) -> float:
    """Seconds an image of the policy alone."""
    policy = recipe.policy()
    if policy.is_identity:
        return 0.0
    rows, view = some(images, BATCH), View(images, policy, (0,))
    view.take(rows)
    begun = time.perf_counter()
    view.take(rows)
    return (time.perf_counter() - begun) / len(rows)


@contextmanager
def _unseen(plan: Plan) -> Iterator[None]:
    """Draw by the plan's seed, and leave the user's generators, log and bars out of it."""
    with progress.phase("measuring speed", owner=plan.backbone), progress.hidden(), seeded(plan.seed), _muted():
        yield


@contextmanager
def _muted() -> Iterator[None]:
    loggers = [logging.getLogger(name) for name in MUTED]
    levels = [one.level for one in loggers]
    for one in loggers:
        one.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        for one, level in zip(loggers, levels, strict=True):
            one.setLevel(level)


def _let_go(*networks: keras.Model) -> None:
    for network in {id(one): one for one in networks}.values():
        take_apart(network)
    gc.collect()  # Keras' objects refer to each other in cycles
