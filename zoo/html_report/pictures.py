"""Images as small JPEGs inside the page, alone and under their heat maps."""

from __future__ import annotations

from base64 import b64encode
from io import BytesIO

import numpy as np
from PIL import Image

from zoo.explanation.overlay import overlay
from zoo.html_report.blocks import Picture
from zoo.html_report.findings import Findings

LONGEST = 112  # pixels of the longer side
QUALITY = 80  # of the JPEG


def data_uri(picture: np.ndarray) -> str:
    """Write an image ``(H, W, 3)`` uint8 as the data URI of a JPEG, reduced to some 100 pixels."""
    image = Image.fromarray(picture)
    image.thumbnail((LONGEST, LONGEST))
    file = BytesIO()
    image.save(file, format="JPEG", quality=QUALITY)
    return "data:image/jpeg;base64," + b64encode(file.getvalue()).decode()


def answered(findings: Findings, rows: np.ndarray, *, maps: bool = False) -> list[Picture]:
    """Show rows with their label, answer and probability, and with the heat map of the answer."""
    if not len(rows):
        return []
    pixels, heat = findings.pixels(rows), findings.maps(rows) if maps else None
    return [
        Picture(
            data_uri(pixels[index]),
            _lines(findings, int(row)),
            data_uri(overlay(pixels[index], heat[index])) if heat is not None else "",
            wrong=not findings.right[row],
        )
        for index, row in enumerate(rows)
    ]


def _lines(findings: Findings, row: int) -> tuple[str, ...]:
    label, answer = findings.classes[findings.labels[row]], findings.classes[findings.predicted[row]]
    sure = f"{findings.probabilities[row].max():.0%}"
    told = f"{answer} {sure}" if label == answer else f"{label}, taken for {answer} {sure}"
    return told, findings.origin(row)
