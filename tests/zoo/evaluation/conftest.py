"""Members that answer at once: they name the colour that is strongest on average, each with its own bias."""

import numpy as np
import pytest


class Guesser:
    """Answers with mean red, green and blue, and its own bias, over its own scale; counts how often it is asked."""

    def __init__(self, name, bias=(0, 0, 0), scale=20.0):
        self.name, self.bias, self.scale, self.asked = name, np.array(bias), scale, 0

    def logits(self, images):
        self.asked += 1
        means = images.take(np.arange(len(images))).mean(axis=(1, 2))
        return ((means + self.bias) / self.scale).astype(np.float32)


@pytest.fixture
def guesser():
    """Make a member: ``guesser("name", bias, scale)``."""
    return Guesser
