"""Corrupted copies that another suite wrote, such as MedMNIST-C's (Di Salvo et al., 2024, arXiv:2406.17536).

A folder has a file ``KIND.npz`` for each kind, with ``test_images``: all images at severity 1, then all at severity 2,
and so on to 5; and ``test_labels``, class ids. Where it has ``classes``, the ids are indices into these names, else
into the run's classes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from zipfile import BadZipFile

import numpy as np

from zoo.augment.corruptions import SEVERITIES
from zoo.data.checks import as_images
from zoo.data.images import Images
from zoo.data.npz_archive import unpack
from zoo.data.sources.arrays import in_size
from zoo.evaluation.corrupted_copies import Copy

IMAGES, LABELS, CLASSES = "test_images", "test_labels", "classes"
REMEDY = "Write the copies of these images, in their order: docs/shift.md says how."


@dataclass(frozen=True)
class WrittenCopies:
    """Copies in files, of labelled images that are given as they are too.

    Attributes:
        folder: of ``KIND.npz`` files.
        clean: the same images uncorrupted, in the same order.

    Examples:
        >>> copies = WrittenCopies(Path("bloodmnist-c"), test)  # doctest: +SKIP
        >>> shift_scores(member.logits, test, copies=copies).shifted  # doctest: +SKIP
    """

    folder: Path
    clean: Images

    @property
    def kinds(self) -> tuple[str, ...]:
        """The files' names, in the order of the alphabet.

        Raises:
            FileNotFoundError: no folder, or no ``.npz`` file in it.
        """
        found = tuple(sorted(file.stem for file in self.folder.glob("*.npz")))
        if not found:
            raise FileNotFoundError(f"Expected a folder of KIND.npz files; there is none in {self.folder}. {REMEDY}")
        return found

    def of(self, images: Images) -> Iterator[Copy]:
        """Read the copies of some of the clean images.

        Raises:
            ValueError: images that are not among the clean ones, or copies of other images or of another number.
        """
        rows = self._rows(images)
        for kind in self.kinds:
            yield from self._copies(kind, rows)

    def _rows(self, images: Images) -> np.ndarray:
        row_of = {key: row for row, key in enumerate(self.clean.digests)}
        found = [row_of.get(key, -1) for key in images.digests]
        if -1 in found:
            raise ValueError(
                "Expected images among those that the copies are of; received others. Pass the same images."
            )
        return np.array(found)

    def _copies(self, kind: str, rows: np.ndarray) -> Iterator[Copy]:
        file = self.folder / f"{kind}.npz"
        self._check_labels(file)
        with TemporaryDirectory(prefix="zoo-copies-") as scratch:
            pixels = unpack(file, IMAGES, Path(scratch) / "images.npy")
            self._check_count(file, len(pixels))
            for place, severity in enumerate(SEVERITIES):
                yield kind, severity, self._read(pixels, rows, rows + place * len(self.clean))

    def _read(self, pixels: np.ndarray, rows: np.ndarray, places: np.ndarray) -> Images:
        """Read copies as the clean images were read."""
        clean = self.clean.subset(rows)
        read = as_images(
            pixels[places],
            clean.labels,
            clean.classes,
            whole=False,
            reading=clean.reading,
            chooses=False,
            dark=True,  # strong darkness is one of the kinds
        )
        return replace(in_size(read, clean.image_size), groups=clean.groups)

    def _check_labels(self, file: Path) -> None:
        labels, names = _labels_in(file)
        self._check_count(file, len(labels))
        expected = np.tile(self.clean.labels, len(SEVERITIES))
        own = labels if names is None else np.array([self._id(name, file) for name in names])[labels]
        if (own != expected).any():
            row = int(np.argmax(own != expected)) % len(self.clean)
            raise ValueError(
                f"Expected copies of the given images, in their order, in {file}; the label of image {row} differs. "
                f"{REMEDY}"
            )

    def _id(self, name: str, file: Path) -> int:
        if name not in self.clean.classes:
            raise ValueError(
                f"Expected the classes {', '.join(self.clean.classes)} in {file}; received also {name!r}. {REMEDY}"
            )
        return self.clean.classes.index(name)

    def _check_count(self, file: Path, count: int) -> None:
        expected = len(self.clean) * len(SEVERITIES)
        if count != expected:
            raise ValueError(
                f"Expected {expected} copies in {file}, {len(SEVERITIES)} of each image of {len(self.clean)}; "
                f"received {count}. {REMEDY}"
            )


def _labels_in(file: Path) -> tuple[np.ndarray, list[str] | None]:
    """The class ids of a file's copies, and the names that they are indices into, where it has some."""
    try:
        with np.load(file, allow_pickle=False) as archive:
            held = archive.files
            found = {name: archive[name] for name in (LABELS, CLASSES) if name in held}
    except (OSError, EOFError, ValueError, BadZipFile) as error:  # a ValueError of NumPy speaks of pickles
        raise ValueError(f"Expected an .npz file of arrays; {file} is none, or damaged. {REMEDY}") from error
    if missing := [name for name in (IMAGES, LABELS) if name not in held]:
        raise ValueError(f"Expected {' and '.join(missing)} in {file}; received {', '.join(held)}. {REMEDY}")
    labels = found[LABELS].ravel()
    names = [str(name) for name in found[CLASSES]] if CLASSES in found else None
    if labels.dtype.kind not in "iu":
        raise ValueError(f"Expected class ids as integers in {file}; received {labels.dtype}. {REMEDY}")
    if names is not None and len(labels) and not 0 <= labels.min() <= labels.max() < len(names):
        ids = f"{labels.min()} to {labels.max()}"
        raise ValueError(f"Expected class ids of 0 to {len(names) - 1} in {file}; received {ids}. {REMEDY}")
    return labels, names
