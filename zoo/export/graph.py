"""Members and rule as one Keras model, lean and of stock layers only."""

from __future__ import annotations

from typing import TYPE_CHECKING

import keras

from ensembles.layers import as_layers
from ensembles.uncertainty_layers import as_distance, as_uncertainty
from zoo.answers import known_familiarity
from zoo.surgery.copies import renamed
from zoo.surgery.lean import lean
from zoo.training.features import tail, trunk

if TYPE_CHECKING:
    from zoo.fitted import FittedEnsemble
    from zoo.member import Member


def as_keras_model(ensemble: FittedEnsemble, method: str, *, uncertainty: bool = False) -> keras.Model:
    """Join lean copies of the members, and a rule, to one Keras model; a member without weight is left out.

    Takes ``images`` (N, H, W, 3) uint8 and answers a dict of ``logits`` and ``probabilities``, (N, classes) float32,
    and of ``uncertainty`` (N,) float32 if it is wanted.
    """
    images = keras.Input((*ensemble.image_size_, 3), dtype="uint8", name="images")
    familiarity = known_familiarity(ensemble) if uncertainty else None
    told_by = familiarity.place if familiarity else None
    pairs = [_answers(member, images, whole=place != told_by) for place, member in enumerate(ensemble.members_)]
    answers = [answer for _, answer in pairs]
    logits = as_layers(ensemble.rule(method), answers)
    outputs = {"logits": logits, "probabilities": keras.layers.Softmax(dtype="float32", name="probabilities")(logits)}
    if familiarity:
        outputs["uncertainty"] = as_distance(familiarity.distance, pairs[familiarity.place][0])
    elif uncertainty:
        outputs["uncertainty"] = as_uncertainty(ensemble.uncertainty, answers, logits)
    return keras.Model(images, outputs, name="ensemble")


def _answers(
    member: Member, images: keras.KerasTensor, *, whole: bool
) -> tuple[keras.KerasTensor | None, keras.KerasTensor]:
    """A member's logits, and its features where it is asked for in two parts."""
    if whole:
        return None, renamed(lean(member.model), member.name)(images)
    features = renamed(lean(trunk(member.model)), f"{member.name}_features")(images)
    return features, renamed(lean(tail(member.model)), member.name)(features)
