"""What files of images are called, and what is hidden."""

from __future__ import annotations

SUFFIXES = frozenset({".jpg", ".jpeg", ".jfif", ".png", ".bmp", ".gif", ".tif", ".tiff", ".webp", ".ppm", ".pgm"})
HIDDEN = (".", "__")
