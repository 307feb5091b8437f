"""Files that are either whole or absent: written under another name and then renamed."""

from __future__ import annotations

import atexit
import json
import shutil
import tempfile
import unicodedata
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from zoo.utils import aside
from zoo.utils.named_paths import with_name
from zoo.utils.regular_files import check_regular
from zoo.utils.text import listed

LITTER = frozenset({".ds_store", "thumbs.db", "desktop.ini"})  # what file browsers leave in the folders that they show


@contextmanager
def replacing(path: Path, mark: str | None = None, also: Collection[str] = ()) -> Iterator[Path]:
    """Give a path beside ``path`` to write a file or folder at; it replaces ``path`` if the block succeeds.

    A symbolic link there is replaced itself, as it may lead anywhere (:mod:`zoo.utils.named_paths` has those of users).
    A folder is replaced only by one that has every file of it again, so that nothing goes that was not written by an
    earlier block of the same kind.

    Args:
        path: what to write. A folder there is replaced only if it is empty, or holds ``mark`` and no unexpected files.
        mark: the file that every folder of the kind has; None where a file is written.
        also: files and folders that an earlier one may hold although the block does not write them this time.

    Raises:
        FileExistsError: a folder of something else is there, and the block does not run; or one with files that are
            neither written again nor named in ``also``. It stays as it is.
        FileNotFoundError: the block wrote nothing; what was at ``path`` stays.
    """
    check_mark(path, mark)
    path = with_name(path)
    make_folder(path.parent)
    beside = aside.beside(path)
    try:
        yield beside
        _swap(beside, path, also)
    finally:
        aside.remove(beside)


def check_mark(path: Path, mark: str | None) -> None:
    """Check before long work that no folder of something else is where :func:`replacing` will write.

    Args:
        path: what to write, which need not be there.
        mark: the file that every folder of the kind has; None where a file is written.

    Raises:
        FileExistsError: there is one; or a file, or the working folder, where a folder is to be written; or a device
            or a pipe, such as ``/dev/null``.
    """
    if path.exists() and not path.is_file() and not path.is_dir():
        raise FileExistsError(f"Expected the path of a file; {path} is a device or a pipe. Choose another path.")
    if mark is not None and path.is_file():
        raise FileExistsError(f"Expected the path of a folder; {path} is a file. Choose another path.")
    if mark is not None and path.resolve() == Path.cwd():
        raise FileExistsError(
            f"Expected another folder than the working folder, {path.resolve()}, as it is replaced as a whole. Name a "
            "folder in it."
        )
    if not path.is_dir() or (mark is not None and ((path / mark).exists() or not any(path.iterdir()))):
        return
    expected = "the path of a file" if mark is None else f"a new path, an empty folder or one with {mark}"
    raise FileExistsError(f"Expected {expected}; {path} is a folder of other things. Choose another path.")


def check_replaceable(path: Path, mark: str, names: Collection[str]) -> None:
    """Check before long work that :func:`replacing` will find nothing at a path but an earlier folder of the kind.

    Args:
        path: the folder to write, which need not be there.
        mark: the file that every folder of the kind has.
        names: every file and folder that an earlier one may hold.

    Raises:
        FileExistsError: there is something else in it.
    """
    check_mark(path, mark)
    _check_unexpected(path, (), names)


def write_json(path: Path, value: Any) -> None:
    """Write JSON values as indented text; NaN and infinity, which JSON does not have, are refused with a ValueError."""
    with replacing(path) as beside:
        beside.write_text(json.dumps(value, indent=2, allow_nan=False) + "\n")


