"""What a phase trains, on what, and what it is validated on."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path

import keras

from zoo.data.batches import Drawing, LabelledBatches, TrainingBatches
from zoo.data.images import Images
from zoo.data.stored_views import balance, stored_views
from zoo.data.views import Array, Fresh, Pictures, Turns, View, Views, fixed_views
from zoo.models.assembly import tail, trunk
from zoo.models.fingerprint import network_digest
from zoo.training.cached_features import kept_features
from zoo.training.devices import workers
from zoo.training.distillation import Teacher, taught_targets
from zoo.training.graph_augmentation import training_model
from zoo.training.phases import HEAD, Phase
from zoo.training.recipe import Recipe
from zoo.utils.hashing import short_hash

logger = logging.getLogger(__name__)

STEPS_AT_ONCE = 16  # of a head on kept features, whose steps are shorter than the calls between them
FRESH, FIXED, ORDER, BALANCE, GRAPH, VALIDATION = range(1, 7)  # streams of one seed


@dataclass(frozen=True)
class Material:
    """The images of a training and where what is computed from them is kept.

    Attributes:
        train: to learn from, balanced already where the recipe says so.
        validation: to choose the best epoch with.
        folder: for features and stored views.
        seed: of everything drawn.
        builder: what tells the network's code from other code.
        teacher: what else to learn from.
    """

    train: Images
    validation: Images
    folder: Path
    seed: int
    builder: str
    teacher: Teacher | None = None


@dataclass(frozen=True)
class Lesson:
    """A phase, ready for Keras.

    Attributes:
        model: what is compiled and fitted: the network, or its head alone; it shares the network's weights.
        train: batches to learn from.
        validation: batches to validate with.
        steps_at_once: how many Keras runs before it looks up.
    """

    model: keras.Model
    train: TrainingBatches
    validation: LabelledBatches
    steps_at_once: int = 1


def gather_material(
    train: Images,
    validation: Images,
    recipe: Recipe,
    folder: Path,
    *,
    seed: int,
    builder: str,
    teacher: Teacher | None = None,
) -> Material:
    """Choose the seed, and balance the classes with augmented copies where the recipe says so."""
    seed = seed if recipe.seed is None else recipe.seed
    if recipe.imbalance == "offline":
        train = _balanced(train, recipe, folder, seed)
    return Material(train, validation, folder, seed, builder, teacher)


def plan_lesson(
    network: keras.Model, material: Material, recipe: Recipe, phase: Phase, *, position: int, epoch: int
) -> Lesson:
    """Lay out a phase.

    Args:
        network: all of it.
        material: the images.
        recipe: how to train.
        phase: which phase.
        position: its number, for its random streams.
        epoch: the first one to run.
    """
    still = recipe.mix == "none" and not recipe.graph_layers
    fixed = phase.name == HEAD and recipe.views > 0 and still
    if fixed:
        model, source, validation = _head_lesson(network, material, recipe, phase)
    else:
        model = _whole(network, material, recipe, position)
        source = _pictures(material, recipe, phase, position)
        validation = _validation(material, recipe)
    how = Drawing(
        batch_size=recipe.batch_size,
        imbalance=recipe.imbalance,
        mix=recipe.mix,
        mix_alpha=recipe.mix_alpha,
        seed=(material.seed, ORDER, position),
    )
    train, taught, threads = material.train, _taught(material, recipe, phase, still=still), workers()
    batches = TrainingBatches(
        source, train.labels, len(train.classes), how, taught=taught, epoch=epoch, workers=threads
    )
    balanced = recipe.imbalance != "none"
    held_out = LabelledBatches(validation, material.validation, batches.batch_size, balanced=balanced, workers=threads)
    return Lesson(model, batches, held_out, STEPS_AT_ONCE if fixed and recipe.cache != "none" else 1)


def _balanced(train: Images, recipe: Recipe, folder: Path, seed: int) -> Images:
    policy, streams = recipe.policy(), (seed, BALANCE)
    path = folder / "balanced" / f"{short_hash([train.fingerprint, policy.identity(), streams])}.npy"
    try:
        return balance(train, policy, seed=streams, path=path)
    except OSError as error:
        logger.warning("balanced images stay in memory: %s", error)
        return balance(train, policy, seed=streams)


def _whole(network: keras.Model, material: Material, recipe: Recipe, position: int) -> keras.Model:
    """A model of its own, so that the network is not compiled and is saved without an optimizer."""
    if recipe.graph_layers:
        return training_model(network, recipe.graph_layers, seed=(material.seed, GRAPH, position))
    return keras.Model(network.input, network.output, name=network.name)


def _head_lesson(
    network: keras.Model, material: Material, recipe: Recipe, phase: Phase
) -> tuple[keras.Model, Views, Pictures]:
    """Train the head on a few fixed views, whose features are kept unless the recipe says otherwise.

    More views than the phase has epochs would not be seen.
    """
    body, head = trunk(network), tail(network)
    views, validation = _fixed(material, recipe, _count(recipe, phase, still=True)), _validation(material, recipe)
    if recipe.cache == "none":
        whole = keras.Model(body.input, head(body(body.input, training=False)), name=network.name)
        return whole, Turns(views), validation
    logger.info("%s, %s: features of %d views", network.name, HEAD, len(views))
    told_by, folder = [material.builder, network_digest(body)], material.folder / "features"

    def features(pictures: Images | View) -> Array:
        told = [*told_by, pictures.fingerprint]
        return kept_features(body, pictures, told, recipe.cache, folder, workers=workers())

    return head, Turns([features(view) for view in views]), features(validation)


def _pictures(material: Material, recipe: Recipe, phase: Phase, position: int) -> Views:
    train, policy, fixed = material.train, recipe.policy(), (material.seed, FIXED)
    count = _count(recipe, phase, still=False)
    if not count:
        return Fresh(train, policy, (material.seed, FRESH, position))
    if phase.name == HEAD:
        return Turns(_fixed(material, recipe, count))
    folder = material.folder / "views" / short_hash([train.fingerprint, policy.identity(), fixed])
    try:
        return Turns(stored_views(train, policy, count, seed=fixed, path=folder))
    except OSError as error:
        logger.warning("views are not stored, and made again every epoch: %s", error)
        return Turns(_fixed(material, recipe, count))


def _count(recipe: Recipe, phase: Phase, *, still: bool) -> int:
    """How many fixed views a phase has; 0 for fresh ones. More than its epochs would not be seen by a still head."""
    if phase.name != HEAD:
        return recipe.stored_views
    return min(recipe.views, phase.epochs) if still else recipe.views


def _fixed(material: Material, recipe: Recipe, count: int) -> list[Images | View]:
    return fixed_views(material.train, recipe.policy(), count, seed=(material.seed, FIXED))


def _taught(material: Material, recipe: Recipe, phase: Phase, *, still: bool) -> Turns | None:
    """The teacher's targets for the views of a phase, if there is a teacher."""
    if material.teacher is None:
        return None
    count = _count(recipe, phase, still=still)
    if not count and not recipe.policy().is_identity:
        raise ValueError(
            f"Expected fixed views for a teacher to answer in phase {phase.name!r}; received fresh ones. "
            "Set the recipe's views and stored_views."
        )
    views = _fixed(material, recipe, count)
    return taught_targets(material.teacher, views, material.train, material.folder / "answers")


def _validation(material: Material, recipe: Recipe) -> Images | View:
    policy = recipe.policy()
    if recipe.validate == "clean" or policy.is_identity:
        return material.validation
    return View(material.validation, policy, (material.seed, VALIDATION))
