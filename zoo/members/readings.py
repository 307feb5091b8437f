"""Ways to take the answers of a fitted member: its columns in another order, its pixels in another convention."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ensembles.column_order import best_order, right_reordered
from ensembles.metrics import log_loss
from zoo.data.images import Images
from zoo.members.class_order import table_of
from zoo.members.member import Member
from zoo.members.prediction import PREDICTION_BATCH
from zoo.models.from_keras import PIXELS, Adopted, Pixels, adopted, in_convention
from zoo.utils.chunks import spans, take_all

if TYPE_CHECKING:
    import keras

GOOD = 0.75  # accuracy from which other conventions are not tried


@dataclass(frozen=True, eq=False)
class Reading:
    """A way to take a member's answers.

    Attributes:
        pixels: the convention in which it is given the images.
        own: that is the convention that it has already.
        order: the column that answers each class, ``(classes,)``; None as they stand.
        right: ``(n,)`` bool, the rows that it is right on, those of an order chosen on others.
        loss: log loss over that of equal probabilities: below 1 where its probabilities tell something.
    """

    pixels: Pixels
    own: bool
    order: np.ndarray | None
    right: np.ndarray
    loss: float

    def describe(self, member: Member, classes: Sequence[str]) -> str:
        """Say what fits, and what to write: all that it takes, also what was given rightly before.

        Args:
            member: that is read so.
            classes: of the data.
        """
        told = [] if self.order is None else _in_own_order([classes[at] for at in np.argsort(self.order)], member)
        kept = told or (_in_own_order(classes, member) if member.named else [])
        changed = ([] if self.own else [_pixels(self.pixels)]) + ([_classes(told)] if told else [])
        whole = [] if self.own and self.pixels == "as_is" else [_pixels(self.pixels)]
        call = ", ".join(whole + ([_classes(kept)] if kept else []))
        return f"{' and '.join(changed)}. Pass Member.from_keras(model, {call}), or {table_of(call)}"


def as_it_is(member: Member, logits: np.ndarray, labels: np.ndarray) -> Reading:
    """How a member's logits ``(n, classes)`` are read where nothing is changed."""
    return _plain(_convention(_adopted(member)), logits, labels, own=True)


def others(member: Member, own: Reading, logits: np.ndarray, images: Images) -> Iterator[Reading]:
    """The answers in another order; and in other conventions, in both orders, where they are not good as they are."""
    yield _ordered(own.pixels, logits, images.labels, own=True)
    found = None if own.right.mean() >= GOOD else _adopted(member)
    if found is None:
        return
    pictures = take_all(images)
    for pixels in PIXELS:
        if pixels != found.pixels:
            answers = _answers(found.model, pictures, pixels)
            yield _plain(pixels, answers, images.labels)
            yield _ordered(pixels, answers, images.labels)


def _plain(pixels: Pixels, logits: np.ndarray, labels: np.ndarray, *, own: bool = False) -> Reading:
    return Reading(pixels, own, None, logits.argmax(axis=1) == labels, _relative_loss(logits, labels))


def _ordered(pixels: Pixels, logits: np.ndarray, labels: np.ndarray, *, own: bool = False) -> Reading:
    predicted, classes = logits.argmax(axis=1), logits.shape[1]
    order = best_order(predicted, labels, classes)
    right = right_reordered(predicted, labels, classes)
    return Reading(pixels, own, order, right, _relative_loss(logits[:, order], labels))


def _relative_loss(logits: np.ndarray, labels: np.ndarray) -> float:
    return log_loss(logits, labels) / float(np.log(logits.shape[1]))


def _adopted(member: Member) -> Adopted | None:
    """What it was made of, where it came from elsewhere as a model of floats, to which pixels are cast."""
    return adopted(member.model) if member.plan is None and not member.made_of else None


def _convention(found: Adopted | None) -> Pixels:
    return "as_is" if found is None else found.pixels


def _answers(model: keras.Model, images: np.ndarray, pixels: Pixels) -> np.ndarray:
    """Predict images ``(n, H, W, 3)`` uint8 in a convention of pixels, by a network that prepares none."""
    import keras

    parts = []
    for span in spans(len(images), PREDICTION_BATCH):
        floats = keras.ops.convert_to_tensor(images[span], "float32")
        parts.append(keras.ops.convert_to_numpy(model(in_convention(floats, pixels), training=False)))
    return np.concatenate(parts)


def _in_own_order(names: Sequence[str], member: Member) -> list[str]:
    """Names of a member's columns in the order of its network's own, where they were put in another since."""
    columns = range(len(names)) if member.columns is None else member.columns
    return [names[columns.index(raw)] for raw in range(len(names))]


def _pixels(pixels: Pixels) -> str:
    return f"pixels={pixels!r}"


def _classes(names: Sequence[str]) -> str:
    return f"classes=[{', '.join(map(repr, names))}]"
