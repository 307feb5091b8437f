"""Members to test on."""

from collections.abc import Callable

import numpy as np
import pytest

from ensembles import Rule, make_rule

Problem = tuple[np.ndarray, np.ndarray]


@pytest.fixture(scope="session")
def problem() -> Callable[..., Problem]:
    """Make seeded logits (members, samples, classes) float32 and labels with every class among them.

    `skills` says by how much each member prefers the true class; noise has size 1.
    """

    def make(
        skills: tuple[float, ...] = (0.5, 1.0, 2.0), samples: int = 90, classes: int = 3, seed: int = 0
    ) -> Problem:
        random = np.random.default_rng(seed)
        labels = np.arange(samples) % classes
        logits = random.normal(size=(len(skills), samples, classes))
        logits[:, np.arange(samples), labels] += np.array(skills)[:, None]
        return logits.astype(np.float32), labels

    return make


@pytest.fixture(scope="session")
def quick() -> Callable[[str], Rule]:
    """Make the rule of a name without the search for a strength, which test_stacked.py tests."""
    return lambda name: make_rule(name, **({"strength": 1.0} if name == "stacked" else {}))
