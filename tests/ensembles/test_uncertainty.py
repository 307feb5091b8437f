"""ensembles/uncertainty.py: against SciPy, and what each number is for."""

from collections.abc import Callable

import numpy as np
import pytest
from scipy.spatial.distance import cdist
from scipy.special import logsumexp
from scipy.stats import entropy as scipy_entropy
from sklearn.covariance import LedoitWolf

from ensembles import NotFittedError, uncertainty
from ensembles.mahalanobis import FeatureDistance
from ensembles.metrics import softmax
from ensembles.uncertainty import energy, entropy, max_softmax, mutual_information


def test_against_scipy(problem: Callable) -> None:
    logits, _ = problem()
    probabilities = softmax(logits).astype(np.float64)
    np.testing.assert_allclose(entropy(logits[0]), scipy_entropy(probabilities[0], axis=1), atol=1e-5)
    np.testing.assert_allclose(energy(logits[0]), -logsumexp(logits[0], axis=1), rtol=1e-5)
    np.testing.assert_allclose(max_softmax(logits[0]), 1 - probabilities[0].max(axis=1), atol=1e-6)
    own = scipy_entropy(probabilities, axis=2).mean(axis=0)
    expected = scipy_entropy(probabilities.mean(axis=0), axis=1) - own
    np.testing.assert_allclose(mutual_information(logits), expected, atol=1e-5)


def test_members_that_are_all_uncertain_do_not_disagree() -> None:
    unsure, torn = np.zeros((2, 1, 2)), np.array([[[50.0, 0.0]], [[0.0, 50.0]]])
    assert mutual_information(unsure) == pytest.approx(0)
    assert mutual_information(torn) == pytest.approx(np.log(2))
    assert entropy(unsure[0]) == pytest.approx(np.log(2))


def test_certain_predictions_have_no_entropy() -> None:
    assert entropy(np.array([[1e4, 0.0, -1e4]])) == 0
    assert mutual_information(np.array([[[1e4, 0.0]], [[1e4, 0.0]]])) == 0


@pytest.fixture
def cells() -> tuple[np.ndarray, np.ndarray]:
    """Two classes around their centres, long in one direction."""
    random, labels = np.random.default_rng(0), np.arange(400) % 2
    spread = random.normal(size=(400, 3)) * np.array([5, 1, 0.2])
    return spread + np.array([[0, 0, 0], [0, 8, 0]])[labels], labels


def test_distance_is_mahalanobis_to_the_nearest_class(cells: tuple) -> None:
    features, labels = cells
    found = FeatureDistance().fit(features, labels)
    means = np.stack([features[labels == value].mean(axis=0) for value in (0, 1)])
    precision = LedoitWolf(assume_centered=True).fit(features - means[labels]).precision_
    expected = cdist(features, means, "mahalanobis", VI=precision).min(axis=1)
    np.testing.assert_allclose(found.score(features), expected)


def test_what_is_like_nothing_in_training_is_far(cells: tuple) -> None:
    found = FeatureDistance().fit(*cells)
    inside, outside = found.score([[9.0, 0, 0], [0, 8, 0]]), found.score([[0.0, 0, 3]])
    assert inside.max() < outside.min()


def test_wrong_input_is_told(cells: tuple) -> None:
    features, labels = cells
    with pytest.raises(NotFittedError, match="FeatureDistance"):
        FeatureDistance().score(features)
    with pytest.raises(ValueError, match=r"3 features.*2"):
        FeatureDistance().fit(features, labels).score(features[:, :2])
    with pytest.raises(ValueError, match=r"label.*400.*\(3,\)"):
        FeatureDistance().fit(features, labels[:3])
    with pytest.raises(ValueError, match=r"\(samples, features\).*\(3,\)"):
        FeatureDistance().fit(features[0], labels)


@pytest.mark.parametrize("score", uncertainty.SCORES)
def test_a_score_by_name_and_its_layers_say_the_same(problem, score):
    import keras

    from ensembles.uncertainty_layers import as_uncertainty

    logits, _ = problem()
    combined = logits.mean(axis=0)
    inputs = [keras.Input((3,)) for _ in logits]
    model = keras.Model(inputs, as_uncertainty(score, inputs, keras.layers.Average()(inputs)))
    expected = uncertainty.measure(score, logits, combined)
    np.testing.assert_allclose(keras.ops.convert_to_numpy(model(list(logits))), expected, atol=1e-5)


def test_an_unknown_score_is_named():
    with pytest.raises(ValueError, match=r"mutual_information.*fear"):
        uncertainty.check_score("fear")


def test_the_earlier_name_of_a_score_is_accepted_with_a_warning(problem):
    logits, _ = problem()
    expected = max_softmax(logits[0])
    with pytest.warns(DeprecationWarning, match="max_softmax"):
        np.testing.assert_array_equal(uncertainty.measure("doubt", logits, logits[0]), expected)
    with pytest.warns(DeprecationWarning, match="max_softmax"):
        assert uncertainty.check_score("doubt") == "max_softmax"
    with pytest.warns(DeprecationWarning, match="max_softmax"):
        np.testing.assert_array_equal(uncertainty.doubt(logits[0]), expected)


def test_names_in_saved_files_are_translated_without_a_warning():
    assert uncertainty.current_name("doubt") == "max_softmax"
    assert uncertainty.current_name("distance") == "distance"
