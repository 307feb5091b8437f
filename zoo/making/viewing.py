"""Views at test time where they help: measured on held-out images, member by member."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ensembles import Temperature
from ensembles.bootstrap import Interval, difference
from zoo.derived.symmetries import with_views
from zoo.making.kfold import HeldOut
from zoo.store import Store

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Gain:
    """What views changed for a member, on images that it did not learn from; intervals of 95 %.

    Attributes:
        log_loss: of the mean over views less that of the image alone, each after a temperature of its own.
        accuracy: likewise.
    """

    log_loss: Interval
    accuracy: Interval

    @property
    def helps(self) -> bool:
        """The log loss is surely lower, and no accuracy is lost."""
        return self.log_loss.high < 0 <= self.accuracy.value

    def __str__(self) -> str:
        loss = self.log_loss
        return (
            f"log loss {loss.value:+.4f} ({loss.low:+.4f} to {loss.high:+.4f}), accuracy {self.accuracy.value:+.4f}: "
            + ("taken" if self.helps else "left")
        )


def gain_from(plain: Mapping[str, Any]) -> Gain:
    """Make a gain of what :func:`dataclasses.asdict` gave."""
    return Gain(**{name: Interval(**interval) for name, interval in plain.items()})


def viewed_key(key: str, symmetries: str, store: Store) -> str:
    """Make, or find, a stored member with views; returns its key."""
    viewed = f"{key}-{symmetries}"
    if store.find(viewed) is None:
        store.keep(viewed, with_views(store.member(key), symmetries))
    return viewed


def gain_of_views(
    keys: Sequence[str], viewed: Sequence[str], held_out: HeldOut, store: Store, *, seed: int = 0
) -> Gain:
    """Compare members with and without views, one for each part of the held-out images.

    What a temperature gives to any answer is not counted: a mean over views is less sure, which may itself be better.
    """
    labels = held_out.images.labels
    plain, over_views = (_calibrated(held_out.logits(own, store), labels) for own in (keys, viewed))
    loss = difference(over_views, plain, labels, "log_loss", seed=seed)
    return Gain(loss, difference(over_views, plain, labels, "accuracy", seed=seed))


def _calibrated(logits: np.ndarray, labels: np.ndarray) -> np.ndarray:
    return Temperature().fit(logits, labels).apply(logits)
