"""Which files of a folder are images, and in which order."""

from __future__ import annotations

import logging
from pathlib import Path

from zoo.ordering import natural

logger = logging.getLogger(__name__)

SUFFIXES = frozenset({".jpg", ".jpeg", ".jfif", ".png", ".bmp", ".gif", ".tif", ".tiff", ".webp", ".ppm", ".pgm"})
LITTER = frozenset({"thumbs.db", "desktop.ini"})
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
