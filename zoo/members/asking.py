"""What is known of entrants before any is trained: options that do not fit, and answers of those that are fitted."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from zoo.data.images import Splits
from zoo.ensemble_options import EnsembleOptions
from zoo.members.candidate import Candidate
from zoo.members.entrants import Refused
from zoo.members.first_look import check_to_train
from zoo.members.held_out import HeldOut, folds_of, validation_of
from zoo.members.member import Member
from zoo.members.store import Store, adopt
from zoo.members.test_time_views import NO_VIEWS, check_symmetries
from zoo.members.vetting import Doubt, doubt_of
from zoo.models.plan import Plan
from zoo.models.pretrained import REMEDY, WeightsNotFoundError

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Asked:
    """What is known of the entrants before any is trained.

    Attributes:
        held_out: the images that rules are fitted on.
        ready: by their places the members that are fitted already, asked on these images.
    """

    held_out: HeldOut
    ready: Mapping[int, Candidate]

    def able(self, entrants: Sequence[Plan | Member | Refused]) -> list[Plan | Member | Refused]:
        """The entrants, with those refused that gave answers with which they cannot take part."""
        failed = {place: Refused(one.name, one.reason) for place, one in self.ready.items() if one.reason}
        return [failed.get(place, one) for place, one in enumerate(entrants)]


def ask(entrants: Sequence[Plan | Member | Refused], options: EnsembleOptions, data: Splits, store: Store) -> Asked:
    """Check the options with the entrants, and ask those that are fitted, which the store keeps; nothing is trained.

    Raises:
        ValueError: as of :func:`zoo.members.candidates.find_candidates`.
        RuntimeError: all are fitted, and none can take part.
    """
    _check(entrants, options, data)
    held_out = folds_of(data, options.folds, options.seed) if options.folds else validation_of(data)
    fitted = {place: one for place, one in enumerate(entrants) if not isinstance(one, Plan)}
    asked = Asked(held_out, {place: _ready(one, held_out, data, store) for place, one in fitted.items()})
    check_some({one.name: one.reason if isinstance(one, Refused) else "" for one in asked.able(entrants)})
    return asked


def check_some(reasons: Mapping[str, str]) -> None:
    """Check that some member is left.

    Args:
        reasons: by a member's name why it cannot take part; "" where it can.

    Raises:
        RuntimeError: none is; the message has the reasons.
    """
    if all(reasons.values()):
        raise RuntimeError("\n".join(["Every member failed:", *_reasons(reasons)]))


def _reasons(failed: Mapping[str, str]) -> list[str]:
    """A line for each, and what to do about weights that are missing once for all."""
    lacking = any(reason.startswith(WeightsNotFoundError.__name__) for reason in failed.values())
    return [f"  {name}: {reason}" for name, reason in failed.items()] + ([REMEDY] if lacking else [])


def _ready(entrant: Member | Refused, held_out: HeldOut, data: Splits, store: Store) -> Candidate:
    """Keep a fitted member as it is, and ask it on the held-out images whether it can take part."""
    if isinstance(entrant, Refused):
        return Candidate(entrant.name, reason=entrant.reason)
    try:
        key = adopt(entrant, store)
        images = held_out.images
        doubt = doubt_of(entrant, store.logits(key, images, entrant), images, data)
    except Exception as error:  # code of the user's own, in a layer, may raise anything
        logger.debug("%s failed", entrant.name, exc_info=True)
        doubt = Doubt(str(error) if isinstance(error, ValueError) else f"{type(error).__name__}: {error}", refuses=True)
    if doubt.refuses:
        return Candidate.failed(entrant.name, doubt.text)
    return Candidate(entrant.name, (key,), (key,), doubt=doubt.text)


def _check(entrants: Sequence[Plan | Member | Refused], options: EnsembleOptions, data: Splits) -> None:
    if options.views != NO_VIEWS:
        check_symmetries(options.views, data.train.image_size)
    if options.refit and not options.folds:
        raise ValueError("Expected folds with refit; received none. Set folds=5, or leave refit out.")
    fitted = [entrant.name for entrant in entrants if isinstance(entrant, Member)]
    check_to_train(fitted, options)
