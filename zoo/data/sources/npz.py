"""``.npz`` files, as the reports' competition and MedMNIST have them."""

from __future__ import annotations

import logging
import pickle
from collections.abc import Sequence
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.lib.npyio import NpzFile

from zoo.data.checks import as_images
from zoo.data.class_names import FittedClasses
from zoo.data.images import Images, Splits
from zoo.data.npz_archive import Archive, choose_key, header
from zoo.data.pictures.pixel_reading import PLAIN, PixelReading
from zoo.data.source import Request, SourceKind, check_stored, is_file
from zoo.data.sources.arrays import in_size
from zoo.utils.array_files import CUT, refusing_headers
from zoo.utils.text import Size

logger = logging.getLogger(__name__)

NPZ_SPLITS = {"train": "train", "val": "validation", "validation": "validation", "test": "test"}


def load_npz(
    path: Path,
    classes: Sequence[str] | None,
    image_size: Size | None,
    *,
    reading: PixelReading = PLAIN,
    chooses: bool = True,
) -> Splits:
    """Load ``images`` and ``labels``, or ``train_images``, ``train_labels``, ``val_images``, ... (MedMNIST).

    Raises:
        ValueError: no ``.npz``, a broken one, other keys, or arrays that only pickle can read.
    """
    with path.open("rb") as stream, _open(stream, path) as file:
        prefixes = _prefixes(file.files, path)
        arrays = {p: (_array(file, f"{p}images", path), _array(file, f"{p}labels", path)) for p in prefixes}
    first, *rest = prefixes
    _check_splits(prefixes, path)
    train = in_size(_checked(first, *arrays[first], classes, reading, chooses), image_size)
    known = classes or FittedClasses(train.classes)
    others = {NPZ_SPLITS[p.rstrip("_")]: _checked(p, *arrays[p], known, train.reading, False) for p in rest}
    return Splits(train, **{split: in_size(images, train.image_size) for split, images in others.items()})


def _open(stream: BinaryIO, path: Path) -> NpzFile:
    try:
        file = np.load(stream, allow_pickle=False)
    except (ValueError, pickle.UnpicklingError, OSError, *CUT) as error:
        raise ValueError(
            f"Expected an .npz file; {path} cannot be read as one ({error}). Write or copy it again."
        ) from error
    if not isinstance(file, NpzFile):
        raise ValueError(
            f"Expected an .npz file of images and labels; {path} holds one array. "
            "Save it again: np.savez(path, images=images, labels=labels)."
        )
    return file


def _check_splits(prefixes: list[str], path: Path) -> None:
    """Check that no split comes under two prefixes."""
    splits = [NPZ_SPLITS[prefix.rstrip("_") or "train"] for prefix in prefixes]
    twice = [f"{prefix}images" for prefix, split in zip(prefixes, splits, strict=True) if splits.count(split) > 1]
    if twice:
        raise ValueError(f"Expected one array of images a split in {path}; received {' and '.join(twice)}. Keep one.")


def _prefixes(keys: list[str], path: Path) -> list[str]:
    """Find what comes before ``images`` and ``labels`` in the file's keys, that of training first."""
    prefixes = [p for p in ("", *(f"{split}_" for split in NPZ_SPLITS)) if {f"{p}images", f"{p}labels"} <= set(keys)]
    if not prefixes or prefixes[0] not in ("", "train_"):
        raise ValueError(
            f"Expected 'images' and 'labels', or 'train_images' and 'train_labels' (and val_, test_), in {path}; "
            f"received {', '.join(keys) or 'nothing'}."
        )
    prefixes = prefixes[:1] if prefixes[0] == "" else prefixes
    unread = [key for key in keys if key not in {f"{p}{what}" for p in prefixes for what in ("images", "labels")}]
    if unread:
        logger.warning("%s: these arrays are not read: %s", path, ", ".join(unread))
    return prefixes


def _array(file: NpzFile, key: str, path: Path) -> np.ndarray:
    try:
        with refusing_headers(f"{key!r} whole in {path}", "Write or copy the file again."):
            return np.asarray(file[key])
    except ValueError as error:
        if "allow_pickle" not in str(error):
            raise
        raise ValueError(
            f"Expected plain arrays; {key!r} holds Python objects, which could run code when read. "
            f"Save it again: np.savez(path, {key}=np.stack({key}))."
        ) from error


def _checked(
    prefix: str,
    images: np.ndarray,
    labels: np.ndarray,
    classes: Sequence[str] | None,
    reading: PixelReading,
    chooses: bool,
) -> Images:
    try:
        return as_images(images, labels, classes, whole=False, reading=reading, chooses=chooses)
    except ValueError as error:
        if not prefix:
            raise
        raise ValueError(f"{prefix}images, {prefix}labels: {error}") from error


def _load(source: Any, request: Request) -> Splits:
    path = Path(source).expanduser()
    return load_npz(path, request.classes, request.image_size, reading=request.reading, chooses=request.chooses)


def _list(source: Any, key: str | None = None) -> Archive:
    path = Path(source).expanduser()
    chosen = choose_key(path, key)
    shape, kind = header(path, chosen)
    check_stored(shape, kind, f"{chosen!r} in {path}")
    return Archive(path, chosen, shape[0])


SOURCE = SourceKind(
    name="an .npz file", accepts=lambda source: is_file(source, ".npz"), load=_load, list=_list, has_arrays=True
)
