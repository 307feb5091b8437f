"""Classes whose mirror images are of another class, such as arrows to the left and to the right.

Augmentation that flips makes a coin toss of such labels. So before any network is trained a small classifier learns
the classes from the directions of edges and from where colours lie, on images as they are, and is asked for flipped
copies of others.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from zoo.augment.batch import moves
from zoo.augment.orientation import AS_POLICY
from zoo.cleaning.descriptors import shrunk
from zoo.data.images import Images
from zoo.data.splits import limit
from zoo.models.plan import Plan
from zoo.training.recipe import Recipe
from zoo.utils.chunks import take_all

logger = logging.getLogger(__name__)

MOST = 1000  # images
SIDE, CELLS = 32, 4  # pixels, and cells a side of the grid
FEWEST = 10  # images of a class that are told rightly as they are
SHARE = 0.75  # of these, more than which have to be answered as one other class
RECALL = 0.75  # of a class, as it is, below which its flipped images say nothing
# Directions in the whole image count more than where things lie: a subject that is not centred moves by a flip.
WEIGHTS = np.array([3.0] * 3 + [0.3] * 96)
FLIPPED = {"mirrored": (2,), "upside down": (1,), "turned by 180 degrees": (1, 2)}
REMEDY = "if that makes another class of them, say so: Recipe(flips={flips!r}), --flips {flips}"


@dataclass(frozen=True)
class Mirrored:
    """A class that looks like another one when its images are flipped.

    Attributes:
        how: a key of ``FLIPPED``.
        name: the class.
        other: what its flipped images are answered as.
        share: of its images that are told rightly as they are, 0 to 1.
    """

    how: str
    name: str
    other: str
    share: float

    def __str__(self) -> str:
        return f"{self.share:.0%} of {self.name} look like {self.other} {self.how}"


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


def find_mirrored(images: Images, how: Sequence[str] = tuple(FLIPPED), *, seed: int = 0) -> list[Mirrored]:
    """Find the classes that flips confuse.

    Args:
        images: to train on; a stratified thousand of them is looked at.
        how: which flips, keys of ``FLIPPED``.
        seed: of the choice and of the two halves, each of which is asked by what the other taught.
    """
    enough = np.flatnonzero(images.counts >= FEWEST)
    if not how or len(enough) < 2:
        return []
    some = limit(images.subset(np.isin(images.labels, enough)), max(MOST, len(enough)), seed=seed)
    pixels = shrunk(take_all(some), SIDE)
    answers = _answers([pixels, *(np.flip(pixels, FLIPPED[name]) for name in how)], some.labels, seed)
    pairs = zip(how, answers[1:], strict=True)
    return [found for name, own in pairs for found in _confused(name, own, answers[0] == some.labels, some)]


def _confused(how: str, answers: np.ndarray, right: np.ndarray, images: Images) -> Iterator[Mirrored]:
    for label, name in enumerate(images.classes):
        known = right & (images.labels == label)
        counts = np.bincount(answers[known], minlength=len(images.classes))
        counts[label] = 0
        told = known.sum() >= max(FEWEST, RECALL * images.counts[label])
        if told and counts.max() > SHARE * known.sum():
            yield Mirrored(how, name, images.classes[counts.argmax()], float(counts.max() / known.sum()))


def _answers(versions: Sequence[np.ndarray], labels: np.ndarray, seed: int) -> list[np.ndarray]:
    """Answer every version of each image by a classifier of the other half: as many ``(N,)``."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.preprocessing import StandardScaler

    described = [_describe(version) for version in versions]
    half = _halves(labels, seed)
    answers = [np.empty(len(labels), np.int64) for _ in versions]
    for held in (half, ~half):
        scaler = StandardScaler().fit(described[0][~held])
        scaled = [scaler.transform(features) * WEIGHTS for features in described]
        model = LogisticRegression(tol=1e-3, max_iter=300).fit(scaled[0][~held], labels[~held])
        for answer, features in zip(answers, scaled, strict=True):
            answer[held] = model.predict(features[held])
    return answers


def _halves(labels: np.ndarray, seed: int) -> np.ndarray:
    """Take every other image of each class, in a shuffled order: ``(N,)`` bool."""
    order = np.random.default_rng(seed).permutation(len(labels))
    half = np.zeros(len(labels), dtype=bool)
    for label in np.unique(labels):
        half[order[labels[order] == label][::2]] = True
    return half


def _describe(pixels: np.ndarray) -> np.ndarray:
    """Directions of edges in all and by cell, and colours by cell: ``(n, 99)``."""
    grey = pixels.mean(axis=-1)
    down, right = np.gradient(grey, axis=(1, 2))
    tensor = np.stack([right * right, down * down, right * down], axis=-1)
    tensor = np.sign(tensor) * np.sqrt(np.abs(tensor))
    cells = [_by_cell(values).reshape(len(pixels), -1) for values in (tensor, pixels)]
    return np.hstack([tensor.mean(axis=(1, 2)), *cells])


def _by_cell(values: np.ndarray) -> np.ndarray:
    count, step = len(values), SIDE // CELLS
    mean: np.ndarray = values.reshape(count, CELLS, step, CELLS, step, 3).mean(axis=(2, 4))
    return mean
