"""How like the training images a picture is: its distance from them in a member's feature space.

The softmax is sure of much that it has never seen; distance asks whether there was anything like it at all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ensembles.uncertainty import FeatureDistance
from zoo.data.images import Images
from zoo.files import write_array
from zoo.member import Member

DISTANCE = "distance"
FILES = ("means", "precision", "held_out")


@dataclass(frozen=True, eq=False)
class Familiarity:
    """A member's features of the training images, in short.

    Attributes:
        place: which of the members it is.
        distance: to the nearest class of training images.
        held_out: ``(N,)`` distances of the images that the rules were fitted on.
    """

    place: int
    distance: FeatureDistance
    held_out: np.ndarray

    def score(self, members: Sequence[Member], images: Images | np.ndarray) -> np.ndarray:
        """Distances ``(N,)`` float64, larger where an image is like none that was trained on."""
        return self.distance.score(members[self.place].features(images))

    def write(self, folder: Path) -> None:
        """Write the arrays as ``.npy``."""
        folder.mkdir(parents=True, exist_ok=True)
        arrays = (self.distance.means_, self.distance.precision_, self.held_out)
        for name, array in zip(FILES, arrays, strict=True):
            write_array(folder / f"{name}.npy", array)


def learn_familiarity(members: Sequence[Member], train: Images, held_out: Images) -> Familiarity:
    """Learn from the first member that has a backbone of this library, which says more than a head on others' answers.

    Raises:
        ValueError: there is none.
    """
    able = [place for place, member in enumerate(members) if member.has_features]
    if not able:
        raise ValueError(
            "Expected a member with a backbone of its own for uncertainty='distance'; there are only means over folds "
            "or views, and models from elsewhere. Take refit=True, no views, or another uncertainty."
        )
    member = members[able[0]]
    distance = FeatureDistance().fit(member.features(train), train.labels)
    return Familiarity(able[0], distance, distance.score(member.features(held_out)))


def read_familiarity(folder: Path, place: int) -> Familiarity:
    """Read what :meth:`Familiarity.write` wrote.

    Raises:
        FileNotFoundError: it is not there.
    """
    means, precision, held_out = (np.load(folder / f"{name}.npy", allow_pickle=False) for name in FILES)
    distance = FeatureDistance()
    distance.means_, distance.precision_ = means, precision
    return Familiarity(place, distance, held_out)
