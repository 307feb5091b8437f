"""What int8 costs: the classes that it changes on calibration images and on held-out ones, and the accuracy there."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

import numpy as np

import ensembles
from zoo.data.images import Images
from zoo.data.splits import limit
from zoo.export.verify import check_same_classes
from zoo.state.state import EnsembleState

logger = logging.getLogger(__name__)

MOST = 2000  # held-out images


def held_out_images(state: EnsembleState, given: Images | None) -> Images | None:
    """Choose the held-out images to measure by, a stratified choice of them where there are very many.

    Images that members were trained on are left out: those of folds were held out by other networks than are exported.

    Args:
        state: of a fitted ensemble.
        given: labelled images; by default those of the fit, which an ensemble that was loaded does not have.
    """
    images = given
    if images is None and state.images is not None:
        images = state.images.test if state.held_out.folds else state.images.to_validate()
    if images is None:
        return None
    new = [row for row, digest in enumerate(images.digests) if digest not in state.provenance.train]
    return limit(images.subset(np.array(new)).in_classes(state.class_names), MOST) if new else None


def check_int8(
    state: EnsembleState,
    method: str,
    live: np.ndarray,
    written: np.ndarray,
    held_out: Images | None,
) -> dict[str, Any]:
    """Compare the classes of an int8 graph with those of the live ensemble, and return the figures.

    Args:
        state: of the ensemble.
        method: the rule.
        live: its probabilities ``(n, classes)`` for the calibration images.
        written: those of the graph, for the calibration images and then for the held-out ones.
        held_out: images to measure the accuracy on, or None.

    Returns:
        ``same_class``, the share of the calibration ``images`` with the same class; and ``held_out``, of the held-out
        images the same, with ``accuracy``, ``accuracy_before`` and the ``difference`` with its 95 % interval, paired.

    Raises:
        zoo.export.ExportError: too many classes are others, on either.
    """
    count = len(live)
    figures = {"same_class": check_same_classes(live, written[:count], "calibration"), "images": count}
    if held_out is None:
        logger.warning(
            "int8 is measured on the images alone that it was calibrated with, as no labelled images are at hand that "
            "the exported networks were not trained on: it has the class of float32 on %.2f %% of %d",
            100 * figures["same_class"],
            count,
        )
        return {**figures, "held_out": None}
    return {**figures, "held_out": _on_held_out(state, method, written[count:], held_out)}


def _on_held_out(state: EnsembleState, method: str, written: np.ndarray, images: Images) -> Mapping[str, Any]:
    known = not state.held_out.folds and set(state.held_out.digests).issuperset(images.digests)
    live = state.rule(method).combine(state.held_out.of(images) if known else state.member_logits(images))
    same = check_same_classes(live, written, "held-out")
    right = [float(np.mean(answers.argmax(axis=1) == images.labels)) for answers in (written, live)]
    gain = ensembles.bootstrap.difference(written, live, images.labels, groups=images.groups)
    logger.info(
        "int8: the class of float32 on %.2f %% of %d held-out images; accuracy %.4f, before %.4f (difference %+.4f, "
        "95 %% %+.4f to %+.4f)",
        100 * same,
        len(images),
        *right,
        gain.value,
        gain.low,
        gain.high,
    )
    figures = {"same_class": same, "images": len(images), "accuracy": right[0], "accuracy_before": right[1]}
    ends = gain.as_dict()
    return {**figures, "difference": ends.pop("value"), **ends}
