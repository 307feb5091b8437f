"""Which files are images that Pillow reads: by their suffix, and where that says nothing, by their first bytes."""

from __future__ import annotations

import warnings
from contextlib import suppress
from importlib import import_module
from pathlib import Path

from PIL import Image

from zoo.utils.regular_files import check_regular

# What Pillow has a suffix for although it is text, a page, a film, or data that only another program can draw.
NO_PICTURES = frozenset({"BUFR", "EPS", "FITS", "FLI", "GRIB", "HDF5", "IPTC", "MPEG", "WMF", "XBM", "XPM"})
BY_THEIR_BYTES = ("JPEG", "PNG", "GIF", "BMP", "TIFF", "WEBP", "AVIF", "JPEG2000")  # begin with a mark of their own
MARK = 16  # bytes
DICOM = ".dcm"  # read by the extra of that name
HEIC = frozenset({".heic", ".heif", ".hif"})
HEIC_REMEDY = "convert them to JPEG or PNG, or install what reads them: pip install pillow-heif"


def image_suffixes() -> frozenset[str]:
    """The suffixes, in lower case, of what Pillow and its plugins read, those that were registered later included."""
    with suppress(ImportError):
        import_module("pillow_heif").register_heif_opener()
    registered = Image.registered_extensions()
    return frozenset(suffix for suffix, kind in registered.items() if _is_read(kind)) | {DICOM}


def suffix_of(name: str) -> str:
    """The suffix of a file's name or path, in lower case; empty where there is none."""
    stem, _, suffix = name.rpartition("/")[2].rpartition(".")
    return f".{suffix.lower()}" if stem and suffix else ""


def has_image_bytes(path: str) -> bool:
    """Say whether a file begins as an image does, whatever its name; what cannot be opened does not."""
    try:
        with open(path, "rb") as file, warnings.catch_warnings(action="ignore"):  # noqa: PTH123 - of many files
            marked = marked_as(file.read(MARK))
            return bool(marked) and bool(Image.open(file, formats=marked))
    except Exception:  # Pillow's decoders raise whatever the bytes lead them into
        return False


def start_of(path: Path) -> bytes:
    """The first bytes of a file, which :func:`marked_as` takes.

    Raises:
        OSError: it is not there, cannot be read, or is no file.
    """
    check_regular(path)
    with path.open("rb") as file:
        return file.read(MARK)


def marked_as(start: bytes) -> list[str]:
    """The formats that a file's first bytes are a mark of; Pillow asks the same before it opens one."""
    Image.init()
    accepts = {kind: Image.OPEN[kind][1] for kind in BY_THEIR_BYTES if kind in Image.OPEN}
    return [kind for kind, accept in accepts.items() if accept is not None and accept(start)]


def _is_read(kind: str) -> bool:
    return kind not in NO_PICTURES and (kind in Image.OPEN or kind == "MPO")  # MPO is opened as the JPEG that it begins
