"""A fitted member is asked on labelled images before it takes part: do its outputs mean what they are taken for?

Networks from elsewhere have their own order of classes and their own pixels, and nothing in a file says which. Answers
do: columns in another order, or pixels in another convention, make right of what is wrong.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass

import numpy as np

from ensembles.chance import guessing
from ensembles.column_order import is_better
from zoo.data.images import Images, Splits
from zoo.data.splits import limit
from zoo.members.member import Member
from zoo.members.readings import Reading, as_it_is, others
from zoo.models.outputs import are_probabilities
from zoo.utils.chunks import take_all

logger = logging.getLogger(__name__)

ASKED = 200  # images to ask on, at least; where fewer are held out, training images are added
SURE, TELLING = 0.9, 0.6  # accuracy and relative log loss of a trained network that is read as it should be
MANY = 4  # classes from which no network without training answers rightly in some convention by luck
FAR = 2.0  # times as many rows right: too much to be the member's own weakness
PROBABILITIES = (
    "Expected logits; received rows that sum to 1, which are probabilities. Pass the Keras model itself, whose "
    "probabilities are recognised."
)
LEAK = 0.05  # share of held-out images that may have trained a member; with more it is refused


@dataclass(frozen=True)
class Doubt:
    """What is said of a fitted member; nothing where all is well.

    Attributes:
        text: what was seen, and what to do.
        refuses: it cannot take part; else it votes, and the leaderboard notes the text.
    """

    text: str = ""
    refuses: bool = False


def doubt_of(member: Member, logits: np.ndarray, held_out: Images, data: Splits) -> Doubt:
    """Say why a fitted member cannot take part, or what is suspicious of it, which is logged as a warning.

    Args:
        member: of the data's size and number of classes.
        logits: ``(N, classes)`` that it predicts for the held-out images.
        held_out: labelled images that rules are fitted on.
        data: of the fit; its training images are asked where there are few others.
    """
    if not np.isfinite(logits).all():
        return Doubt(not_finite(logits), refuses=True)
    if are_probabilities(logits):
        return Doubt(PROBABILITIES, refuses=True)
    leak = _leak(member, held_out)
    if leak.refuses:
        return leak
    asked, answers = _asked(member, logits, held_out, data)
    reading = _reading_of(member, answers, asked)
    for doubt in (leak, reading):
        if doubt.text and not doubt.refuses:
            logger.warning("%s", doubt.text)
    return reading if reading.refuses else Doubt(" ".join(filter(None, (leak.text, reading.text))))


def _leak(member: Member, held_out: Images) -> Doubt:
    """Count the held-out images that trained the member: its score, and its weight in learned rules, are too good."""
    seen = sum(digest in member.learned_from for digest in held_out.digests)
    if not seen:
        return Doubt()
    text = (
        f"Expected held-out images that {member.name} was not trained on; {seen} of {len(held_out)} trained it. Give "
        "validation images that it has not seen, or fit it and the ensemble on the same parts, splits.train and "
        "splits.validation."
    )
    return Doubt(text, refuses=seen > LEAK * len(held_out))


def not_finite(logits: np.ndarray) -> str:
    """Say of logits ``(N, classes)`` that they are not finite, and what to do."""
    rows = int((~np.isfinite(logits)).any(axis=1).sum())
    return (
        f"Expected finite logits; received NaN or infinity for {rows} of {len(logits)} held-out images. "
        "Train it again at a lower rate, or check the weights that were saved."
    )


def _asked(member: Member, logits: np.ndarray, held_out: Images, data: Splits) -> tuple[Images, np.ndarray]:
    if len(held_out) >= ASKED:
        return held_out, logits
    few = max(ASKED - len(held_out), len(data.classes))
    more = limit(data.train, few)
    both = Images(
        np.concatenate([take_all(held_out), take_all(more)]),
        np.concatenate([held_out.labels, more.labels]),
        data.classes,
        np.concatenate([held_out.origins, more.origins]),
    )
    return both, np.concatenate([logits, member.logits(more)])


def _reading_of(member: Member, logits: np.ndarray, images: Images) -> Doubt:
    """Look for another way to take the answers that is far better."""
    own = as_it_is(member, logits, images.labels)
    found = [one for one in others(member, own, logits, images) if is_better(one.right, own.right)]
    if not found:
        return Doubt(_like_chance(member, logits.argmax(axis=1), images.labels))
    best = max(found, key=lambda one: (one.right.sum(), one.order is None, one.own, -one.loss))
    text = (
        f"Expected columns and pixels as the data have them; received {own.right.sum()} of {len(images)} images right "
        f"as they are, and {best.right.sum()} with {best.describe(member, images.classes)}."
    )
    is_told = member.named and best.order is not None  # by the user, whose word about the order holds
    if _sure(best, len(images.classes)) and _far(best, own, images.labels) and not is_told:
        return Doubt(text, refuses=True)
    return Doubt(f"{member.name} may be taken otherwise than it was trained: {text}")


def _sure(one: Reading, classes: int) -> bool:
    """Whether a trained network reads like this: one without training may by luck, where classes are easily told."""
    return bool((one.own or classes >= MANY) and one.right.mean() >= SURE and one.loss <= TELLING)


def _far(best: Reading, own: Reading, labels: np.ndarray) -> bool:
    """Whether one is right on twice as many of the rows that it changes, or more."""
    changed = np.ones(len(labels), bool)
    if best.order is not None and best.own:
        changed = best.order[labels] != labels
    return bool(best.right[changed].sum() >= FAR * own.right[changed].sum())


def _like_chance(member: Member, predicted: np.ndarray, labels: np.ndarray) -> str:
    """Say of answers that nothing tells from guesses what to check; "" of others."""
    found = guessing(predicted, labels)
    if found is None:
        return ""
    return (
        f"{member.name} answers like chance: {found.right} of {found.rows} images right, about {found.guessed:.0f} by "
        "guessing. Likely reasons: it learned from other pixels (pixels=), its classes stand in another order "
        "(classes=), its weights were not trained or not loaded. Correct that, or leave it out."
    )
