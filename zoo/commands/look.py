"""``zoo list`` and ``zoo preview``: look before you train."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

import zoo
from zoo.commands.common import Data, ImageSize, SkipUnreadable
from zoo.console import console


def list_backbones(
    pattern: Annotated[str, typer.Argument(help="A glob, such as 'convnext*'.")] = "*",
    exclude: Annotated[list[str] | None, typer.Option(help="A glob to leave out; may be given again.")] = None,
) -> None:
    """List the backbones that can be built."""
    from zoo.catalogue import table

    found = zoo.names(pattern, exclude=exclude or ())
    if not found:
        raise ValueError(f"No backbone matches {pattern!r}. `zoo list` shows all.")
    console.print(table(found))


def preview(
    data: Data,
    out: Annotated[Path, typer.Option(help="The PNG file.")] = Path("preview.png"),
    augment: Annotated[list[str] | None, typer.Option(help="A policy; several follow each other.")] = None,
    magnitude: Annotated[float | None, typer.Option(help="Strength, 0 to 1.")] = None,
    operations: Annotated[int | None, typer.Option(help="How many an image.")] = None,
    share: Annotated[float | None, typer.Option(help="Share of the images that are changed.")] = None,
    image_size: ImageSize = None,
    seed: Annotated[int, typer.Option(help="Of the choice and the changes.")] = 0,
    skip_unreadable: SkipUnreadable = False,
) -> None:
    """Draw 64 images as a policy shows them to a network."""
    from zoo.data.augment import make_policy
    from zoo.preview import preview as draw

    policy = make_policy(augment or ["composite"], magnitude=magnitude, operations=operations, share=share)
    images = zoo.load(data, image_size=image_size, skip_unreadable=skip_unreadable).train
    console.print(f"sheet: {draw(images, policy, out, seed=seed)}")
