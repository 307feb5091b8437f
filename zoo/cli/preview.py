"""``zoo preview``: look at what a recipe does to images, before training."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

import zoo
from zoo.cleaning.preparation_options import READ, Preparation
from zoo.cli.command_options import choose, offering
from zoo.cli.common import Data
from zoo.cli.console import say
from zoo.training.recipe import Recipe

DRAWN = ("augment", "magnitude", "operations", "share", "flips", "mix", *READ)


@offering(Recipe, Preparation, only=DRAWN)
def preview(
    data: Data,
    config: Annotated[
        Path | None, typer.Argument(help="A TOML file, whose recipe's policy and mixing are drawn.")
    ] = None,
    out: Annotated[Path, typer.Option(help="The PNG file.")] = Path("preview.png"),
    seed: Annotated[int, typer.Option(help="Of the choice and the changes.")] = 0,
    **options: Any,
) -> None:
    """Draw 64 images as a recipe shows them to a network; layers in its training graph are not drawn."""
    from zoo.data.contact_sheet import preview as draw
    from zoo.utils.logging import quiet_tensorflow

    chosen = choose(config, **options)
    recipe, how = chosen.recipe, chosen.data
    if recipe.mix != "none":
        quiet_tensorflow()  # keras-cv mixes
    images = zoo.load(data, **how.reading()).train
    sheet = draw(images, recipe.policy(), out, mix=recipe.mix, mix_alpha=recipe.mix_alpha, seed=seed)
    say(f"sheet: {sheet}")
