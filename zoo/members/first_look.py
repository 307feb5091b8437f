"""What can be said of trained models before images are read, which may take hours."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING

from zoo.ensemble_options import EnsembleOptions
from zoo.members.entrants import adopted, as_file, name_of, other_images
from zoo.members.member import Member
from zoo.models.plan import Plan
from zoo.utils.text import AnySize, as_size, repeat

if TYPE_CHECKING:
    from zoo.members.entrants import Entrant

logger = logging.getLogger(__name__)


def look_first(
    members: Sequence[Entrant], *, image_size: AnySize | None = None, classes: Sequence[str] | None = None
) -> None:
    """Read the trained models among some members, and warn of those that cannot take part, whatever the images are.

    Args:
        members: names, plans, members, Keras models and their files.
        image_size: of the images, where it is known.
        classes: likewise.

    Raises:
        TypeError: something that is no member.
        ValueError: none of the members can take part.
    """
    wanted = (as_size(image_size, "image_size"), None if classes is None else len(classes))
    entrants = [as_file(entrant) for entrant in repeat(members)]
    reasons = [_reason(entrant, *wanted) for entrant in entrants]
    if reasons and all(reasons):
        raise ValueError("\n".join(reasons))
    for reason in filter(None, reasons):
        logger.warning("%s; the others go on without it", reason)


def check_to_train(fitted: Sequence[str], options: EnsembleOptions) -> None:
    """Check that options go with members that are fitted already.

    Args:
        fitted: their names.
        options: of the ensemble.

    Raises:
        TypeError: a preset or a time limit, for which there is nothing to choose.
        ValueError: folds, which such members may have been trained on.
    """
    if fitted and (options.preset is not None or options.time_limit is not None):
        raise TypeError(
            f"Expected members to train with preset or time_limit (zoo: --preset, --time); received fitted ones, "
            f"{', '.join(fitted)}. Leave them out, or leave preset and time_limit out."
        )
    if fitted and options.folds:
        raise ValueError(
            f"Expected members that are yet to be trained, with {options.folds} folds; received fitted ones, "
            f"{', '.join(fitted)}, which may have been trained on these images. Leave folds out, and pass validation "
            "images that no member has seen."
        )


def fitted_of(members: Sequence[Entrant]) -> list[str]:
    """Names of the members that are fitted already."""
    entrants = [as_file(entrant) for entrant in repeat(members)]
    return [name_of(entrant) for entrant in entrants if not _is_to_train(entrant)]


def _is_to_train(entrant: Entrant) -> bool:
    return isinstance(entrant, str | Plan) or (isinstance(entrant, Member) and not entrant.fitted)


def _reason(entrant: Entrant, size: tuple[int, int] | None, count: int | None) -> str:
    """Why an entrant cannot take part, after its name; "" where it may, or is yet to be trained."""
    if _is_to_train(entrant):
        return ""
    name = name_of(entrant)
    try:
        member = entrant if isinstance(entrant, Member) else adopted(entrant, name)
        own = (member.image_size, member.class_count)
    except (ValueError, TypeError, NotImplementedError, OSError) as error:
        return f"{name}: {error}"
    if size in (None, own[0]) and count in (None, own[1]):
        return ""
    return f"{name}: {other_images(name, own, (size or own[0], own[1] if count is None else count))}"
