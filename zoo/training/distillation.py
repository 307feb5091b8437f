"""Distillation: a student is trained on another classifier's probabilities beside the labels.

Teacher and student see the same augmented picture (Beyer et al. 2022, arXiv:2106.05237). The views are fixed, so that
the teacher, which may be many networks, predicts each of them once.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ensembles.metrics import softmax
from zoo.data.images import Images
from zoo.data.views import Array, CyclicViews, View
from zoo.utils.chunks import chunks
from zoo.utils.hashing import short_hash
from zoo.utils.locks import kept_array

logger = logging.getLogger(__name__)

CHUNK = 1024


@dataclass(frozen=True, eq=False)
class Teacher:
    """The source of a student's soft targets beside the labels (Hinton et al. 2015, arXiv:1503.02531).

    The student's targets are ``share`` times the teacher's probabilities and the rest the label. The temperature
    softens the teacher alone: the student's logits keep their own scale, so that the gradient needs no correction.

    Attributes:
        logits: predicts logits ``(n, classes)`` for pictures ``(n, H, W, 3)`` uint8.
        digest: fingerprint of the teacher, for cache keys.
        share: the teacher's weight in the targets, above 0, up to 1.
        temperature: divisor of its logits, above 0.

    Raises:
        ValueError: a weight or a temperature out of range.
    """

    logits: Callable[[np.ndarray], np.ndarray]
    digest: str
    share: float = 0.7
    temperature: float = 1.0

    def __post_init__(self) -> None:
        if not 0 < self.share <= 1:
            raise ValueError(
                f"Expected a teacher's weight (share) above 0, up to 1; received {self.share!r}. Take 0.7."
            )
        if not self.temperature > 0:
            raise ValueError(f"Expected a teacher's temperature above 0; received {self.temperature!r}. Take 1.")

    @property
    def fingerprint(self) -> str:
        """Hash of all that decides the targets: teacher, weight and temperature."""
        return short_hash([self.digest, self.share, self.temperature])

    def targets(self, view: Images | View, labels: np.ndarray, classes: int, folder: Path) -> np.ndarray:
        """Soft targets of each row of a view: ``(N, classes)`` float32."""
        softened = softmax(self._kept_logits(view, classes, folder) / self.temperature)
        blended: np.ndarray = self.share * softened + (1 - self.share) * np.eye(classes)[labels]
        return blended.astype(np.float32)

    def _kept_logits(self, view: Images | View, classes: int, folder: Path) -> np.ndarray:
        """Predict a view once; trainings with another weight, temperature or student read the stored logits."""
        path = folder / f"{short_hash([self.digest, view.fingerprint])}.npy"
        try:
            return kept_array(path, (len(view), classes), "float32", lambda: self._predicted(view), about=path.stem)
        except OSError as error:
            logger.warning("the teacher's logits stay in memory: %s", error)
            return np.concatenate(list(self._predicted(view)))

    def _predicted(self, view: Images | View) -> Iterator[np.ndarray]:
        return (self.logits(images).astype(np.float32) for images in chunks(view, CHUNK))


def distillation_targets(teacher: Teacher, views: Sequence[Images | View], images: Images, folder: Path) -> CyclicViews:
    """Targets for a few views of the same images, in the same cycle as the views themselves."""
    classes = len(images.classes)
    return CyclicViews([Array(teacher.targets(view, images.labels, classes, folder)) for view in views])
