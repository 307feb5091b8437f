"""From members and images to a fitted ensemble: train, predict the held-out images, fit the rules, score."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

import ensembles
from ensembles.weighted_mean import for_members
from zoo.data.images import Images, Splits
from zoo.data.targets import Targets
from zoo.ensemble.beginning import begin
from zoo.ensemble_options import DISTANCE, EnsembleOptions
from zoo.evaluation import scoring
from zoo.evaluation.cautions import explain_choice
from zoo.members.asking import check_some
from zoo.members.candidates import find_candidates
from zoo.members.entered import entered
from zoo.members.member import Member
from zoo.members.store import Store
from zoo.planning.planner import forecast_of
from zoo.report.leaderboard import Leaderboard
from zoo.state.held_out_predictions import held_out_predictions_of
from zoo.state.kept_fits import fits_kept_in
from zoo.state.out_of_distribution import OutOfDistribution, learn_out_of_distribution
from zoo.state.provenance import provenance_of
from zoo.state.state import EnsembleState
from zoo.utils.files import folder_or_scratch

logger = logging.getLogger(__name__)

if TYPE_CHECKING:
    import keras

    from zoo.members.entrants import Entrant
    from zoo.planning.forecast import Forecast
    from zoo.planning.measuring import Speeds
    from zoo.planning.watching import Shown

    Callbacks = Sequence[keras.callbacks.Callback]


def fit_state(
    options: EnsembleOptions,
    members: Sequence[Entrant],
    folder: str | Path | None,
    data: Splits,
    labels: np.ndarray | None,
    unfitted: Mapping[str, ensembles.Rule],
    callbacks: Callbacks,
    show: Shown | None = None,
    *,
    limited: bool = False,
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
        show: shows a forecast before anything is trained, and how far the run is; None makes none.
        limited: within a time limit others may follow it.
    """
    store = Store(folder_or_scratch(folder))
    begun = begin(options, members, data, unfitted, callbacks, store, limited=limited)
    if show is not None:
        show.follow(forecast_of(begun.able, options, data, store, callbacks=callbacks))
    entrants = begun.entrants
    candidates, held_out_images = find_candidates(entrants, options, data, store, callbacks, begun.asked)
    places = [place for place, one in enumerate(candidates) if not one.reason]
    able = [candidates[place] for place in places]
    logits = np.stack([held_out_images.logits(one.held_out_keys, store) for one in able])
    keys = [one.key(store) for one in able]
    own = [store.member(key).renamed(one.name) for key, one in zip(keys, able, strict=True)]
    fitted = [one for one in entrants if isinstance(one, Member) and one.name in {own.name for own in able}]
    learned_before = frozenset[bytes]().union(*(member.learned_from for member in fitted))
    images = held_out_images.images
    held_out = held_out_predictions_of(images, logits, options.folds)
    with fits_kept_in(store):
        own_rules = {name: for_members(rule, places) for name, rule in unfitted.items()}
        rules, failures = scoring.fit_rules(own_rules, held_out, data.classes)
    _tell_of_choice(rules.get(options.method_name))
    state = EnsembleState(
        members=own,
        keys=keys,
        failures={one.name: one.reason for one in candidates if one.reason} | failures,
        rules=rules,
        method=options.method_name,
        uncertainty=options.uncertainty,
        held_out=held_out,
        targets=_targets(data, labels),
        image_size=data.train.image_size,
        reading=data.train.reading,
        provenance=provenance_of(data, options.folds, learned_before),
        distribution=_distribution(options, own, data, images),
        gains={one.name: one.gain for one in able if one.gain},
        doubts={one.name: one.doubt for one in able if one.doubt},
        leaderboard=Leaderboard([], ""),
        store=store,
        seed=options.seed,
        entered=entered(members, entrants, {one.name for one in able}),
        images=data,
    )
    with fits_kept_in(store):
        return replace(state, leaderboard=scoring.score(state, "", images))


def plan_run(
    options: EnsembleOptions,
    members: Sequence[Entrant],
    folder: str | Path | None,
    data: Splits,
    unfitted: Mapping[str, ensembles.Rule],
    callbacks: Callbacks,
    *,
    measure: bool | None,
    limited: bool = False,
    speeds: Speeds | None = None,
) -> Forecast:
    """Forecast what :func:`fit_state` would take, and refuse what it would refuse; see :meth:`zoo.Ensemble.plan`."""
    scratch = Store(folder_or_scratch(None))
    begun = begin(options, members, data, unfitted, callbacks, scratch, limited=limited)
    store = scratch if folder is None else Store(folder)
    forecast = forecast_of(begun.able, options, data, store, speeds=speeds, measure=measure, callbacks=callbacks)
    check_some({one.name: one.reason for one in forecast.members})
    return forecast


def _tell_of_choice(rule: ensembles.Rule | None) -> None:
    """Log which rule ``auto`` took and why, where that is the method."""
    line = explain_choice(rule)
    if line:
        logger.info("%s", line)


def _targets(data: Splits, labels: np.ndarray | None) -> Targets:
    """The classes, by the labels that the user gave, or else the whole numbers of a table."""
    codes, names = data.train.codes, data.classes
    return Targets(names, codes.labels(names) if labels is None else labels, codes.columns)


def _distribution(
    options: EnsembleOptions, members: Sequence[Member], data: Splits, held_out: Images
) -> OutOfDistribution | None:
    if options.uncertainty != DISTANCE:
        return None
    return learn_out_of_distribution(members, data.train, held_out)
