"""From members and images to a fitted ensemble: train, predict the held-out images, fit the rules, score."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

import ensembles
from ensembles.weighted_mean import check_members, for_members
from zoo.cleaning.mirrored import tell_of_flips
from zoo.data.images import Images, Splits
from zoo.data.targets import Targets
from zoo.ensemble_options import DISTANCE, MUTUAL, EnsembleOptions
from zoo.evaluation import scoring
from zoo.evaluation.cautions import explain_choice
from zoo.members.candidates import find_candidates
from zoo.members.entered import entered
from zoo.members.entrants import Refused, defaults_of, enter
from zoo.members.member import Member
from zoo.members.store import Store
from zoo.models.plan import Plan
from zoo.models.preprocessing import check_image_layout
from zoo.planning.planner import forecast_of
from zoo.report.leaderboard import Leaderboard
from zoo.state.held_out_predictions import held_out_predictions_of
from zoo.state.kept_fits import fits_kept_in
from zoo.state.out_of_distribution import OutOfDistribution, first_describing, learn_out_of_distribution
from zoo.state.provenance import provenance_of
from zoo.state.state import EnsembleState
from zoo.training.recipe import Recipe
from zoo.utils.files import folder_or_scratch
from zoo.utils.forks import check_not_forked

logger = logging.getLogger(__name__)

if TYPE_CHECKING:
    import keras

    from zoo.members.entrants import Entrant
    from zoo.planning.forecast import Forecast
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
    """
    from zoo.training.callbacks import check_callbacks

    check_not_forked()
    check_image_layout()
    check_callbacks(callbacks)
    store = Store(folder_or_scratch(folder))
    entrants = enter(members, defaults_of(options), data.train)
    _check_rules(unfitted, entrants, options.snapshots)
    _check_uncertainty(options, entrants)
    tell_of_flips(entrants, options.recipe or Recipe(), data.train, seed=options.seed)
    if show is not None:
        show.follow(forecast_of(entrants, options, data, store, callbacks=callbacks))
    candidates, held_out_images = find_candidates(entrants, options, data, store, callbacks)
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
    method = options.method if isinstance(options.method, str) else options.method.name
    _tell_of_choice(rules.get(method))
    state = EnsembleState(
        members=own,
        keys=keys,
        failures={one.name: one.reason for one in candidates if one.reason} | failures,
        rules=rules,
        method=method,
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
    callbacks: Callbacks,
    *,
    measure: bool | None,
) -> Forecast:
    """Forecast what :func:`fit_state` would take; see :meth:`zoo.Ensemble.plan`."""
    check_not_forked()
    check_image_layout()
    store = Store(folder_or_scratch(None) if folder is None else folder)
    entrants = enter(members, defaults_of(options), data.train)
    _check_uncertainty(options, entrants)
    return forecast_of(entrants, options, data, store, measure=measure, callbacks=callbacks)


def _check_rules(
    unfitted: Mapping[str, ensembles.Rule], entrants: Sequence[Plan | Member | Refused], snapshots: int
) -> None:
    """Check, before anything is trained, that a rule's own weights are of the members that there will be."""
    count = sum(snapshots if isinstance(one, Plan) else 1 for one in entrants)
    for rule in unfitted.values():
        check_members(rule, count)


def _check_uncertainty(options: EnsembleOptions, entrants: Sequence[Plan | Member | Refused]) -> None:
    """Check, before anything is trained, that the members that there will be can say how unsure they are."""
    able = [one for one in entrants if not isinstance(one, Refused)]
    if options.uncertainty == DISTANCE:
        first_describing([one if isinstance(one, Member) else Member(one.name, one) for one in able])
    alone = len(able) * options.snapshots == 1 and options.time_limit is None  # within a limit others may follow
    if options.uncertainty == MUTUAL and alone:
        raise ValueError(
            f"Expected two members or more for uncertainty={MUTUAL!r}, which is how far they disagree; received one. "
            "Take uncertainty='entropy', or another member."
        )


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
