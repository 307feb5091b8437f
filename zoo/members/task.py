"""A member to train and what became of it: plain values that travel between processes."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from zoo.data.groups import partition_key
from zoo.data.images import Splits
from zoo.data.views import COMPOSITES
from zoo.models import registry
from zoo.models.fingerprint import NUMERICS
from zoo.models.plan import Plan
from zoo.models.pretrained import REMEDY, WeightsNotFoundError
from zoo.training.deadline import TimeUpError
from zoo.training.recipe import Recipe
from zoo.utils.hashing import short_hash

if TYPE_CHECKING:
    from zoo.training.distillation import Teacher

logger = logging.getLogger(__name__)

OUT_OF_MEMORY = (
    "out of memory: lower the recipe's batch_size, with accumulate so many times larger, or the images' size"
)


@dataclass(frozen=True)
class Task:
    """A member to train; nothing in it is built or open, so that it can go to another process.

    Attributes:
        plan: what to build, complete.
        recipe: how to train it.
        data: images to train on and to choose with.
        start: key of the member in the store whose weights it starts from; "" for the plan's own.
        teacher: makes soft targets beside the labels.
        spec: the backbone's record, for a process that did not see the user register it.
        steering: fingerprints of the callbacks that may steer.
        cut: after how many epochs a time limit ended the training; 0 for a whole one.
    """

    plan: Plan
    recipe: Recipe
    data: Splits
    start: str = ""
    teacher: Teacher | None = None
    spec: registry.Spec | None = None
    steering: tuple[str, ...] = ()
    cut: int = 0

    def located(self) -> Task:
        """The same task for any process: its weights found, its backbone's record with it.

        Raises:
            zoo.models.pretrained.WeightsNotFoundError: weights that cannot be had.
        """
        return replace(self, plan=self.plan.located(), spec=registry.spec(self.plan.backbone))

    def key(self) -> str:
        """The member's key in the store: the hash of everything that decides its weights."""
        return f"{self.plan.backbone}-{short_hash(self.choices())}"

    def choices(self) -> dict[str, Any]:
        """Everything that decides the member's weights, as plain JSON values."""
        teacher = "" if self.teacher is None else self.teacher.fingerprint
        groups = partition_key(self.data.train) if self.recipe.adapt == "probe" else ""  # they divide its folds
        further: dict[str, Any] = {"start": self.start, "teacher": teacher, "callbacks": list(self.steering)}
        changes = COMPOSITES - 1 if self.recipe.validation_shows == "shifted" else 0  # since the first version
        further |= {"groups": groups, "cut": self.cut, "composites": changes}
        return {
            "numerics": NUMERICS,
            "plan": self.plan.identity(),
            "recipe": self.recipe.adapted(self.plan.adapt).as_dict(),
            "policy": self.recipe.policy().identity(),
            "train": self.data.train.fingerprint,
            "validation": self.data.to_validate().fingerprint,
            **{name: value for name, value in further.items() if value},
        }


@dataclass(frozen=True)
class Outcome:
    """What became of a task: the member's key in the store, or the reason why there is none."""

    key: str = ""
    reason: str = ""

    @classmethod
    def failed(cls, name: str, error: Exception) -> Outcome:
        """The outcome of an error, which is logged: a member's failure ends no other."""
        kind = type(error).__name__
        starved = kind in ("MemoryError", "ResourceExhaustedError") or "RESOURCE_EXHAUSTED" in str(error)
        if isinstance(error, WeightsNotFoundError):  # told of all such members at once
            return cls(reason=f"{kind}: {str(error).removesuffix(REMEDY).rstrip()}")
        if isinstance(error, TimeUpError):  # no failure: as was asked for
            logger.info("%s: %s; its progress is kept", name, error)
            return cls(reason=str(error))
        reason = OUT_OF_MEMORY if starved else f"{kind}: {error}"
        logger.warning("%s failed: %s", name, reason)
        return cls(reason=reason)

    @property
    def lacks_weights(self) -> bool:
        """There is none because pretrained weights were not found."""
        return self.reason.startswith(WeightsNotFoundError.__name__)
