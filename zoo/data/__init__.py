"""Labelled images: where they come from, checks, splits, duplicates.

May import: augment, datasets, utils.
Imported by cleaning, training, members and all above.
"""

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