def read_json(path: Path) -> Any:
    """Read what :func:`write_json` wrote.

    Raises:
        OSError: the file is not there, or cannot be read.
        ValueError: the file is no JSON.
    """
    check_regular(path)
    try:
        return json.loads(path.read_text(encoding="utf-8"), parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:  # no JSON, no text at all, or lists in lists without end
        raise ValueError(f"Expected JSON in {path}; {error}. Remove the file to have it made again.") from error


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no number of JSON")


def write_array(path: Path, array: np.ndarray) -> None:
    """Write an array as ``.npy``, without pickle."""
    with replacing(path) as beside, beside.open("wb") as file:
        np.save(file, array, allow_pickle=False)


def write_rows(path: Path, shape: tuple[int, ...], dtype: str, chunks: Iterable[np.ndarray]) -> None:
    """Write an array as ``.npy``, chunk by chunk, so that it need not fit into memory.

    Not through a memory map: where the disk is full, that kills the process instead of raising an error.

    Args:
        path: the file.
        shape: of the whole array.
        dtype: its NumPy name.
        chunks: its rows in order; cast to ``dtype``.

    Raises:
        OSError: the disk is full or read-only; what was at ``path`` stays.
    """
    header = {"descr": np.dtype(dtype).str, "fortran_order": False, "shape": shape}
    with replacing(path) as beside, beside.open("wb") as file:
        np.lib.format.write_array_header_1_0(file, header)
        for chunk in chunks:
            file.write(np.ascontiguousarray(chunk, dtype).data)


def discard(path: Path) -> None:
    """Remove a folder at once: it is renamed first, so that a kill leaves no part of it there; see :func:`sweep`."""
    aside.discard(path, path)


def sweep(path: Path) -> None:
    """Remove what killed processes left beside a path; only for who holds the lock on it.

    A folder that one was about to replace comes back first, where the new one did not take its place.
    """
    aside.restore(path)
    for left in list(aside.left_beside(path)):
        aside.remove(left)


def _check_unexpected(path: Path, written: Collection[Path], also: Collection[str]) -> None:
    """Check that every file of a folder is written again, or one that may go."""
    unexpected = [
        str(leaf)
        for leaf in _leaves(path)
        if leaf not in written and leaf.parts[0] not in also and leaf.name.lower() not in LITTER
    ]
    if unexpected:
        raise FileExistsError(
            f"Expected nothing in {path} but what is written again; received {listed(unexpected)}. "
            "Nothing was replaced. Move these files elsewhere, or choose another path."
        )


def _leaves(folder: Path) -> list[Path]:
    """The files and empty folders in a folder, however deep, by their paths in it; none for a file."""
    found = sorted(folder.rglob("*")) if folder.is_dir() else []
    return [
        path.relative_to(folder) for path in found if path.is_symlink() or not path.is_dir() or not any(path.iterdir())
    ]


def _swap(new: Path, path: Path, also: Collection[str]) -> None:
    """Rename to the final path; a folder that is there steps aside first, because a rename does not replace it."""
    if not new.exists():
        raise FileNotFoundError(f"Expected something to put at {path}; nothing was written.")
    if path.is_dir():
        _check_unexpected(path, _leaves(new), also)
        aside.take_place(new, path)
    else:
        new.replace(path)


def in_either_form(folder: Path, name: str) -> str:
    """Return a file's name in the Unicode form that the folder has it in; the name itself where there is no such file.

    Args:
        folder: where relative names start from.
        name: a name or a path, as a list or a table writes it.
    """
    forms = (name, *(unicodedata.normalize(form, name) for form in ("NFC", "NFD")))
    return next((form for form in forms if (folder / form).exists()), name)


def folder_or_scratch(named: str | Path | None) -> Path:
    """Return the folder that was named, absolute and made if need be, or a fresh temporary one.

    Raises:
        OSError: the folder cannot be made.
    """
    if named is None:
        return Path(tempfile.mkdtemp(dir=_scratch()))
    return make_folder(Path(named).expanduser().resolve())


def make_folder(folder: Path) -> Path:
    """Make a folder and those that it lies in, where they are not there.

    Raises:
        OSError: it cannot be made, for instance below a file; of the kind that the system gives.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        text = f"Expected a folder that can be made at {folder}; {error.strerror or error}. Choose another path."
        raise type(error)(text) from error
    return folder


@cache
def _scratch() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="ensemble-zoo-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder
