"""``zoo list``, ``zoo preview`` and ``zoo diversity``: look before you train, and at what was trained."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any

import typer

import zoo
from zoo.cli.common import Data, ImageSize, Run, SkipUnreadable, read_run
from zoo.cli.console import console
from zoo.models.registry import spec


def list_backbones(
    pattern: Annotated[str, typer.Argument(help="A glob, such as 'convnext*'.")] = "*",
    exclude: Annotated[list[str] | None, typer.Option(help="A glob to leave out; may be given again.")] = None,
) -> None:
    """List the backbones that can be built."""
    from zoo.cli.look import table

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
    from zoo.cli.choices import choose
    from zoo.data.preview import preview as draw
    from zoo.utils.logging import quiet_tensorflow

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


HEADER = ("name", "family", "size", "parameters", "pixels", "ImageNet", "paper")


def row(name: str) -> tuple[str, ...]:
    """Describe one backbone, in the order of ``HEADER``."""
    record = spec(name)
    parameters = "" if record.parameters is None else f"{record.parameters:,}"
    weights = {"keras": "download or file", "file": "file", None: "no"}
    return (
        name,
        record.family,
        str(record.image_size),
        parameters,
        record.pixels,
        weights[record.imagenet],
        record.paper,
    )


def table(names: Iterable[str]) -> Any:
    """Make a ``rich`` table of some backbones."""
    from rich.table import Table

    made = Table(box=None, pad_edge=False)
    for title in HEADER:
        made.add_column(title, justify="right" if title in ("size", "parameters") else "left", no_wrap=title == "name")
    for name in names:
        made.add_row(*row(name))
    return made
