"""An ensemble as one graph: lean members, and a rule, of stock layers only."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import keras
import numpy as np

from ensembles.layers import as_layers
from ensembles.uncertainty_layers import as_distance, as_uncertainty
from zoo.evaluation.abstention import known_distribution
from zoo.export.optimise.stripping import lean
from zoo.models.assembly import tail, trunk
from zoo.models.flattening import read
from zoo.models.network import Memo
from zoo.state.state import EnsembleState

if TYPE_CHECKING:
    from ensembles.mahalanobis import FeatureDistance
    from zoo.members.member import Member
    from zoo.models.network import Network

MEMBER_LOGITS = "member_logits_"  # and the member's index: the name of an output
PIXELS = (
    4 * 96 * 96
)  # of one batch of samples: layer by layer, the activations of the whole batch are in memory at once


class EnsembleGraph:
    """Images ``(N, H, W, 3)`` uint8 to a dict of predictions, computed by layers in inference mode.

    Calling it with tensors of a ``tf.function`` writes the graph. ``logits`` and ``probabilities`` are ``(N, classes)``
    float32, ``uncertainty`` is ``(N,)`` float32. A member without weight is not computed.

    Args:
        state: of a fitted ensemble; its members stay as they are, and those that lie on disk are read one at a time.
        method: the rule.
        uncertainty: predict that too.
        samples: images ``(n, H, W, 3)`` uint8 that the members predict before they are rewritten.

    Attributes:
        image_size: ``(height, width)`` in pixels.
        reading: how pixels of other kinds are read.
        networks: the members that have weight, and the rule.
        outputs: names of the predictions, sorted.
        weights: of all networks, each once.
        live_logits: the members' logits for the samples, ``(members, n, classes)`` float32; ``n`` is 0 without samples.
    """

    def __init__(
        self, state: EnsembleState, method: str, *, uncertainty: bool = False, samples: np.ndarray | None = None
    ) -> None:
        distribution = known_distribution(state) if uncertainty else None
        self._of_features = distribution.member if distribution else None
        distance = distribution.distance if distribution else None
        self._combine = read(_combiner(state, method, distance, uncertainty=uncertainty))
        self._trunk: Network | None = None
        self._members: list[Network | None] = []
        self._read(state.members, samples)
        self.networks = [part for part in (self._trunk, *self._members, self._combine) if part is not None]
        self.weights = list({id(weight): weight for part in self.networks for weight in part.weights}.values())
        self.outputs = sorted(self._combine.form)
        self.image_size = state.image_size
        self.reading = state.reading

    def _read(self, members: Sequence[Member], samples: np.ndarray | None) -> None:
        memo, live_logits = Memo(), []  # one memo for all members, so that a shared layer is rewritten once
        for index, (member, weighs) in enumerate(zip(members, self._combine.reads, strict=False)):
            with member.opened():
                if samples is not None:
                    live_logits.append(_live_logits(member.model, samples))
                if index == self._of_features:
                    self._trunk = lean(trunk(member.model), memo)
                    self._members.append(lean(tail(member.model), memo) if weighs else None)
                else:
                    self._members.append(lean(member.model, memo) if weighs else None)
        self.live_logits = np.stack(live_logits) if live_logits else np.empty((len(members), 0, 0), np.float32)

    @property
    def parameters(self) -> int:
        """The number of scalar weights."""
        return sum(int(weight.value.shape.num_elements()) for weight in self.weights)

    @property
    def pixels(self) -> int:
        """The pixels of one image at its largest inside the graph; a batch needs memory for this many of each image."""
        links = (link for network in self.networks for chain in network.chains for link in chain.links)
        shapes = (link.shape for link in links if len(link.shape) == 4)
        return max((height * width for _, height, width, _ in shapes if height and width), default=1)

    def __call__(self, images: Any) -> dict[str, Any]:
        """Predict, or write the graph that predicts."""
        return self._predicted(images)[0]

    def with_member_logits(self, images: Any) -> dict[str, Any]:
        """Predict as a call does, and with it the logits of each member that has weight, by :data:`MEMBER_LOGITS`."""
        predictions, logits = self._predicted(images)
        own = {f"{MEMBER_LOGITS}{index}": found for index, found in enumerate(logits) if found is not None}
        return predictions | own

    def _predicted(self, images: Any) -> tuple[dict[str, Any], list[Any]]:
        features = self._trunk(images) if self._trunk else None
        logits = [
            network and network(features if index == self._of_features else images)
            for index, network in enumerate(self._members)
        ]
        predictions: dict[str, Any] = self._combine(*logits, *([features] if self._trunk else []))
        return predictions, logits


def _live_logits(model: keras.Model, images: np.ndarray) -> np.ndarray:
    """Predict layer by layer, few images at a time: tracing takes longer, and does not give its memory back."""
    step = max(PIXELS // (images.shape[1] * images.shape[2]), 1)
    parts = np.split(images, range(step, len(images), step))
    return np.concatenate([np.asarray(model(part, training=False), np.float32) for part in parts])


def _combiner(state: EnsembleState, method: str, distance: FeatureDistance | None, *, uncertainty: bool) -> keras.Model:
    """The rule as a model of the members' logits, and of one member's features where there is a distance."""
    classes = len(state.class_names)
    members = [keras.Input((classes,), name=f"member_{index}") for index in range(len(state.members))]
    features = [keras.Input((len(distance.precision_),), name="features")] if distance else []
    logits = as_layers(state.rule(method), members)
    outputs = {"logits": logits, "probabilities": keras.layers.Softmax(dtype="float32", name="probabilities")(logits)}
    if distance:
        outputs["uncertainty"] = as_distance(distance, features[0])
    elif uncertainty:
        outputs["uncertainty"] = as_uncertainty(state.uncertainty, members, logits)
    return keras.Model([*members, *features], outputs, name="rule")
