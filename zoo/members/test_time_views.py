"""Test-time views: a member that predicts the mean over an image's flips and turns.

Where a subject has no upper side, as a cell, a flipped or turned picture is as good as the original, and the mean over
them varies less than one prediction (Krizhevsky et al. 2012 averaged over flips; Cohen and Welling 2016,
arXiv:1602.07576, treat the group). The views are made inside the graph, so an export has them too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ensembles import Temperature
from ensembles.bootstrap import Interval, difference
from ensembles.shares import interval_from
from zoo.members.held_out import HeldOut
from zoo.members.member import Member
from zoo.members.store import Store
from zoo.models.cloning import PART, renamed

if TYPE_CHECKING:
    import keras


SYMMETRIES = ("flips", "d4")
"""Flips: the image, mirrored either way, and both: 4 views. d4: these, and all of them transposed: 8 views."""


def with_views(member: Member, symmetries: str) -> Member:
    """Make a member that predicts the mean of another one's logits over flips, or flips and quarter turns.

    Its predictions take 4 or 8 times as long; its weights are the same.

    Args:
        member: a fitted one.
        symmetries: one of :data:`SYMMETRIES`.

    Raises:
        ValueError: other symmetries, or turns of images that are not square.
    """
    check_symmetries(symmetries, member.image_size)
    viewed = Member(member.name, model=_over_views(member.model, symmetries, member.name))
    viewed.classes, viewed.trained_on = member.classes, member.trained_on
    viewed.learned_from = member.learned_from
    viewed.reading, viewed.made_of = member.reading, member.networks
    viewed.seconds, viewed.history = member.seconds, member.history
    return viewed


def check_symmetries(symmetries: str, size: tuple[int, int]) -> None:
    """Check an option.

    Raises:
        ValueError: other symmetries, or turns of images that are not square.
    """
    if symmetries not in SYMMETRIES:
        raise ValueError(f"Expected test-time views among {', '.join(SYMMETRIES)}; received {symmetries!r}.")
    if symmetries == "d4" and size[0] != size[1]:
        raise ValueError(f"Expected square images for views 'd4', which turns them; received {size}. Take 'flips'.")


def _over_views(model: keras.Model, symmetries: str, name: str) -> keras.Model:
    """Predict all views in one batch, end to end, so that the graph holds the network once."""
    import keras

    images = keras.Input(model.input_shape[1:], dtype="uint8", name="images")
    views = _views(images, symmetries)
    stacked = renamed(model, f"{PART}0")(keras.ops.concatenate(views, axis=0))
    apart = keras.ops.reshape(stacked, (len(views), -1, model.output_shape[-1]))
    logits = keras.layers.Rescaling(1.0, dtype="float32", name="logits")(keras.ops.mean(apart, axis=0))
    return keras.Model(images, logits, name=name)


def _views(images: Any, symmetries: str) -> list[Any]:
    from keras import ops

    makers: list[Callable[[Any], Any]] = [
        lambda x: x,
        lambda x: ops.flip(x, axis=2),
        lambda x: ops.flip(x, axis=1),
        lambda x: ops.flip(x, axis=(1, 2)),
    ]
    bases = [images, ops.transpose(images, (0, 2, 1, 3))] if symmetries == "d4" else [images]
    return [make(base) for base in bases for make in makers]


NO_VIEWS = "none"


def view_count(symmetries: str) -> int:
    """How many views a prediction takes."""
    return {NO_VIEWS: 1, "flips": 4, "d4": 8}[symmetries]


@dataclass(frozen=True)
class Gain:
    """What test-time views changed for a member, on images that it was not trained on; intervals of 95 %.

    Attributes:
        log_loss: that of the mean over views minus that of the image alone, each after a temperature of its own.
        accuracy: likewise.
    """

    log_loss: Interval
    accuracy: Interval

    @property
    def helps(self) -> bool:
        """The log loss is surely lower, and no accuracy is lost."""
        return self.log_loss.high < 0 <= self.accuracy.value

    def as_dict(self) -> dict[str, dict[str, float | None]]:
        """As JSON has it; an endless end is None."""
        return {"log_loss": self.log_loss.as_dict(), "accuracy": self.accuracy.as_dict()}

    def __str__(self) -> str:
        end = "taken" if self.helps else "left"
        return f"log loss {self.log_loss.signed()}, accuracy {self.accuracy.value:+.4f}: {end}"


def gain_from(plain: Mapping[str, Any]) -> Gain:
    """Make a gain from what :meth:`Gain.as_dict` returned."""
    return Gain(**{name: interval_from(interval) for name, interval in plain.items()})


def viewed_key(key: str, symmetries: str, store: Store) -> str:
    """Make, or find, a stored member with test-time views; returns its key."""
    viewed = f"{key}-{symmetries}"
    if store.find(viewed) is None:
        store.keep(viewed, with_views(store.member(key), symmetries))
    return viewed


def gain_of_views(
    keys: Sequence[str], viewed: Sequence[str], held_out: HeldOut, store: Store, *, seed: int = 0
) -> Gain:
    """Compare members with and without test-time views, one for each part of the held-out images.

    Both are calibrated first: a mean over views is less confident, and without a temperature that alone could lower
    the loss.
    """
    labels, groups = held_out.images.labels, held_out.images.groups
    plain, over_views = (_calibrated(held_out.logits(own, store), labels) for own in (keys, viewed))
    loss = difference(over_views, plain, labels, "log_loss", groups=groups, seed=seed)
    return Gain(loss, difference(over_views, plain, labels, "accuracy", groups=groups, seed=seed))


def _calibrated(logits: np.ndarray, labels: np.ndarray) -> np.ndarray:
    return Temperature().fit(logits, labels).apply(logits)
