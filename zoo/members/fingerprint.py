"""What tells one member from another: everything that decides its weights."""

from __future__ import annotations

from zoo.data.images import Images
from zoo.models.fingerprint import NUMERICS
from zoo.models.spec import Plan
from zoo.training.recipe import Recipe
from zoo.utils.hashing import short_hash


def member_key(
    plan: Plan, recipe: Recipe, train: Images, validation: Images, *, start: str = "", teacher: str = ""
) -> str:
    """Name a member by plan, recipe, seed and data; and by the member that it starts from and what teaches it."""
    content = {
        "numerics": NUMERICS,
        "plan": plan.identity(),
        "recipe": recipe.as_dict(),
        "policy": recipe.policy().identity(),
        "train": train.fingerprint,
        "validation": validation.fingerprint,
        **{name: told for name, told in (("start", start), ("teacher", teacher)) if told},
    }
    return f"{plan.backbone}-{short_hash(content)}"
