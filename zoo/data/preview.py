"""What an augmentation does to one's own images, to look at before training."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from zoo.augment import Policy, augment
from zoo.augment.mixing import mix as blend
from zoo.data.contact_sheet import contact_sheet
from zoo.data.images import Images

SMALLEST = 96  # pixels: smaller images are drawn larger
FAINT = 0.05  # share of a class that is not worth a caption's line


def preview(
    images: Images,
    policy: Policy,
    path: str | Path,
    *,
    mix: str = "none",
    mix_alpha: float | None = None,
    count: int = 64,
    seed: int = 0,
) -> Path:
    """Write a sheet of augmented images, eight a row, with their classes; of mixed images with each class's share.

    Args:
        images: what to augment; the sheet takes its images from all over them, of each class its share, and some
            again where there are fewer than ``count``.
        policy: from :func:`zoo.augment.make_policy`.
        path: the PNG to write; a file there is replaced.
        mix: ``mixup``, ``cutmix`` or ``both``, over all images of the sheet as if they were a batch; or ``none``.
        mix_alpha: its parameter; None is the method's own.
        count: images on the sheet.
        seed: of the draws; another seed gives the same images with other draws.

    Returns:
        The path.

    Raises:
        ValueError: no images, a count below 1, or what :func:`zoo.augment.mixing.mix` refuses.
    """
    if not len(images) or count < 1:
        raise ValueError(f"Expected images and a count of 1 or more; received {len(images)} images, count {count!r}.")
    order = np.argsort(images.labels, kind="stable")
    rows = order[np.arange(count) * len(images) // count]
    pictures = augment(images.take(rows), np.arange(count), policy, (seed,))
    targets = np.eye(len(images.classes), dtype=np.float32)[images.labels[rows]]
    pictures, targets = blend(pictures, targets, mix, alpha=mix_alpha, seed=(seed,))
    captions = [_caption(images.classes, shares) for shares in targets]
    return contact_sheet(pictures, path, captions=captions, scale=max(1, SMALLEST // min(images.image_size)))


def _caption(classes: Sequence[str], shares: np.ndarray) -> str:
    """The classes of an image, the largest share first; the shares of a mixed one."""
    present = [label for label in np.argsort(-shares, kind="stable") if shares[label] > FAINT]
    if len(present) == 1:
        return classes[present[0]]
    return "\n".join(f"{shares[label]:.0%} {classes[label]}" for label in present)
