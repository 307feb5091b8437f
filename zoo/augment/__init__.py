"""Augmentation of training images: per image, on uint8, from (policy, seed, image) and nothing else."""

from zoo.augment.batch import augment
from zoo.augment.policy import POLICIES, Policy, make_policy

__all__ = ["POLICIES", "make_policy", "Policy", "augment"]
