"""From members and images to a fitted ensemble: train, predict the held-out images, fit the rules, score."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

import ensembles
from ensembles.uncertainty import DISTANCE
from zoo.data.images import Splits
from zoo.data.targets import Targets
from zoo.ensemble.options import EnsembleOptions
from zoo.evaluation import scoring
from zoo.members.entrants import Defaults, enter
from zoo.members.gathering import Gathered, gather
from zoo.members.making import Making
from zoo.members.store import Store
from zoo.models.head import Head
from zoo.report.leaderboard import Leaderboard
from zoo.state.held_out_predictions import held_out_predictions_of
from zoo.state.out_of_distribution import OutOfDistribution, learn_out_of_distribution
from zoo.state.provenance import provenance_of
from zoo.state.state import EnsembleState
from zoo.training.recipe import Recipe
from zoo.utils.files import folder_or_scratch

if TYPE_CHECKING:
    import keras

    from zoo.members.entrants import Entrant

    Callbacks = Sequence[keras.callbacks.Callback]


def fit_state(
    options: EnsembleOptions,
    members: Sequence[Entrant],
    folder: str | Path | None,
    data: Splits,
    labels: np.ndarray | None,
    unfitted: Mapping[str, ensembles.Rule],
    callbacks: Callbacks,
) -> EnsembleState:
    """Fit an ensemble; see :meth:`zoo.Ensemble.fit`.

    Args:
        options: of the ensemble.
        members: names, plans, members and Keras models.
        folder: of the store; None for one that goes with the process.
        data: images to train on and to validate with.
        labels: the user's, ``(classes,)``, where the images came as an array.
        unfitted: the rules, by name.
        callbacks: the user's Keras callbacks.
    """
    store = Store(folder_or_scratch(folder))
    found = _members(options, members, data, store, callbacks)
    images = found.held_out.images
    held_out = held_out_predictions_of(images, found.logits, options.folds)
    rules, failures = scoring.fit_rules(unfitted, held_out)
    state = EnsembleState(
        members=found.members,
        keys=found.keys,
        failures=found.failures | failures,
        rules=rules,
        method=options.method if isinstance(options.method, str) else options.method.name,
        uncertainty=options.uncertainty,
        held_out=held_out,
        targets=Targets(data.classes, labels),
        image_size=data.train.image_size,
        provenance=provenance_of(data, options.folds),
        distribution=_distribution(options, found, data),
        gains=found.gains,
        leaderboard=Leaderboard([], ""),
        store=store,
        seed=options.seed,
        images=data,
    )
    return replace(state, leaderboard=scoring.score(state, "", images))


def defaults_of(options: EnsembleOptions) -> Defaults:
    """What members given by name are built with."""
    return Defaults(options.head or Head(), options.weights, options.weights_dir, options.seed)


def _members(
    options: EnsembleOptions, members: Sequence[Entrant], data: Splits, store: Store, callbacks: Callbacks
) -> Gathered:
    making = Making(
        recipe=options.recipe or Recipe(),
        folds=options.folds,
        refit=options.refit,
        snapshots=options.snapshots,
        views=options.views,
        processes=options.jobs,
        seed=options.seed,
    )
    return gather(enter(members, defaults_of(options), data.train), making, data, store, callbacks=callbacks)


def _distribution(options: EnsembleOptions, found: Gathered, data: Splits) -> OutOfDistribution | None:
    if options.uncertainty != DISTANCE:
        return None
    return learn_out_of_distribution(found.members, data.train, found.held_out.images)
