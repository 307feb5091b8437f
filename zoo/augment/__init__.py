"""Augmentation of training images and corruptions of test images: per image, on uint8, from numbers that are given.

What happens to an image depends on (policy, seed, image) and nothing else.

Import from it: the names of ``__all__``; rooms above import its modules too.
"""

from zoo.augment import policies as policies  # which fills the register
from zoo.augment.batch import augment
from zoo.augment.policy import Policy, make_policy, policy_names

POLICIES = policy_names()
"""Names of the built-in policies."""

__all__ = ["POLICIES", "make_policy", "Policy", "augment"]
