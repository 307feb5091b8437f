"""An ensemble as one graph: lean members, and a rule, of stock layers only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import keras

from ensembles.layers import as_layers
from ensembles.uncertainty_layers import as_distance, as_uncertainty
from zoo.answers import known_familiarity
from zoo.surgery.lean import lean
from zoo.surgery.reading import read
from zoo.training.features import tail, trunk

if TYPE_CHECKING:
    from ensembles.uncertainty import FeatureDistance
    from zoo.fitted import FittedEnsemble


class EnsembleGraph:
    """Images ``(N, H, W, 3)`` uint8 to a dict of answers, computed by layers that predict.

    Calling it with tensors of a ``tf.function`` writes the graph. ``logits`` and ``probabilities`` are ``(N, classes)``
    float32, ``uncertainty`` is ``(N,)`` float32. A member without weight is not computed.

    Args:
        ensemble: fitted; its members stay as they are.
        method: the rule.
        uncertainty: answer with that too.

    Attributes:
        image_size: ``(height, width)`` in pixels.
        outputs: names of the answers, sorted.
        weights: what it is computed with, each once.
    """

    def __init__(self, ensemble: FittedEnsemble, method: str, *, uncertainty: bool = False) -> None:
        familiarity = known_familiarity(ensemble) if uncertainty else None
        told_by = ensemble.members_[familiarity.place] if familiarity else None
        self._trunk = lean(trunk(told_by.model)) if told_by else None
        distance = familiarity.distance if familiarity else None
        self._combine = read(_combiner(ensemble, method, distance, uncertainty=uncertainty))
        networks = [lean(tail(member.model) if member is told_by else member.model) for member in ensemble.members_]
        self._members = [network if self._combine.reads(place) else None for place, network in enumerate(networks)]
        self._of_features = familiarity.place if familiarity else None
        parts = [part for part in (self._trunk, *self._members, self._combine) if part is not None]
        self.weights = list({id(weight): weight for part in parts for weight in part.weights}.values())
        self.outputs = sorted(self._combine.form)
        self.image_size = ensemble.image_size_

    @property
    def parameters(self) -> int:
        """How many numbers its weights are."""
        return sum(int(weight.value.shape.num_elements()) for weight in self.weights)

    def __call__(self, images: Any) -> dict[str, Any]:
        """Answer, or write the graph that answers."""
        features = self._trunk(images) if self._trunk else None
        logits = [
            network and network(features if place == self._of_features else images)
            for place, network in enumerate(self._members)
        ]
        answers: dict[str, Any] = self._combine(*logits, *([features] if self._trunk else []))
        return answers


def _combiner(
    ensemble: FittedEnsemble, method: str, distance: FeatureDistance | None, *, uncertainty: bool
) -> keras.Model:
    """The rule as a model of the members' logits, and of one member's features where there is a distance."""
    classes = len(ensemble.class_names_)
    members = [keras.Input((classes,), name=f"member_{place}") for place in range(len(ensemble.members_))]
    features = [keras.Input((len(distance.precision_),), name="features")] if distance else []
    logits = as_layers(ensemble.rule(method), members)
    outputs = {"logits": logits, "probabilities": keras.layers.Softmax(dtype="float32", name="probabilities")(logits)}
    if distance:
        outputs["uncertainty"] = as_distance(distance, features[0])
    elif uncertainty:
        outputs["uncertainty"] = as_uncertainty(ensemble.uncertainty, members, logits)
    return keras.Model([*members, *features], outputs, name="rule")
