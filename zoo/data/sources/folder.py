"""A folder of class folders, alone or under train, validation and test."""

from __future__ import annotations

import logging
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from zoo.data.checks import as_images
from zoo.data.class_names import FittedClasses, as_names
from zoo.data.folders.class_folders import class_names, labelled_files, take_stock, without_repeats
from zoo.data.folders.layout import split_folders
from zoo.data.folders.tree import survey
from zoo.data.images import Splits
from zoo.data.inventory import Reason, log_left_out
from zoo.data.pictures.decode import decode
from zoo.data.pictures.depth_choice import with_depth
from zoo.data.pictures.formats import image_suffixes
from zoo.data.source import Request, SourceKind, as_path
from zoo.data.split_words import TRAIN
from zoo.data.splits import divided
from zoo.data.unlabelled import Files
from zoo.utils.paths_in import PathsIn

logger = logging.getLogger(__name__)


def load_folder(root: Path, request: Request) -> Splits:
    """Load ``<root>/<class>/*`` as one set, or ``<root>/train/<class>/*`` with ``val`` and ``test`` beside it.

    Args:
        root: the folder.
        request: how; its classes have to be what the class folders are called.

    Raises:
        UnreadableImagesError: files that cannot be read, or too many of them.
        ValueError: no class folders, a class without images, a class that training does not have, or folders that may
            be splits or classes.
    """
    tree = survey(root)
    folders = split_folders(tree, request.classes)
    tree = without_repeats(tree, folders)
    names = class_names(tree, folders["train"]) if request.classes is None else as_names(request.classes)
    typed = request.classes is not None and not isinstance(request.classes, FittedClasses)
    listed = {
        split: labelled_files(tree, folder, names, typed=typed and split == TRAIN) for split, folder in folders.items()
    }
    files = [path for found in listed.values() for path, _ in found]
    inventory = take_stock(tree, folders, files)
    log_left_out(root, inventory.left_out)
    train = PathsIn(root, [path for path, _ in listed["train"]])
    reading = with_depth(request.reading, train) if request.chooses else request.reading
    pixels, readable = decode(
        PathsIn(root, files),
        request.folder,
        image_size=request.image_size,
        skip_unreadable=request.skip_unreadable,
        allow_unreadable=request.allow_unreadable,
        reading=reading,
    )
    unread = np.delete(np.array(files, object), readable).tolist()
    inventory = inventory.without(dict.fromkeys(unread, Reason.UNREADABLE))
    logger.info("%s: %s", root, inventory)
    labels = np.array([label for found in listed.values() for _, label in found])[readable]
    origins = np.array([path.replace("/", os.sep) for path in files], object)[readable]
    owners = np.repeat(list(listed), [len(found) for found in listed.values()])[readable]
    images = as_images(pixels, labels, names, origins=origins, whole=False, reading=reading, dark=True)
    images = replace(images, folder=root.absolute())
    return divided(images, owners.tolist()).with_inventory(inventory)


def list_folder(source: Any, key: str | None = None) -> Files:
    """List the images of a folder at any depth, in natural order.

    Raises:
        ValueError: no images.
    """
    folder = Path(source).expanduser()
    tree = survey(folder)
    inventory = tree.once({path: rank for rank, path in enumerate(tree.images)}).inventory
    log_left_out(folder, inventory.left_out)
    if not inventory.read:
        suffixes = ", ".join(sorted(image_suffixes()))
        raise ValueError(f"Expected images in {folder}, at any depth; found none ({suffixes}).")
    logger.info("%s: %s", folder, inventory)
    return Files(folder, inventory.read, inventory)


def _is_folder(source: Any) -> bool:
    path = as_path(source)
    return path is not None and source != "demo" and path.is_dir()


SOURCE = SourceKind(
    name="a folder of class folders",
    accepts=_is_folder,
    load=lambda source, request: load_folder(Path(source).expanduser(), request),
    list=list_folder,
)
