"""Batches that come one after another, written into one memory-mapped array; what does not end is stopped."""

from __future__ import annotations

import hashlib
import logging
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from zoo.data.checks import as_images, as_pixels, sampled_levels
from zoo.data.images import Images, digest
from zoo.data.pictures.array_kinds import is_deep
from zoo.data.pictures.levels import Levels, check_levels
from zoo.data.pictures.pixel_checks import check_brightness
from zoo.data.pictures.pixel_reading import PLAIN, PixelReading
from zoo.data.stream_labels import element_labels, named
from zoo.utils.disk import check_room

logger = logging.getLogger(__name__)

MOST_BYTES, MOST_ROWS = 2**29, 50_000  # of a stream that may have no end
SAID = 0.1  # of these, after which the user is told
PASSES = 2  # that a stream may repeat what it has shown before it is taken for endless
FEWEST_REPEATED = 64  # rows
CHANNELS = (1, 3, 4)  # by which one image (H, W, C) is told from a batch of grey ones (N, H, W)


@dataclass(frozen=True, kw_only=True)
class Ending:
    """What is known of a stream's end.

    Attributes:
        batches: how many elements it has; None where that is unknown.
        certain: it ends, whether or not its length is known.
        remedy: what the user can do about one that may not end.
    """

    batches: int | None
    certain: bool
    remedy: str


def load_stream(
    batches: Iterable[tuple[Any, Any]],
    decoded: Path,
    classes: Sequence[str] | None,
    own: Sequence[str] | None,
    ending: Ending,
    reading: PixelReading = PLAIN,
) -> Images:
    """Load (image, label) pairs, batched or not, into one memory-mapped array.

    Rows are brought into the order of their content, by a hash of the pixels and then by label, and not that of
    the stream: one that is shuffled would be other data at every reading, and whatever is kept by its fingerprint
    would be made again.

    Args:
        batches: images and labels.
        decoded: folder to keep the array in.
        classes: the names that were asked for, in the order of the class ids.
        own: the stream's own names, in the order of its labels; None where it has none.
        ending: what is known of its end.
        reading: how pixels of other kinds are read.

    Raises:
        ValueError: a stream that does not end or does not fit on the disk, images of mixed sizes, or labels that are
            no classes.
    """
    beside = decoded / f".{uuid.uuid4().hex}.raw"
    try:
        written = _write(beside, batches, ending, reading)
        path = decoded / f"{_name(written.keys)}.raw"  # by its content, so that the same data is kept once
        kept = _found(path, written)
        if kept is None:
            beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
    labels, names = named(np.concatenate(written.labels), own, classes)
    images = _in_content_order(_mapped(path, written), kept or written.keys, written.keys, labels, names)
    return replace(images, reading=reading)


@dataclass(eq=False)
class _Written:
    """What was written so far.

    Attributes:
        keys: the digest of each image.
        labels: those of each element.
        shape: of an image.
        seen: the different digests.
        repeated: rows since the last new image.
        said: that the end is unknown.
    """

    keys: list[bytes] = field(default_factory=list)
    labels: list[np.ndarray] = field(default_factory=list)
    shape: tuple[int, ...] = ()
    seen: set[bytes] = field(default_factory=set)
    repeated: int = 0
    said: bool = False

    def add(self, batch: np.ndarray, labels: np.ndarray) -> None:
        self.shape = self.shape or batch.shape[1:]
        _check_same(self.shape, batch.shape[1:])
        self.labels.append(labels)
        for key in map(digest, batch):
            self.repeated = self.repeated + 1 if key in self.seen else 0
            self.seen.add(key)
            self.keys.append(key)

    def check_end(self, ending: Ending) -> None:
        """Stop a stream that shows nothing new, or too much."""
        if ending.certain:
            return
        if self.repeated >= max(PASSES * len(self.seen), FEWEST_REPEATED):
            raise ValueError(
                f"Expected images that end; the same {len(self.seen)} came again and again. Remove .repeat(), or the "
                f"endless loop in the generator. {ending.remedy}"
            )
        used = max(len(self.keys) / MOST_ROWS, len(self.keys) * int(np.prod(self.shape)) / MOST_BYTES)
        if used > SAID and not self.said:
            self.said = True
            logger.warning(
                "%s images of a dataset of unknown length so far; reading stops at %s images or %d MB. %s",
                f"{len(self.keys):,}",
                f"{MOST_ROWS:,}",
                MOST_BYTES // 10**6,
                ending.remedy,
            )
        if used > 1:
            raise ValueError(
                f"Expected images that end; received {len(self.keys):,} of {self.shape}, and the end is unknown. "
                f"{ending.remedy}"
            )


