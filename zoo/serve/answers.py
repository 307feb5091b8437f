"""What is told of a picture: class, probabilities, uncertainty, whether it is sure enough, and the set of classes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from zoo.inference.graphs import PROBABILITIES, UNCERTAINTY
from zoo.serve.batching import Row
from zoo.serve.served_model import ServedModel

LOGITS = "logits"


def answer_of(model: ServedModel, row: Row) -> dict[str, Any]:
    """Describe one prediction as plain values for JSON.

    Args:
        model: that predicted.
        row: its outputs for the picture.

    Returns:
        ``class`` (its name), ``class_id``, ``probability`` and ``probabilities`` by name of the class; ``uncertainty``
        and ``accepted``, None of a model without; ``set``, names of classes, None of a model without.

    Raises:
        ValueError: the model predicts numbers that are none.
    """
    classes, decisions = model.graph.classes, model.decisions
    probabilities = row[PROBABILITIES]
    if not np.isfinite(probabilities).all():
        raise ValueError("Expected finite probabilities; the model predicts others. Export it again.")
    best = int(probabilities.argmax())
    numbers = shortest(probabilities)
    uncertainty = row.get(UNCERTAINTY)
    accepted = None if uncertainty is None else decisions.accepted(uncertainty)
    inside = decisions.sets(row[LOGITS][None])
    return {
        "class": classes[best],
        "class_id": best,
        "probability": numbers[best],
        "probabilities": dict(zip(classes, numbers, strict=True)),
        "uncertainty": None if uncertainty is None else shortest(uncertainty[None])[0],
        "accepted": None if accepted is None else bool(accepted),
        "set": None if inside is None else [classes[index] for index in np.flatnonzero(inside[0]).tolist()],
    }


def shortest(numbers: np.ndarray) -> Sequence[float]:
    """Numbers as short as they can be without being others in float32."""
    return [float(str(number)) for number in numbers]
