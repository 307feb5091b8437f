"""Labelled images in memory or on disk, and their splits: what every other part of the library is handed."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

import numpy as np

from zoo.data.class_codes import NO_CODES, ClassCodes
from zoo.data.inventory import Inventory
from zoo.data.pictures.pixel_reading import PLAIN, PixelReading
from zoo.utils.chunks import chunks
from zoo.utils.progress import counted
from zoo.utils.text import nfc

CHUNK = 1024


def digest(picture: np.ndarray) -> bytes:
    """Hash the pixels of one image."""
    return hashlib.blake2b(picture.tobytes(), digest_size=16).digest()


@dataclass(frozen=True, eq=False, repr=False)
class Images:
    """Labelled images of one size.

    Attributes:
        pixels: ``(M, H, W, 3)`` uint8 RGB of 0 to 255, an array or a memory map.
        labels: ``(N,)`` int64, an index into ``classes`` for each row.
        classes: the classes' names, in the order of the labels.
        origins: ``(N,)`` where each image came from, for messages.
        rows: ``(N,)`` which of ``pixels`` are meant, so that a part of a large file is no copy; None for all.
        groups: ``(N,)`` what each image shows, such as a patient or a slide, where several show the same: these are
            never divided between splits or folds. None where every image is by itself.
        reading: how pixels of other kinds were read, so that later images are read alike.
        codes: what the table of the images calls the classes beside their names.
        folder: that origins are relative to, where they are paths of files; None where they are not.
    """

    pixels: np.ndarray
    labels: np.ndarray
    classes: tuple[str, ...]
    origins: np.ndarray
    rows: np.ndarray | None = None
    groups: np.ndarray | None = None
    reading: PixelReading = PLAIN
    codes: ClassCodes = NO_CODES
    folder: Path | None = None

    def __len__(self) -> int:
        return len(self.labels)

    def __repr__(self) -> str:
        height, width = self.image_size
        groups = "" if self.groups is None else f", of {len(np.unique(self.groups)):,} groups"
        return f"<Images: {len(self):,} of {height}x{width} in {len(self.classes)} classes{groups}>"

    @property
    def image_size(self) -> tuple[int, int]:
        """``(height, width)`` in pixels."""
        return int(self.pixels.shape[1]), int(self.pixels.shape[2])

    @property
    def counts(self) -> np.ndarray:
        """``(classes,)`` how many images each class has."""
        return np.bincount(self.labels, minlength=len(self.classes))

    def take(self, rows: np.ndarray) -> np.ndarray:
        """Copy the images of some rows: ``(n, H, W, 3)`` uint8."""
        return np.ascontiguousarray(self.pixels[rows if self.rows is None else self.rows[rows]])

    def subset(self, rows: np.ndarray) -> Images:
        """Keep some rows, by index or by mask, without copying any pixel."""
        index = np.flatnonzero(rows) if np.asarray(rows).dtype == bool else np.asarray(rows)
        own = index if self.rows is None else self.rows[index]
        groups = None if self.groups is None else self.groups[index]
        labels, origins = self.labels[index], self.origins[index]
        return replace(self, labels=labels, origins=origins, rows=own, groups=groups)

    def in_classes(self, names: tuple[str, ...]) -> Images:
        """The same images with labels that index other names, matched by name; classes may be fewer here.

        Raises:
            ValueError: images of a class that is not among the names.
        """
        if self.classes == names:
            return self
        index = {nfc(name): number for number, name in enumerate(names)}
        own = [index.get(nfc(name)) for name in self.classes]
        strange = [name for name, id, count in zip(self.classes, own, self.counts, strict=True) if id is None and count]
        if strange:
            raise ValueError(
                f"Expected images of the classes {', '.join(names)}; received also {', '.join(strange)}. "
                "Name the classes alike, or leave these images out."
            )
        ids = np.array([id or 0 for id in own], np.int64)
        former = {number: place for place, number in enumerate(own) if number is not None}
        codes = self.codes.in_order([former.get(number) for number in range(len(names))])
        return replace(self, labels=ids[self.labels], classes=names, codes=codes)

    @cached_property
    def fingerprint(self) -> str:
        """A hash of pixels, labels and classes, in order: two sets with the same one are the same data."""
        content = hashlib.sha256(repr((len(self), self.image_size, self.classes)).encode())
        content.update(self.labels.astype("<i8").tobytes())
        for chunk in counted(chunks(self, CHUNK), "hashing", len(self), "images"):
            content.update(chunk.tobytes())
        return content.hexdigest()[:16]

    @cached_property
    def digests(self) -> tuple[bytes, ...]:
        """``(N,)`` a hash of each row's pixels."""
        parts = counted(chunks(self, CHUNK), "hashing", len(self), "images")
        return tuple(digest(picture) for chunk in parts for picture in chunk)


@dataclass(frozen=True, eq=False, repr=False)
class Splits:
    """Images to train on, to choose with, and to score with.

    Attributes:
        train: images that members are trained on.
        validation: what stops the training and fits the rules; None where the source has none.
        test: what nothing is fitted on; None where the source has none.
        inventory: what became of every file of the source; None for a source that is no folder, and for parts.
    """

    train: Images
    validation: Images | None = None
    test: Images | None = None
    inventory: Inventory | None = field(default=None, init=False)

    def __repr__(self) -> str:
        return f"<Splits: {', '.join(f'{name} {images!r}' for name, images in self.items())}>"

    def map(self, change: Callable[[Images], Images]) -> Splits:
        """Change each split's images; the files that they come from stay accounted for."""
        changed = Splits(**{name: change(images) for name, images in self.items()})
        return changed if self.inventory is None else changed.with_inventory(self.inventory)

    def with_inventory(self, inventory: Inventory) -> Splits:
        """Say what became of the files that these images come from."""
        accounted = Splits(self.train, self.validation, self.test)
        object.__setattr__(accounted, "inventory", inventory)
        return accounted

    @property
    def classes(self) -> tuple[str, ...]:
        """The classes' names, in the order of the labels."""
        return self.train.classes

    def items(self) -> list[tuple[str, Images]]:
        """The splits that there are, with their names."""
        named = (("train", self.train), ("validation", self.validation), ("test", self.test))
        return [(name, images) for name, images in named if images is not None]

    def to_validate(self) -> Images:
        """The validation split, where there has to be one.

        Raises:
            ValueError: there is none.
        """
        if self.validation is None:
            raise ValueError("Expected validation images; there are none. Divide the images: zoo.data.split(images).")
        return self.validation

    def to_score(self) -> tuple[str, Images]:
        """The split to score a finished ensemble with: test, else validation, else all there is."""
        return self.items()[-1]