def _write(path: Path, batches: Iterable[tuple[Any, Any]], ending: Ending, reading: PixelReading) -> _Written:
    """Write the pixels one after another."""
    written, brightest, kind = _Written(), 0.0, np.dtype(np.uint8)
    levels: list[Levels] = []
    with path.open("wb") as file:
        for image, label in batches:
            images = np.asarray(image) if _is_batch(image, label) else np.asarray(image)[None]
            batch = as_pixels(images, reading, dark=True)
            _check_room(path.parent, batch, ending, first=not written.keys)
            written.add(batch, element_labels(label, len(batch), np.shape(image)))
            highest = float(batch.max() if is_deep(images, reading) else images.max())
            brightest, kind = max(brightest, highest), images.dtype
            levels += sampled_levels(images, reading)
            file.write(batch.tobytes())
            written.check_end(ending)
    if not written.keys:
        raise ValueError("Expected a dataset of images; received an empty one.")
    check_levels(levels, reading)
    check_brightness(kind, brightest, len(written.keys))
    return written


def _is_batch(image: Any, label: Any) -> bool:
    """Whether an element has several images: one axis more, or a label for each of what are grey ones."""
    shape = np.shape(image)
    grey = len(shape) == 3 and shape[-1] not in CHANNELS and np.shape(label)[:1] == shape[:1]
    return len(shape) == 4 or grey


def _check_room(folder: Path, batch: np.ndarray, ending: Ending, *, first: bool) -> None:
    """Check before the first batch is written that all of them fit on the disk."""
    if not first or ending.batches is None:
        return
    what = f"{ending.batches:,} batches of {batch.shape}"
    check_room(folder, batch.nbytes * ending.batches, what, "Take fewer, or load smaller images.")


def _name(keys: Sequence[bytes]) -> str:
    return hashlib.sha256(b"".join(sorted(keys))).hexdigest()[:16]


def _mapped(path: Path, written: _Written) -> np.ndarray:
    return np.memmap(path, np.uint8, "r", shape=(len(written.keys), *written.shape))


def _found(path: Path, written: _Written) -> list[bytes] | None:
    """The digests of an earlier reading's pictures, in their order there; None unless they are those of the stream."""
    if not path.exists():
        return None
    whole = path.stat().st_size == len(written.keys) * int(np.prod(written.shape))
    kept = [digest(picture) for picture in _mapped(path, written)] if whole else []
    if sorted(kept) == sorted(written.keys):
        return kept
    logger.warning("%s is made again: its pictures are not those of the stream", path)
    return None


def _in_content_order(
    pixels: np.ndarray, kept: Sequence[bytes], keys: Sequence[bytes], labels: np.ndarray, classes: Sequence[str] | None
) -> Images:
    """Sort by digest and label what was written.

    The file may be of an earlier reading in another order. Sorted, its pictures are the same ones all the same, so
    that the sorted labels belong to them.

    Args:
        pixels: of the file.
        kept: the digests of its pictures.
        keys: those of the stream's, whose labels these are.
        labels: the class of each.
        classes: their names.
    """
    rows = np.array(sorted(range(len(kept)), key=kept.__getitem__))
    aligned = np.empty_like(labels)
    aligned[rows] = labels[sorted(range(len(keys)), key=lambda row: (keys[row], labels[row]))]
    return as_images(pixels, aligned, classes, whole=False, dark=True).subset(rows)


def _check_same(expected: tuple[int, ...], received: tuple[int, ...]) -> None:
    if expected != received:
        raise ValueError(
            f"Expected images of one size; received {expected} and {received}. Resize them in the dataset."
        )
