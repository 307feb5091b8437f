"""Out-of-distribution score: the Mahalanobis distance of an image from the training images, in a member's features.

A softmax can be confident of an input unlike anything in training; the distance is large for such an input
(Lee et al. 2018, arXiv:1807.03888).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ensembles.mahalanobis import FeatureDistance
from zoo.data.images import Images
from zoo.members.member import Member
from zoo.utils.array_files import read_array
from zoo.utils.files import write_array
from zoo.utils.hashing import short_hash

MOST_FEATURES = 4096  # their covariance takes 134 MB
FILES = {"means": 2, "precision": 2, "held_out": 1}  # and their axes


@dataclass(frozen=True, eq=False, repr=False)
class OutOfDistribution:
    """The distribution of a member's features over the training images.

    Attributes:
        member: index of the member whose features these are.
        distance: to the nearest class of training images.
        held_out: ``(N,)`` distances of the images that the rules were fitted on.
    """

    member: int
    distance: FeatureDistance
    held_out: np.ndarray

    def __repr__(self) -> str:
        return f"<OutOfDistribution by features of member {self.member}>"

    @property
    def fingerprint(self) -> str:
        """A digest of all that decides the distances."""
        arrays = (self.distance.means_, self.distance.precision_)
        return short_hash([self.member, *(hashlib.sha256(one.tobytes()).hexdigest() for one in arrays)])

    def score(self, members: Sequence[Member], images: Images | np.ndarray) -> np.ndarray:
        """Distances ``(N,)`` float64, larger where an image is like none that was trained on."""
        return self.distance.score(members[self.member].features(images))

    def write(self, folder: Path) -> None:
        """Write the arrays as ``.npy``."""
        folder.mkdir(parents=True, exist_ok=True)
        arrays = (self.distance.means_, self.distance.precision_, self.held_out)
        for name, array in zip(FILES, arrays, strict=True):
            write_array(folder / f"{name}.npy", array)


def learn_out_of_distribution(members: Sequence[Member], train: Images, held_out: Images) -> OutOfDistribution:
    """Learn the distribution from features of the member that :func:`first_describing` finds.

    Raises:
        ValueError: there is none.
    """
    index = first_describing(members)
    distance = FeatureDistance().fit(members[index].features(train), train.labels)
    return OutOfDistribution(index, distance, distance.score(members[index].features(held_out)))


def first_describing(members: Sequence[Member]) -> int:
    """The index of the first member with a backbone of this library, fitted or not.

    Members with too many features are skipped: the distance needs a square matrix of them.

    Raises:
        ValueError: there is none, or all have more than :data:`MOST_FEATURES`.
    """
    able = [index for index, member in enumerate(members) if member.has_features]
    if not able:
        raise ValueError(
            "Expected a member with a backbone of its own for uncertainty='distance'; there are only means over folds "
            "or views, and models from outside the library. Take refit=True, no views, or another uncertainty."
        )
    counts = {}
    for index in able:
        counts[members[index].name] = members[index].feature_count
        if counts[members[index].name] <= MOST_FEATURES:
            return index
    counted = ", ".join(f"{name} has {count:,}" for name, count in counts.items())
    raise ValueError(
        f"Expected a member of {MOST_FEATURES:,} features at most for uncertainty='distance'; {counted}. "
        "Take a head that reads fewer layers, a backbone that ends in fewer features, or another uncertainty."
    )


def read_out_of_distribution(folder: Path, index: int) -> OutOfDistribution:
    """Read what :meth:`OutOfDistribution.write` wrote.

    Raises:
        FileNotFoundError: it is not there.
        ValueError: arrays that are cut, damaged or of other shapes.
    """
    means, precision, held_out = (read_array(folder / f"{name}.npy", "f", axes) for name, axes in FILES.items())
    if precision.shape != (means.shape[1], means.shape[1]):
        raise ValueError(
            f"Expected means and their precision of one number of features in {folder}; received {means.shape} and "
            f"{precision.shape}. Copy the run again."
        )
    distance = FeatureDistance()
    distance.means_, distance.precision_ = means, precision
    return OutOfDistribution(index, distance, held_out)
