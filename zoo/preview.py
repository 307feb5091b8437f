"""What an augmentation does to one's own images, to look at before training."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from zoo.data.augment import Policy, augment
from zoo.data.contact_sheet import contact_sheet
from zoo.data.images import Images

SMALLEST = 96  # pixels: smaller images are drawn larger


def preview(images: Images, policy: Policy, path: str | Path, *, count: int = 64, seed: int = 0) -> Path:
    """Write a sheet of augmented images, eight a row, with their classes.

    Args:
        images: what to augment; the sheet takes its images from all over them, of each class its share, and some
            again where there are fewer than ``count``.
        policy: from :func:`zoo.data.augment.make_policy`.
        path: the PNG to write; a file there is replaced.
        count: images on the sheet.
        seed: of the draws; another seed gives the same images with other draws.

    Returns:
        The path.

    Raises:
        ValueError: no images, or a count below 1.
    """
    if not len(images) or count < 1:
        raise ValueError(f"Expected images and a count of 1 or more; received {len(images)} images, count {count!r}.")
    order = np.argsort(images.labels, kind="stable")
    rows = order[np.arange(count) * len(images) // count]
    pictures = augment(images.take(rows), np.arange(count), policy, (seed,))
    captions = [images.classes[label] for label in images.labels[rows]]
    return contact_sheet(pictures, path, captions=captions, scale=max(1, SMALLEST // min(images.image_size)))
