"""Speeds of plans on this machine: measured, guessed, and remembered for all plans of a kind."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any

from zoo.data.images import Splits
from zoo.models.plan import Plan
from zoo.planning.speed import Speed
from zoo.training.recipe import Recipe
from zoo.utils.hashing import short_hash

if TYPE_CHECKING:
    from zoo.planning.machine import Machine

SECONDS = 2.0  # of training steps a phase
LENGTHS = ("head_epochs", "epochs", "views", "stored_views")  # of which only it matters whether there are any
RATES = ("head_learning_rate", "head_final_learning_rate", "learning_rate", "final_learning_rate", "weight_decay")
OTHERS = ("schedule", "warmup", "drop", "drop_after", "patience", "label_smoothing", "seed", "imbalance", "mix_alpha")
NO_MATTER = (*LENGTHS, *RATES, *OTHERS, "layer_decay")


def measure(plan: Plan, recipe: Recipe, data: Splits, *, seconds: float = SECONDS) -> Speed:
    """Measure a plan on this machine: a rehearsal of its own training on some of its images.

    It holds for every number of epochs, views and images, and for every seed. Random generators stay as they are, and
    what is written goes to a temporary folder.

    Args:
        plan: a complete one.
        recipe: how it will be trained.
        data: images to train on and to validate with; some hundred of them are used.
        seconds: of steps a phase; building and compiling come on top.

    Raises:
        zoo.models.pretrained.WeightsNotFoundError: pretrained weights that cannot be had.
    """
    from zoo.planning.rehearsal import rehearse

    return rehearse(plan, recipe, data, seconds)


def guess(plan: Plan, recipe: Recipe, data: Splits, machine: Machine) -> Speed:
    """Guess likewise without training a step, from the network's size; right to within a factor of about 3."""
    from zoo.planning.guessing import guessed

    return guessed(plan, recipe, data, machine)


class Speeds:
    """Speeds of plans, each kind measured once, or guessed once; give the same object to several forecasts."""

    def __init__(self) -> None:
        self._known: dict[str, Speed] = {}

    def measured(self, plan: Plan, recipe: Recipe, data: Splits) -> Speed:
        """Measure, or remember; see :func:`measure`."""
        key = kind(plan, recipe)
        if key not in self._known:
            self._known[key] = measure(plan, recipe, data)
        return self._known[key]

    def guessed(self, plan: Plan, recipe: Recipe, data: Splits, machine: Machine) -> Speed:
        """What was measured, if it was; else see :func:`guess`."""
        own = kind(plan, recipe)
        if own not in self._known and f"guess {own}" not in self._known:
            self._known[f"guess {own}"] = guess(plan, recipe, data, machine)
        return self._known.get(own) or self._known[f"guess {own}"]


def kind(plan: Plan, recipe: Recipe) -> str:
    """Name what decides a speed: two plans and recipes of one kind train equally fast."""
    shape = {name: value for name, value in plan.as_dict().items() if name not in ("name", "seed", "weights_dir")}
    return short_hash([shape, plan.pretrained, _kind_of(recipe)])


def _kind_of(recipe: Recipe) -> dict[str, Any]:
    own = {field.name: getattr(recipe, field.name) for field in fields(recipe)}
    lengths = {name: own[name] > 0 for name in LENGTHS}
    return {name: value for name, value in own.items() if name not in NO_MATTER} | lengths
