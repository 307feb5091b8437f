"""How a fit begins, and its plan likewise: what can be refused before a network is trained is refused by both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

import ensembles
from ensembles.beforehand import check_beforehand
from ensembles.weighted_mean import check_members
from zoo.cleaning.mirrored import tell_of_flips
from zoo.data.images import Images, Splits
from zoo.ensemble_options import DISTANCE, MUTUAL, EnsembleOptions
from zoo.evaluation.scoring import without_rows
from zoo.members.asking import Asked, ask
from zoo.members.entrants import Refused, defaults_of, enter
from zoo.members.first_look import check_to_train, fitted_of, look_first
from zoo.members.member import Member
from zoo.members.store import Store
from zoo.models.plan import Plan
from zoo.models.preprocessing import check_image_layout
from zoo.state.out_of_distribution import first_describing
from zoo.training.recipe import Recipe
from zoo.utils.disk import check_makeable
from zoo.utils.forks import check_not_forked

if TYPE_CHECKING:
    import keras

    from zoo.data.loading import Source
    from zoo.members.entrants import Entrant

    Entered = Plan | Member | Refused


def check_first(
    options: EnsembleOptions, members: Sequence[Entrant], folder: str | Path | None, images: Source, **known: Any
) -> None:
    """Check what needs no images, before any are read; with those in memory trained models are checked later.

    Args:
        options: of the ensemble.
        members: the user's.
        folder: of the store; None for one that goes with the process.
        images: the source.
        known: of the images, the ``image_size`` and the ``classes``, as :func:`look_first` takes them.

    Raises:
        OSError: the store's folder cannot be made.
        TypeError: something that is no member, or fitted members with a preset or a time limit.
        ValueError: an option that is refused, fitted members with folds, or none that can take part.
    """
    options.check()
    check_makeable(folder)
    given = [] if isinstance(members, str | Path) else members  # which is refused with the images
    check_to_train(fitted_of(given), options)
    if not isinstance(images, Splits | Images | np.ndarray):
        look_first(given, **known)


@dataclass(frozen=True)
class Beginning:
    """What a fit knows before it trains.

    Attributes:
        entrants: complete plans and fitted members, in the order of the members.
        asked: the held-out images, and what the fitted members answer for them.
    """

    entrants: list[Entered]
    asked: Asked

    @property
    def able(self) -> list[Entered]:
        """The entrants, with those refused that gave answers with which they cannot take part."""
        return self.asked.able(self.entrants)


def begin(
    options: EnsembleOptions,
    members: Sequence[Entrant],
    data: Splits,
    unfitted: Mapping[str, ensembles.Rule],
    callbacks: Sequence[keras.callbacks.Callback],
    store: Store,
    *,
    limited: bool = False,
) -> Beginning:
    """Let the members enter, ask those that are fitted, and check all that is known; nothing is trained.

    Args:
        options: of the ensemble.
        members: names, plans, members and Keras models.
        data: images to train on and to validate with.
        unfitted: the rules, by name.
        callbacks: the user's.
        store: keeps the fitted members and their answers.
        limited: within a time limit other ensembles, of more members, may follow.

    Raises:
        ValueError: data, members, rules and options that do not fit each other.
        RuntimeError: no member can take part.
    """
    from zoo.training.callbacks import check_callbacks

    check_not_forked()
    check_image_layout()
    check_callbacks(callbacks)
    entrants = enter(members, defaults_of(options), data.train)
    count = sum(options.snapshots if isinstance(one, Plan) else 1 for one in entrants)
    for rule in unfitted.values():
        check_members(rule, count)
    begun = Beginning(entrants, ask(entrants, options, data, store))
    _check_rule(unfitted[options.method_name], count, begun.asked.held_out.images)
    _check_uncertainty(options, begun.able, limited=limited)
    tell_of_flips(entrants, options.recipe or Recipe(), data.train, seed=options.seed)
    return begun


def _check_rule(rule: ensembles.Rule, members: int, held_out: Images) -> None:
    """Check that the rule that is to predict can be fitted on the held-out images."""
    try:
        check_beforehand(rule, members, held_out.labels, len(held_out.classes))
    except ValueError as error:
        raise ValueError(f"{error}{without_rows(held_out.labels, held_out.classes)}") from error


def _check_uncertainty(options: EnsembleOptions, able: Sequence[Entered], *, limited: bool) -> None:
    """Check that the members that there will be can say how unsure they are."""
    left = [one for one in able if not isinstance(one, Refused)]
    if options.uncertainty == DISTANCE:
        first_describing([one if isinstance(one, Member) else Member(one.name, one) for one in left])
    if options.uncertainty == MUTUAL and len(left) * options.snapshots == 1 and not limited:
        raise ValueError(
            f"Expected two members or more for uncertainty={MUTUAL!r}, which is how far they disagree; received one. "
            "Take uncertainty='entropy', or another member."
        )
