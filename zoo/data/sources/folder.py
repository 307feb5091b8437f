"""A folder of class folders, alone or under train, validation and test."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from zoo.data.checks import FEWEST_CLASSES, as_images
from zoo.data.decode import decode
from zoo.data.depth_choice import with_depth
from zoo.data.images import Splits
from zoo.data.labels import as_names
from zoo.data.pixel_reading import PLAIN, PixelReading
from zoo.data.source import Request, SourceKind, as_path
from zoo.data.unlabelled import Files
from zoo.utils.files import LITTER
from zoo.utils.text import Size, natural, suggestion

logger = logging.getLogger(__name__)

SPLIT_FOLDERS = {
    "train": "train",
    "training": "train",
    "val": "validation",
    "valid": "validation",
    "validation": "validation",
    "test": "test",
}


def load_folder(
    root: Path,
    decoded: Path,
    *,
    classes: Sequence[str] | None = None,
    image_size: Size | None = None,
    skip_unreadable: bool = False,
    reading: PixelReading = PLAIN,
    chooses: bool = True,
) -> Splits:
    """Load ``<root>/<class>/*`` as one set, or ``<root>/train/<class>/*`` with ``val`` and ``test`` beside it.

    Args:
        root: the folder.
        decoded: folder to keep decoded images in.
        classes: names in the order wanted, which the folders have to be called; by default the folders', in order.
        image_size: ``(height, width)``; by default see :func:`zoo.data.sizes.choose_size`.
        skip_unreadable: leave unreadable files out, with a warning, instead of raising.
        reading: how pixels of other kinds are read.
        chooses: choose a depth range from the training images where none is given.

    Raises:
        UnreadableImagesError: files that cannot be read.
        ValueError: no class folders, a class without images, or a class that training does not have.
    """
    folders = _split_folders(root)
    names = as_names(classes) if classes is not None else _classes(folders["train"])
    listed = {split: _files(folder, names) for split, folder in folders.items()}
    files = [path for found in listed.values() for path, _ in found]
    reading = with_depth(reading, [path for path, _ in listed["train"]]) if chooses else reading
    pixels, readable = decode(files, decoded, image_size=image_size, skip_unreadable=skip_unreadable, reading=reading)
    labels = np.array([label for found in listed.values() for _, label in found])[readable]
    origins = np.array([str(path.relative_to(root)) for path in files])[readable]
    owners = np.repeat(list(listed), [len(found) for found in listed.values()])[readable]
    images = as_images(pixels, labels, names, origins=origins, whole=False, reading=reading, dark=True)
    return Splits(**{split: images.subset(owners == split) for split in folders if split in owners})


def _split_folders(root: Path) -> dict[str, Path]:
    children = _subfolders(root)
    found = [(SPLIT_FOLDERS[child.name.lower()], child) for child in children if child.name.lower() in SPLIT_FOLDERS]
    unread = [child.name for child in children if child.name.lower() not in SPLIT_FOLDERS]
    if not found or (unread and not any(_subfolders(child) for _, child in found)):
        return {"train": root}  # a class, of vehicles say, may be called train
    _check_splits(root, found)
    if unread:
        logger.warning("%s: beside train/, these folders are not read: %s", root, ", ".join(unread))
    folders = dict(found)
    return {split: folders[split] for split in ("train", "validation", "test") if split in folders}


def _check_splits(root: Path, found: list[tuple[str, Path]]) -> None:
    splits = [split for split, _ in found]
    names = ", ".join(child.name for _, child in found)
    if "train" not in splits:
        raise ValueError(
            f"Expected train/ beside {names} in {root}; found none. To load one of them alone, name it: {found[0][1]}."
        )
    if len(set(splits)) < len(splits):
        raise ValueError(f"Expected one folder a split in {root}; received {names}. Rename or merge them.")


def _classes(folder: Path) -> tuple[str, ...]:
    """Name the classes after their folders; refuse, before decoding, names that differ only in case or spelling."""
    children = _subfolders(folder)
    if not children:
        raise ValueError(
            f"Expected a folder for each class in {folder}; found none. "
            f"Put the images into {folder / 'CLASS' / 'image.jpg'}."
        )
    if len(children) < FEWEST_CLASSES:
        raise ValueError(
            f"Expected at least 2 classes in {folder}; received one ({children[0].name!r}): there is nothing to tell "
            f"apart. If the class folders are inside it, load {children[0]}."
        )
    return tuple(child.name for child in children)


def _files(folder: Path, classes: tuple[str, ...]) -> list[tuple[Path, int]]:
    """List a split's image files with their labels."""
    children = {child.name: child for child in _subfolders(folder)}
    for name in sorted(children.keys() - set(classes)):
        raise ValueError(
            f"Expected the classes {', '.join(classes)} in {folder}; received {name!r}. {suggestion(name, classes)}"
        )
    if not children:
        raise ValueError(
            f"Expected class folders in {folder}; found none, so its images have no labels. "
            "Sort them into class folders, or load the other folders without it."
        )
    images = {name: images_in(child) for name, child in children.items()}
    empty = [name for name in classes if name in images and not images[name]]
    if empty:
        raise ValueError(
            f"Expected images in every class folder of {folder}; none in {', '.join(empty)}. "
            "Add some, or remove the folder."
        )
    return [(path, label) for label, name in enumerate(classes) for path in images.get(name, [])]


def _subfolders(folder: Path) -> list[Path]:
    children = (child for child in folder.iterdir() if child.is_dir() and not child.name.startswith(HIDDEN))
    return sorted(children, key=lambda child: natural(child.name))


SUFFIXES = frozenset(
    {".jpg", ".jpeg", ".jfif", ".png", ".bmp", ".gif", ".tif", ".tiff", ".webp", ".ppm", ".pgm", ".dcm"}
)
HIDDEN = (".", "__")


def images_in(folder: Path) -> list[Path]:
    """List a folder's images, however deep, in natural order, and say what else lies about."""
    files = [path for path in folder.rglob("*") if path.is_file() and not _is_litter(path.relative_to(folder))]
    others = sorted(path.name for path in files if path.suffix.lower() not in SUFFIXES)
    if others:
        logger.warning("%s: %d files are no images by their names, such as %s", folder, len(others), others[0])
    return sorted((path for path in files if path.suffix.lower() in SUFFIXES), key=lambda path: natural(str(path)))


def _is_litter(path: Path) -> bool:
    """What desktops, editors and notebooks leave behind, copies of images under ``.ipynb_checkpoints`` among it."""
    hidden_folder = any(part.startswith(HIDDEN) for part in path.parts[:-1])
    return hidden_folder or path.name.startswith(".") or path.name.lower() in LITTER


def _load(source: Any, request: Request) -> Splits:
    return load_folder(
        Path(source).expanduser(),
        request.folder,
        classes=request.classes,
        image_size=request.image_size,
        skip_unreadable=request.skip_unreadable,
        reading=request.reading,
        chooses=request.chooses,
    )


def list_folder(source: Any, key: str | None = None) -> Files:
    """List the images of a folder at any depth, in natural order.

    Raises:
        ValueError: no images.
    """
    folder = Path(source).expanduser()
    names = [image.relative_to(folder).as_posix() for image in images_in(folder)]
    if not names:
        raise ValueError(f"Expected images in {folder}, at any depth; found none ({', '.join(sorted(SUFFIXES))}).")
    return Files(folder, names)


def _is_folder(source: Any) -> bool:
    path = as_path(source)
    return path is not None and source != "demo" and path.is_dir()


SOURCE = SourceKind(name="a folder of class folders", accepts=_is_folder, load=_load, list=list_folder)
