"""From what a user names to images to answer."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from zoo.data.checks import as_pixels
from zoo.data.sources.folder import SUFFIXES, images_in
from zoo.inference.archives import Archive, choose_key, header
from zoo.inference.sources import Files, Rows, Source

KNOWN = "a folder, an image file, a .txt list of image files, an .npy or an .npz"


def find_source(data: str | Path | np.ndarray, key: str | None = None) -> Source:
    """List the images to answer, in the order of the answers; none of them is read.

    Args:
        data: a folder with images at any depth, in natural order; one image file; a ``.txt`` with a path a line,
            relative to its own folder; an ``.npy`` or an array in memory, ``(N, H, W, 3)`` uint8; an ``.npz``.
        key: the array of an ``.npz``.

    Raises:
        FileNotFoundError: nothing there.
        TypeError: data of another kind.
        ValueError: no images, arrays of another shape or dtype, or a key where there is nothing to choose.
    """
    if isinstance(data, np.ndarray):
        if key is not None:
            raise ValueError(f"Expected an .npz to choose {key!r} from; received an array. Leave the key out.")
        return Rows(as_pixels(data), _mapped_from(data))
    if not isinstance(data, str | Path):
        raise TypeError(f"Expected {KNOWN}, or an array; received {type(data).__name__}.")
    path = Path(data).expanduser()
    if not path.exists():
        raise FileNotFoundError(f"Expected {KNOWN}; there is nothing at {path}.")
    if key is not None and path.suffix.lower() != ".npz":
        raise ValueError(f"Expected an .npz to choose {key!r} from; received {path}. Leave the key out.")
    return _folder(path) if path.is_dir() else _file(path, key)


def _mapped_from(array: np.ndarray) -> Path | None:
    """The file of a memory map that is the whole of it: a part of one, or a private copy, is known by its content."""
    if not isinstance(array, np.memmap) or isinstance(array.base, np.ndarray):
        return None
    return Path(array.filename) if array.filename and array.mode != "c" else None


def _folder(path: Path) -> Source:
    names = [image.relative_to(path).as_posix() for image in images_in(path)]
    if not names:
        raise ValueError(f"Expected images in {path}, at any depth; found none ({', '.join(sorted(SUFFIXES))}).")
    return Files(path, names)


def _file(path: Path, key: str | None) -> Source:
    suffix = path.suffix.lower()
    if suffix in SUFFIXES:
        return Files(path.parent, [path.name])
    if suffix == ".txt":
        return _list(path)
    if suffix == ".npy":
        return Rows(_mapped(path), path)
    if suffix == ".npz":
        chosen = choose_key(path, key)
        shape, kind = header(path, chosen)
        _check(shape, kind, f"{chosen!r} in {path}")
        return Archive(path, chosen, shape[0])
    raise ValueError(f"Expected {KNOWN}; received {path}.")


def _list(path: Path) -> Source:
    names = [line.strip() for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    if not names:
        raise ValueError(f"Expected a path a line in {path}; it is empty.")
    return Files(path.parent, names)


def _mapped(path: Path) -> np.ndarray:
    try:
        array = np.load(path, mmap_mode="r", allow_pickle=False)
    except (ValueError, EOFError) as error:  # no .npy, a cut one, or Python objects
        raise ValueError(f"Expected an .npy of images; {path} cannot be mapped ({error}). Write it again.") from error
    _check(array.shape, array.dtype, str(path))
    return array


def _check(shape: tuple[int, ...], kind: np.dtype, what: str) -> None:
    """Check an array before it is read: of one on disk, pixels are taken as they are."""
    if kind != np.uint8 or len(shape) != 4 or shape[-1] != 3 or 0 in shape:
        raise ValueError(
            f"Expected images (N, H, W, 3) uint8 of 0 to 255; {what} is {shape} {kind}. Save it again as that."
        )
