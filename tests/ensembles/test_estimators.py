"""ensembles/estimators.py, and stacked rules that use them: scikit-learn's classifiers as affine maps."""

from collections.abc import Callable

import numpy as np
import pytest
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.ensemble import RandomForestClassifier, StackingClassifier
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression, SGDClassifier
from sklearn.model_selection import GridSearchCV
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import PolynomialFeatures, StandardScaler

from ensembles import Stacked, from_dict, to_dict
from ensembles.metrics import softmax
from ensembles.rules.stacked import as_features

EXPORTED = [
    LogisticRegression(C=0.5),
    LinearDiscriminantAnalysis(),
    make_pipeline(StandardScaler(), StandardScaler(with_mean=False), LogisticRegression()),
    GridSearchCV(
        make_pipeline(StandardScaler(with_std=False), LogisticRegression()), {"logisticregression__C": [1, 9]}
    ),
    *(
        MLPClassifier((5, 4), activation=activation, solver="lbfgs", max_iter=15, random_state=0)
        for activation in ("relu", "tanh", "logistic", "identity")
    ),
]


@pytest.mark.fits
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("estimator", EXPORTED, ids=str)
@pytest.mark.parametrize("classes", [2, 3])
def test_linear_ones_and_mlps_travel(problem: Callable, estimator: object, classes: int) -> None:
    logits, labels = problem(classes=classes)
    rule = Stacked(estimator=estimator).fit(logits, labels)
    features = as_features(logits.astype(np.float64))
    direct = estimator.fit(features, labels).predict_proba(features)
    np.testing.assert_allclose(softmax(rule.combine(logits)), direct, atol=1e-5)
    back = from_dict(to_dict(rule))
    np.testing.assert_array_equal(back.combine(logits), rule.combine(logits))
    with pytest.raises(ValueError, match="estimator"):
        back.fit(logits, labels)


@pytest.mark.parametrize(
    "estimator",
    [
        RandomForestClassifier(5, random_state=0),
        SGDClassifier(loss="log_loss"),
        make_pipeline(PolynomialFeatures(), LogisticRegression()),
    ],
)
def test_other_classifiers_cannot_be_saved(problem: Callable, estimator: object) -> None:
    """A forest has no maps; SGD's probabilities of three classes are no softmax, though it has coefficients."""
    logits, labels = problem()
    rule = Stacked(estimator=estimator).fit(logits, labels)
    assert rule.maps_ is None
    expected = rule.estimator_.predict_proba(as_features(logits.astype(np.float64)))
    np.testing.assert_allclose(softmax(rule.combine(logits)), expected, atol=1e-6)
    with pytest.raises(TypeError, match="estimator_"):
        to_dict(rule)
    with pytest.raises(AttributeError, match="linear"):
        _ = rule.coef_


def test_over_probabilities_it_is_scikit_learn_s_stacking(problem: Callable, column_member: Callable) -> None:
    logits, labels = problem()
    features = np.hstack(list(softmax(logits).astype(np.float64)))
    members = [(str(index), FrozenEstimator(column_member(3 * index).fit(features, labels))) for index in range(3)]
    theirs = StackingClassifier(members, LogisticRegression(C=2), cv="prefit").fit(features, labels)
    ours = Stacked(over="probabilities", estimator=LogisticRegression(C=2)).fit(logits, labels)
    np.testing.assert_allclose(softmax(ours.combine(logits)), theirs.predict_proba(features), atol=1e-5)


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"estimator": object()}, "predict_proba"),
        ({"estimator": LogisticRegression(), "strength": 2.0}, "strength.*estimator"),
        ({"over": "votes"}, "probabilities"),
    ],
)
def test_wrong_options_are_told(problem: Callable, options: dict, text: str) -> None:
    with pytest.raises(ValueError, match=text):
        Stacked(**options).fit(*problem())
