"""zoo/explanation/sanity.py: maps that tell the truth pass, others do not."""

import numpy as np
import pytest

import ensembles
from zoo.explanation.activation_maps import activation_maps
from zoo.explanation.ensemble_maps import one_hot
from zoo.explanation.sanity import Sanity, check_maps, mean_rank_correlation, shuffled_copy

pytestmark = pytest.mark.fits


@pytest.fixture(scope="module")
def predict(reddest):
    return lambda images: ensembles.metrics.softmax(np.asarray(reddest(images)))


def test_true_maps_pass(reddest, predict, marked):
    images, labels, places = (each[:12] for each in marked)
    check = check_maps(
        predict, images, places.astype(np.float32), labels, shuffled=np.random.default_rng(0).random(places.shape)
    )
    assert check.failures == ()
    assert check.deletion < check.random_deletion
    assert check.insertion > check.random_insertion
    assert str(check).endswith("passed")


def test_maps_of_the_wrong_place_fail(predict, marked):
    images, labels, places = (each[:12] for each in marked)
    check = check_maps(predict, images, (~places).astype(np.float32), labels)
    assert [("deleting" in told, "inserting" in told) for told in check.failures] == [(True, False), (False, True)]
    assert check.similarity is None


def test_maps_that_do_not_change_with_the_weights_fail():
    check = Sanity(0.9, 0.1, 0.9, 0.5, 0.5)
    assert len(check.failures) == 1
    assert "shuffled" in str(check)


def test_shuffled_weights_are_the_same_numbers_in_another_order(reddest):
    copied = shuffled_copy(reddest, seed=1)
    for own, other in zip(reddest.get_weights(), copied.get_weights(), strict=True):
        np.testing.assert_array_equal(np.sort(own.ravel()), np.sort(other.ravel()))
    assert any((own != other).any() for own, other in zip(reddest.get_weights(), copied.get_weights(), strict=True))


def test_shuffled_weights_give_other_maps(reddest, marked):
    images, labels, _ = (each[:12] for each in marked)
    wanted = one_hot(labels, 3)
    maps, others = (
        activation_maps(model, images, wanted, method="layercam") for model in (reddest, shuffled_copy(reddest, 2))
    )
    assert mean_rank_correlation(maps, maps) == pytest.approx(1)
    assert mean_rank_correlation(maps, others) < 0.9


def test_rank_correlation_is_that_of_scipy():
    from scipy.stats import spearmanr

    one, other = np.random.default_rng(0).integers(0, 9, (2, 3, 5, 5))
    expected = np.mean([spearmanr(a.ravel(), b.ravel()).statistic for a, b in zip(one, other, strict=True)])
    assert mean_rank_correlation(one, other) == pytest.approx(expected)


def test_a_map_without_differences_is_like_no_other():
    assert mean_rank_correlation(np.zeros((1, 3, 3)), np.arange(9.0).reshape(1, 3, 3)) == 0
