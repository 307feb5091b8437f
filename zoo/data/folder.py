"""A folder of class folders, alone or under train, validation and test."""

from __future__ import annotations

import logging
import re
from pathlib import Path

import numpy as np

from zoo.data.checks import as_images, check_every_class
from zoo.data.decode import decode
from zoo.data.images import Splits
from zoo.registry import suggestion
from zoo.sizes import Size

logger = logging.getLogger(__name__)

SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".bmp", ".gif", ".tif", ".tiff", ".webp", ".ppm", ".pgm"})
SPLIT_FOLDERS = {
    "train": "train",
    "training": "train",
    "val": "validation",
    "valid": "validation",
    "validation": "validation",
    "test": "test",
}


def load_folder(root: Path, decoded: Path, *, image_size: Size | None, skip_unreadable: bool) -> Splits:
    """Load ``<root>/<class>/*`` as one set, or ``<root>/train/<class>/*`` with ``val`` and ``test`` beside it.

    Raises:
        ValueError: no class folders, a class without images, or one that training does not know.
    """
    folders = _split_folders(root)
    classes = _classes(folders["train"])
    files = {name: _files(folder, classes) for name, folder in folders.items()}
    everything = [path for listed in files.values() for path, _ in listed]
    pixels, readable = decode(everything, decoded, image_size=image_size, skip_unreadable=skip_unreadable)
    labels = np.array([label for listed in files.values() for _, label in listed])[readable]
    origins = np.array([str(path.relative_to(root)) for path in everything])[readable]
    names = np.concatenate([np.full(len(listed), name) for name, listed in files.items()])[readable]
    images = as_images(pixels, labels, classes, origins=origins, whole=False)
    splits = Splits(**{name: images.subset(names == name) for name in folders})
    check_every_class(splits.train)
    return splits


def _split_folders(root: Path) -> dict[str, Path]:
    children = {child.name.lower(): child for child in _subfolders(root)}
    if "train" not in children and "training" not in children:
        return {"train": root}
    strangers = sorted(set(children) - set(SPLIT_FOLDERS))
    if strangers:
        logger.warning("%s: beside train/, these folders are not read: %s", root, ", ".join(strangers))
    found = {SPLIT_FOLDERS[name]: child for name, child in children.items() if name in SPLIT_FOLDERS}
    return {name: found[name] for name in ("train", "validation", "test") if name in found}


def _classes(folder: Path) -> tuple[str, ...]:
    classes = tuple(child.name for child in _subfolders(folder))
    if not classes:
        raise ValueError(
            f"Expected a folder for each class in {folder}; found none. "
            f"Put the images into {folder / 'CLASS' / 'image.jpg'}."
        )
    return classes


def _files(folder: Path, classes: tuple[str, ...]) -> list[tuple[Path, int]]:
    """List a split's image files with their labels."""
    for child in _subfolders(folder):
        if child.name not in classes:
            raise ValueError(
                f"Expected the classes of the training folder in {folder}; received {child.name!r}. "
                f"{suggestion(child.name, classes)}"
            )
    listed = [(path, label) for label, name in enumerate(classes) for path in _images_of(folder / name)]
    empty = [name for name in classes if (folder / name).is_dir() and not _images_of(folder / name)]
    if empty:
        raise ValueError(f"Expected images in every class folder of {folder}; none in {', '.join(empty)}.")
    return listed


def _images_of(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    files = [path for path in folder.rglob("*") if path.is_file() and not path.name.startswith(".")]
    others = [path.name for path in files if path.suffix.lower() not in SUFFIXES]
    if others:
        logger.warning("%s: %d files are no images by their names, such as %s", folder, len(others), others[0])
    return sorted((path for path in files if path.suffix.lower() in SUFFIXES), key=lambda path: _natural(str(path)))


def _subfolders(folder: Path) -> list[Path]:
    children = (child for child in folder.iterdir() if child.is_dir() and not child.name.startswith((".", "__")))
    return sorted(children, key=lambda child: _natural(child.name))


def _natural(text: str) -> list[tuple[int, str]]:
    return [(int(part), "") if part.isdigit() else (-1, part) for part in re.split(r"(\d+)", text)]
