"""What augmentation does to left and right, said before members are trained with it."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from zoo.augment.batch import moves
from zoo.augment.orientation import AS_POLICY
from zoo.cleaning.mirrored import find_mirrored
from zoo.data.images import Images
from zoo.models.plan import Plan
from zoo.training.recipe import Recipe

logger = logging.getLogger(__name__)

REMEDY = "if that makes another class of them, say so: Recipe(flips={flips!r}), --flips {flips}"


def tell_of_flips(entrants: Sequence[object], recipe: Recipe, train: Images, *, seed: int) -> None:
    """Log what the policy flips and turns, and warn of classes that this confuses.

    Nothing is said where nothing is trained, and nothing is looked for where the recipe says which flips are right.
    """
    policy = recipe.policy()
    if policy.is_identity or not any(isinstance(entrant, Plan) for entrant in entrants):
        return
    made = moves(policy)
    name = recipe.augment if isinstance(recipe.augment, str) else " and ".join(recipe.augment)
    chosen = recipe.flips != AS_POLICY or not (made.mirrors or made.overturns)
    logger.info("augmentation %s %s%s", name, made, "" if chosen else "; " + REMEDY.format(flips="none"))
    if chosen:
        return
    how = ["mirrored"] * made.mirrors + ["upside down", "turned by 180 degrees"] * made.overturns
    found = find_mirrored(train, how, seed=seed)
    if found:
        flips = "none" if any(one.how == "mirrored" for one in found) or not made.mirrors else "horizontal"
        listed = "; ".join(map(str, found[:5]))
        text = "augmentation %s flips images of classes that then look like others: %s; %s"
        logger.warning(text, name, listed, REMEDY.format(flips=flips))
