"""Setting up a phase: the model that is compiled, the batches to train on and those to validate with."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path

import keras

from zoo.data.batches import Drawing, LabelledBatches, TrainingBatches
from zoo.data.images import Images
from zoo.data.stored_views import balance, stored_views
from zoo.data.views import Array, Composites, CyclicViews, Fresh, View, Views, fixed_views
from zoo.models.assembly import tail, trunk
from zoo.models.fingerprint import network_digest
from zoo.training.cached_features import cached_features
from zoo.training.devices import workers
from zoo.training.distillation import Teacher, distillation_targets
from zoo.training.frozen_norms import take_in_frozen_norms
from zoo.training.graph_augmentation import training_model
from zoo.training.phases import HEAD, Phase, fixes_views, keeps_features, view_count
from zoo.training.recipe import Recipe
from zoo.utils.chunks import Rows
from zoo.utils.hashing import short_hash

logger = logging.getLogger(__name__)

STEPS_PER_EXECUTION = 16  # of a head on kept features, whose steps are shorter than the calls between them
FRESH, FIXED, ORDER, BALANCE, GRAPH, VALIDATION = range(1, 7)  # streams of one seed


@dataclass(frozen=True)
class TrainingData:
    """The images of a training, and the folder of what is computed from them.

    Attributes:
        train: images to train on, balanced already where the recipe has ``imbalance="offline"``.
        validation: to choose the best epoch with.
        folder: keeps features and stored training views.
        seed: of everything drawn.
        builder: the fingerprint of the network's code.
        teacher: predicts soft targets beside the labels; None without distillation.
        devices: that divide each batch.
    """

    train: Images
    validation: Images
    folder: Path
    seed: int
    builder: str
    teacher: Teacher | None = None
    devices: int = 1


@dataclass(frozen=True)
class PhaseSetup:
    """A phase, ready for Keras.

    Attributes:
        model: what is compiled and fitted: the network, or its head alone; it shares the network's weights.
        train: batches to train on.
        validation: batches to validate with.
        steps_per_execution: Keras' option of that name.
    """

    model: keras.Model
    train: TrainingBatches
    validation: LabelledBatches
    steps_per_execution: int = 1


def gather_training_data(
    train: Images,
    validation: Images,
    recipe: Recipe,
    folder: Path,
    *,
    seed: int,
    builder: str,
    teacher: Teacher | None = None,
    devices: int = 1,
) -> TrainingData:
    """Choose the seed, and balance the classes with augmented copies for ``imbalance="offline"``."""
    seed = seed if recipe.seed is None else recipe.seed
    if recipe.imbalance == "offline":
        train = _balanced(train, recipe, folder, seed)
    return TrainingData(train, validation, folder, seed, builder, teacher, devices)


def set_up_phase(
    network: keras.Model, data: TrainingData, recipe: Recipe, phase: Phase, *, position: int, epoch: int
) -> PhaseSetup:
    """Set up a phase.

    Args:
        network: the whole network.
        data: the images.
        recipe: how to train.
        phase: which phase.
        position: its number, for its random streams.
        epoch: the first one to run.
    """
    if fixes_views(recipe, phase):
        model, source, validation = _head_setup(network, data, recipe, phase)
    else:
        model = _whole(network, data, recipe, position)
        source = _pictures(data, recipe, phase, position)
        validation = _validation(data, recipe)
    how = Drawing(
        batch_size=recipe.batch_size,
        imbalance=recipe.imbalance,
        mix=recipe.mix,
        mix_alpha=recipe.mix_alpha,
        multiple=data.devices,
        seed=(data.seed, ORDER, position),
    )
    train, soft_targets, threads = data.train, _soft_targets(data, recipe, phase), workers()
    batches = TrainingBatches(
        source, train.labels, len(train.classes), how, soft_targets=soft_targets, epoch=epoch, workers=threads
    )
    held_out = LabelledBatches(
        validation,
        data.validation,
        batches.batch_size,
        balanced=recipe.imbalance != "none",
        multiple=data.devices,
        workers=threads,
    )
    return PhaseSetup(
        model, batches, held_out, STEPS_PER_EXECUTION if keeps_features(recipe, phase) and _caches(data, recipe) else 1
    )


def _caches(data: TrainingData, recipe: Recipe) -> bool:
    """Features are computed by one device."""
    return recipe.cache != "none" and data.devices == 1


def _balanced(train: Images, recipe: Recipe, folder: Path, seed: int) -> Images:
    policy, streams = recipe.policy(), (seed, BALANCE)
    path = folder / "balanced" / f"{short_hash([train.fingerprint, policy.identity(), streams])}.npy"
    try:
        return balance(train, policy, seed=streams, path=path)
    except OSError as error:
        logger.warning("balanced images stay in memory: %s", error)
        return balance(train, policy, seed=streams)


def _whole(network: keras.Model, data: TrainingData, recipe: Recipe, position: int) -> keras.Model:
    """A model of its own, so that the network is not compiled and is saved without an optimizer."""
    if recipe.graph_layers:
        model = training_model(network, recipe.graph_layers, seed=(data.seed, GRAPH, position))
    else:
        model = keras.Model(network.input, network.output, name=network.name)
    take_in_frozen_norms(model)
    return model


def _head_setup(
    network: keras.Model, data: TrainingData, recipe: Recipe, phase: Phase
) -> tuple[keras.Model, Views, Rows]:
    """Train the head on a few fixed views, whose features are kept unless the recipe has ``cache="none"``.

    The phase uses at most as many views as it has epochs.
    """
    body, head = trunk(network), tail(network)
    views, validation = _fixed(data, recipe, view_count(recipe, phase)), _validation(data, recipe)
    if not _caches(data, recipe):
        whole = keras.Model(body.input, head(body(body.input)), name=network.name)
        # Keras calls every layer of a model as it calls the model: dropout in the frozen body would be awake.
        whole.call = lambda inputs, training=None, mask=None: head(body(inputs, training=False), training=training)
        return whole, CyclicViews(views), validation
    logger.info("%s, %s: features of %d views", network.name, HEAD, len(views))
    key_parts, folder = [data.builder, network_digest(body)], data.folder / "features"

    def features(pictures: Images | View | Composites) -> Array:
        parts = [*key_parts, pictures.fingerprint]
        return cached_features(body, pictures, parts, recipe.cache, folder, workers=workers(), owner=network.name)

    return head, CyclicViews([features(view) for view in views]), features(validation)


def _pictures(data: TrainingData, recipe: Recipe, phase: Phase, position: int) -> Views:
    train, policy, fixed = data.train, recipe.policy(), (data.seed, FIXED)
    count = view_count(recipe, phase)
    if not count:
        return Fresh(train, policy, (data.seed, FRESH, position))
    if phase.name == HEAD:
        return CyclicViews(_fixed(data, recipe, count))
    folder = data.folder / "views" / short_hash([train.fingerprint, policy.identity(), fixed])
    try:
        return CyclicViews(stored_views(train, policy, count, seed=fixed, path=folder))
    except OSError as error:
        logger.warning("views are not stored, and made again every epoch: %s", error)
        return CyclicViews(_fixed(data, recipe, count))


def _fixed(data: TrainingData, recipe: Recipe, count: int) -> list[Images | View]:
    return fixed_views(data.train, recipe.policy(), count, seed=(data.seed, FIXED))


def _soft_targets(data: TrainingData, recipe: Recipe, phase: Phase) -> CyclicViews | None:
    """The teacher's targets for the views of a phase, if there is a teacher."""
    if data.teacher is None:
        return None
    count = view_count(recipe, phase)
    if not count and not recipe.policy().is_identity:
        raise ValueError(
            f"Expected fixed training views for a teacher to predict in phase {phase.name!r}; received fresh ones. "
            "Set the recipe's views and stored_views."
        )
    views = _fixed(data, recipe, count)
    return distillation_targets(data.teacher, views, data.train, data.folder / "answers")


def _validation(data: TrainingData, recipe: Recipe) -> Images | View | Composites:
    match recipe.validation_shows:
        case "augmented":
            return View(data.validation, recipe.policy(), (data.seed, VALIDATION))
        case "shifted":
            return Composites(data.validation)
        case _:
            return data.validation
