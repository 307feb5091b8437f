"""Members to test on."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.ensemble import VotingClassifier

from ensembles import Rule, make_rule
from ensembles.metrics import softmax

Problem = tuple[np.ndarray, np.ndarray]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let rules be tested with members of noise; a test of the warning of these expects it."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.filterwarnings("ignore:Expected members that answer better"))


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
    """Make the rule of a name without the searches for a penalty, which have their own tests."""
    fixed = {"stacked": {"strength": 1.0}, "weighted": {"shrinkage": 0.0}, "auto": {"rules": ("best", "greedy")}}
    return lambda name: make_rule(name, **fixed.get(name, {}))


@pytest.fixture(scope="session")
def column_member() -> type:
    """Give scikit-learn members whose probabilities are known."""
    return Column


@pytest.fixture
def voting(column_member: Callable) -> Callable:
    """Make scikit-learn's classifier of the same members, and the features that it reads them from."""

    def make(logits: np.ndarray, labels: np.ndarray, **options: object) -> tuple[VotingClassifier, np.ndarray]:
        features = np.hstack(list(softmax(logits)))
        members = [(str(index), column_member(3 * index)) for index in range(len(logits))]
        return VotingClassifier(members, **options).fit(features, labels), features

    return make


class Column(ClassifierMixin, BaseEstimator):
    """A classifier whose probabilities are columns of what it is given, from ``start`` on."""

    def __init__(self, start: int = 0, classes: int = 3) -> None:
        self.start = start
        self.classes = classes

    def fit(self, features: np.ndarray, labels: np.ndarray) -> "Column":
        self.classes_ = np.unique(labels)
        return self

    def predict_proba(self, features: np.ndarray) -> np.ndarray:
        return features[:, self.start : self.start + self.classes]

    def predict(self, features: np.ndarray) -> np.ndarray:
        return self.predict_proba(features).argmax(axis=1)
