"""zoo/evaluation/neighbours.py: against scikit-learn; the features of trainings are used again."""

import csv

import numpy as np
import pytest
from sklearn.neighbors import KNeighborsClassifier

from zoo import Ensemble, Plan, Recipe
from zoo.data import Splits, split
from zoo.evaluation.neighbours import choose_k, nearest

pytestmark = pytest.mark.fits

PROBE = Recipe(adapt="probe", augment="none", views=1)


@pytest.fixture
def result(blobs, tiny, tiny_file, tmp_path, one_rule):
    """A fitted probe and its images."""
    data = split(blobs)
    plan = Plan(backbone=tiny, weights=tiny_file)
    return Ensemble([plan], recipe=PROBE, store=tmp_path / "run").fit(data), data


def test_an_image_is_no_neighbour_of_its_own_and_does_not_vote_for_its_label(result):
    """Each asked as scikit-learn answers it without its own rows; a copy of it counts as itself."""
    random = np.random.default_rng(0)
    train, labels = random.normal(size=(30, 4)), np.arange(30) % 3
    train[7] = train[4]
    asked = np.concatenate([train[[4, 9]], random.normal(size=(2, 4))])
    same = [[4, 7], [9], [], []]
    rows, similarity, voted = nearest(train, labels, asked, 3, same)
    for place, own in enumerate(same):
        others = np.setdiff1d(np.arange(30), own)
        reference = KNeighborsClassifier(3, metric="cosine").fit(train[others], labels[others])
        distances, expected = reference.kneighbors(asked[[place]])
        assert rows[place].tolist() == others[expected[0]].tolist()
        np.testing.assert_allclose(similarity[place], 1 - distances[0])
        assert voted[place] == reference.predict(asked[[place]])[0]
    ensemble, data = result
    table = ensemble.neighbours(Splits(data.train, test=data.train), k=1)
    assert all(one["path"] != one["nearest"] for one in table.nearest)


def test_neighbours_are_scikit_learns_by_cosine(result, tmp_path):
    ensemble, data = result
    before = len(list((tmp_path / "run" / "shared" / "features").glob("*.npy")))
    table = ensemble.neighbours(k=5)
    assert len(list((tmp_path / "run" / "shared" / "features").glob("*.npy"))) == before
    (row,) = table
    (member,) = ensemble.members_
    train, asked = member.features(data.train), member.features(data.validation)
    reference = KNeighborsClassifier(5, metric="cosine").fit(train, data.train.labels)
    right = np.mean(reference.predict(asked) == data.validation.labels)
    assert (row["name"], row["k"], row["neighbours_accuracy"]) == ("tiny", 5, pytest.approx(right))
    assert row["accuracy"] == np.mean(member.predict(data.validation) == data.validation.labels)
    assert len(table.nearest) == 5 * len(data.validation)
    first = table.nearest[0]
    similarity = train @ asked[0] / np.linalg.norm(train, axis=1) / np.linalg.norm(asked[0])
    assert first["similarity"] == pytest.approx(similarity.max(), abs=1e-3)
    assert first["path"] == data.validation.origins[0]
    assert first["nearest"] in data.train.origins
    with table.nearest_to_csv(tmp_path / "nearest.csv").open() as file:
        assert next(csv.DictReader(file))["nearest"] == first["nearest"]
    assert "nearest training images, on 20 held-out validation images" in str(table)


def test_k_is_chosen_in_folds():
    random = np.random.default_rng(0)
    labels = np.arange(200) % 2
    features = np.stack([np.cos(labels), np.sin(labels)], axis=1) + random.normal(0, 0.4, (200, 2))
    assert choose_k(features, labels, np.arange(200) % 5) > 3  # one neighbour follows the noise
    assert choose_k(features[:8], labels[:8], np.arange(8) % 4) <= 5  # no more than there are


def test_the_nearest_come_first():
    train = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 0.2]])
    rows, cosines, voted = nearest(train, np.array([0, 1, 0]), np.array([[2.0, 0.1]]), 2)
    assert rows.tolist() == [[0, 2]]
    assert cosines[0, 0] > cosines[0, 1] > 0.9
    assert voted.tolist() == [0]


def test_other_data_needs_training_images_too(result, refused):
    ensemble, data = result
    (row,) = ensemble.neighbours(Splits(data.train, test=data.validation))
    assert row["k"] in (1, 3, 5, 10, 20)
    with refused("training images", "one set"):
        ensemble.neighbours(data.validation)
    with refused("k", "0"):
        ensemble.neighbours(k=0)
    with refused("k", "1000"):
        ensemble.neighbours(k=1000)


def test_a_mean_of_networks_has_no_features(blobs, refused, one_rule):
    recipe = Recipe(head_epochs=1, epochs=0)
    ensemble = Ensemble(["simple_cnn"], recipe=recipe, folds=2).fit(split(blobs))
    with refused("features", "refit"):
        ensemble.neighbours()
