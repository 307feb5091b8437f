"""The sanity checks of an ensemble's maps, member by member."""

from __future__ import annotations

import numpy as np

import ensembles
from zoo.explanation.ensemble_maps import is_occluded, member_maps, scaled
from zoo.explanation.sanity import Sanity, check_maps, shuffled_copy
from zoo.members.member import Member
from zoo.state.state import EnsembleState
from zoo.utils.progress import track


def check_members(
    state: EnsembleState, images: np.ndarray, *, method: str = "layercam", seed: int = 0
) -> dict[str, Sanity]:
    """Check the maps that each member makes of its own answers.

    Args:
        state: of a fitted ensemble.
        images: ``(N, H, W, 3)`` uint8; a dozen is enough, as each is predicted some forty times.
        method: of :data:`zoo.explanation.ensemble_maps.METHODS`.
        seed: of the shuffled weights and the random order.

    Returns:
        By the member's name, what the checks gave.
    """
    members = track(state.members, "checks of the maps", len(state.members), "members")
    return {member.name: check_member(member, images, method=method, seed=seed) for member in members}


def check_member(member: Member, images: np.ndarray, *, method: str, seed: int = 0) -> Sanity:
    """Check the maps that one member makes of its own answers for images ``(N, H, W, 3)`` uint8."""
    answers = member.logits(images).argmax(axis=1)
    maps = scaled(member_maps(member, images, answers, method))
    shuffled = None
    if not is_occluded(member, method):  # which looks at nothing but the answers, and would take another hundred
        blank = Member(member.name, model=shuffled_copy(member.model, seed))
        shuffled = scaled(member_maps(blank, images, answers, method))

    def probabilities(shown: np.ndarray) -> np.ndarray:
        return ensembles.metrics.softmax(member.logits(shown))

    return check_maps(probabilities, images, maps, answers, shuffled=shuffled, seed=seed)
