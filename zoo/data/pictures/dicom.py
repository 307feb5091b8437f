"""DICOM files: the values that their rescaling gives, and the window that they name."""

from __future__ import annotations

from typing import Any, BinaryIO

import numpy as np

from zoo.data.pictures.depth import AS_STORED
from zoo.data.pictures.picture import Deep
from zoo.data.pictures.pixel_reading import Range, Rescaling
from zoo.utils.modules import check_installed

MARK = slice(128, 132)
INVERTED, PALETTE = "MONOCHROME1", "PALETTE COLOR"
GREY = (INVERTED, "MONOCHROME2")  # what a window is meant for


def is_dicom(head: bytes) -> bool:
    """Recognise a DICOM file by its first 132 bytes."""
    return head[MARK] == b"DICM"


def open_dicom(stream: BinaryIO) -> Deep:
    """Open the first frame of a DICOM file.

    Raises:
        ImportError: pydicom is not installed.
        ValueError: no image in it.
    """
    check_installed(["pydicom"], "dicom", "read DICOM files")
    import pydicom

    header: Any = pydicom.dcmread(stream, stop_before_pixels=True)
    if "Rows" not in header or "Columns" not in header:
        raise ValueError("a DICOM file without an image, such as a report")
    colours = str(header.get("PhotometricInterpretation", ""))
    deep = colours != PALETTE and _is_deep(header)

    def load() -> np.ndarray:
        stream.seek(0)
        return _values(pydicom.dcmread(stream), colours)

    return Deep(
        (int(header.Rows), int(header.Columns)),
        load,
        deep=deep,
        window=_window(header) if deep or colours in GREY else None,
        inverted=colours == INVERTED,
        count=lambda: int(header.get("NumberOfFrames", 1) or 1),
        rescaling=_rescaling(header),
    )


def _values(file: Any, colours: str) -> np.ndarray:
    import pydicom.pixels

    pixels: Any = pydicom.pixels
    values = pixels.pixel_array(file, index=0)
    if colours == PALETTE:
        looked_up = np.asarray(pixels.apply_color_lut(values, file))
        return looked_up if looked_up.dtype == np.uint8 else (looked_up >> 8).astype(np.uint8)
    scaled = np.asarray(pixels.apply_modality_lut(values, file)) if _is_rescaled(file) else values
    return scaled if scaled.dtype.kind != "f" else scaled.astype(np.float32)


def _is_rescaled(header: Any) -> bool:
    return _rescaling(header) != AS_STORED or "ModalityLUTSequence" in header


def _rescaling(header: Any) -> Rescaling:
    if "ModalityLUTSequence" in header:
        return AS_STORED
    return float(header.get("RescaleSlope", 1) or 1), float(header.get("RescaleIntercept", 0) or 0)


def _is_deep(header: Any) -> bool:
    wide = int(header.get("BitsAllocated", 8)) > 8 or int(header.get("PixelRepresentation", 0)) == 1
    return wide or _is_rescaled(header)


def _window(header: Any) -> Range | None:
    """The first window that the file names, as the range of values from black to white (DICOM PS3.3, C.11.2.1.2)."""
    centre, width = _first(header.get("WindowCenter")), _first(header.get("WindowWidth"))
    if centre is None or width is None or width <= 1:
        return None
    low = centre - 0.5 - (width - 1) / 2
    return low, low + width - 1


def _first(value: Any) -> float | None:
    if value is None or value == "":
        return None
    values = list(value) if hasattr(value, "__iter__") and not isinstance(value, str) else [value]
    return float(values[0]) if values else None
