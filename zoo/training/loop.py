"""Training a network: its phases in turn, in a place that keeps its progress."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras

from zoo.data.groups import partition_key
from zoo.data.images import Images
from zoo.models.assembly import BACKBONE
from zoo.models.fingerprint import NUMERICS, network_digest
from zoo.models.randomness import seeded
from zoo.training.callback_fingerprints import steering
from zoo.training.callbacks import check_callbacks
from zoo.training.checkpoint import Workspace, copied, progress_file, put_back, workspace
from zoo.training.deadline import TimeUpError
from zoo.training.distillation import Teacher
from zoo.training.freezing import unfreeze
from zoo.training.phase_runner import PhaseRunner
from zoo.training.phase_setup import gather_training_data
from zoo.training.phases import phases
from zoo.training.recipe import Recipe
from zoo.utils.forks import check_not_forked
from zoo.utils.hashing import short_hash


@dataclass(frozen=True)
class Trained:
    """What a training was.

    Attributes:
        history: one record an epoch: phase, epoch, losses, accuracies, and the rate at its end.
        seconds: it took, those before an interruption included.
    """

    history: list[dict[str, Any]]
    seconds: float


def train(
    network: keras.Model,
    train: Images,
    validation: Images,
    recipe: Recipe,
    *,
    pretrained: bool,
    seed: int,
    builder: str = "",
    teacher: Teacher | None = None,
    callbacks: Sequence[keras.callbacks.Callback] = (),
    place: Workspace | str | Path | None = None,
    devices: int = 1,
) -> Trained:
    """Train a network in place and leave it with the weights of its best epoch.

    Python's, NumPy's and Keras' global random generators are set by the seed, and put back afterwards. If it fails, or
    is interrupted, the network is left as it was.

    Args:
        network: as :func:`zoo.models.assembly.assemble` builds it.
        train: images to train on.
        validation: images that choose the best epoch.
        recipe: how.
        pretrained: the backbone has weights worth freezing.
        seed: of everything random, so that a member does not depend on what was trained before it.
        builder: cache key part of the code that built the network, which its layers and weights do not show.
        teacher: makes soft targets beside the labels.
        callbacks: the user's, passed on to Keras in every phase.
        place: folder that holds progress, features and views. The same training goes on there after its last epoch.
        devices: that the network was built for, by :func:`zoo.training.data_parallel.device_scope`.

    Raises:
        zoo.training.callbacks.DivergedError: the loss became infinite or NaN before anything good was kept.
        zoo.training.deadline.TimeUpError: a time limit came before the network was tuned for an epoch; later, the best
            epoch by then is kept.
        ValueError: a stage to unfreeze that the backbone does not have, more accumulated steps than there are, or a
            callback that sets the learning rate.
    """
    check_not_forked()
    check_callbacks(callbacks)
    # Another version's optimizer may have other variables.
    software = [NUMERICS, keras.__version__, keras.backend.backend()]
    key_parts = [builder, network_digest(network), recipe.as_dict(), recipe.policy().identity(), seed, pretrained]
    key_parts += [teacher.fingerprint] if teacher else []
    key_parts += steering(callbacks)
    key_parts += [partition_key(train)] if recipe.adapt == "probe" and train.groups is not None else []
    name = short_hash([*software, *key_parts, train.fingerprint, validation.fingerprint])
    start, planned = copied(network.variables), phases(recipe, pretrained=pretrained)
    for phase in reversed(planned):  # which refuses layers that are not there before anything is trained
        unfreeze(network.get_layer(BACKBONE), phase.unfreeze, train_batch_norm=phase.train_batch_norm)
    with seeded(seed), workspace(place) as space, progress_file(space.own, name) as file:
        data = gather_training_data(
            train, validation, recipe, space.shared, seed=seed, builder=builder, teacher=teacher, devices=devices
        )
        run = PhaseRunner(network, data, recipe, file, callbacks)
        try:
            for position, phase in enumerate(planned):
                run.phase(position, phase)
        except TimeUpError:
            if not run.cut():
                put_back(network.variables, start)
                raise
        except BaseException:
            put_back(network.variables, start)
            raise
        finally:
            unfreeze(network.get_layer(BACKBONE), "all", train_batch_norm=True)
    return Trained(run.log.history, run.seconds)
