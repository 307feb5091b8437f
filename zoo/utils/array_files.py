"""Arrays in ``.npy`` and ``.npz`` files: read without pickle and without more memory than the file is large.

A sealed array has 40 bytes behind it: a mark, and a digest of its bytes and of what they are about, so that neither a
changed file nor another one in its place is taken for it. Other programs read the array, and leave these bytes.
"""

from __future__ import annotations

import hashlib
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from io import BytesIO
from itertools import chain
from pathlib import Path

import numpy as np
from numpy.lib.npyio import NpzFile

from zoo.utils.files import replacing
from zoo.utils.regular_files import check_regular

MARK = b"ZOOSEAL1"
DIGEST = hashlib.sha256().digest_size
TRAILER = len(MARK) + DIGEST
CUT = (zipfile.BadZipFile, zlib.error, EOFError)  # what zipfile raises of an archive that is cut or damaged
BROKEN = (  # and NumPy, of what is in it
    *CUT,
    ValueError,
    KeyError,
    TypeError,
    AttributeError,
    IndexError,
    NotImplementedError,
    RuntimeError,  # an encrypted one
    MemoryError,
    SyntaxError,
)


def read_array(path: Path, kinds: str = "biuf", axes: int | None = None) -> np.ndarray:
    """Read an ``.npy`` file; what it declares is compared with its length before any memory is taken.

    Args:
        path: the file.
        kinds: NumPy's letters of the dtypes that are expected.
        axes: how many the array has; None for any number.

    Raises:
        OSError: the file is not there, or cannot be read.
        ValueError: no ``.npy``, a cut one, Python objects, or an array of another kind.
    """
    mapped = map_array(path)
    if mapped.dtype.kind not in kinds or (axes is not None and mapped.ndim != axes):
        expected = "numbers" if axes is None else f"numbers of {axes} axes"
        raise ValueError(
            f"Expected an array of {expected} in {path}; received {mapped.dtype} of shape {mapped.shape}. Copy the "
            "file again, or have it made again."
        )
    return np.array(mapped)


def map_array(path: Path) -> np.ndarray:
    """Map an ``.npy`` file.

    Raises:
        OSError: the file is not there, or cannot be read.
        ValueError: no ``.npy``, a cut one, or Python objects.
    """
    check_regular(path)
    remedy = "The file is cut, damaged or of another kind: copy it again, or have it made again."
    with refusing_headers(f"an array of numbers in {path}", remedy, passing=(OSError,)):
        mapped: np.ndarray = np.lib.format.open_memmap(path, mode="r")
    return mapped


@contextmanager
def refusing_headers(expected: str, remedy: str, passing: tuple[type[Exception], ...] = ()) -> Iterator[None]:
    """Read an array: NumPy parses headers as Python, and raises whatever a broken one leads it into.

    Args:
        expected: what is read.
        remedy: what the user can do about a broken one.
        passing: errors that stay what they are.

    Raises:
        ValueError: anything else went wrong.
    """
    try:
        yield
    except passing:
        raise
    except Exception as error:
        raise ValueError(f"Expected {expected}; {error}. {remedy}") from error


@contextmanager
def stored_arrays(path: Path) -> Iterator[NpzFile]:
    """Open an ``.npz`` as :func:`numpy.savez` writes it, without compression, so that it is no larger than its file.

    Raises:
        OSError: the file is not there, or cannot be read.
        ValueError: no such file, a cut or damaged one; also for what is raised while the block reads.
    """
    check_regular(path)
    try:
        with path.open("rb") as opened:
            with zipfile.ZipFile(opened) as archive:
                _check_stored(archive, path)
            opened.seek(0)
            with np.load(opened, allow_pickle=False) as held:
                yield held
    except BROKEN as error:
        if isinstance(error, ValueError) and str(error).startswith("Expected"):
            raise
        raise ValueError(f"Expected {path} as it was written; it is cut or damaged ({error}).") from error


def _check_stored(archive: zipfile.ZipFile, path: Path) -> None:
    length = path.stat().st_size
    entries = archive.infolist()
    if (
        any(entry.compress_type != zipfile.ZIP_STORED for entry in entries)
        or sum(e.file_size for e in entries) > length
    ):
        raise ValueError(f"Expected arrays without compression in {path}; received others. Remove the file.")


def write_sealed_array(path: Path, array: np.ndarray, about: str) -> None:
    """Write an array as ``.npy`` with its seal.

    Args:
        path: the file.
        array: numbers.
        about: what they are, such as a member's key and a digest of the images.
    """
    with replacing(path) as beside:
        with beside.open("wb") as file:
            np.save(file, array, allow_pickle=False)
        length = beside.stat().st_size
        seal = _digest(beside, length, about)
        with beside.open("ab") as file:
            file.write(MARK + seal)


def write_sealed_rows(path: Path, shape: tuple[int, ...], dtype: str, chunks: Iterable[np.ndarray], about: str) -> None:
    """Write an array with its seal, chunk by chunk, as :func:`zoo.utils.files.write_rows` does without."""
    header = BytesIO()
    plain = {"descr": np.dtype(dtype).str, "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(header, plain)
    rows = (np.asarray(chunk, dtype).tobytes() for chunk in chunks)
    digest = hashlib.sha256(about.encode() + b"\0")
    with replacing(path) as beside, beside.open("wb") as file:
        for part in chain([header.getvalue()], rows):
            file.write(part)
            digest.update(part)
        file.write(MARK + digest.digest())


def read_sealed_array(
    path: Path, about: str, kinds: str = "biuf", axes: int | None = None, *, earlier: bool = False
) -> np.ndarray:
    """Read what :func:`write_sealed_array` wrote.

    Args:
        path: the file.
        about: what the numbers are.
        kinds: as of :func:`read_array`, like ``axes``.
        axes: likewise.
        earlier: take a file without a seal too, as earlier versions wrote it.

    Raises:
        OSError: the file is not there, or cannot be read.
        ValueError: as of :func:`read_array`; or a file that was changed, or that is about something else.
    """
    array = read_array(path, kinds, axes)
    if not (earlier and path.stat().st_size == _end(path)):
        check_seal(path, about)
    return array


def check_seal(path: Path, about: str) -> None:
    """Check that an array is as it was sealed, which takes a second a gigabyte.

    Raises:
        OSError: the file cannot be read.
        ValueError: a file that was changed, that is about something else, or that has no seal.
    """
    length = path.stat().st_size
    if length - _end(path) != TRAILER or _tail(path) != MARK + _digest(path, length - TRAILER, about):
        raise ValueError(
            f"Expected {path} as it was written; received a file that was changed, or one of something else. Remove "
            "it to have it made again."
        )


def _end(path: Path) -> int:
    """Where an array ends in its file."""
    mapped = map_array(path)
    offset = getattr(mapped, "offset", 0)
    return int(offset) + mapped.nbytes


def _tail(path: Path) -> bytes:
    with path.open("rb") as file:
        file.seek(-TRAILER, 2)
        return file.read()


def _digest(path: Path, length: int, about: str) -> bytes:
    """SHA-256 of a text and of the first bytes of a file."""
    digest = hashlib.sha256(about.encode() + b"\0")
    with path.open("rb") as file:
        while length > 0 and (part := file.read(min(length, 1 << 20))):
            digest.update(part)
            length -= len(part)
    return digest.digest()
