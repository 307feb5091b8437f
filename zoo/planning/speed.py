"""How fast a machine trains a plan, as plain figures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class PhaseSpeed:
    """How long a phase takes.

    Attributes:
        start: seconds until its first step: set-up and compilation.
        train: seconds an image of training, augmentation included.
        validate: seconds an image of validation.
        epoch: further seconds an epoch: best weights, progress, restart.
    """

    start: float
    train: float
    validate: float
    epoch: float


@dataclass(frozen=True, kw_only=True)
class Speed:
    """How long the parts of a member's training take on this machine.

    Attributes:
        phases: by name, ``head``, ``fine-tuning`` or ``whole``; those that the recipe has.
        augment: seconds an image of the policy alone.
        features: seconds an image of the backbone alone.
        predict: seconds an image of prediction.
        build: seconds to build the network.
        compile: seconds to compile its prediction.
        cores: that training keeps busy.
        memory: bytes that the process held at most.
        parameters: weights of the network.
        feature_count: numbers that the head reads of an image.
        measured: False for a guess.
    """

    phases: Mapping[str, PhaseSpeed]
    augment: float
    features: float
    predict: float
    build: float
    compile: float
    cores: float
    memory: int
    parameters: int
    feature_count: int
    measured: bool = True

    @property
    def images_per_second(self) -> float:
        """Of training steps in the last phase, which is the longest."""
        return 1 / max([*self.phases.values()][-1].train, 1e-9)
