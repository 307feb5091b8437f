"""Labelled images: where they come from, checks, splits, duplicates.

Import from it: the names of ``__all__``; rooms above import its modules too.
"""

from typing import TYPE_CHECKING

from zoo.utils.modules import lazy

if TYPE_CHECKING:
    from zoo.data.checks import as_images
    from zoo.data.duplicates import Duplicates, digests, drop_duplicates, find_duplicates
    from zoo.data.images import Images, Splits
    from zoo.data.loading import load
    from zoo.data.pictures.decode import UnreadableImagesError
    from zoo.data.splits import limit, split

__all__ = [
    "load",
    "split",
    "limit",
    "find_duplicates",
    "drop_duplicates",
    "digests",
    "Duplicates",
    "Images",
    "Splits",
    "as_images",
    "UnreadableImagesError",
]

__getattr__ = lazy(
    __name__,
    {
        "load": "zoo.data.loading",
        "split": "zoo.data.splits",
        "limit": "zoo.data.splits",
        **dict.fromkeys(("find_duplicates", "drop_duplicates", "digests", "Duplicates"), "zoo.data.duplicates"),
        **dict.fromkeys(("Images", "Splits"), "zoo.data.images"),
        "as_images": "zoo.data.checks",
        "UnreadableImagesError": "zoo.data.pictures.decode",
    },
)
