"""``zoo list``, ``zoo preview`` and ``zoo diversity``: look before you train, and at what was trained."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

import zoo
from zoo.commands.common import Data, ImageSize, Run, SkipUnreadable, read_run
from zoo.terminal.console import console


def list_backbones(
    pattern: Annotated[str, typer.Argument(help="A glob, such as 'convnext*'.")] = "*",
    exclude: Annotated[list[str] | None, typer.Option(help="A glob to leave out; may be given again.")] = None,
) -> None:
    """List the backbones that can be built."""
    from zoo.terminal.catalogue import table

    found = zoo.names(pattern, exclude=exclude or ())
    if not found:
        raise ValueError(f"No backbone matches {pattern!r}. `zoo list` shows all.")
    console.print(table(found))


def diversity(
    run: Run,
    csv: Annotated[Path | None, typer.Option(help="Write the table here as CSV too.")] = None,
) -> None:
    """Show how a run's members differ, and what leaving each of them out would cost."""
    table = read_run(run).diversity()
    console.print(table)
    if csv:
        console.print(f"table: {table.to_csv(csv)}")


def preview(
    data: Data,
    config: Annotated[
        Path | None, typer.Argument(help="A TOML file, whose recipe's policy and mixing are drawn.")
    ] = None,
    out: Annotated[Path, typer.Option(help="The PNG file.")] = Path("preview.png"),
    augment: Annotated[list[str] | None, typer.Option(help="A policy; several follow each other.")] = None,
    magnitude: Annotated[float | None, typer.Option(help="Strength, 0 to 1.")] = None,
    operations: Annotated[int | None, typer.Option(help="How many an image.")] = None,
    share: Annotated[float | None, typer.Option(help="Share of the images that are changed.")] = None,
    mix: Annotated[str | None, typer.Option(help="Blend them too: mixup, cutmix, both or none.")] = None,
    image_size: ImageSize = None,
    seed: Annotated[int, typer.Option(help="Of the choice and the changes.")] = 0,
    skip_unreadable: SkipUnreadable = False,
) -> None:
    """Draw 64 images as a recipe shows them to a network; layers in its training graph are not drawn."""
    from zoo.preview import preview as draw
    from zoo.quiet import quiet_tensorflow
    from zoo.terminal.choices import choose

    strength = {"magnitude": magnitude, "operations": operations, "share": share}
    recipe = choose(config, augment=tuple(augment or ()) or None, **strength).recipe
    mixing = recipe.mix if mix is None else mix
    if mixing != "none":
        quiet_tensorflow()  # keras-cv mixes
    images = zoo.load(data, image_size=image_size, skip_unreadable=skip_unreadable).train
    sheet = draw(
        images, recipe.policy(), out, mix=mixing, mix_alpha=recipe.mix_alpha if mix is None else None, seed=seed
    )
    console.print(f"sheet: {sheet}")
