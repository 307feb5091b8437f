"""The depth range of a set of files, chosen once from the training images."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

import joblib
import numpy as np

from zoo.data.depth import choose_range, sample_values, say_range
from zoo.data.image_io import Readable, deep_values
from zoo.data.pixel_reading import PixelReading

SHALLOW = {".jpg", ".jpeg", ".jpe", ".jfif", ".gif", ".bmp", ".webp"}  # formats of 8 bits only, which are not opened
MOST = 256  # files that are read


def with_depth(reading: PixelReading, files: Sequence[Readable]) -> PixelReading:
    """Choose a depth range from training images of more than 8 bits, where there are such and none is given.

    Up to :data:`MOST` of the files, evenly taken, are read, and the choice is logged. Files that name a window of their
    own, as DICOM may, need none.

    Args:
        reading: as the user wants it.
        files: of the training.
    """
    if reading.depth_range is not None:
        return reading
    able = [file for file in files if getattr(file, "suffix", "").lower() not in SHALLOW]
    some = [able[row] for row in np.unique(np.linspace(0, len(able) - 1, min(MOST, len(able))).astype(int))]
    found = joblib.Parallel(n_jobs=-1, prefer="threads")(joblib.delayed(_sample)(file) for file in some)
    samples = [sample for sample in found if sample is not None and len(sample)]
    if not samples:
        return reading
    limits, why = choose_range(samples)
    say_range(limits, why)
    return replace(reading, depth_range=limits)


def _sample(file: Readable) -> np.ndarray | None:
    """Some values; None for a picture of 8 bits, and for one that cannot be read, which decoding lists."""
    with suppress(Exception):  # Pillow's decoders raise whatever a broken file leads them into
        values = deep_values(file)
        return None if values is None else sample_values(values)
    return None
