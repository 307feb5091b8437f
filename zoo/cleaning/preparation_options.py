"""The options of what is done to a source before members train on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from zoo.data.pictures.pixel_reading import WHITE, Fit, as_reading
from zoo.data.split_words import HELD_OUT
from zoo.utils.option_fields import check_options, documented, option
from zoo.utils.text import AnySize

READ = (  # the options of zoo.load
    "classes",
    "image_size",
    "skip_unreadable",
    "allow_unreadable",
    "images_dir",
    "columns",
    "group_from",
    "fit",
    "background",
    "depth_range",
)


@documented
@dataclass(frozen=True, kw_only=True)
class Preparation:
    """What is done to a source before members train on it.

    Attributes:
    {options}

    Raises:
        ValueError: a value of a wrong type or outside of its limits.
    """

    image_size: AnySize | None = option(
        None,
        help="side or ``(height, width)`` to decode to; by default the source's own. Of files, "
        "the usual one among them, reduced to about 256x256 pixels where it is larger.",
        short="Decode to this side, in pixels, or HEIGHTxWIDTH.",
    )
    fit: Fit = option(
        "squash",
        help="what becomes of another aspect: ``squash`` changes it, ``pad`` adds borders, ``crop`` cuts off what is "
        "too long.",
        short="What becomes of another aspect.",
    )
    background: str = option(
        WHITE,
        help="a colour's name or ``#rrggbb``: what transparent pixels are laid over, and the borders of ``pad``.",
        short="Colour under transparent pixels and of borders, by name or #rrggbb.",
    )
    depth_range: Sequence[float] | None = option(
        None,
        help="``(low, high)``: what becomes 0 and 255 of images of more than 8 bits; by default chosen from the "
        "training images.",
        short="LOW,HIGH: what becomes 0 and 255 of more than 8 bits.",
    )
    decisions: str | Path | None = option(
        None,
        help="CSV that ``zoo clean`` wrote and the user went through; what it says to drop is left out first.",
        short="The findings.csv of `zoo clean`: what it says to drop is left out.",
    )
    drop_duplicates: bool = option(
        True,
        help="leave exact duplicates out, and every copy of those under conflicting labels.",
        short="Leave exact duplicates out, or keep them.",
        flag="--drop-duplicates/--keep-duplicates",
    )
    validation: float = option(
        HELD_OUT,
        help="share held out for validation where the source has no such split.",
        short="Share held out for validation where the source has no such split, 0.2 by default.",
        least=0,
        below=1,
    )
    test: float = option(
        0.0,
        help="share held out for a test where the source has no split at all.",
        short="Share held out for a test where the source has no split at all, none by default.",
        least=0,
        below=1,
    )
    limit: int | None = option(
        None,
        help="train on a stratified choice of so many images; None for all.",
        short="Train on a stratified choice of so many images.",
        least=1,
    )
    group_from: str | None = option(
        None,
        help="regular expression that finds in a file's path what it shows, such as a patient or a slide; groups stay "
        "whole in splits and folds.",
        short="Regular expression in a file's path, such as 'patient_(\\d+)': groups stay whole.",
    )
    skip_unreadable: bool = option(
        False,
        help="leave out files that cannot be read instead of refusing.",
        short="Leave out files that cannot be read, if they are a tenth of all or fewer.",
    )
    allow_unreadable: float | None = option(
        None,
        help="leave out so large a share of files that cannot be read, instead of a tenth; it implies "
        "``skip_unreadable``.",
        short="Leave out files that cannot be read, up to this share of all.",
        least=0,
        most=1,
    )
    classes: tuple[str, ...] | None = option(
        None,
        help="what the class folders are called, in the order wanted; by default all folders, in natural order.",
        short="A class folder; given for each, folders are classes that might be splits, and in this order.",
    )

    images_dir: str | Path | None = option(
        None,
        help="folder of the files that a table names; by default the table's own.",
        short="The folder of the files that a table names; by default the table's own.",
        flag="--images",
    )
    columns: str | Mapping[str, Any] | None = option(
        None,
        help="columns of a table by role (image, label, split, group); by default found by their names.",
        short="A table's columns, image=NAME,label=NAME,split=NAME,group=NAME; by default found by their names.",
    )

    def __post_init__(self) -> None:
        from zoo.data.groups import compiled  # not for the help text, which would wait for it
        from zoo.data.tables.columns import parse_columns

        check_options(self)
        parse_columns(self.columns)
        as_reading(fit=self.fit, background=self.background, depth_range=self.depth_range)
        if self.group_from is not None:
            compiled(self.group_from)

    def reading(self) -> dict[str, Any]:
        """How the source is read: the options of :func:`zoo.load`."""
        return {name: getattr(self, name) for name in READ}
