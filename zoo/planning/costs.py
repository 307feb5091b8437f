"""Seconds and bytes of one network, from its speed and from how many images it sees how often."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from zoo.data.batches import PREDICTIONS
from zoo.data.images import Images, Splits
from zoo.data.sampling import epoch_length
from zoo.members.task import Task
from zoo.members.test_time_views import view_count
from zoo.models.plan import Plan
from zoo.planning.speed import PhaseSpeed, Speed
from zoo.training.linear_head import MOST_ROWS
from zoo.training.phases import Phase, keeps_features, phases
from zoo.training.phases import view_count as training_views
from zoo.training.recipe import Recipe

PREPARING, PREDICTING = "views and features", PREDICTIONS
NUMBER = {"float16": 2, "float32": 4}  # bytes
PROBING, SOLVING = 3e-7, 5e-8  # seconds to solve for a head, for each feature of a row and each class
PROGRESS = 4  # copies of the weights in a progress file: its own, two moments, the best ones


@dataclass
class Shared:
    """What earlier networks of a run have computed, so that later ones find it.

    Attributes:
        known: what has been counted already.
    """

    known: set[tuple[object, ...]] = field(default_factory=set)

    def is_new(self, *parts: object) -> bool:
        """Count something that later ones will find; False where it was counted before."""
        new = parts not in self.known
        self.known.add(parts)
        return new


@dataclass(frozen=True)
class Cost:
    """What a network takes.

    Attributes:
        seconds: by stage: the phases' names, and those of this module.
        disk: bytes that stay.
        passing: bytes that go when it is trained.
    """

    seconds: Mapping[str, float]
    disk: int
    passing: int


def training_cost(task: Task, speed: Speed, shared: Shared) -> Cost:
    """Count what it takes to train a network, and to predict the images that chose its epoch."""
    seconds: defaultdict[str, float] = defaultdict(float)
    disk = 4 * speed.parameters
    held_out = len(task.data.to_validate())
    for phase in phases(task.recipe, pretrained=task.plan.pretrained):
        own = speed.phases.get(phase.name)
        if own is None:
            continue
        seconds[phase.name] += _fitting(task, phase, own) + _solving(task, phase, speed)
        prepared, kept = _preparing(task, phase, speed, shared)
        seconds[PREPARING] += prepared
        disk += kept
    seconds[next(iter(seconds))] += speed.build
    seconds[PREDICTING] += prediction_seconds(held_out, speed, opened=True)
    return Cost(seconds, disk + logits_bytes(task.data, held_out), PROGRESS * 4 * speed.parameters)


def prediction_seconds(count: int, speed: Speed, *, opened: bool = False, views: str = "none") -> float:
    """Seconds to predict so many images with a stored network, or with one that is open."""
    start = speed.compile + (0.0 if opened else speed.build)
    return start + count * speed.predict * view_count(views) if count else 0.0


def logits_bytes(data: Splits, count: int) -> int:
    """Bytes of a network's predictions for so many images."""
    return 4 * count * len(data.classes)


def trained_images(data: Images, recipe: Recipe) -> int:
    """Images of an epoch."""
    if recipe.imbalance == "offline":
        return int(np.count_nonzero(data.counts) * data.counts.max())
    return epoch_length(data.labels, len(data.classes), recipe.imbalance)


def _fitting(task: Task, phase: Phase, speed: PhaseSpeed) -> float:
    train, held_out = trained_images(task.data.train, task.recipe), len(task.data.to_validate())
    epoch = train * speed.train + held_out * speed.validate + speed.epoch
    return speed.start + phase.epochs * epoch


def _solving(task: Task, phase: Phase, speed: Speed) -> float:
    """Seconds of the regressions of a head that is solved."""
    if not phase.solves:
        return 0.0
    views = 1 if task.recipe.policy().is_identity else task.recipe.views
    rows = min(MOST_ROWS, trained_images(task.data.train, task.recipe) * views)
    each = PROBING if task.recipe.adapt == "probe" else SOLVING
    return each * rows * speed.feature_count * len(task.data.classes)


def _preparing(task: Task, phase: Phase, speed: Speed, shared: Shared) -> tuple[float, int]:
    """Seconds and bytes of what is computed once before a phase: copies, stored views, features."""
    recipe, plan = task.recipe, task.plan
    seed = plan.seed if recipe.seed is None else recipe.seed
    images, whose = task.data.train, id(task.data.train.labels)
    side = int(np.prod(images.image_size)) * 3
    seconds, disk, rows = 0.0, 0, len(images)
    if recipe.imbalance == "offline":
        rows = trained_images(images, recipe)
        if shared.is_new("copies", whose, seed):
            seconds, disk = (rows - len(images)) * speed.augment, rows * side
    count = 1 if recipe.policy().is_identity else training_views(recipe, phase)
    if keeps_features(recipe, phase):
        more, kept = _features(task, speed, shared, rows, count, seed)
        return seconds + more, disk + kept
    for number in range(1, count if phase.unfreeze is not None else 0):
        if shared.is_new("view", whose, seed, number):
            seconds, disk = seconds + rows * speed.augment, disk + rows * side
    return seconds, disk


def _features(task: Task, speed: Speed, shared: Shared, rows: int, count: int, seed: int) -> tuple[float, int]:
    whose, held_out = id(task.data.train.labels), task.data.to_validate()
    network, seconds, made = _trunk(task.plan), 0.0, 0
    for number in range(count):
        if shared.is_new("features", network, whose, number, seed if number else None):
            seconds += rows * (speed.features + (speed.augment if number else 0.0))
            made += rows
    shows = task.recipe.validation_shows
    if shared.is_new("features", network, id(held_out.labels), shows, seed if shows == "augmented" else None):
        seconds += len(held_out) * (speed.features + (0.0 if shows == "clean" else speed.augment))
        made += len(held_out)
    return seconds + (speed.compile if made else 0.0), made * speed.feature_count * NUMBER[task.recipe.cache]


def _trunk(plan: Plan) -> tuple[object, ...]:
    """What makes two plans share features: the same pretrained backbone on the same pixels."""
    return plan.backbone, str(plan.weights), plan.high_pass, plan.resize, plan.head.pooling, plan.head.layers
