"""Which files are images that Pillow reads: by their suffix, and where that says nothing, by their first bytes."""

from __future__ import annotations

import warnings
from contextlib import suppress
from importlib import import_module
from pathlib import PurePath

from PIL import Image

# What Pillow has a suffix for although it is text, a page, a film, or data that only another program can draw.
NO_PICTURES = frozenset({"BUFR", "EPS", "FITS", "FLI", "GRIB", "HDF5", "IPTC", "MPEG", "WMF", "XBM", "XPM"})
BY_THEIR_BYTES = ("JPEG", "PNG", "GIF", "BMP", "TIFF", "WEBP", "AVIF", "JPEG2000")  # begin with a mark of their own
HEIC = frozenset({".heic", ".heif", ".hif"})
HEIC_REMEDY = "convert them to JPEG or PNG, or install what reads them: pip install pillow-heif"


def image_suffixes() -> frozenset[str]:
    """The suffixes, in lower case, of what Pillow and its plugins read, those that were registered later included."""
    with suppress(ImportError):
        import_module("pillow_heif").register_heif_opener()
    registered = Image.registered_extensions()
    return frozenset(suffix for suffix, kind in registered.items() if _is_read(kind))


def suffix_of(name: str) -> str:
    """The suffix of a file's name, in lower case; empty where there is none."""
    return PurePath(name).suffix.lower()


def has_image_bytes(path: str) -> bool:
    """Say whether a file begins as an image does, whatever its name; what cannot be opened does not."""
    known = [kind for kind in BY_THEIR_BYTES if kind in Image.OPEN]
    try:
        with warnings.catch_warnings(action="ignore"), Image.open(path, formats=known):
            return True
    except Exception:  # Pillow's decoders raise whatever the bytes lead them into
        return False


def _is_read(kind: str) -> bool:
    return kind not in NO_PICTURES and (kind in Image.OPEN or kind == "MPO")  # MPO is opened as the JPEG that it begins
