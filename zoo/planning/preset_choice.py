"""What a preset chose: members, recipe and the other options of an ensemble, and shorter versions of it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from zoo.ensemble_options import EnsembleOptions
from zoo.models.plan import Plan
from zoo.training.recipe import Recipe


@dataclass(frozen=True, kw_only=True)
class Choice:
    """What is fitted instead of what a user would have to choose.

    Attributes:
        plans: the members.
        options: of the ensemble, those that are chosen; the others stay the user's.
        why: the reasons, for the log.
        swift: networks that train faster, one of which stands in where no epoch of the first member fits into a limit.
    """

    plans: tuple[Plan, ...]
    options: dict[str, Any] = field(default_factory=dict)
    why: str = ""
    swift: tuple[Plan, ...] = ()

    @property
    def recipe(self) -> Recipe:
        """How members are trained."""
        recipe: Recipe = self.options["recipe"]
        return recipe

    @property
    def tunes(self) -> bool:
        """Some member is trained beyond a solved head."""
        return (self.recipe.epochs > 0 and self.recipe.adapt != "probe") or not self.plans[0].pretrained

    def over(self, options: EnsembleOptions) -> EnsembleOptions:
        """The user's options, with those that were chosen."""
        return replace(options, preset=None, time_limit=None, **self.options)

    def with_recipe(self, **changed: Any) -> Choice:
        """The same choice with other words in its recipe."""
        return replace(self, options=self.options | {"recipe": replace(self.recipe, **changed)})

    def plain(self) -> Choice:
        """The same choice without what takes several times as long: folds, snapshots and views."""
        return replace(self, options=self.options | {"folds": 0, "refit": False, "snapshots": 1, "views": "none"})

    def tuning_nothing(self) -> Choice:
        """The same choice of heads alone, without low-rank matrices, which train what is before them."""
        plans = tuple(replace(plan, adapt=None) if plan.adapt == "lora" else plan for plan in self.plans)
        return replace(self, plans=plans).with_recipe(epochs=0, adapt=Recipe.adapt, lora_rank=Recipe.lora_rank)

    def of(self, members: int) -> Choice:
        """The same choice of its first members."""
        return replace(self, plans=self.plans[:members])

    @property
    def stand_ins(self) -> list[Choice]:
        """The same choice with one swift network as its only member, the strongest first."""
        return [replace(self, plans=(plan,), swift=()) for plan in self.swift]
