"""What was unusual about the pictures that were read, counted and said once for all of them."""

from __future__ import annotations

import logging
from collections import Counter
from dataclasses import astuple
from pathlib import Path
from threading import Lock

import numpy as np

from zoo.data.pictures.levels import Levels, check_levels
from zoo.data.pictures.pixel_checks import check_highest
from zoo.data.pictures.pixel_reading import PixelReading
from zoo.utils.array_files import stored_arrays
from zoo.utils.files import replacing

logger = logging.getLogger(__name__)

UNUSUAL = ("transparent", "grey", "animated", "left", "planes")
COLOURS = 3  # grey pages of a file, which may be its red, green and blue


class Tally:
    """Counts of pictures, from any thread."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._levels: list[Levels] = []
        self._highest = 0
        self._lock = Lock()

    def add(self, *, transparent: bool = False, grey: bool = False, frames: int = 1, highest: int = 255) -> None:
        """Count one picture.

        Args:
            transparent: some of its pixels let the background through.
            grey: it had no colours.
            frames: pictures in its file, of which the first was read.
            highest: the highest level, 0 to 255, of its pixels.
        """
        with self._lock:
            self._highest = max(self._highest, highest)
            self._counts.update(read=True, transparent=transparent, grey=grey, animated=frames > 1, left=frames - 1)
            self._counts.update(planes=grey and frames == COLOURS)

    def add_levels(self, levels: Levels) -> None:
        """Note what the depth range left of a picture."""
        with self._lock:
            self._levels.append(levels)

    def check_brightness(self) -> None:
        """Check that something but black is left of pictures that were read one by one.

        Raises:
            ValueError: all of them are nearly black, as masks of 0 and 1 are.
        """
        check_highest(self._counts["read"], self._highest)

    def keep(self, path: Path, *, whole: bool = False) -> None:
        """Write what is unusual, for who reads the same pictures again; without any there is no file.

        Args:
            path: the file.
            whole: write all of it, for who goes on with further pictures.
        """
        with self._lock:
            counts, levels, highest = Counter(self._counts), list(self._levels), self._highest
        names = [name for name in UNUSUAL if counts[name]]
        if not names and not levels and not whole:
            path.unlink(missing_ok=True)
            return
        names += ["read"] if levels or whole else []
        rows = np.array([astuple(own) for own in levels])
        with replacing(path) as beside, beside.open("wb") as file:
            np.savez(file, names=names, counts=[counts[name] for name in names], levels=rows, highest=highest)

    @classmethod
    def kept(cls, path: Path) -> Tally:
        """What :meth:`keep` wrote there.

        Raises:
            ValueError: a file that is cut or damaged.
        """
        tally = cls()
        tally._counts["read"] = 1
        if path.is_file():
            with stored_arrays(path) as held:
                tally._counts |= Counter(dict(zip(held["names"].tolist(), held["counts"].tolist(), strict=True)))
                tally._levels = [Levels(*row) for row in held["levels"].tolist()]
                tally._highest = int(held["highest"]) if "highest" in held.files else 0
        return tally

    def limit(self, read: int) -> None:
        """Count no more than so many pictures, where others were read ahead and are read again."""
        self._counts = Counter({name: min(count, read) for name, count in self._counts.items()})
        self._levels = self._levels[:read]

    def say(self, reading: PixelReading) -> None:
        """Log each count that is not 0, and whether the depth range fits.

        Raises:
            ValueError: the depth range leaves nearly nothing of the pictures.
        """
        check_levels(self._levels, reading)
        counts = self._counts
        if counts["read"] and not self._levels:
            say_without_effect(reading)
        if self._levels and counts["read"] > len(self._levels):
            say_mixed(counts["read"] - len(self._levels), counts["read"], reading)
        if counts["grey"]:
            logger.info("%d grey images became RGB", counts["grey"])
        if counts["transparent"]:
            say_transparent(counts["transparent"], reading)
        if counts["animated"]:
            logger.warning(
                "%d files have several frames or pages, of which the first is read; %d are left out. To use them, save "
                "each as a file of its own.",
                counts["animated"],
                counts["left"],
            )
        if counts["planes"]:
            say_planes(counts["planes"])


def say_planes(count: int) -> None:
    """Log how many files have as many grey pages as there are colours, and how to make them one picture."""
    logger.warning(
        "%d files have 3 grey pages. If these are red, green and blue, save them as one picture, of the same depth: "
        "tifffile.imwrite(new, np.moveaxis(tifffile.imread(old), 0, -1), photometric='rgb')",
        count,
    )


def say_without_effect(reading: PixelReading) -> None:
    """Log that a depth range has no effect on images of 8 bits, where there is one."""
    if reading.depth_range is not None:
        logger.info(
            "the depth range %.12g to %.12g (depth_range=, --depth-range) has no effect: these images have 8 bits",
            *reading.depth_range,
        )


def say_mixed(shallow: int, count: int, reading: PixelReading) -> None:
    """Log that images of 8 bits lie among deeper ones, which alone are scaled: a network may learn the difference."""
    low, high = reading.depth_range or (0, 0)
    logger.warning(
        "%d of %d images have 8 bits, and are taken as they are; the others have more, of which %.12g to %.12g become "
        "0 to 255. Unless that is one scale, convert them to one depth.",
        shallow,
        count,
        low,
        high,
    )


def say_transparent(count: int, reading: PixelReading) -> None:
    """Log how many images have transparent pixels, and what these are laid over."""
    colour = "white" if reading.background == (255, 255, 255) else "#{:02x}{:02x}{:02x}".format(*reading.background)
    logger.warning(
        "%d images have transparent pixels, which are laid over %s; another colour: background=, --background",
        count,
        colour,
    )
