"""One size for files of many: the usual one, and no larger than backbones make use of."""

from __future__ import annotations

import logging
import math
from collections import Counter
from collections.abc import Collection
from statistics import median_high

from zoo.utils.text import Size, size_text

logger = logging.getLogger(__name__)

MOST_PIXELS = 256 * 256  # of the size that is chosen: backbones were pretrained on 224x224 to 384x384
NEAR = 1.25  # the commonest size is taken where its sides are within this factor of the median ones


def choose_size(sizes: Collection[Size], given: Size | None, fit: str) -> Size:
    """Choose the size for all, and say how many images it changes.

    By default it is the commonest size, where several have it and it is near the median of each side, else that median;
    a larger one than :data:`MOST_PIXELS` is reduced to about as many, in its own aspect.

    Args:
        sizes: of the files.
        given: what the user chose.
        fit: what becomes of another aspect, for the message.
    """
    counts = Counter(sizes)
    if not counts:
        return given or (1, 1)
    usual, what = _usual(counts)
    size = given or _reduced(usual)
    what = "the size given" if given else what
    if given is None and size != usual:
        what += f" of {size_text(usual)} reduced to what suits the backbones"
    _say(counts, size, what, fit, chosen=given is None)
    return size


def _usual(counts: Counter[Size]) -> tuple[Size, str]:
    every = list(counts.elements())
    middle = (median_high(height for height, _ in every), median_high(width for _, width in every))
    common, times = counts.most_common(1)[0]
    near = all(max(a, b) <= NEAR * min(a, b) for a, b in zip(common, middle, strict=True))
    if near and (times > 1 or len(every) == 1):
        return common, "the commonest size"
    return middle, "the median size"


def _reduced(size: Size) -> Size:
    scale = math.sqrt(MOST_PIXELS / (size[0] * size[1]))
    if scale >= 1:
        return size
    height, width = (max(1, round(side * scale)) for side in size)
    return height, width


def _say(counts: Counter[Size], size: Size, what: str, fit: str, *, chosen: bool) -> None:
    others = [size_text(other) for other in counts if other != size]
    if not others:
        return
    mixed = len(counts) > 1
    logger.log(
        logging.WARNING if mixed or chosen else logging.INFO,
        "images of %s: %d of %d (%s) are resized to %s, %s (height x width)%s",
        "mixed sizes" if mixed else "another size",
        counts.total() - counts[size],
        counts.total(),
        ", ".join(others[:5]) + (", ..." if len(others) > 5 else ""),
        what,
        size_text(size),
        f", fit={fit!r}; another: image_size=, --image-size; the aspect: fit=, --fit" if chosen else f", fit={fit!r}",
    )
