"""What is told of a picture: class, probabilities, uncertainty, whether it is sure enough, and the set of classes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from zoo.inference.graphs import PROBABILITIES, UNCERTAINTY
from zoo.serve.batching import Row
from zoo.serve.served_model import ACCEPTED, SET, ServedModel


def answer_of(model: ServedModel, row: Row) -> dict[str, Any]:
    """Describe one prediction as plain values for JSON.

    Args:
        model: that predicted.
        row: its outputs for the picture.

    Returns:
        ``class`` (its name), ``class_id``, ``probability`` and ``probabilities`` by name of the class; ``uncertainty``
        and ``accepted``, None of a model without; ``set``, names of classes, None of a model without.
    """
    classes = model.graph.classes
    best = int(row[PROBABILITIES].argmax())
    numbers = shortest(row[PROBABILITIES])
    uncertainty, accepted, inside = row.get(UNCERTAINTY), row.get(ACCEPTED), row.get(SET)
    return {
        "class": classes[best],
        "class_id": best,
        "probability": numbers[best],
        "probabilities": dict(zip(classes, numbers, strict=True)),
        "uncertainty": None if uncertainty is None else shortest(uncertainty[None])[0],
        "accepted": None if accepted is None else bool(accepted),
        "set": None if inside is None else [classes[index] for index in np.flatnonzero(inside).tolist()],
    }


def shortest(numbers: np.ndarray) -> Sequence[float]:
    """Numbers as short as they can be without being others in float32."""
    return [float(str(number)) for number in numbers]
