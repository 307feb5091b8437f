"""Do the maps tell the truth? Two checks that need no labels of where things are.

Maps must change when a network's weights are shuffled (Adebayo et al. 2018, arXiv:1810.03292): one that does not shows
the image's edges, and nothing that was learned. And the pixels that a map names must matter (Petsiuk et al. 2018,
arXiv:1806.07421): the answer fades quickly when they are deleted first, and comes early when they are inserted first.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

import ensembles
from zoo.explanation.activation_maps import enlarged
from zoo.explanation.ensemble_maps import is_occluded, member_maps, scaled
from zoo.explanation.occlusion import one_colour
from zoo.members.member import Member
from zoo.state.state import EnsembleState
from zoo.utils.opencv import cv2
from zoo.utils.progress import track

if TYPE_CHECKING:
    import keras

STEPS = 6  # of a curve
GRAIN = 7  # places across a random map
BLUR = 0.1  # of the shorter side, the standard deviation of what pixels are inserted into
MOST_ALIKE = (
    0.5  # rank correlation with the maps of shuffled weights, above which maps do not depend on what was learned
)


@dataclass(frozen=True)
class Sanity:
    """What the checks of some maps gave.

    Attributes:
        similarity: mean rank correlation of the maps with those of the same network with shuffled weights, -1 to 1;
            None for an answer that no weights can be shuffled of, such as an exported file's.
        deletion: mean probability of the answer while the pixels are deleted, those that the map names first.
        insertion: mean probability while they are inserted likewise.
        random_deletion: as ``deletion``, in the order of a random map.
        random_insertion: as ``insertion``, in the order of a random map.
    """

    similarity: float | None
    deletion: float
    insertion: float
    random_deletion: float
    random_insertion: float

    @property
    def failures(self) -> tuple[str, ...]:
        """What the maps fail, in words; empty where they hold."""
        failed = []
        if self.similarity is not None and self.similarity > MOST_ALIKE:
            failed.append(f"the maps hardly change with shuffled weights (rank correlation {self.similarity:.2f})")
        if self.deletion >= self.random_deletion:
            failed.append("deleting the pixels that they name first changes the answer no more than others would")
        if self.insertion <= self.random_insertion:
            failed.append("inserting the pixels that they name first gives the answer no earlier than others would")
        return tuple(failed)

    def __str__(self) -> str:
        alike = "" if self.similarity is None else f"rank correlation with shuffled weights {self.similarity:.2f}; "
        return (
            f"{alike}mean probability while deleting {self.deletion:.3f} (random order {self.random_deletion:.3f}), "
            f"while inserting {self.insertion:.3f} ({self.random_insertion:.3f}): "
            + ("; ".join(self.failures) or "passed")
        )


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


def check_maps(
    predict: Callable[[np.ndarray], np.ndarray],
    images: np.ndarray,
    maps: np.ndarray,
    classes: np.ndarray,
    *,
    shuffled: np.ndarray | None = None,
    seed: int = 0,
) -> Sanity:
    """Check maps of some answers.

    Args:
        predict: probabilities ``(N, classes)`` of images ``(N, H, W, 3)`` uint8.
        images: that the maps are of.
        maps: ``(N, H, W)``.
        classes: ``(N,)`` the classes that they are about.
        shuffled: the maps of the same images by the same network with shuffled weights.
        seed: of the random order.
    """
    coarse = np.random.default_rng(seed).random((len(maps), GRAIN, GRAIN))
    random = enlarged(coarse, maps.shape[1:3])  # as smooth as maps are: scattered pixels would show the whole image
    curves = {
        (name, inserts): _curve(predict, images, order, classes, inserts=inserts)
        for name, order in (("own", maps), ("random", random))
        for inserts in (False, True)
    }
    return Sanity(
        None if shuffled is None else mean_rank_correlation(maps, shuffled),
        curves["own", False],
        curves["own", True],
        curves["random", False],
        curves["random", True],
    )


def shuffled_copy(model: keras.Model, seed: int = 0) -> keras.Model:
    """The same network with the numbers of each weight in a random order: it has learned nothing, at the same scale."""
    from zoo.models.cloning import clone, finalize

    random = np.random.default_rng(seed)
    copied = clone(model)
    copied.set_weights([random.permuted(weight.ravel()).reshape(weight.shape) for weight in model.get_weights()])
    finalize(copied)
    return copied


def mean_rank_correlation(maps: np.ndarray, others: np.ndarray) -> float:
    """Spearman's correlation of pairs of maps ``(N, H, W)``, averaged; a map without differences is like no other."""
    from scipy.stats import rankdata

    first, second = (rankdata(each.reshape(len(each), -1), axis=1) for each in (maps, others))
    first, second = first - first.mean(axis=1, keepdims=True), second - second.mean(axis=1, keepdims=True)
    scale = np.sqrt((first**2).sum(axis=1) * (second**2).sum(axis=1))
    return float(np.mean(np.divide((first * second).sum(axis=1), scale, out=np.zeros(len(maps)), where=scale > 0)))


def blurred(images: np.ndarray) -> np.ndarray:
    """Blur images until nothing of them can be told: an image of one colour alone would be unlike all in training."""
    sigma = BLUR * min(images.shape[1:3])
    return np.stack([cv2.GaussianBlur(image, (0, 0), sigma) for image in images])


def _curve(
    predict: Callable[[np.ndarray], np.ndarray],
    images: np.ndarray,
    order: np.ndarray,
    classes: np.ndarray,
    *,
    inserts: bool,
) -> float:
    """The mean probability while pixels are deleted, or inserted, sixth by sixth, the largest of ``order`` first."""
    flat = order.reshape(len(order), -1)
    rank = np.empty_like(flat, dtype=np.int64)
    np.put_along_axis(rank, (-flat).argsort(axis=1, kind="stable"), np.arange(flat.shape[1])[None], axis=1)
    rank = rank.reshape(order.shape)
    empty = blurred(images) if inserts else np.broadcast_to(one_colour(images), images.shape)
    found = []
    for step in range(STEPS + 1):
        changed = rank < step * flat.shape[1] / STEPS
        shown = np.where(changed[..., None] == inserts, images, empty)
        found.append(predict(shown)[np.arange(len(images)), classes].mean())
    return float(np.mean(found))
