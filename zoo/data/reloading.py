"""Images that were loaded before: their classes and their size may still be chosen, their pixels not any more."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from zoo.data.checks import check_every_class
from zoo.data.class_names import FittedClasses, as_names
from zoo.data.images import Splits
from zoo.data.pictures.pixel_reading import PixelReading
from zoo.data.source import ChosenColumns
from zoo.data.sources.arrays import in_size
from zoo.utils.text import Size, nfc


def reload(
    splits: Splits, classes: Sequence[str] | None, size: Size | None, how: PixelReading, *, whole: bool
) -> Splits:
    """Bring images that were loaded before into other names' order, and into another size.

    Args:
        splits: the images.
        classes: names of the same classes, or :class:`FittedClasses`, which may be more; None keeps them.
        size: ``(height, width)``; None keeps theirs.
        how: what becomes of another aspect.
        whole: every class must have images.

    Raises:
        ValueError: other classes, or one without images.
    """
    names = splits.classes if classes is None else as_names(classes)
    if [*map(nfc, names)] != [*map(nfc, splits.classes)]:
        if not isinstance(classes, FittedClasses):
            raise ValueError(
                f"Expected the classes of the images, {', '.join(splits.classes)}; received {', '.join(names)}. "
                "Leave classes out, or name them where the images are first loaded."
            )
        splits = splits.map(lambda images: images.in_classes(names))
        if whole:
            check_every_class(splits.train)
    return splits if size is None else splits.map(lambda images: in_size(images, size, how))


def check_loaded(
    splits: Splits, reading: PixelReading, images_dir: str | Path | None, columns: ChosenColumns | None
) -> None:
    """Check that nothing is asked for that is past once pixels are bytes; a range has no effect on those of 8 bits.

    Raises:
        TypeError: a folder of images, or columns.
        ValueError: another depth range than that of the images.
    """
    if images_dir is not None or columns is not None:
        raise TypeError(
            "Expected no images_dir and no columns for images that are loaded already. Give them where you load these."
        )
    own = splits.train.reading.depth_range
    if own is not None and reading.depth_range not in (None, own):
        raise ValueError(
            f"Expected depth_range {own}, by which these images were loaded; received {reading.depth_range}. Give it "
            "where you load them."
        )
