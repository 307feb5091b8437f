"""Which choices of a recipe go together; what each may be by itself is declared with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zoo.augment.graph_layers import check_layers

if TYPE_CHECKING:
    from zoo.training.recipe import Recipe

DROPPING = ("plateau", "step")
RATES = (("head_final_learning_rate", "head_learning_rate"), ("final_learning_rate", "learning_rate"))


def check_together(recipe: Recipe) -> None:
    """Check what one option's declaration cannot say.

    Raises:
        ValueError: options that contradict each other; the message names one of them.
    """
    _check_phases(recipe)
    _check_rates(recipe)
    _check_drops(recipe)
    _check_mixing(recipe)
    _check_views(recipe)
    check_layers(recipe.graph_layers)


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
        heeded = recipe.schedule in DROPPING or getattr(recipe, name) == getattr(type(recipe), name)
        why = f"it is by default, as {recipe.schedule} drops nothing"
        _check(recipe, heeded, name, why, f"Leave it out, or choose {' or '.join(DROPPING)}.")


def _check_mixing(recipe: Recipe) -> None:
    mixed = recipe.mix_alpha is None or recipe.mix != "none"
    _check(recipe, mixed, "mix_alpha", "None, as there is no mix", "Leave it out, or choose a mix.")


def _check_views(recipe: Recipe) -> None:
    kept = recipe.views > 0 or recipe.cache in (type(recipe).cache, "none")
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
