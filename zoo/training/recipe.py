"""The recipe: every choice of training as one frozen, printable value."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Literal

from zoo.augment import Policy, make_policy
from zoo.augment.graph_layers import check_layers
from zoo.augment.orientation import FREE
from zoo.models.adaptation import Adapt
from zoo.training.recipe_options import RecipeOptions
from zoo.utils.option_fields import as_plain_numbers, check_options, documented

# Newer than the first keys of members, which have to stay as they are.
LATER = ("flips", "head_solver", "devices", "adapt", "lora_rank")
# What a probe has: how its features are made, how classes count, and what its one epoch is scored on.
AUGMENTING = ("augment", "magnitude", "operations", "share", "flips")
PROBED = (*AUGMENTING, "views", "cache", "precision", "validate", "imbalance", "seed")
WEIGHING = ("none", "class_weights")
TURNING = ("RandomFlip", "RandomRotation")
DROPPING = ("plateau", "step")
RATES = (("head_final_learning_rate", "head_learning_rate"), ("final_learning_rate", "learning_rate"))


@documented
@dataclass(frozen=True, kw_only=True)
class Recipe(RecipeOptions):
    """How a member is trained: the head on a frozen backbone first, then more of the network at a low rate.

    A member without pretrained weights has nothing to freeze: it trains in one phase, everything, for
    ``head_epochs + epochs`` at ``head_learning_rate``.

    Attributes:
    {options}

    Raises:
        ValueError: a value outside of these, or options that contradict each other.
    """

    def __post_init__(self) -> None:
        as_plain_numbers(self)
        check_options(self)
        if not isinstance(self.augment, str) and len(self.augment) == 1:  # written in two ways, it has one key
            object.__setattr__(self, "augment", self.augment[0])
        self.policy()
        check_layers(self.graph_layers)
        for check in (
            _check_phases,
            _check_rates,
            _check_drops,
            _check_mixing,
            _check_views,
            _check_flips,
            _check_solver,
            _check_probe,
            _check_lora,
        ):
            check(self)

    def policy(self) -> Policy:
        """The augmentation, ready to use.

        Raises:
            ValueError: an unknown policy, or an option that it does not have.
        """
        return make_policy(
            self.augment,
            magnitude=self.magnitude,
            operations=self.operations,
            share=self.share,
            flips=self.flips,
        )

    def adapted(self, adapt: Adapt | None) -> Recipe:
        """The recipe of a member that says itself how it is adapted; None leaves the recipe as it is.

        A probe takes only the options that apply to it. It needs kept features of some views, so ``views`` and
        ``cache`` get their defaults where there are none; for any ``imbalance`` it weighs the classes.
        """
        if adapt in (None, self.adapt):
            return self
        if adapt != "probe":
            return replace(self, adapt=adapt, lora_rank=self.lora_rank if adapt == "lora" else Recipe.lora_rank)
        own = {name: getattr(self, name) for name in PROBED}
        own["views"] = self.views or Recipe.views
        own["cache"] = Recipe.cache if self.cache == "none" else self.cache
        own["imbalance"] = WEIGHING[self.imbalance != "none"]
        return Recipe(adapt="probe", **own)

    @property
    def validation_shows(self) -> Literal["clean", "augmented", "shifted"]:
        """How validation images are scored; a policy that changes nothing leaves them clean."""
        return "clean" if self.validate == "augmented" and self.policy().is_identity else self.validate

    def as_dict(self) -> dict[str, Any]:
        """The recipe as plain JSON values; without options of ``LATER`` that are at their default."""
        plain = asdict(self)
        return {name: value for name, value in plain.items() if name not in LATER or value != getattr(Recipe, name)}


def _check_flips(recipe: Recipe) -> None:
    turning = [spec["layer"] for spec in recipe.graph_layers if spec["layer"] in TURNING]
    kept = recipe.flips in FREE or not turning
    _check(recipe, kept, "flips", f"'policy' or 'both' with {', '.join(turning)} in graph_layers", "Leave one out.")


def _check_solver(recipe: Recipe) -> None:
    """A solved head needs the features of fixed views, and hard labels."""
    if recipe.head_solver == "gradient":
        return
    why = "with head_solver 'lbfgs', which solves for the head on kept features"
    _check(recipe, recipe.head_epochs > 0, "head_epochs", f"1 or more {why}")
    _check(recipe, recipe.views > 0, "views", f"1 or more {why}")
    _check(recipe, recipe.cache != "none", "cache", f"'float16' or 'float32' {why}")
    _check(recipe, recipe.devices == "one", "devices", f"'one' {why}")
    _check(recipe, recipe.mix == "none", "mix", f"'none' {why}")
    _check(recipe, not recipe.graph_layers, "graph_layers", f"none {why}")


def _check_probe(recipe: Recipe) -> None:
    """A probe solves for its head on kept features, and trains nothing else."""
    if recipe.adapt != "probe":
        return
    why = "with adapt 'probe', which solves for the head on kept features and trains nothing else"
    _check(recipe, recipe.views > 0, "views", f"1 or more {why}")
    _check(recipe, recipe.cache != "none", "cache", f"'float16' or 'float32' {why}")
    _check(recipe, recipe.imbalance in WEIGHING, "imbalance", f"{' or '.join(WEIGHING)} {why}")
    for name in (own.name for own in fields(recipe) if own.name not in (*PROBED, "adapt")):
        default = getattr(Recipe, name)
        _check(recipe, getattr(recipe, name) == default, name, f"{default!r}, its default, {why}", "Leave it out.")


def _check_lora(recipe: Recipe) -> None:
    if recipe.adapt != "lora":
        kept = recipe.lora_rank == Recipe.lora_rank
        _check(
            recipe, kept, "lora_rank", f"its default with adapt {recipe.adapt!r}", "Leave it out, or set adapt='lora'."
        )
        return
    _check(recipe, recipe.epochs > 0, "epochs", "1 or more with adapt 'lora', which fine-tunes")
    _check(recipe, not recipe.train_batch_norm, "train_batch_norm", "False with adapt 'lora', which leaves the norms")


def _check_phases(recipe: Recipe) -> None:
    trained = _unfreezes(recipe.unfreeze)
    _check(recipe, trained, "unfreeze", "'all', layers (1, 2, ...), a fraction above 0, below 1, or a stage")
    trains = recipe.head_epochs + recipe.epochs > 0
    _check(recipe, trains, "epochs", "1 or more in one of the phases", "Set epochs or head_epochs.")


def _check_rates(recipe: Recipe) -> None:
    for final, highest in RATES:
        low, high = getattr(recipe, final), getattr(recipe, highest)
        _check(recipe, low <= high, final, f"0 up to the {highest}, {high}")
        falls = recipe.schedule != "constant" or low == 0
        _check(recipe, falls, final, "0, as the rate is constant", "Leave it out, or choose another schedule.")


def _check_drops(recipe: Recipe) -> None:
    for name in ("drop", "drop_after"):
        heeded = recipe.schedule in DROPPING or getattr(recipe, name) == getattr(Recipe, name)
        why = f"it is by default, as {recipe.schedule} drops nothing"
        _check(recipe, heeded, name, why, f"Leave it out, or choose {' or '.join(DROPPING)}.")


def _check_mixing(recipe: Recipe) -> None:
    mixed = recipe.mix_alpha is None or recipe.mix != "none"
    _check(recipe, mixed, "mix_alpha", "None, as there is no mix", "Leave it out, or choose a mix.")


def _check_views(recipe: Recipe) -> None:
    kept = recipe.views > 0 or recipe.cache in (Recipe.cache, "none")
    _check(recipe, kept, "cache", "'none', as there are no fixed views", "Leave it out, or set views.")
    changed = recipe.stored_views != 1 or recipe.policy().is_identity
    _check(recipe, changed, "stored_views", "0, or 2 or more, as the first one is the clean image")


def _check(recipe: Recipe, good: bool, name: str, expected: str, advice: str = "") -> None:
    if not good:
        raise ValueError(f"Expected {name} as {expected}; received {getattr(recipe, name)!r}. {advice}".rstrip())


def _unfreezes(value: object) -> bool:
    """Words and numbers have different limits here, and a fraction others than a count."""
    if isinstance(value, str):
        return bool(value)
    return isinstance(value, int | float) and (0 < value < 1 or (isinstance(value, int) and value >= 1))
